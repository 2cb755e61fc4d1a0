"""What one judgement of the guard takes, beside a plain list of words looked up in the same text.

    python -m benchmarks.guard [--runs N]

Both judge the same messages of the corpus, in turns; what counts is the processor's time in this
thread, which is what one core needs, whoever else is busy. The list is what the guard replaces: it
lower-cases the text and looks for forbidden words.
"""

import argparse
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from time import thread_time
from typing import Any

from scripts_library.guard import Kind, judge

_CORPUS = Path(__file__).parents[1] / "tests" / "corpora" / "guard" / "sealed.jsonl"
_WORDS = (
    "老赖", "骗子", "人渣", "垃圾", "坐牢", "警察", "法院", "抓", "家人", "父母", "单位", "曝光",
    "验证码", "密码", "红包", "现金", "减免", "借钱", "丢人", "打死", "deadbeat", "thief", "liar",
    "jail", "police", "arrest", "court", "boss", "family", "cash", "pin", "waive", "borrow",
    "ashamed", "kill",
)  # fmt: skip

Message = tuple[str, Kind]


def results(runs: int = 7) -> dict[str, dict[str, Any]]:
    """Median and slowest hundredth of a judgement in milliseconds, and how many lists it costs."""
    messages = _messages()
    judge("the first one loads the data", "collector")
    medians, slowest, ratios = [], [], []
    for _ in range(runs):
        bare = _times(_listed, messages)
        ours = _times(_judged, messages)
        medians.append(_percentile(ours, 0.5))
        slowest.append(_percentile(ours, 0.99))
        ratios.append(sum(ours) / sum(bare))
    return {
        "guard_p50": _row("value", medians, "ms a message", 5.0, 1.0, runs),
        "guard_p99": _row("value", slowest, "ms a message", 5.0, 2.5, runs),
        "guard_ratio": _row("ratio", ratios, "x a plain list of words", 1_000, 500, runs),
    }


def _row(
    name: str, figures: list[float], unit: str, floor: float, aim: float, runs: int
) -> dict[str, Any]:
    return {
        name: round(statistics.median(figures), 2),
        "unit": unit,
        "low": round(min(figures), 2),
        "high": round(max(figures), 2),
        "floor": floor,
        "aim": aim,
        "runs": runs,
    }


def _messages() -> list[Message]:
    rows = map(json.loads, _CORPUS.read_text(encoding="utf-8").splitlines())
    return [(row["text"], row["kind"]) for row in rows]


def _judged(message: Message) -> object:
    return judge(*message)


def _listed(message: Message) -> object:
    text = message[0].lower()
    return [word for word in _WORDS if word in text]


def _times(judging: Callable[[Message], object], messages: list[Message]) -> list[float]:
    """Milliseconds of each message."""
    found = []
    for message in messages:
        started = thread_time()
        judging(message)
        found.append((thread_time() - started) * 1_000)
    return found


def _percentile(figures: list[float], share: float) -> float:
    return sorted(figures)[int(share * (len(figures) - 1))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=7)
    print(json.dumps(results(parser.parse_args().runs), indent=2))


if __name__ == "__main__":
    main()
