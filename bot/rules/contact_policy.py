"""May this contact happen now? One pure decision, for the bot and for people alike.

All rules are asked. Any that denies makes it a denial; otherwise any that says no defers it, until
the first instant at which the very same facts would allow it. That instant is found, not guessed:
every rule names a moment before which it certainly keeps saying no, so jumping from the latest of
these to the next can step over no allowed instant.
"""

from functools import lru_cache

from bot.rules.contact_facts import ChatOwner, ContactFacts, owner_in
from bot.rules.contact_limits import ContactPolicy, Hours, strictest_of
from bot.rules.contact_question import Question
from bot.rules.contact_rules import RULES_FOR
from bot.rules.presets import policy_for
from bot.rules.zones import DAY, from_micros
from storage.records import Decision

__all__ = [
    "HORIZON_DAYS",
    "ChatOwner",
    "ContactFacts",
    "ContactPolicy",
    "Hours",
    "decide",
    "owner_in",
    "policy_for",
    "strictest_of",
]

HORIZON_DAYS = 400
"""How far ahead an end of a deferral is looked for."""

_ALLOWED = Decision("allow")


def decide(facts: ContactFacts, policy: ContactPolicy) -> Decision:
    """Judge one contact at `facts.at`; `until` is UTC and exact to the microsecond.

    `until` is None for allow and deny, and for a deferral that nothing ends within 400 days.
    Raises ValueError when the zone or the country has no clock, TypeError for a naive datetime.
    """
    if facts.history or facts.borrower_wrote_at or facts.person_wrote_at:
        return _judged(facts, policy)
    return _shared(facts, policy)


def _judged(facts: ContactFacts, policy: ContactPolicy) -> Decision:
    question = Question(facts, policy)
    at = question.at
    refused: list[str] = []
    denied = False
    latest = at
    for rule in RULES_FOR[question.standing(at)]:
        later = rule.check(question, at)
        if later > at:
            refused.append(rule.id)
            denied = denied or rule.denies(later)
            latest = max(latest, later)
    if not refused:
        return _ALLOWED
    if denied:
        return Decision("deny", None, tuple(refused))
    first = _first_allowed(question, latest)
    return Decision("defer", None if first is None else from_micros(first), tuple(refused))


_shared = lru_cache(maxsize=16_384)(_judged)
"""Of people with no past a planner finds thousands who are alike to the last fact."""


def _first_allowed(question: Question, latest: int) -> int | None:
    horizon = question.at + HORIZON_DAYS * DAY
    instant = min(latest, question.standing_may_improve(question.at))
    while instant <= horizon:
        later = max(rule.check(question, instant) for rule in RULES_FOR[question.standing(instant)])
        if later == instant:
            return instant
        instant = min(later, question.standing_may_improve(instant))
    return None
