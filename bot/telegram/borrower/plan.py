"""Paying in parts: how many, the terms in full, then a yes before anything starts.

A part that one can manage, one's own pay-day and a sum at once are other ways to the same terms:
`plan_ways`. Who has a plan sees how it stands and may ask for another in its place.
"""

import re
from dataclasses import replace
from typing import Any

from bot.errors import Refusal
from bot.services import asking, plan_terms, plans
from bot.services.plan_terms import Wish
from bot.services.promising import main_currency
from bot.services.saying import Choice, Manner
from bot.services.situation import Situation
from bot.telegram.amounts import read_amount
from bot.telegram.borrower.reading import named_slot, read, says_no, says_yes, without
from bot.telegram.talk import AnswerHandler, BorrowerTalk, Handler
from bot.understanding import Understanding
from storage.records import Money, Plan, PlanId

CONSENT = "yes_to_plan"
A_MONTH = "answer.a_month"
LAST_DAY = 31
_OFFERED = (2, 3, 6, 12)
_MOST_TYPED = 999
_DOWN = "answer.down"
_A_SUM = r"(?P<sum>[^\s,]*\d[^\s,]*)"
_DOWN_NAMED = (r"(?:with\s+)?{0}\s*:?\s*" + _A_SUM, r"(?:with\s+)?" + _A_SUM + r"\s+{0}")
"""The sum after the word, or else before it."""
_KEPT = Manner(kept=True)


async def plan(talk: BorrowerTalk, args: str) -> None:
    """`/plan 3` proposes three parts, "/plan 300 a month" parts of 300 at most.

    "/plan 6 down 120" pays 120 apart, at once. Without anything: what waits, the plan there is, or
    what could be.
    """
    if args:
        await propose(talk, await _typed_wish(talk, args))
        return
    situation = await talk.situation()
    waiting = plans.open_proposal(situation)
    if waiting is not None and (waiting.approved_at is None or plans.by_a_person(waiting)):
        await _show_waiting(talk, waiting)
    elif situation.active_plan is not None:
        await _show_under_way(talk, situation, situation.active_plan)
    else:
        await choose(talk, "")


async def choose(talk: BorrowerTalk, _args: str) -> None:
    """Numbers of parts that the policy allows, each with what a part would be; or other ways."""
    situation = await talk.situation()
    balance = balance_of(situation)
    await talk.show(
        "plan.choose",
        {"balance": balance, "exception": plans.is_exception(situation)},
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
    made = await _own_plan(talk, proposed.plan_id)
    if proposed.decided:
        await _ask_for_consent(talk, made)
        return
    sooner = plan_terms.with_down_payment(situation, balance, wish)
    rows = _while_under_review(talk)
    if sooner is not None and sooner.down is not None and not plans.is_exception(situation):
        formats = talk.office.library.language(talk.reader.language).formats
        label = f"{talk.label('button.plan_down')}: {formats.money(sooner.down)}"
        parts = len(proposed.terms.instalments)
        rows.insert(0, [Choice(label, f"plan_down:{parts}:{wish.payday or ''}")])
    await talk.show("plan.under_review", await _shown(talk, made), rows)


async def propose_exactly(
    talk: BorrowerTalk, wish: Wish, only_first: Choice, remarks: dict[str, bool]
) -> None:
    """Payments as they were asked about, which the policy approves by itself.

    `only_first`: the button for those who would rather settle one now; `remarks`: what is said
    beside the terms.
    """
    situation = await talk.situation()
    balance = balance_of(situation)
    proposed = await plans.propose_plan(talk.tx, talk.actor, situation, balance, wish, talk.now)
    talk.changed()
    made = await _own_plan(talk, proposed.plan_id)
    agree, decline = await _open_consent(talk, made)
    rows = [
        [agree],
        [only_first],
        [decline, talk.choice("plan_other")],
        [talk.choice("human"), talk.choice("back")],
    ]
    await talk.show("plan.as_asked", {**await _shown(talk, made), **remarks}, rows)


async def parts_chosen(talk: BorrowerTalk, args: str) -> None:
    """ "3", or "3:15" for three parts after each 15th."""
    parts, _, payday = args.partition(":")
    await propose(talk, Wish(parts=_number(parts), payday=_day(payday)))


async def with_down(talk: BorrowerTalk, args: str) -> None:
    """ "6:" or "6:15": the same parts with the sum at once that lets them start now."""
    parts, _, payday = args.partition(":")
    wish = Wish(parts=_number(parts), payday=_day(payday))
    situation = await talk.situation()
    sooner = plan_terms.with_down_payment(situation, balance_of(situation), wish)
    await propose(talk, sooner or wish)


async def agreed(talk: BorrowerTalk, args: str) -> None:
    made = await plans.agree_to_plan(
        talk.tx, talk.actor, await talk.situation(), _plan_id(args), talk.now
    )
    await asking.done(talk.tx, talk.reader.chat_id)
    talk.changed()
    rows = [
        [talk.choice("pay"), talk.choice("calendar")],
        [talk.choice("plan_paper"), talk.choice("menu")],
    ]
    values = await _shown(talk, await _own_plan(talk, made.plan_id))
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
        await _ask_for_consent(talk, waiting)
    else:
        await talk.show("plan.under_review", await _shown(talk, waiting), _while_under_review(talk))


async def _show_under_way(talk: BorrowerTalk, situation: Situation, kept: Plan) -> None:
    """How the plan stands, and what can be done with it."""
    standing = next(one for known, one in situation.plans if known == kept)
    upcoming = standing.next_instalment
    values = {
        **plan_terms.shown(situation, kept),
        "left": standing.left,
        "down_left": standing.down_unpaid if standing.down_unpaid else None,
        "next_amount": Money(upcoming.unpaid, kept.balance.currency) if upcoming else None,
        "next_date": upcoming.due_date if upcoming else None,
    }
    rows = [
        [talk.choice("pay"), talk.choice("plan_paper")],
        [talk.choice("pay_all"), talk.choice("plan_other")],
        [talk.choice("human"), talk.choice("menu")],
    ]
    await talk.show("plan.under_way", values, rows)


async def _ask_for_consent(talk: BorrowerTalk, proposed: Plan) -> None:
    agree, decline = await _open_consent(talk, proposed)
    rows = [[agree], [decline, talk.choice("human")], [talk.choice("back")]]
    await talk.show("plan.terms", await _shown(talk, proposed), rows)


async def _open_consent(talk: BorrowerTalk, proposed: Plan) -> tuple[Choice, Choice]:
    """Ask for a yes to terms that are shown in full, by the button or as a word."""
    plan_id = proposed.plan_id
    await asking.ask(talk.tx, talk.reader.chat_id, CONSENT, {"plan": str(plan_id)}, talk.now)
    return (
        Choice(talk.label("button.agree"), f"plan_yes:{plan_id}"),
        Choice(talk.label("button.decline"), f"plan_no:{plan_id}"),
    )


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
            terms = plan_terms.terms_for(situation, balance, Wish(parts=parts, payday=payday))
        except Refusal:
            continue
        share = Money(terms.instalments[0].amount, balance.currency)
        rows.append([Choice(f"{parts} × {formats.money(share)}", f"plan_parts:{parts}{after}")])
    if not rows:
        plan_terms.terms_for(situation, balance, Wish(parts=_OFFERED[0], payday=payday))
    return rows


def way_back(talk: BorrowerTalk) -> list[list[Choice]]:
    return [[talk.choice("plan"), talk.choice("menu")]]


def balance_of(situation: Situation) -> Money:
    currency = main_currency(situation)
    if currency is None:
        raise Refusal("plan.nothing_due")
    balance = plan_terms.overdue_in(situation, currency)
    if balance.minor <= 0:
        raise Refusal("plan.nothing_due")
    return balance


async def wished(talk: BorrowerTalk, meant: Understanding) -> Wish | None:
    """What words say of the parts: how many, or a sum less than all of it; None for neither.

    A day named with them is where the plan begins.
    """
    situation = await talk.situation()
    slot = named_slot(meant)
    begins = slot.date if slot is not None else None
    if meant.instalments is not None:
        wish = Wish(parts=min(meant.instalments, _MOST_TYPED))
        return wish.beginning_on(begins, situation.today)
    if slot is None or slot.amount is None:
        return None
    balance = balance_of(situation)
    amount = read_amount(slot.amount, balance)
    if amount is None or amount.minor >= balance.minor:
        return None
    return affording(amount).beginning_on(begins, situation.today)


async def _own_plan(talk: BorrowerTalk, plan_id: PlanId) -> Plan:
    situation = await talk.situation()
    return next(one for one in situation.facts.plans if one.plan_id == plan_id)


async def _shown(talk: BorrowerTalk, one: Plan) -> dict[str, Any]:
    return plan_terms.shown(await talk.situation(), one)


async def _typed_wish(talk: BorrowerTalk, text: str) -> Wish:
    rest, down = await _down_named(talk, text)
    if down is not None:
        return replace(await _typed_wish(talk, rest), down=down)
    if text.isdecimal():
        return Wish(parts=_number(text))
    wish = await wished(talk, await read(talk, text))
    if wish is None and (sum_alone := without(talk, text, A_MONTH)) != text:
        amount = read_amount(sum_alone, balance_of(await talk.situation()))
        wish = None if amount is None else affording(amount)
    if wish is None:
        raise Refusal("plan.parts_unclear")
    return wish


async def _down_named(talk: BorrowerTalk, text: str) -> tuple[str, Money | None]:
    """ "6 down 120" and "6 with 120 down" are six parts and 120 at once."""
    labels = talk.office.library.labels_of(_DOWN).values()
    names_of_it = {one.strip() for words in labels for one in words.split(",")}
    for name in sorted(names_of_it, key=len, reverse=True):
        for pattern in _DOWN_NAMED:
            found = re.search(pattern.format(re.escape(name)), text, re.IGNORECASE)
            if found is None:
                continue
            balance = balance_of(await talk.situation())
            amount = read_amount(found["sum"], balance)
            if amount is None:
                raise Refusal("plan.down_unclear", balance=balance)
            return (text[: found.start()] + " " + text[found.end() :]).strip(), amount
    return text, None


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
    "plan_down": with_down,
    "plan_yes": agreed,
    "plan_no": declined,
}
ANSWERS: dict[str, AnswerHandler] = {CONSENT: consent_typed}
