"""Who is rehearsed with: invented borrowers with a place, a temperament and some loans.

Everything follows from one seed. Rates are data (`population.yaml`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

import yaml

from bot.rehearsal.diary import Diary
from bot.rehearsal.lender import Debt, Item

_FIRST_CHAT = 100_001
_MONTHS_BEYOND = 4


@dataclass(slots=True)
class Invented:
    """One borrower of a rehearsal. `chance` is theirs alone: others' deeds do not change it."""

    number: int
    place: Mapping[str, str]
    temperament: Mapping[str, Any]
    diary: Diary
    debts: list[Debt]
    chance: Random
    borrower_id: int = 0
    dates: set[date] = field(default_factory=set)

    @property
    def chat_id(self) -> int:
        return _FIRST_CHAT + self.number

    @property
    def ref(self) -> str:
        return self.diary.ref

    def reacts(self) -> str:
        """What they do about a message that has just arrived."""
        reactions: Mapping[str, float] = self.temperament["reactions"]
        return self.chance.choices(list(reactions), list(reactions.values()))[0]


@cache
def rates() -> Mapping[str, Any]:
    text = files("bot.rehearsal").joinpath("population.yaml").read_text(encoding="utf-8")
    read: Mapping[str, Any] = yaml.safe_load(text)
    return read


def invent(number: int, seed: int, start: datetime, days: int) -> list[Invented]:
    """`number` borrowers as they stand at `start`, with dues for longer than `days`."""
    months = days // 30 + _MONTHS_BEYOND
    return [_one(which, Random(f"{seed}:{which}"), start, months) for which in range(number)]


def _one(number: int, chance: Random, start: datetime, months: int) -> Invented:
    place = _by_share(chance, rates()["places"])
    temperament = _by_share(chance, list(rates()["temperaments"].values()))
    ref = f"R-{number + 1:05}"
    debts = [
        Debt(
            f"{ref}-{loan}",
            ref,
            chance.choice(rates()["products"]),
            place["currency"],
            _items(chance, start.date(), months),
        )
        for loan in range(1, 2 + (chance.random() < 0.2))
    ]
    diary = Diary(ref, place["country"], place["timezone"])
    return Invented(number, place, temperament, diary, debts, chance)


def _items(chance: Random, today: date, how_many: int) -> list[Item]:
    """Monthly dues: perhaps some are missed already, and they go on beyond the rehearsal."""
    amount = chance.randrange(10_000, 300_000)
    first = today + timedelta(days=chance.randrange(1, 29) - 30 * chance.choice((0, 0, 1, 1, 2)))
    day = min(first.day, 28)
    months = (first.year * 12 + first.month - 1 + ahead for ahead in range(how_many))
    return [Item(date(month // 12, month % 12 + 1, day), amount) for month in months]


def _by_share(chance: Random, some: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return chance.choices(some, [one["share"] for one in some])[0]
