"""A question to the contact policy, made ready for arithmetic.

Instants become microseconds since 1970, the past is sorted by what it counts for, the zone becomes
one clock, or one for every zone of the country while it is unknown. Done once for each decision,
because the search for the first allowed instant asks the rules many times.
"""

from bot.rules.contact_facts import ContactFacts
from bot.rules.contact_limits import ContactPolicy
from bot.rules.zones import DAY, MINUTE, ZoneClock, clocks_for, to_micros
from storage.records import AUTOMATED, ContactKind

NEVER = 2**62
"""Later than every instant: microseconds some 146,000 years ahead."""

REPLY_WINDOW = 30 * MINUTE

STRAY_REPLY = "stray_reply"
PROMPT_REPLY = "prompt_reply"

BUDGET = AUTOMATED | {ContactKind.STAFF}
"""The kinds that draw from the one budget of messages."""


class Question:
    """The facts of one contact and the policy it is judged by."""

    __slots__ = (
        "at",
        "borrower_wrote",
        "budget",
        "calls",
        "clocks",
        "closes",
        "facts",
        "holds",
        "opens",
        "overdue",
        "person_wrote",
        "policy",
        "talks",
    )

    def __init__(self, facts: ContactFacts, policy: ContactPolicy) -> None:
        self.facts = facts
        self.policy = policy
        self.at = to_micros(facts.at)
        self.clocks: tuple[ZoneClock, ...] = clocks_for(facts.country, facts.timezone)
        self.opens = policy.hours.opens * MINUTE
        self.closes = policy.hours.closes * MINUTE
        wrote, person = facts.borrower_wrote_at, facts.person_wrote_at
        self.borrower_wrote = None if wrote is None else to_micros(wrote)
        self.person_wrote = None if person is None else to_micros(person)
        self.holds = [
            (hold.kind, to_micros(hold.start), NEVER if hold.end is None else to_micros(hold.end))
            for hold in facts.holds
        ]
        self.budget: list[int] = []
        self.overdue: list[int] = []
        self.calls: list[int] = []
        self.talks: list[int] = []
        if facts.history:
            self._sort_history()

    def _sort_history(self) -> None:
        for contact in self.facts.history:
            at = to_micros(contact.at)
            if contact.kind in BUDGET:
                self.budget.append(at)
                if contact.kind is ContactKind.OVERDUE:
                    self.overdue.append(at)
            elif contact.kind is ContactKind.CALL:
                self.calls.append(at)
                if contact.outcome == "answered":
                    self.talks.append(at)
        for instants in (self.budget, self.overdue, self.calls, self.talks):
            instants.sort()

    def standing(self, instant: int) -> str:
        """How the contact is judged at `instant`: its kind, or what is left of a reply's rights."""
        if self.facts.kind is not ContactKind.REPLY:
            return self.facts.kind
        wrote = self.borrower_wrote
        if wrote is None or (self.facts.answered and not self._same_day(wrote, instant)):
            return STRAY_REPLY
        return PROMPT_REPLY if instant <= wrote + REPLY_WINDOW else ContactKind.REPLY

    def standing_may_improve(self, instant: int) -> int:
        """The next instant at which a stray reply may be a reply again; NEVER for all others.

        A clock set back over midnight repeats the day on which the borrower wrote.
        """
        wrote = self.borrower_wrote
        if self.facts.kind is not ContactKind.REPLY or wrote is None or instant > wrote + 2 * DAY:
            return NEVER
        return min(clock.next_day(instant) for clock in self.clocks)

    def _same_day(self, first: int, second: int) -> bool:
        if second > first + 2 * DAY:  # so that a message of long ago needs no table of its zone
            return False
        return all(clock.day(first) == clock.day(second) for clock in self.clocks)
