"""The contact rules, one function each, in the order in which they are reported.

A rule is asked about an instant and answers with an instant: the same one when it has nothing
against the contact, a later one up to which it certainly goes on saying no, NEVER when nothing it
knows of would change its mind. So one set of functions both judges a moment and finds the next one.

Which rules apply depends on how a contact is judged, its standing. That is its kind, except for a
reply: within half an hour of the borrower's message it passes hours and holidays, and without an
unanswered message or one of the same local day it is judged as a message the bot starts by itself.

Readings chosen where two were possible:
- A complaint stops automated kinds only, so a call goes on under it, as under no other hold.
- A reply without the rights of one is automated but not `overdue`: `promise_open`, the common part
  of `plan_kept` and `cap_overdue` do not concern it. But it is no longer excused from `opt_out`
  nor, where a kept plan stops everything, from `plan_kept`.
- A dated hold defers up to its end even when one without an end begins before that: at the instant
  asked about nothing undated is in force. Only `until` is None then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from bot.rules.contact_facts import ChatOwner, ContactFacts
from bot.rules.contact_question import NEVER, PROMPT_REPLY, STRAY_REPLY, Question
from bot.rules.public_holidays import is_holiday_number
from bot.rules.zones import DAY, HOUR, to_micros
from storage.records import AUTOMATED, ContactKind, HoldKind

Check = Callable[[Question, int], int]

WEEK = 168 * HOUR


class Refusal(Enum):
    """What a rule's no means."""

    DENIES = auto()
    DEFERS = auto()
    DENIES_UNDATED = auto()  # a hold with an end defers, one without denies


def _only_if(allowed: Callable[[ContactFacts], bool]) -> Check:
    """A rule about facts that do not change while time passes."""
    return lambda question, instant: instant if allowed(question.facts) else NEVER


def _no_hold(*kinds: HoldKind) -> Check:
    def check(question: Question, instant: int) -> int:
        later = instant
        for kind, start, end in question.holds:
            if kind in kinds and start <= instant < end and end > later:
                later = end
        return later

    return check


def _owner_may_write(facts: ContactFacts) -> bool:
    if facts.kind is ContactKind.REPLY:
        return facts.owner is not ChatOwner.NOBODY
    return facts.owner is (ChatOwner.PERSON if facts.kind is ContactKind.STAFF else ChatOwner.BOT)


_ABOUT_OVERDUE = frozenset({ContactKind.OVERDUE, ContactKind.NOTICE, ContactKind.CALL})


def _plan_kept(question: Question, instant: int) -> int:
    facts = question.facts
    concerned = facts.kind in _ABOUT_OVERDUE or question.policy.kept_plan_stops_all
    return NEVER if facts.plan_kept and concerned else instant


def _balance_stale(question: Question, instant: int) -> int:
    # Its age is that at the moment asked about, also during a search: no answer may hang on a
    # file that the lender has not sent yet.
    as_of = question.facts.balance_as_of
    if as_of is None or question.at - to_micros(as_of) <= question.policy.balance_hours * HOUR:
        return instant
    return NEVER


def _hours(question: Question, instant: int) -> int:
    if question.opens >= question.closes:
        return NEVER
    later = instant
    for clock in question.clocks:
        later = max(later, clock.next_inside(instant, question.opens, question.closes))
    return later


def _holiday(question: Question, instant: int) -> int:
    later = instant
    for clock in question.clocks:
        if is_holiday_number(question.facts.country, clock.day(instant)):
            later = max(later, clock.next_day(instant))
    return later


def _quiet_borrower(question: Question, instant: int) -> int:
    if question.borrower_wrote is None:
        return instant
    return max(instant, question.borrower_wrote + question.policy.quiet_borrower_hours * HOUR)


def _quiet_person(question: Question, instant: int) -> int:
    if question.person_wrote is None:
        return instant
    return max(instant, question.person_wrote + question.policy.quiet_person_hours * HOUR)


def _cap_day(question: Question, instant: int) -> int:
    return _day_has_room(question, instant, question.budget, question.policy.cap_day)


def _cap_week(question: Question, instant: int) -> int:
    return _week_has_room(instant, question.budget, question.policy.cap_week)


def _cap_overdue(question: Question, instant: int) -> int:
    return _week_has_room(instant, question.overdue, question.policy.cap_overdue)


def _cap_call(question: Question, instant: int) -> int:
    policy = question.policy
    later = max(
        _day_has_room(question, instant, question.talks, policy.calls_answered_per_day),
        _day_has_room(question, instant, question.calls, policy.calls_tried_per_day),
        _week_has_room(instant, question.calls, policy.calls_tried_per_week),
    )
    if question.talks:
        later = max(later, question.talks[-1] + policy.quiet_after_talk_hours * HOUR)
    return later


def _day_has_room(question: Question, instant: int, past: list[int], cap: int) -> int:
    """From when fewer than `cap` of the contacts lie on the local day, in every zone."""
    if cap == 0:
        return NEVER
    later = instant
    near = [at for at in past if at > instant - 2 * DAY]
    if len(near) >= cap:
        for clock in question.clocks:
            day = clock.day(instant)
            if sum(clock.day(at) == day for at in near) >= cap:
                later = max(later, clock.next_day(instant))
    return later


def _week_has_room(instant: int, past: list[int], cap: int) -> int:
    """From when fewer than `cap` of the contacts, oldest first, are younger than 168 h."""
    if cap == 0:
        return NEVER
    recent = [at for at in past if at > instant - WEEK]
    return instant if len(recent) < cap else recent[len(recent) - cap] + WEEK


@dataclass(frozen=True, slots=True)
class Rule:
    """`check` as the module describes; `refusal`: what its no means; `judges`: standings."""

    id: str
    judges: frozenset[str]
    check: Check
    refusal: Refusal = Refusal.DENIES

    def denies(self, later: int) -> bool:
        """Whether the no that reaches up to `later` is final."""
        if self.refusal is Refusal.DENIES_UNDATED:
            return later >= NEVER
        return self.refusal is Refusal.DENIES


_CALL = frozenset({ContactKind.CALL})
_REPLIES = frozenset({ContactKind.REPLY, PROMPT_REPLY})
_AUTOMATED = AUTOMATED | {STRAY_REPLY}
_MESSAGES = _AUTOMATED | _REPLIES | {ContactKind.THANKS, ContactKind.STAFF}
_ALL_BUT_SAFETY = _MESSAGES | _CALL
_STARTED = _ALL_BUT_SAFETY - _REPLIES
_TIMED = _ALL_BUT_SAFETY - {PROMPT_REPLY}

RULES = (
    Rule(
        "private_chat",
        _MESSAGES | {ContactKind.SAFETY},
        _only_if(lambda facts: facts.private and facts.reachable),
    ),
    Rule(
        "identity",
        _MESSAGES,
        _only_if(lambda facts: facts.verified or facts.neutral),
    ),
    Rule("consent", _MESSAGES, _only_if(lambda facts: facts.consent)),
    Rule(
        "opt_out",
        _STARTED - {ContactKind.NOTICE},
        _only_if(lambda facts: not facts.stopped),
    ),
    Rule(
        "legal_hold",
        _ALL_BUT_SAFETY,
        _no_hold(HoldKind.LEGAL, HoldKind.FROZEN),
        Refusal.DENIES_UNDATED,
    ),
    Rule("dispute", _STARTED, _no_hold(HoldKind.DISPUTE), Refusal.DENIES_UNDATED),
    Rule("complaint", _AUTOMATED, _no_hold(HoldKind.COMPLAINT), Refusal.DENIES_UNDATED),
    Rule("hardship", _STARTED, _no_hold(HoldKind.HARDSHIP), Refusal.DENIES_UNDATED),
    Rule("person_owns_chat", _MESSAGES, _only_if(_owner_may_write)),
    Rule("promise_open", _ABOUT_OVERDUE, _only_if(lambda facts: not facts.promise_open)),
    Rule(
        "plan_kept",
        _STARTED - {ContactKind.PLAN_NOTE, ContactKind.THANKS},
        _plan_kept,
    ),
    Rule("balance_stale", _AUTOMATED | _CALL, _balance_stale),
    Rule("balance_zero", _AUTOMATED | _CALL, _only_if(lambda facts: facts.something_due)),
    Rule(
        "script",
        _MESSAGES,
        _only_if(lambda facts: facts.published and facts.guard != "block"),
    ),
    Rule("hours", _TIMED, _hours, Refusal.DEFERS),
    Rule("holiday", _TIMED, _holiday, Refusal.DEFERS),
    Rule("quiet_borrower", _AUTOMATED, _quiet_borrower, Refusal.DEFERS),
    Rule("quiet_person", _AUTOMATED, _quiet_person, Refusal.DEFERS),
    Rule("cap_day", _AUTOMATED | {ContactKind.STAFF}, _cap_day, Refusal.DEFERS),
    Rule("cap_week", _AUTOMATED | {ContactKind.STAFF}, _cap_week, Refusal.DEFERS),
    Rule("cap_overdue", frozenset({ContactKind.OVERDUE}), _cap_overdue, Refusal.DEFERS),
    Rule("cap_call", _CALL, _cap_call, Refusal.DEFERS),
    Rule("duplicate", _ALL_BUT_SAFETY, _only_if(lambda facts: not facts.already_sent)),
)
"""Every rule, in the order in which a decision lists them."""

RULES_FOR: dict[str, tuple[Rule, ...]] = {
    standing: tuple(rule for rule in RULES if standing in rule.judges)
    for standing in (*ContactKind, STRAY_REPLY, PROMPT_REPLY)
}
"""The rules that judge a contact of each standing."""
