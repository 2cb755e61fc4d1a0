"""The long counts: kills at random moments, races, properties and random lives, each with its seed.

python -m tests.soak                       50 rounds of 20 kills, races and properties, 10,000 lives
                                           and as many rehearsals of 90 days, 3 of a year
python -m tests.soak --rounds 1 --seed 7   one round again, exactly as it was

Everything is written under soak/: a log for each round, one line a round in results.jsonl, and
for a round that failed its database and the bot's own log.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "soak"
HANDOFFS = "tests/services/test_handoff_race.py"
BACKUPS = "tests/process/test_backup.py"
KILLS = (
    "tests/process/test_killed.py",
    "tests/process/test_killed_while_reminding.py",
    "tests/process/test_killed_at_work.py",
)
WALKS = "tests/telegram/test_wild_walks.py"
LIVES = (
    "tests/unit/test_money_conserved.py",
    "tests/services/test_arrival_order.py",
    "tests/unit/test_plan.py",
    "tests/unit/test_plan_standing.py",
    "tests/unit/test_promise.py",
)
_HOW_MANY_KILLS = (
    "REMINDFUL_KILLS",
    "REMINDFUL_KILLS_REMINDING",
    "REMINDFUL_KILLS_AT_WORK",
    "REMINDFUL_KILLS_AT_THE_CLAIM",
)
_COUNTED = r"(?:kills|races|several),? (?:\d+, )?seed \d+[:,] .*"
"""A line in which a test says what it counted."""
_IN_ORDERS = 30
"""Lives whose facts are imported in several orders; each takes seconds."""
REHEARSALS = "tests/services/test_rehearsal.py"
_REHEARSED_TOGETHER = 100
_PEOPLE, _MANY_PEOPLE = range(3, 21), 8_333
"""Borrowers of a rehearsal, so few or so many; of the large one, who have 10,000 loans."""
SEVERAL = "tests/process/test_several_processes.py"
OTHERS = ("tests/services", "tests/storage", "tests/unit")


@dataclass(frozen=True)
class Round:
    """`counts`: what the kill tests counted, as they printed it."""

    name: str
    seed: int
    passed: bool
    seconds: float
    counts: list[str]
    log: str


def main() -> int:
    asked = _arguments()
    KEPT.mkdir(exist_ok=True)
    failed = 0
    for done in _rounds(asked):
        with (KEPT / "results.jsonl").open("a", encoding="utf-8") as results:
            results.write(json.dumps({"at": datetime.now(UTC).isoformat(), **asdict(done)}) + "\n")
        state = "passed" if done.passed else "FAILED"
        print(f"{state} {done.name} seed {done.seed} in {done.seconds:.0f} s", flush=True)
        for counted in done.counts:
            print(f"  {counted}", flush=True)
        failed += not done.passed
    print(f"{failed} rounds failed; logs are under {KEPT}" if failed else "every round passed")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--rounds", type=int, default=50, help="of the kill test")
    parser.add_argument("--kills", type=int, default=20, help="in each round")
    parser.add_argument("--repeats", type=int, default=10, help="of races and properties")
    parser.add_argument("--lives", type=int, default=10_000, help="of borrowers, plans, promises")
    parser.add_argument("--handoffs", type=int, default=10_000, help="against due reminders")
    parser.add_argument("--walks", type=int, default=500, help="of everybody in and around cases")
    parser.add_argument("--rehearsals", type=int, default=10_000, help="of 90 days")
    parser.add_argument("--years", type=int, default=3, help="of 10,000 loans, rehearsed")
    processors = os.cpu_count() or 1
    parser.add_argument(
        "--together", type=int, default=processors, help="rehearsals at the same time"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the first round; then one more")
    return parser.parse_args()


def _rounds(asked: argparse.Namespace) -> Iterator[Round]:
    seeds = range(asked.seed, asked.seed + asked.rounds)
    for seed in seeds:
        kills = dict.fromkeys(_HOW_MANY_KILLS, str(asked.kills))
        yield _round("kills", seed, [*KILLS], {**kills, "REMINDFUL_SEED": str(seed)})
        several = {"REMINDFUL_SEVERAL": "600", "REMINDFUL_SEED": str(seed)}
        yield _round("several", seed, [SEVERAL], several)
    if asked.rounds:
        yield _round("backups", asked.seed, [BACKUPS], {"REMINDFUL_KILL_EVERY": "1"})
    for seed in range(asked.seed, asked.seed + asked.repeats):
        yield _round("races", seed, [*OTHERS, f"--hypothesis-seed={seed}"], {})
    if asked.handoffs:
        env = {"REMINDFUL_RACES": str(asked.handoffs), "REMINDFUL_SEED": str(asked.seed)}
        yield _round("handoffs", asked.seed, [HANDOFFS], env)
    if asked.walks:
        env = {"REMINDFUL_WALKS": str(asked.walks), "REMINDFUL_SEED": str(asked.seed)}
        yield _round("walks", asked.seed, [WALKS], env)
    if asked.lives:
        many = dict.fromkeys(("REMINDFUL_HISTORIES", "REMINDFUL_EXAMPLES"), str(asked.lives))
        lives = {**many, "REMINDFUL_ORDERS": str(_IN_ORDERS), "REMINDFUL_SEED": str(asked.seed)}
        yield _round("lives", asked.seed, [*LIVES, f"--hypothesis-seed={asked.seed}"], lives)
    with ThreadPoolExecutor(asked.together) as side_by_side:
        yield from side_by_side.map(lambda how: _round(*how), _rehearsals(asked))


def _rehearsals(asked: argparse.Namespace) -> Iterator[tuple[str, int, list[str], dict[str, str]]]:
    """What `_round` is given. They need no more than a processor each, so several go together."""
    only = [REHEARSALS, "-k", "breaks_no_rule"]
    end = asked.seed + asked.rehearsals
    for seed in range(asked.seed, end, _REHEARSED_TOGETHER):
        many = min(_REHEARSED_TOGETHER, end - seed)
        people = _PEOPLE[seed // _REHEARSED_TOGETHER % len(_PEOPLE)]
        yield "rehearsals", seed, only, _rehearsing(seed, many, days=90, people=people)
    for seed in range(asked.seed, asked.seed + asked.years):
        yield "years", seed, only, _rehearsing(seed, 1, days=365, people=_MANY_PEOPLE)


def _rehearsing(seed: int, many: int, *, days: int, people: int) -> dict[str, str]:
    return {
        "REMINDFUL_SEED": str(seed), "REMINDFUL_REHEARSALS": str(many),
        "REMINDFUL_DAYS": str(days), "REMINDFUL_BORROWERS": str(people),
    }  # fmt: skip


def _round(name: str, seed: int, what: list[str], env: dict[str, str]) -> Round:
    log, folder = KEPT / f"{name}-{seed}.log", KEPT / f"{name}-{seed}"
    began = time.monotonic()
    with log.open("w", encoding="utf-8") as out:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-qs", "--timeout=0", f"--basetemp={folder}", *what],
            cwd=ROOT, env={**os.environ, **env}, stdout=out, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    seconds = time.monotonic() - began
    if ended.returncode == 0:
        shutil.rmtree(folder, ignore_errors=True)
    return Round(name, seed, ended.returncode == 0, round(seconds, 1), _counts(log), log.name)


def _counts(log: Path) -> list[str]:
    return re.findall(_COUNTED, log.read_text(encoding="utf-8"))


if __name__ == "__main__":
    raise SystemExit(main())
