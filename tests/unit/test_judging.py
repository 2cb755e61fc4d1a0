"""Borrowers who are alike are judged once in a look, and each as if they had been judged alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.lending import office
from bot.rules.strategy import read_strategy
from bot.rules.strategy_group import groups_of
from bot.services.judging import Judging, judged
from bot.services.situation import Situation
from storage.records import (
    Account,
    Borrower,
    BorrowerFacts,
    BorrowerId,
    Contact,
    ContactKind,
    Conversation,
    ConversationState,
    DueItem,
    Hold,
    HoldKind,
    Loan,
    LoanId,
    Payment,
    Snapshot,
    Wishes,
)

NOW = datetime(2026, 11, 23, 3, 5, tzinfo=UTC)
TODAY = date(2026, 11, 23)
OFFICE = office()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def seldom(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([usual] * 8 + [*others])


days = st.sampled_from([-91, -36, -9, -5, -1, 0, 1, 2, 30]).map(lambda ago: TODAY + ago * DAY)
items = st.builds(
    DueItem, days, st.sampled_from([0, 100, 50_000]), st.just(0), st.just(0), st.just(0)
)
listed = st.lists(items, max_size=4, unique_by=lambda item: item.due_date).map(tuple)
payments = st.builds(
    Payment,
    st.just("P"),
    st.sampled_from([50, 100, 50_000, 90_000]),
    days.filter(lambda day: day <= TODAY),
    seldom(None, TODAY - DAY, TODAY),
)
snapshots = st.builds(Snapshot, st.just(TODAY - 40 * DAY), st.just(90_000), listed)
loans = st.builds(
    Loan,
    st.just(LoanId(1)),
    st.just("L-1"),
    st.sampled_from(["Consumer loan", "Card"]),
    st.just("CNY"),
    st.sampled_from([0, 50_000, 240_000]),
    st.just("our app"),
    seldom(TODAY - DAY, TODAY - 3 * DAY),
    listed,
    st.just(()) | st.lists(payments, max_size=2).map(tuple),
    st.just(()) | st.tuples(snapshots),
    told_at=seldom(NOW - 6 * HOUR, NOW - 70 * HOUR),
)
talks = seldom(
    None,
    Conversation(BorrowerId(1)),
    Conversation(BorrowerId(1), ConversationState.WAITING),
    Conversation(BorrowerId(1), borrower_wrote_at=NOW - HOUR, answered_at=NOW - HOUR),
)
account = Account(1, BorrowerId(1), 7, None, NOW, verified_at=NOW)
situations = st.builds(
    lambda place, consent, account, loans, holds, wishes, talk, contacts, name: Situation(
        BorrowerFacts(
            borrower=Borrower(BorrowerId(1), "B-1", name, "en", place[0], place[1], consent),
            account=account,
            loans=tuple(loans),
            loans_imported_at=NOW - 6 * HOUR,
            holds=holds,
            wishes=wishes,
            conversation=talk,
            contacts=contacts,
        ),
        NOW,
    ),
    seldom(("CN", "Asia/Shanghai"), ("CN", None), ("US", "America/New_York")),
    seldom(NOW - DAY, None),
    seldom(account, None, replace(account, unreachable_at=NOW - DAY)),
    st.lists(loans, max_size=2),
    seldom((), (Hold(HoldKind.DISPUTE, NOW - DAY),), (Hold(HoldKind.HARDSHIP, NOW, NOW + DAY),)),
    seldom(Wishes(), Wishes(max_per_week=1), Wishes("14:00-15:00")),
    talks,
    seldom((), (Contact(NOW - HOUR, ContactKind.OVERDUE),)),
    st.sampled_from(["Wang Fang", "Li Wei"]),
)


def _first(facts: BorrowerFacts, **other: Any) -> BorrowerFacts:
    """The same with another first loan."""
    if not facts.loans:
        return facts
    return replace(facts, loans=(replace(facts.loans[0], **other), *facts.loans[1:]))


def _items(facts: BorrowerFacts, change: Callable[[DueItem], DueItem]) -> BorrowerFacts:
    changed = [change(item) for loan in facts.loans[:1] for item in loan.items]
    return _first(facts, items=tuple(changed))


def _lives(facts: BorrowerFacts, **elsewhere: Any) -> BorrowerFacts:
    return replace(facts, borrower=replace(facts.borrower, **elsewhere))


OTHERWISE: list[Callable[[BorrowerFacts], BorrowerFacts]] = [
    lambda facts: _first(facts, told_at=NOW - 70 * HOUR, as_of=TODAY - 4 * DAY),
    lambda facts: _first(facts, as_of=TODAY - 4 * DAY),
    lambda facts: _first(facts, outstanding=0),
    lambda facts: _first(facts, product="Mortgage"),
    lambda facts: _first(facts, payments=()),
    lambda facts: _first(facts, payments=(Payment("Q", 50_100, TODAY - 5 * DAY),)),
    lambda facts: _first(facts, payments=(Payment("Q", 50_100, TODAY),)),
    lambda facts: _first(facts, earlier=()),
    lambda facts: _items(facts, lambda item: replace(item, principal=0)),
    lambda facts: _items(facts, lambda item: replace(item, principal=item.principal * 3)),
    lambda facts: _items(facts, lambda item: replace(item, due_date=item.due_date + DAY)),
    lambda facts: _lives(facts, timezone=None),
    lambda facts: _lives(facts, timezone="America/New_York"),
    lambda facts: _lives(facts, country="US"),
    lambda facts: _lives(facts, consent_at=None),
    lambda facts: replace(facts, account=None),
    lambda facts: replace(facts, account=replace(account, unreachable_at=NOW - DAY)),
    lambda facts: replace(facts, loans=facts.loans[:1]),
    lambda facts: replace(facts, contacts=(Contact(NOW - HOUR, ContactKind.OVERDUE),)),
    lambda facts: replace(facts, wishes=Wishes("14:00-15:00")),
    lambda facts: replace(facts, stopped_at=NOW - DAY),
]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(situations)
def test_whoever_shares_a_judgement_would_have_got_it_alone(one: Situation) -> None:
    judging = Judging(OFFICE)
    assert judging.of(one) == judged(Situation(one.facts, NOW), OFFICE)
    for change in OTHERWISE:
        facts = change(one.facts)
        assert judging.of(Situation(facts, NOW)) == judged(Situation(facts, NOW), OFFICE)


def test_amounts_and_names_make_no_difference() -> None:
    def owing(amount: int, name: str) -> Situation:
        item = DueItem(TODAY - 5 * DAY, amount, 0, 0, 0)
        loan = Loan(LoanId(1), "L-1", "Card", "CNY", amount, "app", TODAY - DAY, (item,))
        borrower = Borrower(BorrowerId(1), "B-1", name, "en", "CN", "Asia/Shanghai", NOW)
        return Situation(BorrowerFacts(borrower, account, (loan,)), NOW)

    judging = Judging(OFFICE)
    assert judging.of(owing(100, "Wang Fang")) is judging.of(owing(90_000, "Li Wei"))


def test_groups_of_an_experiment_are_judged_apart_and_alike_within() -> None:
    text = Path("bot/rules/strategies/default.yaml").read_text("utf-8")
    strategy = read_strategy(f"{text}\nhold_out: {{name: nobody, share: 50}}\n", "mine.yaml")
    trying = replace(OFFICE, strategy=strategy)

    def owing(ref: str) -> Situation:
        item = DueItem(TODAY - 5 * DAY, 100, 0, 0, 0)
        loan = Loan(
            LoanId(1), "L-1", "Card", "CNY", 100, "app", TODAY - DAY, (item,),
            told_at=NOW - 6 * HOUR,
        )  # fmt: skip
        borrower = Borrower(BorrowerId(1), ref, "Wang Fang", "en", "CN", "Asia/Shanghai", NOW)
        return Situation(BorrowerFacts(borrower, account, (loan,)), NOW)

    judging = Judging(trying)
    found = {ref: judging.of(owing(ref)) for ref in (f"B-{number}" for number in range(40))}
    assert found == {ref: judged(owing(ref), trying) for ref in found}
    held, heard = (
        {id(one) for ref, one in found.items() if groups_of(strategy, ref)[0][1] == group}
        for group in ("held_out", "usual")
    )
    assert len(held) == len(heard) == 1
    [said] = [one for one in found.values() if id(one) in held][:1]
    assert [(one.step.id, decision.rules) for one, _, decision in said.steps] == [
        ("early", ("hold_out",))
    ]
    assert said.enters
    assert all(one.enters for one in found.values())
    assert not judged(owing("B-1"), OFFICE).enters
