"""Payments that were named are read back as exactly those: "can I pay 200 on Friday?".

A question binds nobody. What may be promised gets one button that promises it; several payments,
asked about or promised, that make up what is due become a plan of exactly these, and of others the
first is read back. A day too far ahead leads to parts or to a person.
"""

from dataclasses import dataclass
from datetime import date

from bot.errors import Refusal
from bot.rules.plan import Approval
from bot.rules.promise import allowed_days
from bot.services import plan_terms, plans, promising
from bot.services.dated_buttons import dated_choice
from bot.services.plan_terms import Wish
from bot.services.saying import Choice, Rows
from bot.services.situation import Situation
from bot.telegram.amounts import read_amount
from bot.telegram.borrower import plan, promise
from bot.telegram.talk import BorrowerTalk
from bot.understanding import Understanding
from storage.records import Instalment, Money

_REST = "full"
_OTHER_READINGS = 2
_SHORTCUTS = 3
_DAYS_BESIDE_PARTS = 4


@dataclass(frozen=True, slots=True)
class _Payment:
    """`is_rest`: all of it, or what the others leave."""

    day: date | None
    amount: Money | None
    is_rest: bool = False

    @property
    def is_sum(self) -> bool:
        return self.amount is not None and not self.is_rest


async def answer(talk: BorrowerTalk, meant: Understanding) -> bool:
    """Read them back. False: no payment was named, or parts were. Raises Refusal."""
    if meant.instalments is not None or meant.recurring:
        return False
    slots = tuple(dict.fromkeys((*meant.promise, *meant.proposed)))
    if not any(slot.date or _is_figure(slot.amount) for slot in slots):
        return False
    situation = await talk.situation()
    currency = promise.currency_owed(talk, situation)
    whole = promising.expected_next(situation, currency)
    asked = [
        _Payment(slot.date, read_amount(slot.amount or "", whole), slot.amount == _REST)
        for slot in slots
    ]
    if await _exactly(talk, situation, _together(asked, whole), reduction=meant.reduction):
        return True
    first = _first(asked)
    more = first.is_sum and len(asked) > 1
    others = (*meant.other_dates, *(one.day for one in asked if one.day and not more))
    remarks = {"more": more, "reduction": meant.reduction}
    if first.day is None:
        await _ask_which_day(talk, situation, first.amount or whole, remarks)
    elif first.day > allowed_days(situation.today)[-1]:
        await _say_too_far(talk, situation, first.day, first.amount)
    elif first.amount is None:
        await promise.propose(talk, first.day, None)
    else:
        await _read_back(talk, situation, first.day, first.amount, others, remarks)
    return True


def _is_figure(amount: str | None) -> bool:
    """A sum without a day is asked for its day; "could it be half?" may ask for a reduction."""
    return amount is not None and amount[-1:].isdecimal()


def _first(asked: list[_Payment]) -> _Payment:
    """The payment to begin with: a sum with its day, a sum without one, all of it on a day."""
    dated = sorted((one for one in asked if one.day), key=lambda one: one.day or date.max)
    with_day = [one for one in dated if one.is_sum]
    sums = [one for one in asked if one.is_sum]
    return next(iter((*with_day, *sums, *dated)))


def _together(asked: list[_Payment], whole: Money) -> list[tuple[date, Money]]:
    """Days and sums in order, when they make up `whole` and nothing is left open; else none."""
    rests = sum(one.is_rest for one in asked)
    named = [(one.day, one.amount) for one in asked if one.day is not None and one.amount]
    days = {day for day, _ in named}
    if rests > 1 or len(days) != len(asked) or len(asked) == 1:
        return []
    left = whole.minor - sum(one.amount.minor for one in asked if one.amount and not one.is_rest)
    if rests:
        named = [
            (one.day, Money(left, whole.currency) if one.is_rest else one.amount)
            for one in asked
            if one.day is not None and one.amount is not None
        ]
    elif 0 < abs(left) < len(asked):  # two halves of an odd sum
        day, amount = named[-1]
        named[-1] = (day, amount + Money(left, whole.currency))
    elif left:
        return []
    return sorted(named) if all(amount.minor > 0 for _, amount in named) else []


async def _exactly(
    talk: BorrowerTalk,
    situation: Situation,
    payments: list[tuple[date, Money]],
    *,
    reduction: bool,
) -> bool:
    """Offer them as a plan, if the policy approves it by itself. False: it does not."""
    if not payments or plans.is_exception(situation):
        return False
    try:
        balance = plan.balance_of(situation)
        wish = _wish(payments, situation.today)
        terms = plan_terms.terms_for(situation, balance, wish)
    except Refusal:
        return False  # too soon, too small, too far, or not due yet: the first one may be possible
    if terms.approval is not Approval.AUTOMATIC:
        return False
    days = [day for day, _ in payments]
    moved = any(part.due_date not in days for part in terms.instalments)
    (day, amount), *_ = payments
    only_first = _dated(talk, "pay_only", day, amount)
    remarks = {"moved": moved, "reduction": reduction}
    await plan.propose_exactly(talk, wish, only_first, remarks)
    return True


def _wish(payments: list[tuple[date, Money]], today: date) -> Wish:
    """What is paid today beside one other payment is the sum at once of a plan."""
    (day, amount), *later = payments
    if day == today and len(later) == 1:
        return Wish(parts=1, down=amount, first=later[0][0])
    return Wish(
        named=tuple(
            Instalment(number, day, amount.minor)
            for number, (day, amount) in enumerate(payments, start=1)
        )
    )


async def _read_back(
    talk: BorrowerTalk,
    situation: Situation,
    day: date,
    amount: Money,
    others: tuple[date, ...],
    remarks: dict[str, bool],
) -> None:
    """Exactly what was asked, that it is possible, and one button that promises it."""
    promising.refuse_unless_possible(situation, amount, day)
    before = promising.open_in(situation, amount.currency)
    if before is not None and (before.amount, before.due_date) == (amount, day):
        rows = [[talk.choice("pay"), talk.choice("withdraw")], [talk.choice("menu")]]
        await talk.show("promise.noted_already", {"amount": amount, "date": day}, rows)
        return
    await promise.ask_for_yes(talk, day, amount)
    formats = talk.office.library.language(talk.reader.language).formats
    possible = sorted(set(allowed_days(situation.today)) & set(others) - {day})
    due = plan_terms.overdue_in(situation, amount.currency)
    in_parts = [talk.choice("plan")] if due.minor > 0 else []
    rows = [
        [_dated(talk, "will_pay", day, amount)],
        [Choice(formats.near_day(one), f"promise_day:{one}:{amount}")
         for one in possible[:_OTHER_READINGS]],
        [talk.choice("pay")] if day == situation.today else [],
        [talk.choice("promise_days", 0, amount), *in_parts],
        [talk.choice("human"), talk.choice("back")],
    ]  # fmt: skip
    values = {
        "amount": amount,
        "date": day,
        "left": due - amount if due > amount else None,
        "before_amount": before.amount if before else None,
        "before_date": before.due_date if before else None,
        **remarks,
    }
    await talk.show("promise.asked", values, [row for row in rows if row])


async def _ask_which_day(
    talk: BorrowerTalk, situation: Situation, amount: Money, remarks: dict[str, bool]
) -> None:
    promising.refuse_unless_possible(situation, amount, situation.today)
    rows = await promise.ask_for_day(talk, situation, amount, most=_DAYS_BESIDE_PARTS)
    if plan_terms.overdue_in(situation, amount.currency).minor > 0:
        rows = [*rows[:-1], [talk.choice("plan"), *rows[-1]]]
    last = allowed_days(situation.today)[-1]
    values = {"amount": amount, "last_day": last, **remarks}
    await talk.show("promise.which_day", values, rows)


async def _say_too_far(
    talk: BorrowerTalk, situation: Situation, day: date, amount: Money | None
) -> None:
    """Later than a promise may be: parts that the policy allows, a nearer day, or a person."""
    nearer = talk.choice("promise_days", 0, amount) if amount else talk.choice("promise")
    rows = [
        *_in_parts(talk, situation),
        [nearer, talk.choice("human")],
        [talk.choice("back")],
    ]
    last = allowed_days(situation.today)[-1]
    values = {"amount": amount, "date": day, "last_day": last}
    await talk.show("promise.asked_too_far", values, rows)


def _in_parts(talk: BorrowerTalk, situation: Situation) -> Rows:
    try:
        return plan.offers(talk, situation, plan.balance_of(situation))[:_SHORTCUTS]
    except Refusal:
        return []  # nothing is due yet, or it is too little for parts


def _dated(talk: BorrowerTalk, name: str, day: date, amount: Money) -> Choice:
    return dated_choice(talk.office.library, talk.reader.language, name, day, amount)
