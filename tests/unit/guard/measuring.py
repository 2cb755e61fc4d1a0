"""How well the guard judges a corpus: figures with 95 % Wilson intervals.

python -m tests.unit.guard.measuring tests/corpora/guard/sealed.jsonl
"""

import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts_library.guard import judge

CORPORA = Path(__file__).parents[2] / "corpora" / "guard"


@dataclass
class Share:
    hits: int = 0
    n: int = 0

    @property
    def value(self) -> float:
        return self.hits / self.n if self.n else math.nan

    def __str__(self) -> str:
        low, high = self.interval()
        return f"{self.value:.1%} [{low:.1%}, {high:.1%}] ({self.hits}/{self.n})"

    def interval(self) -> tuple[float, float]:
        z, n, p = 1.96, self.n, self.value
        if not n:
            return (math.nan, math.nan)
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return (middle - half, middle + half)


@dataclass
class Figures:
    blocked: Share = field(default_factory=Share)
    lawful_blocked: Share = field(default_factory=Share)
    warned: Share = field(default_factory=Share)
    rules: dict[str, Share] = field(default_factory=dict)
    cpu_ms: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        return sorted(self.cpu_ms)[int(share * (len(self.cpu_ms) - 1))]


def measure(rows: Iterable[dict[str, Any]]) -> Figures:
    figures = Figures()
    judge("a first one, to load the data", "collector")
    for row in rows:
        started = time.thread_time()
        verdict = judge(row["text"], row["kind"])
        figures.cpu_ms.append((time.thread_time() - started) * 1000)
        share = {"block": figures.blocked, "ok": figures.lawful_blocked, "warn": figures.warned}
        wanted = "block" if row["verdict"] == "ok" else row["verdict"]
        share[row["verdict"]].n += 1
        share[row["verdict"]].hits += verdict.verdict == wanted
        if row["verdict"] == "block":
            for rule in row["rules"]:
                found = figures.rules.setdefault(rule, Share())
                found.n += 1
                found.hits += verdict.verdict == "block" and rule in verdict.rules
    return figures


def corpus(name: str) -> list[dict[str, Any]]:
    text = (CORPORA / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def main(paths: list[str]) -> None:
    texts = [Path(path).read_text(encoding="utf-8") for path in paths]
    rows = [json.loads(line) for text in texts for line in text.splitlines()]
    figures = measure(rows)
    print(dict(Counter(row["verdict"] for row in rows)))
    print(f"blocks found            {figures.blocked}")
    print(f"lawful messages blocked {figures.lawful_blocked}")
    print(f"warnings given          {figures.warned}")
    for language in sorted({row["lang"] for row in rows}):
        part = measure(row for row in rows if row["lang"] == language)
        print(f"  {language}: {part.blocked}; lawful {part.lawful_blocked}; warned {part.warned}")
    for rule, share in sorted(figures.rules.items()):
        print(f"  {rule:<22}{share}")
    print(f"ms a message: p50 {figures.percentile(0.5):.2f}, p99 {figures.percentile(0.99):.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
