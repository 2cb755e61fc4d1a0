"""Which rule says no to what: one table a rule, the kinds it stops and the kinds it lets pass."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.rules.contact_policy import ChatOwner, ContactFacts, decide, owner_in, policy_for
from bot.rules.contact_rules import RULES
from storage.records import (
    AUTOMATED,
    Contact,
    ContactKind,
    ConversationState,
    Decision,
    Hold,
    HoldKind,
    Wishes,
)

MONDAY_10 = datetime(2026, 11, 23, 2, tzinfo=UTC)  # 10:00 in Shanghai, no holiday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = 168 * HOUR

K = ContactKind
KINDS = set(ContactKind)
STARTED = AUTOMATED | {K.THANKS, K.STAFF}


def ask(kind: ContactKind = K.OVERDUE, *presets: str, **facts: Any) -> Decision:
    """Judge a contact of `kind` that would be allowed but for what `facts` says."""
    return decide(facts_of(kind, **facts), policy_for("CN", *presets))


def facts_of(kind: ContactKind = K.OVERDUE, **facts: Any) -> ContactFacts:
    at = facts.setdefault("at", MONDAY_10)
    base = ContactFacts(at=at, kind=kind, country="CN", timezone="Asia/Shanghai")
    if kind is K.STAFF:
        base = replace(base, owner=ChatOwner.PERSON)
    if kind is K.REPLY:
        base = replace(base, borrower_wrote_at=at - HOUR, answered=False)
    return replace(base, **facts)


def kinds_stopped_by(rule: str, **facts: Any) -> set[ContactKind]:
    """The kinds to which `facts` brings exactly this one no."""
    stopped = set()
    for kind in ContactKind:
        rules = ask(kind, **facts).rules
        assert rules in ((), (rule,)), f"{kind}: {rules}"
        if rules:
            stopped.add(kind)
    return stopped


def calls(*hours_ago: float, outcome: str | None = "tried") -> tuple[Contact, ...]:
    return tuple(Contact(MONDAY_10 - ago * HOUR, K.CALL, "person", outcome) for ago in hours_ago)


def past(kind: ContactKind, *days_ago: float) -> tuple[Contact, ...]:
    return tuple(Contact(MONDAY_10 - ago * DAY, kind) for ago in days_ago)


@pytest.mark.parametrize("kind", ContactKind)
def test_every_kind_goes_when_nothing_speaks_against_it(kind: ContactKind) -> None:
    assert ask(kind) == Decision("allow", None, ())


def test_the_rules_are_listed_in_the_order_of_the_policy() -> None:
    assert [rule.id for rule in RULES] == [
        "private_chat",
        "identity",
        "consent",
        "opt_out",
        "legal_hold",
        "dispute",
        "complaint",
        "hardship",
        "person_owns_chat",
        "promise_open",
        "plan_kept",
        "balance_stale",
        "balance_zero",
        "script",
        "hours",
        "holiday",
        "quiet_borrower",
        "quiet_person",
        "cap_day",
        "cap_week",
        "cap_overdue",
        "cap_call",
        "duplicate",
    ]


def test_every_rule_that_says_no_is_named_and_one_denial_is_enough() -> None:
    decision = ask(at=MONDAY_10 - 4 * HOUR, stopped=True, already_sent=True, verified=False)
    assert decision == Decision("deny", None, ("identity", "opt_out", "hours", "duplicate"))


# --- what the facts deny ---------------------------------------------------------------------


@pytest.mark.parametrize("facts", [{"private": False}, {"reachable": False}])
def test_no_message_enters_a_group_or_a_blocked_chat_not_even_a_safety_text(
    facts: dict[str, bool],
) -> None:
    assert kinds_stopped_by("private_chat", **facts) == KINDS - {K.CALL}


def test_an_unverified_person_gets_no_message_that_names_a_debt() -> None:
    assert kinds_stopped_by("identity", verified=False) == KINDS - {K.CALL, K.SAFETY}
    assert kinds_stopped_by("identity", verified=False, neutral=True) == set()


def test_without_consent_only_calls_and_safety_texts_go() -> None:
    assert kinds_stopped_by("consent", consent=False) == KINDS - {K.CALL, K.SAFETY}


def test_a_stop_leaves_replies_legal_notices_and_safety_texts() -> None:
    assert kinds_stopped_by("opt_out", stopped=True) == KINDS - {K.REPLY, K.NOTICE, K.SAFETY}


@pytest.mark.parametrize(
    ("owner", "may_write"),
    [
        (ChatOwner.BOT, AUTOMATED | {K.THANKS, K.REPLY}),
        (ChatOwner.PERSON, {K.STAFF, K.REPLY}),
        (ChatOwner.NOBODY, set()),
    ],
)
def test_only_the_owner_of_the_conversation_writes_in_it(
    owner: ChatOwner, may_write: set[ContactKind]
) -> None:
    assert kinds_stopped_by("person_owns_chat", owner=owner) == (
        KINDS - may_write - {K.CALL, K.SAFETY}
    )


@pytest.mark.parametrize(
    ("state", "owner"),
    [
        (ConversationState.BOT, ChatOwner.BOT),
        (ConversationState.WAITING, ChatOwner.NOBODY),
        (ConversationState.OFFERED, ChatOwner.NOBODY),
        (ConversationState.ACTIVE, ChatOwner.PERSON),
        (ConversationState.HELD, ChatOwner.PERSON),
        (ConversationState.WRAP_UP, ChatOwner.PERSON),
        (ConversationState.FROZEN, ChatOwner.NOBODY),
    ],
)
def test_each_state_of_a_conversation_has_its_owner(
    state: ConversationState, owner: ChatOwner
) -> None:
    assert owner_in(state) is owner


def test_an_open_promise_stops_what_is_about_overdue_money() -> None:
    stopped = {K.OVERDUE, K.NOTICE, K.CALL}
    assert kinds_stopped_by("promise_open", promise_open=True) == stopped


def test_a_kept_plan_stops_what_is_about_overdue_money() -> None:
    for kind in ContactKind:
        facts = replace(facts_of(kind, plan_kept=True), country="GB", timezone="Asia/Shanghai")
        stopped = decide(facts, policy_for("GB")).rules == ("plan_kept",)
        assert stopped == (kind in {K.OVERDUE, K.NOTICE, K.CALL}), kind


def test_a_kept_plan_in_china_leaves_only_its_notes_thanks_replies_and_safety() -> None:
    assert kinds_stopped_by("plan_kept", plan_kept=True) == (
        KINDS - {K.PLAN_NOTE, K.THANKS, K.REPLY, K.SAFETY}
    )


def test_the_chinese_plan_rule_comes_with_the_preset_wherever_it_is_joined() -> None:
    facts = replace(facts_of(K.PRE_DUE, plan_kept=True), country="GB")
    assert decide(facts, policy_for("GB")).allowed
    assert decide(facts, policy_for("GB", "cn")).rules == ("plan_kept",)


def test_a_balance_is_fresh_for_exactly_36_hours() -> None:
    assert kinds_stopped_by("balance_stale", balance_as_of=MONDAY_10 - 36 * HOUR) == set()
    stale = MONDAY_10 - 36 * HOUR - timedelta(microseconds=1)
    assert kinds_stopped_by("balance_stale", balance_as_of=stale) == AUTOMATED | {K.CALL}


def test_nobody_is_reminded_of_nothing() -> None:
    assert kinds_stopped_by("balance_zero", something_due=False) == AUTOMATED | {K.CALL}


def test_a_script_must_be_published_and_not_blocked_by_the_guard() -> None:
    messages = KINDS - {K.CALL, K.SAFETY}
    assert kinds_stopped_by("script", published=False) == messages
    assert kinds_stopped_by("script", guard="block") == messages
    assert kinds_stopped_by("script", guard="warn") == set()


def test_nothing_but_a_safety_text_is_said_twice() -> None:
    assert kinds_stopped_by("duplicate", already_sent=True) == KINDS - {K.SAFETY}


# --- holds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "rule", "stopped"),
    [
        (HoldKind.LEGAL, "legal_hold", KINDS - {K.SAFETY}),
        (HoldKind.FROZEN, "legal_hold", KINDS - {K.SAFETY}),
        (HoldKind.DISPUTE, "dispute", STARTED | {K.CALL}),
        (HoldKind.HARDSHIP, "hardship", STARTED | {K.CALL}),
        (HoldKind.COMPLAINT, "complaint", AUTOMATED),
    ],
)
def test_a_hold_stops_the_kinds_it_is_meant_for(
    kind: HoldKind, rule: str, stopped: set[ContactKind]
) -> None:
    assert kinds_stopped_by(rule, holds=(Hold(kind, MONDAY_10 - DAY),)) == stopped


def test_a_hold_with_an_end_defers_to_it_and_one_without_denies() -> None:
    end = MONDAY_10 + 3 * DAY
    dated = Hold(HoldKind.HARDSHIP, MONDAY_10, end)
    undated = Hold(HoldKind.HARDSHIP, MONDAY_10)
    assert ask(holds=(dated,)) == Decision("defer", end, ("hardship",))
    assert ask(holds=(undated,)) == Decision("deny", None, ("hardship",))
    assert ask(holds=(dated, undated)) == Decision("deny", None, ("hardship",))


def test_a_hold_is_over_at_the_instant_it_ends() -> None:
    assert ask(holds=(Hold(HoldKind.DISPUTE, MONDAY_10 - DAY, MONDAY_10),)).allowed


def test_the_longest_of_several_holds_counts() -> None:
    holds = tuple(
        Hold(kind, MONDAY_10 - DAY, MONDAY_10 + days * DAY)
        for kind, days in ((HoldKind.DISPUTE, 9), (HoldKind.DISPUTE, 4), (HoldKind.LEGAL, 6))
    )
    assert ask(holds=holds) == Decision("defer", MONDAY_10 + 9 * DAY, ("legal_hold", "dispute"))


def test_a_hold_to_come_matters_only_to_the_end_of_a_deferral() -> None:
    evening = MONDAY_10 + 11 * HOUR  # 21:00
    to_come = Hold(HoldKind.DISPUTE, MONDAY_10 + 12 * HOUR, MONDAY_10 + 5 * DAY)
    assert ask(holds=(to_come,)).allowed
    assert ask(at=evening, holds=(to_come,)) == Decision("defer", to_come.end, ("hours",))


def test_a_hold_to_come_without_an_end_leaves_a_deferral_without_one() -> None:
    evening = MONDAY_10 + 11 * HOUR
    to_come = Hold(HoldKind.DISPUTE, MONDAY_10 + 12 * HOUR)
    assert ask(at=evening, holds=(to_come,)) == Decision("defer", None, ("hours",))


# --- hours and holidays ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "minutes", "verdict"),
    [(7, 59, "defer"), (8, 0, "allow"), (20, 59, "allow"), (21, 0, "defer")],
)
def test_hours_include_their_first_minute_and_not_their_last(
    hours: int, minutes: int, verdict: str
) -> None:
    at = MONDAY_10 + (hours - 10) * HOUR + minutes * MINUTE
    assert ask(at=at).verdict == verdict


def test_hours_hold_everything_but_replies_within_reach_and_safety_texts() -> None:
    evening = MONDAY_10 + 11 * HOUR
    wrote = evening - 10 * MINUTE
    assert kinds_stopped_by("hours", at=evening) == KINDS - {K.SAFETY}
    assert ask(K.REPLY, at=evening, borrower_wrote_at=wrote).allowed


def test_a_public_holiday_holds_what_the_hours_hold_until_the_morning_after() -> None:
    # The calendar names 1 to 3 and 5 to 7 October; the 4th is a Sunday, and weekends are no
    # holidays.
    national_day = datetime(2026, 10, 1, 2, tzinfo=UTC)
    assert kinds_stopped_by("holiday", at=national_day) == KINDS - {K.SAFETY}
    assert ask(at=national_day).until == datetime(2026, 10, 4, tzinfo=UTC)
    assert ask(at=national_day + 4 * DAY).until == datetime(2026, 10, 8, tzinfo=UTC)


def test_weekends_are_no_holidays() -> None:
    assert ask(at=MONDAY_10 - DAY).allowed


def test_holidays_are_those_of_the_borrowers_country_whatever_preset_is_joined() -> None:
    thanksgiving = datetime(2026, 11, 26, 2, tzinfo=UTC)
    assert ask(K.OVERDUE, "us", at=thanksgiving).allowed


def test_a_holiday_is_a_day_of_the_borrowers_own_calendar() -> None:
    facts = ContactFacts(
        at=datetime(2027, 1, 1, 0, 30, tzinfo=UTC),  # still 31 December in Los Angeles
        kind=K.OVERDUE,
        country="US",
        timezone="America/Los_Angeles",
    )
    assert decide(facts, policy_for("US")).allowed
    assert decide(replace(facts, at=facts.at + 17 * HOUR), policy_for("US")).rules == ("holiday",)


# --- quiet -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "fact", "hours"),
    [("quiet_borrower", "borrower_wrote_at", 24), ("quiet_person", "person_wrote_at", 48)],
)
def test_automated_messages_wait_after_somebody_wrote(rule: str, fact: str, hours: int) -> None:
    wrote = MONDAY_10 - hours * HOUR
    assert kinds_stopped_by(rule, **{fact: wrote + MINUTE}) == AUTOMATED
    assert ask(**{fact: wrote}).allowed
    assert ask(**{fact: wrote + MINUTE}).until == MONDAY_10 + MINUTE


# --- the budget ------------------------------------------------------------------------------


def test_one_message_a_local_day_whoever_starts_it() -> None:
    assert kinds_stopped_by("cap_day", history=past(K.PRE_DUE, 0.1)) == AUTOMATED | {K.STAFF}
    yesterday = (Contact(MONDAY_10 - 10 * HOUR - MINUTE, K.OVERDUE),)
    assert ask(history=yesterday).allowed
    assert ask(history=past(K.OVERDUE, 0.1)).until == datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("kind", ContactKind)
def test_the_budget_counts_what_we_start_and_nothing_else(kind: ContactKind) -> None:
    assert ask(history=past(kind, 0.1)).allowed == (kind not in AUTOMATED | {K.STAFF})


def test_four_messages_in_168_hours_and_the_oldest_makes_room() -> None:
    history = past(K.PRE_DUE, 6, 5, 3, 2)
    assert kinds_stopped_by("cap_week", history=history) == AUTOMATED | {K.STAFF}
    assert ask(history=history).until == MONDAY_10 + DAY


def test_a_message_exactly_168_hours_old_no_longer_counts() -> None:
    assert ask(history=past(K.PRE_DUE, 7, 5, 3, 2)).allowed


def test_a_message_a_moment_younger_than_168_hours_still_counts() -> None:
    moment = timedelta(microseconds=1)
    history = (Contact(MONDAY_10 - WEEK + moment, K.PRE_DUE), *past(K.PRE_DUE, 5, 3, 2))
    assert ask(history=history).until == MONDAY_10 + moment


def test_overdue_messages_have_a_lower_cap_that_stops_only_them() -> None:
    assert kinds_stopped_by("cap_overdue", history=past(K.OVERDUE, 6, 4, 2)) == {K.OVERDUE}
    assert ask(history=(*past(K.OVERDUE, 6, 4), *past(K.PRE_DUE, 2))).allowed


def test_a_wish_for_fewer_messages_lowers_the_cap_of_the_week() -> None:
    policy = policy_for("CN", wishes=Wishes(max_per_week=1))
    decision = decide(facts_of(K.PRE_DUE, history=past(K.OVERDUE, 2)), policy)
    assert decision == Decision("defer", MONDAY_10 + 5 * DAY, ("cap_week",))


# --- calls -----------------------------------------------------------------------------------


def test_three_answered_calls_or_six_tries_are_enough_for_a_day() -> None:
    two = calls(1, 1.5, outcome="answered")
    assert kinds_stopped_by("cap_call", history=two) == set()
    three = calls(1, 1.5, 1.9, outcome="answered")
    assert kinds_stopped_by("cap_call", history=three) == {K.CALL}
    tomorrow = datetime(2026, 11, 24, tzinfo=UTC)
    assert ask(K.CALL, history=three).until == tomorrow
    assert ask(K.CALL, history=calls(1, 1, 1, 1, 1)).allowed
    assert ask(K.CALL, history=calls(1, 1, 1, 1, 1, 1)).until == tomorrow


def test_an_answered_call_and_one_without_an_outcome_are_tries_too() -> None:
    history = (*calls(1, 1, outcome="answered"), *calls(1, 1, outcome=None), *calls(1, 1))
    assert ask(K.CALL, history=history).rules == ("cap_call",)


def test_in_the_us_seven_tries_in_seven_days_are_enough() -> None:
    spread = calls(*(24 * day + 1 for day in range(6)), 30)
    assert ask(K.CALL, history=spread).allowed
    oldest = MONDAY_10 - 121 * HOUR
    assert ask(K.CALL, "us", history=spread).rules == ("cap_call",)
    # 09:00 on the day on which the oldest is 168 hours old
    assert ask(K.CALL, "us", history=spread).until == oldest + WEEK


def test_in_the_us_a_talk_is_followed_by_seven_days_of_rest() -> None:
    talk = calls(167, outcome="answered")
    assert ask(K.CALL, history=talk).allowed
    assert ask(K.CALL, "us", history=talk).until == MONDAY_10 + HOUR
    assert ask(K.CALL, "us", history=calls(168, outcome="answered")).allowed


def test_the_daily_numbers_hold_in_the_us_too() -> None:
    assert ask(K.CALL, "us", history=calls(1, 1, 1, 1, 1, 1)).until == (
        datetime(2026, 11, 24, tzinfo=UTC)
    )


# --- nothing ends it -------------------------------------------------------------------------


def test_a_weekly_maximum_of_none_is_never_over() -> None:
    policy = policy_for("CN", wishes=Wishes(max_per_week=0))
    assert decide(facts_of(), policy) == Decision("defer", None, ("cap_week",))


def test_disjoint_hours_never_open() -> None:
    policy = policy_for("CN", wishes=Wishes(hours="21:00-23:00"))
    assert decide(facts_of(), policy) == Decision("defer", None, ("hours",))


def test_a_hold_of_exactly_400_days_still_has_an_end_and_a_longer_one_has_none() -> None:
    # 400 days from a Monday is a Tuesday in December, no holiday
    end = MONDAY_10 + 400 * DAY
    moment = timedelta(microseconds=1)
    assert ask(holds=(Hold(HoldKind.HARDSHIP, MONDAY_10, end),)).until == end
    assert ask(holds=(Hold(HoldKind.HARDSHIP, MONDAY_10, end + moment),)).until is None
