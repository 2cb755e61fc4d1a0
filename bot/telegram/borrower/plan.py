"""Paying in parts: how many, the terms in full, then a yes before anything starts."""

from typing import Any

from bot.errors import Refusal
from bot.services import plans
from bot.services.plans import Proposed
from bot.services.promising import main_currency
from bot.services.saying import Choice
from bot.services.situation import Situation
from bot.telegram.talk import BorrowerTalk, Handler
from storage.records import Instalment, Money, PlanId

_OFFERED = (2, 3, 6, 12)
_MOST_TYPED = 999


async def plan(talk: BorrowerTalk, args: str) -> None:
    """`/plan 3` proposes three parts; without a number some are offered."""
    situation = await talk.situation()
    if args:
        await propose(talk, _parts(args))
        return
    balance = _balance(situation)
    formats = talk.office.library.language(talk.reader.language).formats
    rows = []
    for parts in _OFFERED:
        try:
            terms = plans.terms_for(situation, balance, parts)
        except Refusal:
            continue  # what the policy never allows is not offered
        share = Money(terms.instalments[0].amount, balance.currency)
        rows.append([Choice(f"{parts} × {formats.money(share)}", f"plan_parts:{parts}")])
    if not rows:
        plans.terms_for(situation, balance, _OFFERED[0])
    await talk.show("plan.choose", {"balance": balance}, [*rows, [talk.choice("back")]])


async def propose(talk: BorrowerTalk, parts: int) -> None:
    """Show the terms in full; what is outside the policy goes to a person."""
    situation = await talk.situation()
    balance = _balance(situation)
    proposed = await plans.propose_plan(talk.tx, talk.actor, situation, balance, parts, talk.now)
    talk.changed()
    values = _terms(balance, proposed.terms.instalments)
    if proposed.decided:
        await talk.show("plan.terms", values, _consent(talk, proposed))
    else:
        await talk.show("plan.under_review", values, [[talk.choice("human"), talk.choice("menu")]])


async def parts_chosen(talk: BorrowerTalk, args: str) -> None:
    await propose(talk, _parts(args))


async def agreed(talk: BorrowerTalk, args: str) -> None:
    made = await plans.agree_to_plan(
        talk.tx, talk.actor, await talk.situation(), _plan_id(args), talk.now
    )
    talk.changed()
    values = _terms(made.balance, made.instalments)
    await talk.show("plan.agreed", values, [[talk.choice("pay"), talk.choice("menu")]])


async def declined(talk: BorrowerTalk, args: str) -> None:
    await plans.decline_plan(talk.tx, talk.actor, await talk.situation(), _plan_id(args), talk.now)
    talk.changed()
    rows = [[talk.choice("plan"), talk.choice("human")], [talk.choice("menu")]]
    await talk.show("plan.declined", {}, rows)


def _balance(situation: Situation) -> Money:
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


def _consent(talk: BorrowerTalk, proposed: Proposed) -> list[list[Choice]]:
    return [
        [Choice(talk.label("button.agree"), f"plan_yes:{proposed.plan_id}")],
        [Choice(talk.label("button.decline"), f"plan_no:{proposed.plan_id}"), talk.choice("human")],
    ]


def _parts(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_TYPED:
        raise Refusal("plan.parts_unclear")
    return int(text)


def _plan_id(text: str) -> PlanId:
    if not text.isdecimal():
        raise Refusal("plan.gone")
    return PlanId(int(text))


COMMANDS: dict[str, Handler] = {"plan": plan}
PRESSES: dict[str, Handler] = {
    "plan": plan,
    "plan_parts": parts_chosen,
    "plan_yes": agreed,
    "plan_no": declined,
}
