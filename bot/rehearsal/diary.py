"""What really happened to an invented borrower, written down by the world and not by the bot.

The checks judge by these pages alone, so a fault of the bot's own records cannot hide itself.
"""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(slots=True)
class Stretch:
    """`[start, end)`, UTC; no end: it still lasts."""

    start: datetime
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(slots=True)
class Promised:
    """`over`: withdrawn, replaced or paid for; until then it is open through its day."""

    made_at: datetime
    due_date: date
    over: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message in the borrower's chat. `at`: when the call was made, UTC."""

    at: datetime
    key: str
    kind: str
    text: str
    automated: bool


@dataclass(slots=True)
class Diary:
    """One borrower. `timezone` empty: they live somewhere in their country."""

    ref: str
    country: str
    timezone: str
    arrived: list[Arrival] = field(default_factory=list)
    wrote: list[datetime] = field(default_factory=list)
    stops: list[Stretch] = field(default_factory=list)
    holds: dict[str, list[Stretch]] = field(default_factory=dict)
    persons: list[Stretch] = field(default_factory=list)
    promises: list[Promised] = field(default_factory=list)
    plans: list[tuple[datetime, date]] = field(default_factory=list)
    """(agreed at, first instalment's day): until that day nobody can have missed one."""

    def begin(self, some: list[Stretch], at: datetime) -> None:
        if not any(one.end is None for one in some):
            some.append(Stretch(at))

    def end(self, some: list[Stretch], at: datetime) -> None:
        for one in some:
            if one.end is None:
                one.end = at
