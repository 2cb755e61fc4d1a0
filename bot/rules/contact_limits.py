"""What a contact policy consists of, and how several become one: the strictest of each.

A country, a deployment, a product and the borrower's own wishes all speak in the same terms.
A term nobody speaks about is neutral, so merging is the strictest value field by field: order
and repetition do not matter, and nothing can loosen what another has said.
"""

import re
from dataclasses import dataclass
from functools import reduce
from typing import Self

from storage.records import Wishes

UNLIMITED = 2**31
"""The neutral cap: no number of contacts reaches it."""

_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|(24:00))")
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """Local hours `[opens, closes)` in minutes since midnight; empty when opens >= closes."""

    opens: int = 0
    closes: int = _MIDNIGHT

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "10:00-18:00"; "24:00" may end the day.

        Raises ValueError for another form, and for hours that are empty or run over midnight.
        """
        found = _HOURS.fullmatch(text)
        if not found:
            raise ValueError('hours are written like "10:00-18:00"')
        opens = int(found[1]) * 60 + int(found[2])
        closes = _MIDNIGHT if found[5] else int(found[3]) * 60 + int(found[4])
        if opens >= closes:
            raise ValueError("hours must end later on the same day than they begin")
        return cls(opens, closes)

    @property
    def empty(self) -> bool:
        return self.opens >= self.closes

    def within(self, other: "Hours") -> "Hours":
        return Hours(max(self.opens, other.opens), min(self.closes, other.closes))

    def __str__(self) -> str:
        return "-".join(
            f"{minute // 60:02}:{minute % 60:02}" for minute in (self.opens, self.closes)
        )


@dataclass(frozen=True, slots=True)
class ContactPolicy:
    """The numbers the contact rules ask for; every default is neutral.

    Caps are counts, `*_hours` are whole hours. `cap_week`, `cap_overdue` and
    `calls_tried_per_week` count over a rolling 168 h, the `_day` ones over the local day.
    """

    hours: Hours = Hours()
    cap_day: int = UNLIMITED
    cap_week: int = UNLIMITED
    cap_overdue: int = UNLIMITED
    quiet_borrower_hours: int = 0
    quiet_person_hours: int = 0
    balance_hours: int = UNLIMITED
    calls_answered_per_day: int = UNLIMITED
    calls_tried_per_day: int = UNLIMITED
    calls_tried_per_week: int = UNLIMITED
    quiet_after_talk_hours: int = 0
    kept_plan_stops_all: bool = False
    """A kept plan leaves only its own notes, thanks, replies and safety texts."""


def wished(wishes: Wishes) -> ContactPolicy:
    """A borrower's wishes as limits; ValueError for hours that `Hours.parse` refuses."""
    return ContactPolicy(
        hours=Hours() if wishes.hours is None else Hours.parse(wishes.hours),
        cap_week=UNLIMITED if wishes.max_per_week is None else wishes.max_per_week,
    )


def strictest_of(*policies: ContactPolicy) -> ContactPolicy:
    """The narrower hours, the lower cap, the longer quiet, field by field."""
    return reduce(_stricter, policies, ContactPolicy())


def _stricter(a: ContactPolicy, b: ContactPolicy) -> ContactPolicy:
    return ContactPolicy(
        hours=a.hours.within(b.hours),
        cap_day=min(a.cap_day, b.cap_day),
        cap_week=min(a.cap_week, b.cap_week),
        cap_overdue=min(a.cap_overdue, b.cap_overdue),
        quiet_borrower_hours=max(a.quiet_borrower_hours, b.quiet_borrower_hours),
        quiet_person_hours=max(a.quiet_person_hours, b.quiet_person_hours),
        balance_hours=min(a.balance_hours, b.balance_hours),
        calls_answered_per_day=min(a.calls_answered_per_day, b.calls_answered_per_day),
        calls_tried_per_day=min(a.calls_tried_per_day, b.calls_tried_per_day),
        calls_tried_per_week=min(a.calls_tried_per_week, b.calls_tried_per_week),
        quiet_after_talk_hours=max(a.quiet_after_talk_hours, b.quiet_after_talk_hours),
        kept_plan_stops_all=a.kept_plan_stops_all or b.kept_plan_stops_all,
    )
