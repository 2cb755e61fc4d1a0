"""Paying in parts: how many, the terms in full, then a yes before anything starts."""

from typing import Any

from bot.errors import Refusal
from bot.services import asking, plans
from bot.services.promising import main_currency
from bot.services.saying import Choice, Manner
from bot.services.situation import Situation
from bot.telegram.borrower.reading import read, says_no, says_yes
from bot.telegram.talk import AnswerHandler, BorrowerTalk, Handler
from storage.records import Instalment, Money, Plan, PlanId

CONSENT = "yes_to_plan"
_OFFERED = (2, 3, 6, 12)
_MOST_TYPED = 999
_KEPT = Manner(kept=True)


async def plan(talk: BorrowerTalk, args: str) -> None:
    """`/plan 3` proposes three parts; without a number, what waits or what could be."""
    if args:
        await propose(talk, await _parts(talk, args))
        return
    waiting = plans.open_proposal(await talk.situation())
    if waiting is not None and (waiting.approved_at is None or plans.by_a_person(waiting)):
        await _show_waiting(talk, waiting)
    else:
        await choose(talk, "")


async def choose(talk: BorrowerTalk, _args: str) -> None:
    """Numbers of parts that the policy allows, each with what a part would be."""
    situation = await talk.situation()
    plans.refuse_unless_new(situation)
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
    if proposed.decided:
        await _ask_for_consent(talk, proposed.plan_id, balance, proposed.terms.instalments)
    else:
        values = _terms(balance, proposed.terms.instalments)
        await talk.show("plan.under_review", values, _while_under_review(talk))


async def parts_chosen(talk: BorrowerTalk, args: str) -> None:
    await propose(talk, await _parts(talk, args))


async def agreed(talk: BorrowerTalk, args: str) -> None:
    made = await plans.agree_to_plan(
        talk.tx, talk.actor, await talk.situation(), _plan_id(args), talk.now
    )
    await asking.done(talk.tx, talk.reader.chat_id)
    talk.changed()
    values = _terms(made.balance, made.instalments)
    rows = [[talk.choice("pay"), talk.choice("menu")]]
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


async def _parts(talk: BorrowerTalk, text: str) -> int:
    """A number as it is typed, in digits or in words; beyond the calendar, the most there is."""
    parts = int(text[:9]) if text.isdecimal() else (await read(talk, text)).instalments or 0
    if parts < 1:
        raise Refusal("plan.parts_unclear")
    return min(parts, _MOST_TYPED)


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
