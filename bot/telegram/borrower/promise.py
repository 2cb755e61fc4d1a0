"""Naming a day: only days that are allowed, then how much, then a yes in so many words.

Words lead to the same confirmation as buttons: nothing becomes a promise before it was shown and
confirmed with one tap.
"""

from datetime import date
from typing import Any

from bot.errors import Refusal
from bot.rules.promise import allowed_days
from bot.services import asking, promising
from bot.services.saying import Choice
from bot.services.situation import Situation
from bot.telegram.amounts import read_amount
from bot.telegram.talk import AnswerHandler, BorrowerTalk, Handler
from storage.records import Money

AMOUNT = "promise.amount"


async def promise(talk: BorrowerTalk, args: str) -> None:
    """`/promise 2026-12-01 500` goes straight to the confirmation; without a day it offers days."""
    if args:
        day_text, _, amount_text = args.partition(" ")
        await propose(talk, _day(day_text), amount_text.strip() or None)
    else:
        await propose(talk, None, None)


async def propose(talk: BorrowerTalk, day: date | None, amount_text: str | None) -> None:
    """Ask for what is missing, then for the confirmation. `amount_text`: "500", "full", "half"."""
    situation = await talk.situation()
    currency = promising.main_currency(situation)
    if currency is None:
        raise Refusal("promise.refused_nothing_owed")
    amount = None if amount_text is None else _amount(situation, currency, amount_text)
    if day is None:
        await _offer_days(talk, situation, amount)
    elif amount is None:
        await _offer_amounts(talk, situation, day, currency)
    else:
        await _ask_to_confirm(talk, situation, day, amount)


async def day_chosen(talk: BorrowerTalk, args: str) -> None:
    day_text, _, amount_text = args.partition(":")
    await propose(talk, _day(day_text), amount_text or None)


async def amount_chosen(talk: BorrowerTalk, args: str) -> None:
    day_text, _, amount_text = args.partition(":")
    await propose(talk, _day(day_text), amount_text)


async def other_amount(talk: BorrowerTalk, args: str) -> None:
    """The next words in this chat are read as the amount."""
    await asking.ask(talk.tx, talk.reader.chat_id, AMOUNT, {"day": args}, talk.now)
    await talk.show("promise.type_amount", {"date": _day(args)}, [[talk.choice("back")]])


async def amount_typed(talk: BorrowerTalk, data: dict[str, Any], text: str) -> None:
    await asking.done(talk.tx, talk.reader.chat_id)
    await propose(talk, _day(data["day"]), text)


async def confirmed(talk: BorrowerTalk, args: str) -> None:
    """The yes. Facts may have changed since the question was shown, so all is judged again."""
    day_text, _, rest = args.partition(":")
    minor, _, currency = rest.partition(":")
    situation = await talk.situation()
    amount = Money(int(minor), currency)
    made = await promising.record_promise(
        talk.tx, talk.actor, situation, amount, _day(day_text), talk.now
    )
    await asking.done(talk.tx, talk.reader.chat_id)
    talk.changed()
    values = {"amount": made.amount, "date": made.due_date, "replaced": made.replaced}
    rows = [[talk.choice("pay"), talk.choice("withdraw")], [talk.choice("menu")]]
    await talk.show("promise.recorded", values, rows)


async def withdraw(talk: BorrowerTalk, _args: str) -> None:
    done = await promising.withdraw_promise(talk.tx, talk.actor, await talk.situation(), talk.now)
    talk.changed()
    rows = [[talk.choice("promise"), talk.choice("plan")], [talk.choice("menu")]]
    await talk.show("promise.withdrawn" if done else "promise.none_open", {}, rows)


async def _offer_days(talk: BorrowerTalk, situation: Situation, amount: Money | None) -> None:
    days = allowed_days(situation.today)
    suffix = "" if amount is None else f":{amount}"
    formats = talk.office.library.language(talk.reader.language).formats
    choices = [Choice(formats.short_day(day), f"promise_day:{day}{suffix}") for day in days]
    rows = [choices[start : start + 3] for start in range(0, len(choices), 3)]
    await talk.show("promise.choose_day", {"last_day": days[-1]}, [*rows, [talk.choice("back")]])


async def _offer_amounts(
    talk: BorrowerTalk, situation: Situation, day: date, currency: str
) -> None:
    due = situation.standing.due.get(currency)
    whole = due or promising.owed_in(situation, currency)
    formats = talk.office.library.language(talk.reader.language).formats
    shares = {one for one in (whole, whole.share(50)) if one.minor > 0}
    promising.refuse_unless_possible(situation, whole, day)
    rows = [
        [Choice(formats.money(one), f"promise_amount:{day}:{one}")]
        for one in sorted(shares, reverse=True)
    ]
    more = [[talk.choice("promise_other", day)], [talk.choice("back")]]
    await talk.show("promise.choose_amount", {"date": day, "amount": whole}, [*rows, *more])


async def _ask_to_confirm(
    talk: BorrowerTalk, situation: Situation, day: date, amount: Money
) -> None:
    promising.refuse_unless_possible(situation, amount, day)
    confirm = Choice(
        talk.label("button.confirm"), f"promise_yes:{day}:{amount.minor}:{amount.currency}"
    )
    rows = [[confirm], [talk.choice("promise"), talk.choice("back")]]
    await talk.show("promise.confirm", {"amount": amount, "date": day}, rows)


def _amount(situation: Situation, currency: str, text: str) -> Money:
    """ "full" and "half" are of what is due now, or before the due date of all that is owed."""
    due = situation.standing.due.get(currency) or promising.owed_in(situation, currency)
    amount = read_amount(text, due)
    if amount is None:
        raise Refusal("promise.amount_unclear")
    return amount


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("promise.day_unclear") from None


COMMANDS: dict[str, Handler] = {"promise": promise}
PRESSES: dict[str, Handler] = {
    "promise": promise,
    "promise_day": day_chosen,
    "promise_amount": amount_chosen,
    "promise_other": other_amount,
    "promise_yes": confirmed,
    "withdraw": withdraw,
}
ANSWERS: dict[str, AnswerHandler] = {AMOUNT: amount_typed}
