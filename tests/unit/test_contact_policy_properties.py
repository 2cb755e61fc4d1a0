"""The contact policy held against a slow twin, on facts nobody thought of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.rules.contact_limits import UNLIMITED
from bot.rules.contact_policy import (
    ChatOwner,
    ContactFacts,
    ContactPolicy,
    Hours,
    decide,
    policy_for,
    strictest_of,
)
from bot.rules.contact_rules import RULES
from storage.records import Contact, ContactKind, Hold, HoldKind, Wishes
from tests.unit import contact_oracle

MOMENT = timedelta(microseconds=1)
ORDER = [rule.id for rule in RULES]

PLACES = st.sampled_from(
    [
        ("CN", "Asia/Shanghai"),
        ("CN", None),
        ("US", "America/New_York"),
        ("US", None),
        ("GB", "Europe/London"),
        ("IN", "Asia/Kolkata"),
        ("AU", "Australia/Lord_Howe"),
        ("NZ", None),
        ("CA", "America/St_Johns"),
        ("CU", "America/Havana"),
        ("EG", "Africa/Cairo"),
        ("LB", "Asia/Beirut"),
        ("MA", "Africa/Casablanca"),
        ("WS", "Pacific/Apia"),
        ("AQ", "Antarctica/Troll"),
        ("IR", "Asia/Tehran"),
        ("CL", "America/Santiago"),
    ]
)
INSTANTS = st.one_of(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001  made aware below
    st.datetimes(datetime(2006, 1, 1), datetime(2012, 6, 1)),  # noqa: DTZ001
).map(lambda wall: wall.replace(second=0, microsecond=0, tzinfo=UTC))


def mostly(usual: bool) -> st.SearchStrategy[bool]:
    return st.sampled_from([usual] * 14 + [not usual])


def ago(hours: int) -> st.SearchStrategy[timedelta]:
    return st.one_of(
        st.integers(0, hours * 60).map(lambda minutes: timedelta(minutes=minutes)),
        st.integers(0, hours).map(lambda whole: timedelta(hours=whole)),
    )


@st.composite
def facts(draw: st.DrawFn) -> ContactFacts:
    country, timezone = draw(PLACES)
    at = draw(INSTANTS)
    kind = draw(st.sampled_from([*ContactKind, ContactKind.REPLY, ContactKind.REPLY]))
    owner = ChatOwner.PERSON if kind is ContactKind.STAFF else ChatOwner.BOT
    holds = []
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        start = at + timedelta(hours=draw(st.integers(-200, 300)))
        hours = draw(st.none() | st.integers(0, 500))
        end = None if hours is None else start + timedelta(hours=hours)
        holds.append(Hold(draw(st.sampled_from(HoldKind)), start, end))
    history = tuple(
        Contact(
            at - draw(ago(200)),
            draw(st.sampled_from([*ContactKind, ContactKind.OVERDUE, kind])),
            draw(st.sampled_from(["bot", "person"])),
            draw(st.sampled_from([None, "answered", "tried"])),
        )
        for _ in range(draw(st.sampled_from([0, 1, 2, 4, 8])))
    )

    def past(hours: int) -> datetime | None:
        gone = draw(st.none() | ago(hours))
        return None if gone is None else at - gone

    return ContactFacts(
        at=at,
        kind=kind,
        country=country,
        timezone=timezone,
        verified=draw(mostly(True)),
        consent=draw(mostly(True)),
        stopped=draw(mostly(False)),
        reachable=draw(mostly(True)),
        private=draw(mostly(True)),
        owner=draw(st.sampled_from([owner] * 8 + [*ChatOwner])),
        borrower_wrote_at=past(40),
        answered=draw(st.booleans()),
        person_wrote_at=past(60),
        holds=tuple(holds),
        promise_open=draw(mostly(False)),
        plan_kept=draw(mostly(False)),
        something_due=draw(mostly(True)),
        balance_as_of=past(37),
        published=draw(mostly(True)),
        guard=draw(st.sampled_from(["ok"] * 12 + ["warn", "block"])),
        neutral=draw(st.booleans()),
        already_sent=draw(mostly(False)),
        history=history,
    )


def hours() -> st.SearchStrategy[Hours]:
    minutes = st.integers(0, 24 * 60)
    return st.one_of(
        st.just(Hours()), st.builds(Hours, minutes, minutes).filter(lambda given: not given.empty)
    )


caps = st.sampled_from([0, 1, 2, 3, 5, UNLIMITED])
policies = st.builds(
    ContactPolicy,
    hours=hours(),
    cap_day=caps,
    cap_week=caps,
    cap_overdue=caps,
    quiet_borrower_hours=st.integers(0, 60),
    quiet_person_hours=st.integers(0, 60),
    balance_hours=st.sampled_from([1, 36, UNLIMITED]),
    calls_answered_per_day=caps,
    calls_tried_per_day=caps,
    calls_tried_per_week=caps,
    quiet_after_talk_hours=st.sampled_from([0, 24, 168]),
    kept_plan_stops_all=st.booleans(),
)
real_policies = st.builds(
    lambda country, presets, wishes: policy_for(country, *presets, wishes=wishes),
    st.sampled_from(["CN", "US", "GB", "IN", "DE"]),
    st.lists(st.sampled_from(["default", "cn", "us", "gb", "in"]), max_size=2),
    st.sampled_from([Wishes(), Wishes("10:00-18:00"), Wishes(max_per_week=1)]),
)

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(patient, max_examples=400)
@given(facts(), policies | real_policies)
def test_the_verdict_and_its_rules_are_those_of_the_slow_twin(
    facts: ContactFacts, policy: ContactPolicy
) -> None:
    decision = decide(facts, policy)
    said = contact_oracle.said(facts, policy, facts.at)
    assert list(decision.rules) == list(said)
    assert decision.verdict == contact_oracle.verdict(facts, policy)
    assert list(decision.rules) == sorted(decision.rules, key=ORDER.index)


@settings(patient, max_examples=150)
@given(facts(), real_policies)
def test_the_end_of_a_deferral_is_the_first_instant_the_slow_twin_allows(
    facts: ContactFacts, policy: ContactPolicy
) -> None:
    decision = decide(facts, policy)
    if decision.verdict != "defer":
        assert decision.until is None
    else:
        days = 400 if decision.until else 60  # trying every change of a whole year takes a second
        assert decision.until == contact_oracle.first_allowed(facts, policy, days)


@settings(patient, max_examples=100)
@given(facts(), policies | real_policies)
def test_up_to_the_end_of_a_deferral_every_look_says_no_and_the_end_says_yes(
    facts: ContactFacts, policy: ContactPolicy
) -> None:
    decision = decide(facts, policy)
    if decision.until is None:
        return
    assert not contact_oracle.said(facts, policy, decision.until)
    assert contact_oracle.said(facts, policy, decision.until - MOMENT)
    at = max(facts.at, decision.until - timedelta(days=1))
    while at < decision.until:
        assert contact_oracle.said(facts, policy, at), at
        at += timedelta(minutes=7)


@settings(patient, max_examples=300)
@given(facts(), real_policies)
def test_nothing_but_a_prompt_reply_or_a_safety_text_goes_outside_the_hours_of_the_place(
    facts: ContactFacts, policy: ContactPolicy
) -> None:
    decision = decide(facts, policy)
    allowed = facts.at if decision.allowed else decision.until
    if allowed is None or facts.kind in (ContactKind.SAFETY, ContactKind.REPLY):
        return
    for zone in contact_oracle.zones_for(facts):
        local = allowed.astimezone(zone)
        assert policy.hours.opens <= local.hour * 60 + local.minute < policy.hours.closes


@given(policies, policies, policies)
def test_merging_knows_no_order_and_no_repetition(
    a: ContactPolicy, b: ContactPolicy, c: ContactPolicy
) -> None:
    assert strictest_of(a, b) == strictest_of(b, a)
    assert strictest_of(a, strictest_of(b, c)) == strictest_of(strictest_of(a, b), c)
    assert strictest_of(a, a) == a
    assert strictest_of(a, ContactPolicy()) == a


@settings(patient, max_examples=300)
@given(facts(), real_policies, policies)
def test_tightening_never_allows_what_was_not_allowed(
    facts: ContactFacts, policy: ContactPolicy, more: ContactPolicy
) -> None:
    before = decide(facts, policy)
    after = decide(facts, strictest_of(policy, more))
    assert set(before.rules) <= set(after.rules)
    if before.verdict == "deny":
        assert after.verdict == "deny"
    if before.until is not None and after.until is not None:
        assert before.until <= after.until


@settings(patient, max_examples=200)
@given(facts(), real_policies)
def test_the_same_facts_give_the_same_answer(facts: ContactFacts, policy: ContactPolicy) -> None:
    shuffled = replace(facts, history=facts.history[::-1], holds=facts.holds[::-1])
    assert decide(facts, policy) == decide(shuffled, policy)


@settings(patient, max_examples=100)
@given(facts(), real_policies)
def test_an_answer_shared_by_those_without_a_past_is_the_one_a_single_person_gets(
    facts: ContactFacts, policy: ContactPolicy
) -> None:
    shared = replace(facts, history=(), borrower_wrote_at=None, person_wrote_at=None)
    decide(shared, policy)
    for known in (shared, replace(shared, at=shared.at + MOMENT)):
        thanked = replace(known, history=(Contact(known.at, ContactKind.THANKS),))
        assert decide(known, policy) == decide(thanked, policy), "thanks count for nothing"
