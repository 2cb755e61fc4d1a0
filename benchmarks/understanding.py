"""What understanding costs: latency on labelled messages and on hostile ones, import, memory.

    python -m benchmarks.understanding [--runs N]

Nothing does the same job, so there is no baseline beside it: the floors are absolute. Messages are
those of the sealed part of the corpus, each read once warm in every run.
"""

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import bot.understanding
from bot.understanding import understand

_CORPUS = Path(__file__).parents[1] / "tests" / "corpora" / "understanding" / "sealed.jsonl"
_NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
_LONGEST = 4096
_MEMORY = "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
_READ_ALL = f"""
import json; from datetime import datetime, UTC; from bot.understanding import understand
for line in open({str(_CORPUS)!r}, encoding="utf-8"):
    understand(json.loads(line)["text"], now=datetime(2026, 11, 24, tzinfo=UTC), timezone="UTC")
"""


def results(runs: int = 7) -> dict[str, dict[str, Any]]:
    """Milliseconds for the median, the 99th percentile, the worst hostile text; cost of import."""
    texts = [json.loads(line)["text"] for line in _CORPUS.read_text("utf-8").splitlines()]
    for text in texts:
        _taken(text)
    timed = [sorted(map(_taken, texts)) for _ in range(runs)]
    hostile = [max(map(_taken, _hostile(texts))) for _ in range(runs)]
    started = [_import_milliseconds() - _bare_milliseconds() for _ in range(runs)]
    memory = [_memory("import bot.understanding\n") - _memory("") for _ in range(runs)]
    return {
        "understand_p50": _figure([one[len(one) // 2] for one in timed], "ms", 1),
        "understand_p99": _figure([one[len(one) * 99 // 100] for one in timed], "ms", 5),
        "understand_hostile_4096": _figure(hostile, "ms", 50),
        "understand_import": _figure(started, "ms", 150),
        "understand_import_memory": _figure(memory, "MB", 30),
        "understand_warm_memory": _figure([_memory(_READ_ALL) - _memory("")], "MB", 60),
    }


def _figure(found: list[float], unit: str, floor: float) -> dict[str, Any]:
    return {
        "value": round(statistics.median(found), 2),
        "unit": unit,
        "low": round(min(found), 2),
        "high": round(max(found), 2),
        "floor": floor,
        "aim": floor,
        "runs": len(found),
    }


def _taken(text: str) -> float:
    """Milliseconds of this process, which waits for nothing: neighbours do not count."""
    started = process_time()
    understand(text, now=_NOW, timezone="Asia/Shanghai")
    return (process_time() - started) * 1000


def _hostile(texts: list[str]) -> list[str]:
    """Long texts made to keep patterns busy: one sign, digits, days, brackets, money, fragments."""
    chance = random.Random(4096)
    mixed = "".join(chance.sample(texts, len(texts)))
    words = " ".join(chance.sample(mixed.split(), 400))
    made = [
        "a ",
        "1",
        "\u4e00",
        "11-11 ",
        "friday ",
        "not ",
        "5k ",
        "\u5468\u4e94",
        "!?",
        "<b>",
        "s.t.o.p ",
        "((1)",
        "500\u5143",
        "half full ",
        "twenty-one hundred ",
        "\u4e0b\u4e0b",
        "if i will ",
    ]
    signs = sorted({sign for sign in mixed if sign.isalnum()})
    drawn = [
        "".join(chance.choices(mixed, k=_LONGEST)),
        "".join(chance.choices(signs, k=_LONGEST)),
        "".join(chance.choices("0123456789,.-/ \u5143\u5757kw%$", k=_LONGEST)),
        "".join(chance.choices("()[]{}<>\"'\uff08\uff09", k=_LONGEST)),
        "".join(chance.choices(_known_words(), k=_LONGEST)),
    ]
    long = [*made, *drawn, mixed, words, mixed[::-1]]
    return [(one * _LONGEST)[:_LONGEST] for one in long]


def _known_words() -> list[str]:
    """Every literal word of the lexicons: nothing keeps more patterns busy at once."""
    folder = Path(bot.understanding.__file__).parent / "lexicon"
    written = "".join(file.read_text("utf-8") for file in sorted(folder.glob("*.yaml")))
    return [f"{word} " for word in re.findall("[\u3400-\u9fff]+|[a-z]{3,}", written)]


def _import_milliseconds() -> float:
    return _run("import bot.understanding")[0]


def _bare_milliseconds() -> float:
    return _run("pass")[0]


def _memory(first: str) -> float:
    return int(_run(first + _MEMORY)[1]) / 1024


def _run(code: str) -> tuple[float, str]:
    started = perf_counter()
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return (perf_counter() - started) * 1000, done.stdout


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    for name, one in results(parser.parse_args().runs).items():
        spread = f"{one['low']} to {one['high']}, {one['runs']} runs; floor {one['floor']}"
        print(f"{name:<28} {one['value']} {one['unit']}  ({spread})")
