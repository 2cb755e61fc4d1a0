"""Which case is next, and who is asked to take it.

Danger to life goes first. Every other case has a place: the moment it came, less a head start for
what the law or a promise makes urgent. So whoever waits is overtaken by the urgent only, for a
bounded time, and nobody waits for ever. The numbers are data (handoff.yaml).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from bot.rules.handoff import HandoffPolicy
from storage.records import HandoffReason, StaffId


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case nobody has. `previous`: who talked with this borrower a short while ago.

    `skills` help with it; `passed_over` were asked a short while ago and did not take it.
    """

    number: int
    since: datetime
    language: str
    skills: frozenset[str] = frozenset()
    previous: StaffId | None = None
    passed_over: frozenset[StaffId] = frozenset()


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody on shift. `load` and `capacity` count conversations; `leads`: not the first asked.

    No languages: nobody has said which, so every language is taken to be spoken.
    """

    staff_id: StaffId
    skills: frozenset[str]
    languages: tuple[str, ...]
    load: int
    capacity: int
    leads: bool = False

    @property
    def has_room(self) -> bool:
        return self.load < self.capacity


def place_of(
    since: datetime, reasons: Iterable[HandoffReason], promised: Fraction, policy: HandoffPolicy
) -> datetime:
    """The moment a case counts as having come; the earliest place is next.

    `promised`: the share of what is due that the borrower has promised to pay, 0 to 1.
    """
    share = min(max(promised, Fraction(0)), Fraction(1))
    lead = policy.head_start_minutes.promised * share
    if HandoffReason.LEGAL in reasons:
        lead = max(lead, Fraction(policy.head_start_minutes.legal))
    return since - timedelta(seconds=int(lead * 60))


def skills_for(
    reasons: Iterable[HandoffReason], segment: str, policy: HandoffPolicy
) -> frozenset[str]:
    """What helps with a case: skills of its reasons, and the borrower's part of the portfolio."""
    wanted = {policy.skills[reason] for reason in reasons if reason in policy.skills}
    return frozenset(wanted | {segment} - {""})


def choose(
    case: Waiting, people: Iterable[Colleague], now: datetime, policy: HandoffPolicy
) -> StaffId | None:
    """Whom to ask; None: nobody for the moment.

    The colleague of the last time, else by skill, language, then the least loaded. While the wait
    is short, a case waits for who fits best of all on shift, even if they are busy.
    """
    asked = [one for one in people if one.staff_id not in case.passed_over]
    free = [one for one in asked if one.has_room]
    if any(one.staff_id == case.previous for one in free):
        return case.previous
    if now < case.since + timedelta(minutes=policy.best_fit_minutes):
        best = max((_fit(one, case) for one in asked), default=(0, False))
        free = [one for one in free if _fit(one, case) == best]
    if not free:
        return None

    def order(one: Colleague) -> tuple[int, bool, bool, Fraction, int, StaffId]:
        skilled, speaks = _fit(one, case)
        # Equals take turns: each number begins with another of them.
        turn = (one.staff_id + case.number) % len(free)
        share = Fraction(one.load, one.capacity)
        return (-skilled, not speaks, one.leads, share, turn, one.staff_id)

    return min(free, key=order).staff_id


def speaks(languages: Iterable[str], language: str) -> bool:
    """Whoever reads one Chinese script can talk with those who write the other."""
    spoken = [_primary(one) for one in languages]
    return not spoken or _primary(language) in spoken


def _fit(one: Colleague, case: Waiting) -> tuple[int, bool]:
    return len(case.skills & one.skills), speaks(one.languages, case.language)


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()
