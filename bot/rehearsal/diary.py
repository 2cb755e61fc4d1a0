"""What really happened to an invented borrower, written down by the world and not by the bot.

The checks judge by these pages alone, so a fault of the bot's own records cannot hide itself.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from bot.rehearsal.trials import Trial


@dataclass(slots=True)
class Stretch:
    """`[start, end)`, UTC; no end: it still lasts.

    `until_paid`: of a conversation with a person that is over when nothing is due any more.
    """

    start: datetime
    end: datetime | None = None
    until_paid: bool = False

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
    trial: Trial = field(default_factory=Trial)

    def begin(self, some: list[Stretch], at: datetime, *, until_paid: bool = False) -> None:
        """What lasts already goes on, and to its end if either has to."""
        lasting = next((one for one in some if one.end is None), None)
        if lasting is None:
            some.append(Stretch(at, until_paid=until_paid))
        else:
            lasting.until_paid = lasting.until_paid and until_paid

    def nothing_is_due(self, at: datetime) -> None:
        """Whoever only asked for a person has no need of one any more."""
        for one in self.persons:
            if one.end is None and one.until_paid:
                one.end = at

    def end(self, some: list[Stretch], at: datetime) -> None:
        for one in some:
            if one.end is None:
                one.end = at
