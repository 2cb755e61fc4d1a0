"""`/promise 2026-12-01 500` and `/plan 4`: what was arranged with the borrower in hand."""

from datetime import date

from bot.errors import Refusal
from bot.services.cases import arranging
from bot.services.plans import Offer
from bot.telegram.amounts import read_amount
from bot.telegram.collector.meant import case_meant
from bot.telegram.talk import StaffHandler, StaffTalk

_EVERYTHING, _FREEZE = _MORE = ("all", "freeze")
_MOST_PARTS, _LONGEST = 999, 4


async def promise(talk: StaffTalk, args: str) -> None:
    """A day and an amount, in this order; "full" and "half" are of what is due."""
    day_text, _, amount_text = args.strip().partition(" ")
    case_id = await case_meant(talk)
    try:
        day = date.fromisoformat(day_text)
    except ValueError:
        raise Refusal("case.promise_how") from None
    whole = await arranging.expected(talk.tx, talk.member, case_id, talk.now)
    amount = read_amount(amount_text, whole)
    if amount is None:
        raise Refusal("case.promise_how")
    made = await arranging.note_promise(
        talk.tx, talk.office, talk.member, case_id, day, amount, talk.now
    )
    await talk.show("case.promise_noted", {"amount": made.amount, "date": made.due_date})


async def plan(talk: StaffTalk, args: str) -> None:
    """So many monthly parts; "all" of everything owed, "freeze" without further interest."""
    words = args.lower().split()
    parts = [one for one in words if one not in _MORE]
    case_id = await case_meant(talk)
    if len(parts) != 1 or not (parts[0].isascii() and parts[0].isdecimal()):
        raise Refusal("case.plan_how")
    count = int(parts[0][:_LONGEST])
    if not 0 < count <= _MOST_PARTS:
        raise Refusal("case.plan_how")
    offer = Offer(count, everything=_EVERYTHING in words, freeze=_FREEZE in words)
    shown = await arranging.offer_plan(talk.tx, talk.office, talk.member, case_id, offer, talk.now)
    await talk.show("case.plan_offered" if shown else "case.plan_proposed")


COMMANDS: dict[str, StaffHandler] = {"promise": promise, "plan": plan}
PRESSES: dict[str, StaffHandler] = {}
