"""Two more ways to a plan: the most a part may be, or a part after each pay-day."""

import re
import unicodedata
from typing import Any

from bot.errors import Refusal
from bot.services import asking
from bot.telegram.amounts import read_amount
from bot.telegram.borrower import plan
from bot.telegram.borrower.reading import named_slot, names, read, without
from bot.telegram.talk import AnswerHandler, BorrowerTalk, Handler

AFFORDABLE = "affordable_part"
PAYDAY = "day_of_pay"
_MONTH_END = "answer.month_end"
_ONE_NUMBER = re.compile(r"\D*(\d{1,2})\D*")


async def ask_affordable(talk: BorrowerTalk, _args: str) -> None:
    """The next words in this chat are read as the most a part may be."""
    situation = await talk.situation()
    await asking.ask(talk.tx, talk.reader.chat_id, AFFORDABLE, {}, talk.now)
    await talk.show(
        "plan.type_affordable", {"balance": plan.balance_of(situation)}, plan.way_back(talk)
    )


async def affordable_typed(talk: BorrowerTalk, _data: dict[str, Any], text: str) -> bool:
    balance = plan.balance_of(await talk.situation())
    amount = read_amount(text, balance)
    if amount is None:
        meant = await read(talk, text)
        slot = named_slot(meant)
        amount = read_amount(slot.amount or "", balance) if slot is not None else None
        if amount is None and meant.main == "other":
            raise Refusal("plan.affordable_unclear")
    if amount is None:
        return False
    await asking.done(talk.tx, talk.reader.chat_id)
    await plan.propose(talk, plan.affording(amount))
    return True


async def ask_payday(talk: BorrowerTalk, _args: str) -> None:
    """The next words in this chat are read as a day of the month."""
    await asking.ask(talk.tx, talk.reader.chat_id, PAYDAY, {}, talk.now)
    await talk.show("plan.type_payday", {}, plan.way_back(talk))


async def payday_typed(talk: BorrowerTalk, _data: dict[str, Any], text: str) -> bool:
    day = await _day_of_pay(talk, text)
    if day is None:
        return False
    await asking.done(talk.tx, talk.reader.chat_id)
    situation = await talk.situation()
    balance = plan.balance_of(situation)
    rows = [*plan.offers(talk, situation, balance, day), plan.way_back(talk)[0]]
    await talk.show("plan.choose_after_payday", {"balance": balance, "day": day}, rows)
    return True


async def _day_of_pay(talk: BorrowerTalk, text: str) -> int | None:
    """ "the 15th", "at the end of the month". Raises Refusal for what is no day of a month."""
    if names(talk, text, _MONTH_END):
        return plan.LAST_DAY
    number = _ONE_NUMBER.fullmatch(unicodedata.normalize("NFKC", text))
    if number is not None and 1 <= int(number[1]) <= plan.LAST_DAY:
        return int(number[1])
    meant = await read(talk, without(talk, text, plan.A_MONTH))
    slot = named_slot(meant)
    if slot is not None and slot.date is not None:
        return slot.date.day
    if number is not None or meant.main == "other":
        raise Refusal("plan.payday_unclear")
    return None


COMMANDS: dict[str, Handler] = {}
PRESSES: dict[str, Handler] = {
    "plan_afford": ask_affordable,
    "plan_payday": ask_payday,
}
ANSWERS: dict[str, AnswerHandler] = {
    AFFORDABLE: affordable_typed,
    PAYDAY: payday_typed,
}
