"""Of two borrowers who differ in one thing that decides, neither gets the other's judgement.

Each pair here is judged differently alone, so a fact that is forgotten where the alike are told
from the others fails its test.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from benchmarks.lending import office
from bot.rules.experiment import HOLD_OUT, HoldOut
from bot.rules.strategy import Action
from bot.services.contacting import may_contact
from bot.services.judging import Judging, judged
from bot.services.office import Office
from bot.services.situation import Situation
from storage.records import (
    Account,
    Borrower,
    BorrowerFacts,
    BorrowerId,
    Component,
    Contact,
    ContactKind,
    Conversation,
    ConversationState,
    DueItem,
    Hold,
    HoldKind,
    Instalment,
    Loan,
    LoanId,
    Money,
    Payment,
    Plan,
    PlanId,
    Promise,
    PromiseId,
    Snapshot,
    Waiver,
    WaiverId,
    Wishes,
)

NOW = datetime(2026, 11, 23, 3, 5, tzinfo=UTC)
"""Five past eleven in Shanghai."""
EVENING = datetime(2026, 11, 23, 11, 35, tzinfo=UTC)
TODAY = date(2026, 11, 23)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFICE = office()
OWED = 50_000
ACCOUNT = Account(1, BorrowerId(1), 7, None, NOW, verified_at=NOW)
LONG_PAID = (Payment("P-0", 1, TODAY - 60 * DAY),)
"""In every snapshot already; that there is one at all has the standing worked out."""


@dataclass(frozen=True)
class Pair:
    """What differs is in its name. `office` and `now` are the same for both."""

    name: str
    one: BorrowerFacts
    other: BorrowerFacts
    office: Office = OFFICE
    now: datetime = NOW


def item(days_late: int, amount: int = OWED) -> DueItem:
    return DueItem(TODAY - days_late * DAY, amount, 0, 0, 0)


def loan(*items: DueItem, **other: Any) -> Loan:
    told: dict[str, Any] = {"as_of": TODAY - DAY, "told_at": NOW - 6 * HOUR, "outstanding": OWED}
    told |= {"product": "card", **other}
    return Loan(
        LoanId(1), "L-1", currency="CNY", pay_to="our app", items=items or (item(1),), **told
    )


def facts(*loans: Loan, lives: tuple[str, str | None] | None = None, **other: Any) -> BorrowerFacts:
    country, zone = lives or ("CN", "Asia/Shanghai")
    borrower = Borrower(BorrowerId(1), "B-1", "Li Wei", "en", country, zone, NOW - DAY)
    known = {"account": ACCOUNT, "loans_imported_at": NOW - 6 * HOUR, **other}
    return BorrowerFacts(borrower=borrower, loans=loans or (loan(),), **known)


def _with_letters_for_small_businesses() -> Office:
    steps = tuple(
        step.model_copy(update={"enabled": True}) if step.id == "written_notice" else step
        for step in OFFICE.strategy.steps
    )
    return replace(OFFICE, strategy=OFFICE.strategy.model_copy(update={"steps": steps}))


def _with_a_hold_out() -> Office:
    half = HoldOut(name="nobody", share=50)
    return replace(OFFICE, strategy=OFFICE.strategy.model_copy(update={"hold_out": half}))


def _called(ref: str) -> BorrowerFacts:
    one = facts()
    return replace(one, borrower=replace(one.borrower, borrower_ref=ref))


def _held_and_not() -> tuple[BorrowerFacts, BorrowerFacts]:
    held = _with_a_hold_out().strategy.hold_out
    assert held is not None
    refs = [f"B-{number}" for number in range(40)]
    return (
        _called(next(ref for ref in refs if held.holds(ref))),
        _called(next(ref for ref in refs if not held.holds(ref))),
    )


def _of_a_loan(name: str, **more: Any) -> list[Pair]:
    """What the lender tells of a loan; `more`: what is known of it besides."""
    quiet = loan(item(400, 0), as_of=TODAY - 9 * DAY, outstanding=0, **more)
    return [
        Pair(
            f"the product of {name}",
            facts(loan(item(7), product="small_business", **more)),
            facts(loan(item(7), **more)),
            _with_letters_for_small_businesses(),
        ),
        Pair(
            f"the day {name} is of",
            facts(loan(**more)),
            facts(loan(as_of=TODAY - 4 * DAY, **more)),
        ),
        Pair(
            f"when {name} was told",
            facts(loan(as_of=TODAY, **more)),
            facts(loan(as_of=TODAY, told_at=NOW - 70 * HOUR, **more)),
        ),
        Pair(
            f"something outstanding that is not listed of {name}",
            facts(loan(**more), quiet),
            facts(loan(**more), replace(quiet, outstanding=10)),
        ),
        Pair(
            f"the due date of {name}",
            facts(loan(item(1), **more)),
            facts(loan(item(2), **more)),
        ),
        Pair(
            f"whether an item of {name} is paid",
            facts(loan(item(1), **more)),
            facts(loan(item(1, 0), **more)),
        ),
    ]


def _paying(days_late: int) -> Loan:
    """Three dues of the last months, each paid so many days late, and one that is due today."""
    past = [item(ago) for ago in (91, 61, 31)]
    paid = [Payment(f"P-{one.due_date}", OWED, one.due_date + days_late * DAY) for one in past]
    before = Snapshot(TODAY - 95 * DAY, 4 * OWED, (*past, item(0)))
    return loan(item(0), payments=tuple(paid), earlier=(before,))


def _paid_before(**later: date) -> Loan:
    """The snapshot has the payment in it."""
    paid = Payment("P-1", OWED, TODAY - 3 * DAY, **later)
    return loan(item(5, 0), item(-20), payments=(paid,))


PLAN = Plan(
    PlanId(1), Money(OWED, "CNY"), 0, "monthly", (Instalment(1, TODAY + 20 * DAY, OWED),),
    NOW - 2 * DAY, approved_at=NOW - 2 * DAY, agreed_at=NOW - 2 * DAY,
)  # fmt: skip
PROMISE = Promise(PromiseId(1), Money(OWED, "CNY"), TODAY + 3 * DAY, NOW - DAY)
WAIVED = Waiver(WaiverId(1), Component.PRINCIPAL, OWED, TODAY, NOW - HOUR)
BEFORE = Snapshot(TODAY - 95 * DAY, 4 * OWED, (item(91), item(61), item(31), item(0)))
NO_ACCOUNT = facts(account=None)

PAIRS = [
    *_of_a_loan("a loan"),
    *_of_a_loan("a loan with payments", payments=LONG_PAID),
    Pair("when an item was settled", facts(_paying(0)), facts(_paying(9))),
    Pair("a payment", facts(), facts(loan(payments=(Payment("P-1", OWED, TODAY),)))),
    Pair("a reversal", facts(_paid_before()), facts(_paid_before(reversed_on=TODAY))),
    Pair("a waiver", facts(), facts(loan(waivers=(WAIVED,)))),
    Pair("an earlier word", facts(loan(item(0))), facts(loan(item(0), earlier=(BEFORE,)))),
    Pair("the country", facts(), facts(lives=("IN", "Asia/Shanghai")), now=EVENING),
    Pair("the zone", facts(), facts(lives=("CN", None)), now=NOW - 2.5 * HOUR),
    Pair(
        "consent",
        NO_ACCOUNT,
        replace(NO_ACCOUNT, borrower=replace(NO_ACCOUNT.borrower, consent_at=None)),
    ),
    Pair("reach", facts(), facts(account=replace(ACCOUNT, unreachable_at=NOW - DAY))),
    Pair("an account", NO_ACCOUNT, facts(account=replace(ACCOUNT, unreachable_at=NOW - DAY))),
    Pair(
        "when all loans were told",
        facts(loan(as_of=TODAY, told_at=None)),
        facts(loan(as_of=TODAY, told_at=None), loans_imported_at=NOW - 70 * HOUR),
    ),
    Pair("the group of an experiment", *_held_and_not(), _with_a_hold_out()),
    Pair("a contact", facts(), facts(contacts=(Contact(NOW - HOUR, ContactKind.OVERDUE),))),
    Pair("a hold", facts(), facts(holds=(Hold(HoldKind.DISPUTE, NOW - DAY),))),
    Pair("a promise", facts(), facts(promises=(PROMISE,))),
    Pair("a plan", facts(), facts(plans=(PLAN,))),
    Pair("a stop", facts(), facts(stopped_at=NOW - DAY)),
    Pair("a wish", facts(), facts(wishes=Wishes("14:00-15:00"))),
    Pair(
        "who has the conversation",
        facts(),
        facts(conversation=Conversation(BorrowerId(1), ConversationState.WAITING)),
    ),
    Pair(
        "a word of the borrower",
        facts(),
        facts(conversation=Conversation(BorrowerId(1), borrower_wrote_at=NOW - HOUR)),
    ),
    Pair(
        "a word of a person",
        facts(),
        facts(conversation=Conversation(BorrowerId(1), person_wrote_at=NOW - HOUR)),
    ),
]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_neither_gets_the_judgement_of_the_other(pair: Pair) -> None:
    alone = [judged(Situation(one, pair.now), pair.office) for one in (pair.one, pair.other)]
    assert alone[0] != alone[1], f"{pair.name} decides"
    for first, second in ((0, 1), (1, 0)):
        judging = Judging(pair.office)
        both = (pair.one, pair.other)
        assert judging.of(Situation(both[first], pair.now)) == alone[first]
        assert judging.of(Situation(both[second], pair.now)) == alone[second]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_planned_message_is_judged_as_in_the_chat_it_goes_to(pair: Pair) -> None:
    judging = Judging(pair.office)
    for known in (pair.one, pair.other):
        situation = Situation(known, pair.now)
        for occurrence, kind, decision in judging.of(situation).steps:
            key = occurrence.unique_key(known.borrower.borrower_id)
            said = judging.of_message(situation, kind, key)
            letter = occurrence.kind is None or occurrence.step.action is Action.NOTICE
            if letter or HOLD_OUT in decision.rules:
                assert said is None
            elif known.account is not None:
                chat_id = known.account.telegram_id
                assert said == may_contact(situation, pair.office, kind, chat_id=chat_id)


def test_a_message_that_no_step_asks_for_is_not_judged_as_one() -> None:
    judging, situation = Judging(OFFICE), Situation(facts(), NOW)
    ((occurrence, kind, _), *_) = judging.of(situation).steps
    key = occurrence.unique_key(situation.facts.borrower.borrower_id)
    assert judging.of_message(situation, kind, key) is not None
    assert judging.of_message(situation, kind, f"{key}:of another day") is None
    assert judging.of_message(situation, ContactKind.PROMISE_NOTE, key) is None
