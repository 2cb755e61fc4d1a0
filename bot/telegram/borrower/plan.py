"""Paying in parts: how many, the terms in full, then a yes before anything starts.

A part that one can manage and one's own pay-day are other ways to the same terms: `plan_ways`.
"""

from typing import Any

from bot.errors import Refusal
from bot.services import asking, plans
from bot.services.plans import Wish
from bot.services.promising import main_currency
from bot.services.saying import Choice, Manner
from bot.services.situation import Situation
from bot.telegram.amounts import read_amount
from bot.telegram.borrower.reading import named_slot, read, says_no, says_yes, without
from bot.telegram.talk import AnswerHandler, BorrowerTalk, Handler
from bot.understanding import Understanding
from storage.records import Instalment, Money, Plan, PlanId

CONSENT = "yes_to_plan"
A_MONTH = "answer.a_month"
LAST_DAY = 31
_OFFERED = (2, 3, 6, 12)
_MOST_TYPED = 999
_KEPT = Manner(kept=True)


async def plan(talk: BorrowerTalk, args: str) -> None:
    """`/plan 3` proposes three parts, "/plan 300 a month" parts of 300 at most.

    Without anything, what waits or what could be.
    """
    if args:
        await propose(talk, await _typed_wish(talk, args))
        return
    waiting = plans.open_proposal(await talk.situation())
    if waiting is not None and (waiting.approved_at is None or plans.by_a_person(waiting)):
        await _show_waiting(talk, waiting)
    else:
        await choose(talk, "")


async def choose(talk: BorrowerTalk, _args: str) -> None:
    """Numbers of parts that the policy allows, each with what a part would be; or other ways."""
    situation = await talk.situation()
    plans.refuse_unless_new(situation)
    balance = balance_of(situation)
    await talk.show(
        "plan.choose",
        {"balance": balance},
        [
            *offers(talk, situation, balance),
            [talk.choice("plan_afford"), talk.choice("plan_payday")],
            [talk.choice("back")],
        ],
    )


async def propose(talk: BorrowerTalk, wish: Wish) -> None:
    """Show the terms in full; what is outside the policy goes to a person."""
    situation = await talk.situation()
    balance = balance_of(situation)
    proposed = await plans.propose_plan(talk.tx, talk.actor, situation, balance, wish, talk.now)
    talk.changed()
    if proposed.decided:
        await _ask_for_consent(talk, proposed.plan_id, balance, proposed.terms.instalments)
    else:
        values = _terms(balance, proposed.terms.instalments)
        await talk.show("plan.under_review", values, _while_under_review(talk))


async def parts_chosen(talk: BorrowerTalk, args: str) -> None:
    """ "3", or "3:15" for three parts after each 15th."""
    parts, _, payday = args.partition(":")
    await propose(talk, Wish(parts=_number(parts), payday=_day(payday)))


async def agreed(talk: BorrowerTalk, args: str) -> None:
    made = await plans.agree_to_plan(
        talk.tx, talk.actor, await talk.situation(), _plan_id(args), talk.now
    )
    await asking.done(talk.tx, talk.reader.chat_id)
    talk.changed()
    values = _terms(made.balance, made.instalments)
    rows = [
        [talk.choice("pay"), talk.choice("calendar")],
        [talk.choice("plan_paper"), talk.choice("menu")],
    ]
    await talk.show("plan.agreed", values, rows, manner=_KEPT)


async def declined(talk: BorrowerTalk, args: str) -> None:
    await plans.decline_plan(talk.tx, talk.actor, await talk.situation(), _plan_id(args), talk.now)
    await asking.done(talk.tx, talk.reader.chat_id)
    talk.changed()
    rows = [[talk.choice("plan"), talk.choice("human")], [talk.choice("menu")]]
    await talk.show("plan.declined", {}, rows)


async def consent_typed(talk: BorrowerTalk, data: dict[str, Any], text: str) -> bool:
    """A plain yes or no instead of the button; anything else is no answer."""
    if says_yes(talk, text):
        await agreed(talk, data["plan"])
        return True
    if says_no(talk, text):
        await declined(talk, data["plan"])
        return True
    return False


async def _show_waiting(talk: BorrowerTalk, waiting: Plan) -> None:
    """What a person looks at, or has said yes to."""
    if waiting.approved_at is not None:
        await _ask_for_consent(talk, waiting.plan_id, waiting.balance, waiting.instalments)
    else:
        values = _terms(waiting.balance, waiting.instalments)
        await talk.show("plan.under_review", values, _while_under_review(talk))


async def _ask_for_consent(
    talk: BorrowerTalk, plan_id: PlanId, balance: Money, instalments: tuple[Instalment, ...]
) -> None:
    """A yes to terms that were shown in full, by the button or as a word."""
    await asking.ask(talk.tx, talk.reader.chat_id, CONSENT, {"plan": str(plan_id)}, talk.now)
    rows = [
        [Choice(talk.label("button.agree"), f"plan_yes:{plan_id}")],
        [Choice(talk.label("button.decline"), f"plan_no:{plan_id}"), talk.choice("human")],
        [talk.choice("back")],
    ]
    await talk.show("plan.terms", _terms(balance, instalments), rows)


def _while_under_review(talk: BorrowerTalk) -> list[list[Choice]]:
    return [[talk.choice("plan_other"), talk.choice("human")], [talk.choice("menu")]]


def offers(
    talk: BorrowerTalk, situation: Situation, balance: Money, payday: int | None = None
) -> list[list[Choice]]:
    """What the policy never allows is not offered. Raises Refusal when it allows nothing."""
    formats = talk.office.library.language(talk.reader.language).formats
    after = "" if payday is None else f":{payday}"
    rows = []
    for parts in _OFFERED:
        try:
            terms = plans.terms_for(situation, balance, Wish(parts=parts, payday=payday))
        except Refusal:
            continue
        share = Money(terms.instalments[0].amount, balance.currency)
        rows.append([Choice(f"{parts} × {formats.money(share)}", f"plan_parts:{parts}{after}")])
    if not rows:
        plans.terms_for(situation, balance, Wish(parts=_OFFERED[0], payday=payday))
    return rows


def way_back(talk: BorrowerTalk) -> list[list[Choice]]:
    return [[talk.choice("plan"), talk.choice("menu")]]


def balance_of(situation: Situation) -> Money:
    currency = main_currency(situation)
    if currency is None:
        raise Refusal("plan.nothing_due")
    balance = plans.overdue_in(situation, currency)
    if balance.minor <= 0:
        raise Refusal("plan.nothing_due")
    return balance


def _terms(balance: Money, instalments: tuple[Instalment, ...]) -> dict[str, Any]:
    return {
        "balance": balance,
        "instalments": [
            {"number": part.number, "date": part.due_date,
             "amount": Money(part.amount, balance.currency)}
            for part in instalments
        ],
    }  # fmt: skip


async def wished(talk: BorrowerTalk, meant: Understanding) -> Wish | None:
    """What words say of the parts: how many, or a sum less than all of it; None for neither."""
    if meant.instalments is not None:
        return Wish(parts=min(meant.instalments, _MOST_TYPED))
    slot = named_slot(meant)
    if slot is None or slot.amount is None:
        return None
    balance = balance_of(await talk.situation())
    amount = read_amount(slot.amount, balance)
    if amount is None or amount.minor >= balance.minor:
        return None
    return affording(amount)


async def _typed_wish(talk: BorrowerTalk, text: str) -> Wish:
    if text.isdecimal():
        return Wish(parts=_number(text))
    wish = await wished(talk, await read(talk, text))
    if wish is None and (sum_alone := without(talk, text, A_MONTH)) != text:
        amount = read_amount(sum_alone, balance_of(await talk.situation()))
        wish = None if amount is None else affording(amount)
    if wish is None:
        raise Refusal("plan.parts_unclear")
    return wish


def affording(amount: Money) -> Wish:
    if amount.minor <= 0:
        raise Refusal("plan.affordable_unclear")
    return Wish(affordable=amount)


def _day(text: str) -> int | None:
    """A day of the month as a button carries it."""
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text[:4]) <= LAST_DAY:
        raise Refusal("plan.gone")
    return int(text)


def _number(text: str) -> int:
    """How many parts; beyond the calendar, the most there is."""
    if not text.isdecimal() or not int(text[:9]):
        raise Refusal("plan.parts_unclear")
    return min(int(text[:9]), _MOST_TYPED)


def _plan_id(text: str) -> PlanId:
    if not text.isdecimal():
        raise Refusal("plan.gone")
    return PlanId(int(text[:18]))


COMMANDS: dict[str, Handler] = {"plan": plan}
PRESSES: dict[str, Handler] = {
    "plan": plan,
    "plan_other": choose,
    "plan_parts": parts_chosen,
    "plan_yes": agreed,
    "plan_no": declined,
}
ANSWERS: dict[str, AnswerHandler] = {CONSENT: consent_typed}
