from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.strategy import (
    Occurrence,
    Strategy,
    default_strategy,
    due_steps,
    next_contact_at,
    outlook,
    read_strategy,
)
from storage.records import (
    Borrower,
    BorrowerFacts,
    BorrowerId,
    ContactKind,
    DueItem,
    Instalment,
    Loan,
    LoanId,
    Money,
    Payment,
    Plan,
    PlanId,
    Promise,
    PromiseId,
)

STRATEGY = default_strategy()
DUE = date(2026, 11, 18)
LONG_AGO = date(2026, 1, 1)


def loan(*due: date, paid: tuple[date, ...] = (), product: str = "card", number: int = 1) -> Loan:
    return Loan(
        loan_id=LoanId(number),
        loan_ref=f"L{number}",
        product=product,
        currency="CNY",
        outstanding=100 * len(due),
        pay_to="",
        as_of=LONG_AGO,
        items=tuple(DueItem(day, 100, 0, 0, 0) for day in due),
        payments=tuple(Payment(f"P{number}{n}", 100, day) for n, day in enumerate(paid)),
    )


def facts(
    *loans: Loan,
    country: str = "CN",
    timezone: str | None = "Asia/Shanghai",
    promises: tuple[Promise, ...] = (),
    plans: tuple[Plan, ...] = (),
) -> BorrowerFacts:
    borrower = Borrower(BorrowerId(1), "B-1", "N", "zh-Hans", country, timezone, None)
    return BorrowerFacts(borrower, loans=loans, promises=promises, plans=plans)


def of_class(name: str, due: date = DUE) -> BorrowerFacts:
    """A borrower with one unpaid due date, and three earlier ones paid as their class says."""
    if name == "new":
        return facts(loan(due))
    before = [due - timedelta(days=30 * n) for n in (3, 2, 1)]
    late = {"A": 0, "B": 1, "C": 3}[name]
    paid = tuple(day + timedelta(days=2 * (n < late)) for n, day in enumerate(before))
    return facts(loan(*before, due, paid=paid))


def at(text: str) -> datetime:
    """Local time in Shanghai: "11-17 10:00" of 2026."""
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


def walk(some: BorrowerFacts, start: datetime, count: int = 60) -> Iterator[list[Occurrence]]:
    """From one next contact to the next, as the planner does: what begins at each."""
    now: datetime | None = start
    for _ in range(count):
        now = next_contact_at(STRATEGY, some, now)
        if now is None:
            return
        yield [one for one in due_steps(STRATEGY, some, now) if one.starts_at == now]


def story(some: BorrowerFacts, start: str, until: str) -> list[str]:
    """ "11-17 10:00 day_before" for everything that begins from `start` to `until`."""
    told = []
    for begun in walk(some, at(start)):
        for one in begun:
            if one.starts_at > at(until):
                return told
            local = one.starts_at.astimezone(ZoneInfo("Asia/Shanghai"))
            told.append(f"{local:%m-%d %H:%M} {one.step.id}")
    return told


# --- Who is reminded when ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A", ["11-17 10:00 day_before", "11-18 14:00 due_day_afternoon"]),
        ("new", ["11-17 10:00 day_before", "11-18 14:00 due_day_afternoon"]),
        (
            "B",
            [
                "11-16 10:00 two_days_before",
                "11-17 10:00 day_before",
                "11-18 10:00 due_day_morning",
            ],
        ),
        (
            "C",
            [
                "11-16 10:00 two_days_before",
                "11-17 10:00 day_before",
                "11-18 10:00 due_day_morning",
            ],
        ),
    ],
)
def test_the_class_decides_what_comes_before_the_due_date(name: str, expected: list[str]) -> None:
    assert story(of_class(name), "11-02 00:00", "11-18 23:59") == expected


def test_after_the_due_date_everybody_gets_the_same() -> None:
    expected = [
        "11-19 10:00 first_late", "11-21 09:00 call", "11-23 11:00 early", "11-27 11:00 early",
        "12-01 11:00 early", "12-02 09:00 to_supervisor", "12-05 11:00 early",
        "12-09 11:00 early", "12-13 11:00 early", "12-17 11:00 early", "12-18 09:00 to_manager",
        "12-19 11:00 middle", "12-24 11:00 middle", "12-29 11:00 middle",
    ]  # fmt: skip
    for name in ("A", "B", "C", "new"):
        assert story(of_class(name), "11-18 23:59", "12-31 00:00") == expected


def test_from_day_45_a_letter_a_review_and_the_approver_follow_and_then_a_week_is_a_week() -> None:
    some = facts(loan(date(2026, 3, 2)))
    told = story(some, "04-11 00:00", "06-22 23:59")
    assert [one for one in told if " middle" not in one] == [
        "04-16 09:00 formal_notice",
        "05-06 09:00 to_head",  # day 60 is 1 May, a holiday until the 5th
        "05-31 09:00 legal_review",
        "05-31 09:00 to_approver",
        "06-01 11:00 late",
        "06-08 11:00 late",
        "06-15 11:00 late",
        "06-22 11:00 late",
    ]


def test_what_a_step_asks_the_policy_for() -> None:
    kinds = {
        one.step.id: one.kind
        for begun in walk(of_class("new"), at("11-02 00:00"), 40)
        for one in begun
    }
    assert kinds["day_before"] is ContactKind.PRE_DUE
    assert kinds["due_day_afternoon"] is ContactKind.PRE_DUE
    assert kinds["first_late"] is ContactKind.OVERDUE
    assert kinds["call"] is ContactKind.CALL
    assert kinds["formal_notice"] is ContactKind.NOTICE
    assert kinds["to_supervisor"] is None


def test_steps_that_are_switched_off_never_come() -> None:
    some = facts(loan(DUE, product="small_business"))
    told = story(some, "11-02 00:00", "12-31 00:00")
    assert not [one for one in told if "statement" in one or "written_notice" in one]


def test_a_step_for_a_product_leaves_other_products_alone() -> None:
    on = STRATEGY.model_copy(
        update={
            "steps": tuple(
                step.model_copy(update={"enabled": True}) if step.id == "written_notice" else step
                for step in STRATEGY.steps
            )
        }
    )
    now = at("11-25 10:00")
    small, card = (facts(loan(DUE, product=name)) for name in ("small_business", "card"))
    assert [one.step.id for one in due_steps(on, small, now)] == ["written_notice", "early"]
    assert [one.step.id for one in due_steps(on, card, now)] == ["early"]


# --- Windows ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("11-17 09:59", []),
        ("11-17 10:00", ["day_before"]),
        ("11-18 09:59", ["day_before"]),
        ("11-18 10:00", []),
        ("11-18 23:59", ["due_day_afternoon"]),  # a due-day reminder is worthless the day after
        ("11-19 00:00", []),
        ("11-22 09:59", ["first_late", "call"]),
        ("11-22 10:00", ["call"]),
    ],
)
def test_a_step_is_due_from_its_time_until_its_validity_ends(now: str, expected: list[str]) -> None:
    assert [one.step.id for one in due_steps(STRATEGY, of_class("new"), at(now))] == expected


def test_a_portfolio_imported_today_starts_at_its_present_day() -> None:
    some = of_class("new")
    now = at("11-29 08:00")  # 11 days late; the step of day 9 ended, that of day 13 is ahead
    assert due_steps(STRATEGY, some, at("11-29 12:00")) == ()
    assert next_contact_at(STRATEGY, some, now) == at("12-01 11:00")


def test_nothing_unpaid_means_no_next_contact() -> None:
    paid = facts(loan(DUE, paid=(date(2026, 11, 10),)))
    assert next_contact_at(STRATEGY, paid, at("11-15 08:00")) is None
    assert next_contact_at(STRATEGY, facts(), at("11-15 08:00")) is None


def test_the_key_of_an_occurrence_names_borrower_anchor_step_and_local_day() -> None:
    [one] = due_steps(STRATEGY, of_class("new"), at("11-17 12:00"))
    key = one.unique_key(BorrowerId(7))
    assert key == "step:7:due:2026-11-18:day_before:2026-11-17"


def test_the_most_important_comes_first() -> None:
    promise = Promise(PromiseId(3), Money(100, "CNY"), DUE, at("11-10 10:00"))
    some = replace(of_class("B"), promises=(promise,))
    ids = [one.step.id for one in due_steps(STRATEGY, some, at("11-18 10:30"))]
    assert ids == ["promise_day", "due_day_morning"]


# --- Several loans ----------------------------------------------------------------------------


def test_all_loans_of_a_borrower_share_the_oldest_unpaid_date() -> None:
    later = DUE + timedelta(days=1)
    some = facts(loan(later), loan(DUE, number=2))
    told = story(some, "11-02 00:00", "11-20 00:00")
    assert told == [
        "11-17 10:00 day_before",
        "11-18 14:00 due_day_afternoon",
        "11-19 10:00 first_late",
    ]


def test_while_something_is_overdue_the_next_due_date_has_no_reminder_of_its_own() -> None:
    some = facts(loan(DUE), loan(DUE + timedelta(days=8), number=2))
    told = story(some, "11-19 12:00", "11-28 00:00")
    assert told == ["11-21 09:00 call", "11-23 11:00 early", "11-27 11:00 early"]


def test_after_the_overdue_item_is_paid_the_next_due_date_is_reminded_of() -> None:
    paid = (date(2026, 11, 23),)
    some = facts(loan(DUE, paid=paid), loan(DUE + timedelta(days=8), number=2))
    assert story(some, "11-23 12:00", "11-26 23:00") == [
        "11-25 10:00 day_before",
        "11-26 14:00 due_day_afternoon",
    ]


# --- Days off ---------------------------------------------------------------------------------


def test_what_falls_on_a_holiday_moves_before_the_due_date_or_after_it() -> None:
    # due on 1 October, the first day of golden week; the 8th is a working day again
    some = facts(loan(date(2026, 10, 1)))
    assert story(some, "09-20 00:00", "10-10 23:00") == [
        "09-30 14:00 due_day_afternoon",
        "10-04 09:00 call",  # a Sunday, but no public holiday
        "10-08 11:00 early",
        "10-10 11:00 early",
    ]


def test_several_steps_moved_onto_one_day_are_one_message() -> None:
    some = facts(loan(date(2026, 10, 1)))
    due = due_steps(STRATEGY, some, at("09-30 18:00"))
    assert [one.step.id for one in due] == ["due_day_afternoon"]


def test_a_due_day_reminder_that_goes_earlier_does_not_say_today() -> None:
    [moved] = due_steps(STRATEGY, facts(loan(date(2026, 10, 1))), at("09-30 18:00"))
    assert moved.script == "reminder.pre_due"
    [in_place] = due_steps(STRATEGY, of_class("new"), at("11-18 18:00"))
    assert in_place.script == "reminder.due_today"


def test_a_weekend_moves_nothing_unless_the_strategy_says_so() -> None:
    saturday = facts(loan(date(2026, 11, 15)))  # the day before is a Saturday
    assert story(saturday, "11-10 00:00", "11-14 23:00") == ["11-14 10:00 day_before"]
    moving = STRATEGY.model_copy(
        update={
            "steps": tuple(
                step.model_copy(update={"weekends": step.holiday_move(step.first_day)})
                for step in STRATEGY.steps
            )
        }
    )
    assert next_contact_at(moving, saturday, at("11-10 00:00")) == at("11-13 14:00")


# --- Clocks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        # clocks in London change on 29 March and 25 October 2026
        (date(2026, 3, 29), datetime(2026, 3, 28, 10, tzinfo=UTC)),
        (date(2026, 3, 30), datetime(2026, 3, 29, 9, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 24, 9, tzinfo=UTC)),
        (date(2026, 10, 26), datetime(2026, 10, 25, 10, tzinfo=UTC)),
    ],
)
def test_ten_oclock_stays_ten_oclock_when_clocks_change(due: date, expected: datetime) -> None:
    some = facts(loan(due), country="GB", timezone="Europe/London")
    assert next_contact_at(STRATEGY, some, expected - timedelta(days=3)) == expected


def test_with_an_unknown_zone_a_step_waits_for_the_last_zone_of_the_country() -> None:
    some = facts(loan(DUE), country="US", timezone=None)
    # ten in the morning in Hawaii and west of it, in the afternoon in New York
    first = next_contact_at(STRATEGY, some, datetime(2026, 11, 14, tzinfo=UTC))
    assert first == datetime(2026, 11, 17, 20, tzinfo=UTC)
    # and the due day is over when it is over there
    late = datetime(2026, 11, 19, 9, 59, tzinfo=UTC)
    assert [one.step.id for one in due_steps(STRATEGY, some, late)] == ["due_day_afternoon"]
    assert due_steps(STRATEGY, some, late + timedelta(minutes=1)) == ()


@given(
    start=st.integers(0, 400),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/London", "America/New_York", None]),
    country=st.sampled_from(["CN", "GB", "US"]),
    due=st.lists(st.integers(0, 90), min_size=1, max_size=4, unique=True),
    paid=st.lists(st.integers(0, 90), max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_the_next_contact_is_never_late_and_never_early(
    start: int, zone: str | None, country: str, due: list[int], paid: list[int]
) -> None:
    """Looking every half hour finds nothing that walking from contact to contact misses."""
    day = date(2026, 1, 1) + timedelta(days=start)
    items = [day + timedelta(days=n) for n in due]
    some = facts(
        replace(
            loan(*items), as_of=day - timedelta(days=1),
            payments=tuple(Payment(f"P{n}", 100, day) for n, _ in enumerate(paid)),
        ),
        country=country,
        timezone=zone,
    )  # fmt: skip
    look = timedelta(minutes=30)
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    end = now + timedelta(days=12)
    expected = next_contact_at(STRATEGY, some, now - look)
    while now < end:
        seen = outlook(STRATEGY, some, now)
        begun = [one for one in seen.due if now - look < one.starts_at]
        if expected is not None and now >= expected:
            assert begun, (now, expected)
            assert all(one.starts_at == expected for one in begun)
            expected = seen.next_at
        else:
            assert not begun
            assert seen.next_at == expected
        now += look


# --- Promises and plans -----------------------------------------------------------------------


def promise(due: date, made: datetime, **ends: datetime) -> Promise:
    return Promise(PromiseId(3), Money(100, "CNY"), due, made, **ends)


def notes(some: BorrowerFacts, start: str, until: str) -> list[str]:
    return [one for one in story(some, start, until) if "promise" in one or "instalment" in one]


def test_an_open_promise_has_a_note_the_day_before_and_one_on_the_day() -> None:
    one = promise(date(2026, 11, 25), at("11-20 15:00"))
    some = replace(of_class("new"), promises=(one,))
    assert notes(some, "11-20 15:00", "12-05 00:00") == [
        "11-24 10:00 promise_eve",
        "11-25 10:00 promise_day",
        "11-28 10:00 promise_broken",  # nothing came within two business days
    ]
    [note, *_] = due_steps(STRATEGY, some, at("11-24 10:00"))
    assert (note.kind, note.anchor) == (ContactKind.PROMISE_NOTE, "promise:3")


def test_a_promise_made_after_the_hour_of_its_note_gets_no_note_for_it() -> None:
    some = facts(promises=(promise(date(2026, 11, 21), at("11-20 15:00")),))
    assert due_steps(STRATEGY, some, at("11-20 15:00")) == ()
    assert notes(some, "11-20 15:00", "12-05 00:00") == [
        "11-21 10:00 promise_day",
        "11-25 10:00 promise_broken",
    ]


@pytest.mark.parametrize("end", ["withdrawn_at", "superseded_at"])
def test_a_promise_that_is_not_open_any_more_has_no_notes(end: str) -> None:
    some = facts(
        promises=(promise(date(2026, 11, 25), at("11-20 15:00"), **{end: at("11-21 09:00")}),)
    )
    assert notes(some, "11-22 00:00", "12-05 00:00") == []


def test_a_kept_promise_has_no_notes() -> None:
    kept = facts(
        loan(DUE, paid=(date(2026, 11, 22),)),
        promises=(promise(date(2026, 11, 25), at("11-20 15:00")),),
    )
    assert story(kept, "11-22 12:00", "12-05 00:00") == []


def plan(agreed: datetime | None, **more: object) -> Plan:
    return Plan(
        plan_id=PlanId(5),
        balance=Money(100, "CNY"),
        down_payment=0,
        frequency="weekly",
        instalments=(
            Instalment(1, date(2026, 11, 27), 50),
            Instalment(2, date(2026, 12, 4), 50),
        ),
        proposed_at=at("11-20 10:00"),
        approved_at=at("11-20 10:00"),
        agreed_at=agreed,
        **more,
    )


def test_each_unpaid_instalment_of_a_kept_plan_has_its_notes() -> None:
    some = facts(loan(DUE), plans=(plan(at("11-20 11:00")),))
    assert story(some, "11-20 12:00", "12-05 00:00") == [
        "11-26 10:00 instalment_eve",
        "11-27 10:00 instalment_day",
        "12-03 10:00 instalment_eve",
        "12-03 10:00 instalment_missed",  # the first, three business days after its date
        "12-04 10:00 instalment_day",
    ]
    [note] = due_steps(STRATEGY, some, at("11-27 10:00"))
    assert (note.kind, note.anchor) == (ContactKind.PLAN_NOTE, "instalment:5:1")


def test_an_instalment_that_was_paid_has_no_notes() -> None:
    some = facts(
        replace(loan(DUE), payments=(Payment("P", 50, date(2026, 11, 23)),)),
        plans=(plan(at("11-20 11:00")),),
    )
    assert story(some, "11-23 12:00", "12-05 00:00") == [
        "12-03 10:00 instalment_eve",
        "12-04 10:00 instalment_day",
    ]


def test_a_plan_nobody_agreed_to_yet_changes_nothing() -> None:
    some = facts(loan(DUE), plans=(plan(None),))
    assert story(some, "11-20 12:00", "11-24 00:00") == ["11-21 09:00 call", "11-23 11:00 early"]


def test_under_a_kept_plan_what_falls_due_later_is_still_reminded_of() -> None:
    loans = loan(DUE, date(2026, 12, 8))
    some = facts(loans, plans=(plan(at("11-20 11:00")),))
    assert story(some, "12-05 00:00", "12-08 23:00") == [
        "12-07 10:00 day_before",
        "12-08 14:00 due_day_afternoon",
    ]
    everything = facts(loans, plans=(plan(at("11-20 11:00"), covers_all=True),))
    assert story(everything, "12-05 00:00", "12-08 23:00") == []


def test_a_broken_plan_stands_in_for_nothing() -> None:
    some = facts(loan(DUE), plans=(plan(at("11-20 11:00")),))
    # both instalments missed by 10 December
    assert story(some, "12-10 00:00", "12-14 00:00") == [
        "12-10 09:00 plan_broken_review",
        "12-10 10:00 plan_broken",
        "12-13 11:00 early",
    ]


# --- The file ---------------------------------------------------------------------------------


def test_a_strategy_from_a_file_is_used_like_the_default() -> None:
    text = """
strategy: tiny
stages: {before: {last: 0}, after: {first: 1}}
payment_class: {due_dates: 3, grace_days: 1}
thanks: {payment: thanks.payment, cleared: thanks.cleared}
steps:
  - {id: daily, every: {first: 1, days: 1}, at: "08:30", valid_days: 0, action: message,
     script: reminder.early}
"""
    tiny: Strategy = read_strategy(text, "tiny.yaml")
    assert next_contact_at(tiny, of_class("new"), at("11-22 08:30")) == at("11-23 08:30")
    assert next_contact_at(tiny, of_class("new"), at("11-01 08:30")) == at("11-19 08:30")
