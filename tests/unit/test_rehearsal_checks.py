"""Each rule of the judge of a rehearsal, on a diary made by hand: what is broken is found."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.rehearsal.checks import violations
from bot.rehearsal.diary import Arrival, Diary, Promised, Stretch
from bot.rehearsal.lender import Debt, Item, Paid, owed
from bot.rehearsal.trials import Trial, trial_of
from bot.rules.strategy_file import read_strategy
from bot.rules.strategy_group import groups_of

TEN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Ten in the morning in Shanghai, a Tuesday."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _overdue(at: datetime = TEN, key: str = "step:1:due:2026-11-20:early:2026-11-24",
             kind: str = "overdue", text: str = "1,000.00 is due") -> Arrival:  # fmt: skip
    return Arrival(at, key, kind, text, automated=kind not in ("reply", "safety"))


def _debt() -> Debt:
    return Debt("L-1", "B-1", "home loan", "CNY", [Item(date(2026, 11, 20), 100_000)],
                as_of=date(2026, 11, 23))  # fmt: skip


def _diary(*arrived: Arrival) -> Diary:
    return Diary("B-1", "CN", "Asia/Shanghai", list(arrived))


def _broken(diary: Diary, *debts: Debt) -> list[str]:
    return [one.rule for one in violations(diary, debts or [_debt()])]


def test_an_ordinary_reminder_breaks_nothing() -> None:
    assert _broken(_diary(_overdue())) == []


@pytest.mark.parametrize(
    ("at", "timezone", "fine"),
    [
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), "Asia/Shanghai", True),
        (datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), "Asia/Shanghai", False),
        (datetime(2026, 11, 24, 12, 59, 59, tzinfo=UTC), "Asia/Shanghai", True),
        (datetime(2026, 11, 24, 13, 0, tzinfo=UTC), "Asia/Shanghai", False),
        (datetime(2026, 11, 24, 1, 0, tzinfo=UTC), "", False),  # seven in Urumqi
        (datetime(2026, 11, 24, 2, 0, tzinfo=UTC), "", True),
    ],
)
def test_hours_are_the_borrowers_own(at: datetime, timezone: str, fine: bool) -> None:
    diary = Diary("B-1", "CN", timezone, [_overdue(at)])
    assert _broken(diary) == ([] if fine else ["hours"])


@pytest.mark.parametrize(
    ("anchor", "kind", "day", "fine"),
    [
        # due on Friday the 20th: two business days of tolerance end on Tuesday, three on Wednesday
        ("broken_promise:1", "promise_note", 24, False),
        ("broken_promise:1", "promise_note", 25, True),
        ("broken_again:1", "promise_note", 24, False),
        ("missed_instalment:1:1", "plan_note", 25, False),
        ("missed_instalment:1:1", "plan_note", 26, True),
    ],
)
def test_nobody_hears_of_what_went_wrong_before_it_did(
    anchor: str, kind: str, day: int, fine: bool
) -> None:
    at = TEN.replace(day=day)
    diary = _diary(_overdue(at, f"step:1:{anchor}:told:2026-11-{day}", kind, "It was Friday"))
    diary.promises = [Promised(TEN - 10 * DAY, date(2026, 11, 20))]
    diary.plans = [(TEN - 10 * DAY, date(2026, 11, 20))]
    assert _broken(diary) == ([] if fine else ["too_soon"])


@pytest.mark.parametrize(("month", "hour_utc"), [(10, 7), (11, 8)])
def test_hours_follow_the_clock_change_in_london(month: int, hour_utc: int) -> None:
    eight = datetime(2026, month, 24, hour_utc, 0, tzinfo=UTC)
    for at, rules in ((eight, []), (eight - timedelta(seconds=1), ["hours"])):
        diary = Diary("B-1", "GB", "Europe/London", [_overdue(at, key="step:1:promise:1:x:y")])
        debt = _debt()
        debt.as_of = at.date() - DAY
        assert _broken(diary, debt) == rules


def _with(change: Callable[[Diary], None]) -> Diary:
    diary = _diary(_overdue())
    change(diary)
    return diary


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("quiet_borrower", lambda d: d.wrote.append(TEN - DAY + HOUR)),
        ("opt_out", lambda d: d.stops.append(Stretch(TEN))),
        ("hold", lambda d: d.holds.update(dispute=[Stretch(TEN - HOUR, TEN + HOUR)])),
        ("hold", lambda d: d.holds.update(complaint=[Stretch(TEN - HOUR)])),
        ("person_owns_chat", lambda d: d.persons.append(Stretch(TEN - HOUR))),
        ("promise_open", lambda d: d.promises.append(Promised(TEN - HOUR, date(2026, 11, 24)))),
        ("plan_kept", lambda d: d.plans.append((TEN - HOUR, date(2026, 12, 8)))),
        ("duplicate", lambda d: d.arrived.insert(0, _overdue(TEN - 2 * DAY))),
        ("cap_day", lambda d: d.arrived.insert(0, _overdue(TEN - HOUR, "step:1:promise:1:x:y"))),
    ],
)
def test_what_was_forbidden_is_found(rule: str, change: Callable[[Diary], None]) -> None:
    found = [one for one in violations(_with(change), [_debt()]) if one.at == TEN]
    assert [one.rule for one in found] == [rule]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.wrote.append(TEN - DAY),
        lambda d: d.stops.append(Stretch(TEN - DAY, TEN)),
        lambda d: d.holds.update(dispute=[Stretch(TEN - DAY, TEN)]),
        lambda d: d.persons.append(Stretch(TEN + timedelta(seconds=1))),
        lambda d: d.promises.append(Promised(TEN - DAY, date(2026, 11, 23))),
        lambda d: d.promises.append(Promised(TEN - DAY, date(2026, 11, 28), over=TEN)),
    ],
)
def test_what_is_over_or_has_not_begun_forbids_nothing(change: Callable[[Diary], None]) -> None:
    assert _broken(_with(change)) == []


def test_the_budgets_of_a_week_are_counted_to_the_second() -> None:
    def week(kind: str, count: int, first: datetime) -> list[str]:
        some = [_overdue(first + n * DAY, f"step:1:promise:{n}:x:y", kind) for n in range(count)]
        return [one.rule for one in violations(_diary(*some, _overdue()), [_debt()])
                if one.at == TEN]  # fmt: skip

    assert week("overdue", 3, TEN - 7 * DAY) == []
    assert week("overdue", 3, TEN - 7 * DAY + HOUR) == ["cap_overdue"]
    assert week("promise_note", 4, TEN - 7 * DAY) == []
    assert week("promise_note", 4, TEN - 7 * DAY + HOUR) == ["cap_week"]


def test_a_public_holiday_is_found() -> None:
    at = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
    debt = _debt()
    debt.as_of, debt.items = date(2026, 9, 30), [Item(date(2026, 9, 20), 100_000)]
    assert _broken(_diary(_overdue(at)), debt) == ["holiday"]


def test_figures_of_36_hours_are_fresh_and_older_ones_are_not() -> None:
    debt = _debt()
    debt.as_of = date(2026, 11, 22)  # it ended at 16:00 UTC
    edge = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    assert _broken(_diary(_overdue(edge)), debt) == []
    assert _broken(_diary(_overdue(edge + timedelta(seconds=1))), debt) == ["balance_stale"]


def test_a_wrong_amount_is_found() -> None:
    assert _broken(_diary(_overdue(text="1,000.01 is due"))) == ["amounts"]
    assert _broken(_diary(_overdue(text="1,000.00 or 7.00"))) == ["amounts"]


def test_what_is_owed_is_added_up_plainly() -> None:
    debt = _debt()
    debt.items.append(Item(date(2026, 12, 20), 50_000))
    today = date(2026, 11, 24)
    debt.paid.append(Paid("P-1", 30_000, date(2026, 11, 24), told_at=TEN + HOUR))
    assert owed([debt], today, TEN) == [100_000]  # nobody has told us yet
    assert owed([debt], today, TEN + HOUR) == [70_000]
    debt.paid.append(Paid("P-2", 70_000, date(2026, 11, 24), told_at=TEN))
    assert owed([debt], today, TEN + HOUR) == [50_000]  # the next one, though it is not due yet
    assert owed([debt], date(2026, 12, 21), TEN + HOUR) == [50_000]


def test_who_only_asked_for_a_person_needs_none_when_nothing_is_due() -> None:
    asked, complained = _diary(_overdue()), _diary(_overdue())
    for diary in (asked, complained):
        diary.begin(diary.persons, TEN - DAY, until_paid=True)
    complained.begin(complained.persons, TEN - HOUR)
    assert _broken(asked) == _broken(complained) == ["person_owns_chat"]
    for diary in (asked, complained):
        diary.nothing_is_due(TEN - HOUR)
    assert _broken(asked) == []
    assert _broken(complained) == ["person_owns_chat"]


def test_the_judge_finds_the_groups_that_the_product_finds() -> None:
    """By code of its own, from the same published hash."""
    text = (
        Path("bot/rules/strategies/default.yaml").read_text("utf-8")
        + """
hold_out: {name: nobody, share: 7.25}
experiments:
  - name: fewer
    variants:
      - {name: gentle, share: 20, without: [early]}
      - {name: late_call, share: 33.3, from: 60, without: [call]}
"""
    )
    strategy = read_strategy(text, "mine.yaml")
    refs = [f"R-{number}" for number in range(5_000)]
    file = strategy.model_dump()
    trials = {ref: trial_of(file, ref) for ref in refs}
    assert {ref: one.groups for ref, one in trials.items()} == {
        ref: groups_of(strategy, ref) for ref in refs
    }
    assert {one.foreign for one in trials.values()} == {
        frozenset(), frozenset({"early"}), frozenset({"call"})
    }  # fmt: skip


@pytest.mark.parametrize(
    ("trial", "kind", "rules"),
    [
        (Trial(allowed=frozenset()), "overdue", ["hold_out"]),
        (Trial(allowed=frozenset({"early"})), "overdue", []),
        (Trial(allowed=frozenset()), "notice", []),
        (Trial(foreign=frozenset({"early"})), "overdue", ["variant"]),
        (Trial(foreign=frozenset({"late"})), "overdue", []),
    ],
)
def test_whoever_hears_what_is_for_others_is_found(
    trial: Trial, kind: str, rules: list[str]
) -> None:
    diary = _diary(_overdue(kind=kind))
    diary.trial = trial
    assert _broken(diary) == rules
