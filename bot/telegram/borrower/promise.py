"""Naming a day: only days that are allowed, then how much, then a yes in so many words.

Words lead to the same confirmation as buttons: nothing becomes a promise before it was shown in
full and confirmed.
"""

import re
from datetime import date
from typing import Any

from bot.errors import Refusal
from bot.rules.promise import allowed_days
from bot.services import asking, promising
from bot.services.dated_buttons import day_and_amount
from bot.services.saying import Choice, Manner
from bot.services.situation import Situation
from bot.telegram.amounts import read_amount
from bot.telegram.borrower import home
from bot.telegram.borrower.reading import (
    named_slot,
    read,
    says_no,
    says_yes,
    several_promised,
)
from bot.telegram.currencies import named_currencies
from bot.telegram.talk import AnswerHandler, BorrowerTalk, Handler
from bot.understanding import Understanding
from storage.records import Money

AMOUNT = "amount_of_promise"
DAY = "day_of_promise"
CONFIRM = "yes_to_promise"
_ISO_DAY = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DAYS_A_SCREEN = 6
_KEPT = Manner(kept=True)
_ANY = Money(0, "USD")


async def promise(talk: BorrowerTalk, args: str) -> None:
    """`/promise 2026-12-01 500`, in any order and in other words too; without any, offer days."""
    if not args:
        await propose(talk, None, None)
        return
    written = _ISO_DAY.search(args)
    if written is not None:
        rest = (args[: written.start()] + " " + args[written.end() :]).strip()
        await propose(talk, _day("-".join(written.groups())), rest or None)
        return
    if names_figures(args):
        await propose(talk, None, args)
        return
    slot = named_slot(await read(talk, args))
    if slot is None:
        raise Refusal("promise.day_unclear")
    await propose(talk, slot.date, slot.amount)


def names_figures(text: str) -> bool:
    """Whether it is a bare amount or holds a date in figures, with nothing around to explain it."""
    return _ISO_DAY.search(text) is not None or read_amount(text, _ANY) is not None


async def propose(
    talk: BorrowerTalk,
    day: date | None,
    amount_text: str | None,
    other_days: tuple[date, ...] = (),
) -> None:
    """Ask for what is missing, then for the confirmation.

    `amount_text`: "500", "full", "half", "30%"; `other_days`: what else the day may have meant.
    """
    situation = await talk.situation()
    currency = currency_owed(talk, situation)
    amount = None if amount_text is None else await _amount(talk, currency, amount_text)
    if day is None:
        await _offer_days(talk, situation, amount)
    elif amount is None:
        await _offer_amounts(talk, situation, day, currency)
    else:
        await _ask_to_confirm(talk, situation, day, amount, other_days)


async def other_days(talk: BorrowerTalk, args: str) -> None:
    """Turn the page of the days: "6" or "6:500.00"; a label that was typed says neither."""
    if not args:
        await propose(talk, None, None)
        return
    start, _, amount_text = args.partition(":")
    situation = await talk.situation()
    currency = promising.main_currency(situation)
    if currency is None or not start.isdecimal():
        await home.outdated(talk, "")
        return
    amount = await _amount(talk, currency, amount_text) if amount_text else None
    await _offer_days(talk, situation, amount, int(start))


async def day_chosen(talk: BorrowerTalk, args: str) -> None:
    day_text, _, amount_text = args.partition(":")
    await propose(talk, _day(day_text), amount_text or None)


async def other_amount(talk: BorrowerTalk, args: str) -> None:
    """The next words in this chat are read as the amount."""
    day = _day(args)
    await asking.ask(talk.tx, talk.reader.chat_id, AMOUNT, {"day": args, "typed": True}, talk.now)
    await talk.show("promise.type_amount", {"date": day}, [[talk.choice("back")]])


async def amount_typed(talk: BorrowerTalk, data: dict[str, Any], text: str) -> bool:
    """The words may name another day as well; words about something else are no answer."""
    day = _day(data["day"])
    situation = await talk.situation()
    currency = promising.main_currency(situation)
    if currency is not None and read_amount(text, Money.zero(currency)) is None:
        meant = await read(talk, text)
        slot = named_slot(meant)
        unclear = meant.main == "other" if slot is None else slot == (None, None)
        if unclear and data.get("typed"):
            raise Refusal("promise.amount_unclear")
        if slot is None or meant.main != "promise" or several_promised(meant):
            return False
        day, text = slot.date or day, slot.amount or ""
    await asking.done(talk.tx, talk.reader.chat_id)
    await propose(talk, day, text or None)
    return True


async def day_typed(talk: BorrowerTalk, data: dict[str, Any], text: str) -> bool:
    """Words while the days are shown: a day, with the sum that was named before."""
    meant = await read(talk, text)
    slot = named_slot(meant)
    if slot is None or slot.date is None or not _is_about_this(meant):
        return False
    await asking.done(talk.tx, talk.reader.chat_id)
    await propose(talk, slot.date, slot.amount or data["amount"], meant.other_dates)
    return True


async def confirm_typed(talk: BorrowerTalk, data: dict[str, Any], text: str) -> bool:
    """A plain yes or no instead of the button; anything else is no answer."""
    if says_yes(talk, text):
        await confirmed(talk, data["agreed"])
        return True
    if says_no(talk, text):
        await home.show(talk, "")
        return True
    return await _corrected(talk, data["agreed"], text)


async def _corrected(talk: BorrowerTalk, agreed: str, text: str) -> bool:
    """ "No, the 15th": what is not named anew stays as it was shown. "I'll pay, don't worry" names
    nothing, and is shown the same again: only a yes is one.
    """
    meant = await read(talk, text)
    slot = named_slot(meant)
    if slot is None or not _is_about_this(meant):
        return False
    day_text, _, rest = agreed.partition(":")
    minor, _, currency = rest.partition(":")
    await asking.done(talk.tx, talk.reader.chat_id)
    amount = slot.amount or str(Money(int(minor), currency))
    await propose(talk, slot.date or _day(day_text), amount, meant.other_dates)
    return True


def _is_about_this(meant: Understanding) -> bool:
    """A day or a sum said otherwise; "can we do the 15th?" asks for it too.

    A question that names both, or several payments, is one of its own.
    """
    if meant.main != "plan_request":
        return meant.main == "promise" and not several_promised(meant)
    asked = (*meant.promise, *meant.proposed)
    return meant.instalments is None and len(asked) == 1 and None in asked[0]


async def confirmed(talk: BorrowerTalk, args: str) -> None:
    """The yes. Facts may have changed since the question was shown, so all is judged again."""
    day_text, _, rest = args.partition(":")
    minor, _, currency = rest.partition(":")
    if not minor.isdecimal():
        await home.outdated(talk, "")
        return
    made = await promising.record_promise(
        talk.tx,
        talk.actor,
        await talk.situation(),
        Money(int(minor), currency),
        _day(day_text),
        talk.now,
    )
    await asking.done(talk.tx, talk.reader.chat_id)
    talk.changed()
    values = {"amount": made.amount, "date": made.due_date, "replaced": made.replaced}
    rows = [
        [talk.choice("pay"), talk.choice("calendar")],
        [talk.choice("withdraw"), talk.choice("menu")],
    ]
    await talk.show("promise.recorded", values, rows, manner=_KEPT)


async def only_this(talk: BorrowerTalk, args: str) -> None:
    """One of several payments that were asked about, to be confirmed."""
    named = day_and_amount(args)
    if named is None:
        await home.outdated(talk, "")
        return
    day, amount = named
    await _ask_to_confirm(talk, await talk.situation(), day, amount, ())


async def withdraw(talk: BorrowerTalk, _args: str) -> None:
    done = await promising.withdraw_promise(talk.tx, talk.actor, await talk.situation(), talk.now)
    talk.changed()
    rows = [[talk.choice("promise"), talk.choice("plan")], [talk.choice("menu")]]
    if done:
        await talk.show("promise.withdrawn", {}, rows, manner=_KEPT)
    else:
        await talk.show("promise.none_open", {}, rows)


async def ask_for_day(
    talk: BorrowerTalk,
    situation: Situation,
    amount: Money | None,
    start: int = 0,
    most: int = _DAYS_A_SCREEN,
) -> list[list[Choice]]:
    """Open the question for a day. Returns `most` days from the `start`-th on, as buttons."""
    data = {"amount": None if amount is None else str(amount)}
    await asking.ask(talk.tx, talk.reader.chat_id, DAY, data, talk.now)
    days = allowed_days(situation.today)
    start = start if start < len(days) else 0
    shown = days[start : start + most]
    suffix = "" if amount is None else f":{amount}"
    formats = talk.office.library.language(talk.reader.language).formats
    choices = [Choice(formats.near_day(day), f"promise_day:{day}{suffix}") for day in shown]
    rows = [choices[at : at + 2] for at in range(0, len(choices), 2)]
    turning = [talk.choice("back")]
    following = start + most
    if following < len(days):
        label = talk.label("button.later_days")
        turning.append(Choice(label, f"promise_days:{following}{suffix}"))
    return [*rows, turning]


async def ask_for_yes(talk: BorrowerTalk, day: date, amount: Money) -> str:
    """Open the question for a yes to this promise. Returns what its button sends back."""
    agreed = f"{day}:{amount.minor}:{amount.currency}"
    await asking.ask(talk.tx, talk.reader.chat_id, CONFIRM, {"agreed": agreed}, talk.now)
    return agreed


async def _offer_days(
    talk: BorrowerTalk, situation: Situation, amount: Money | None, start: int = 0
) -> None:
    rows = await ask_for_day(talk, situation, amount, start)
    values = {"last_day": allowed_days(situation.today)[-1]}
    await talk.show("promise.choose_day", values, rows)


async def _offer_amounts(
    talk: BorrowerTalk, situation: Situation, day: date, currency: str
) -> None:
    whole = promising.expected_next(situation, currency)
    formats = talk.office.library.language(talk.reader.language).formats
    promising.refuse_unless_possible(situation, whole, day)
    await asking.ask(talk.tx, talk.reader.chat_id, AMOUNT, {"day": str(day)}, talk.now)
    shares = {one for one in (whole, whole.share(50)) if one.minor > 0}
    rows = [
        [Choice(formats.money(one), f"promise_amount:{day}:{one}")]
        for one in sorted(shares, reverse=True)
    ]
    more = [[talk.choice("promise_other", day)], [talk.choice("promise"), talk.choice("back")]]
    await talk.show("promise.choose_amount", {"date": day, "amount": whole}, [*rows, *more])


async def _ask_to_confirm(
    talk: BorrowerTalk,
    situation: Situation,
    day: date,
    amount: Money,
    others: tuple[date, ...],
) -> None:
    promising.refuse_unless_possible(situation, amount, day)
    agreed = await ask_for_yes(talk, day, amount)
    formats = talk.office.library.language(talk.reader.language).formats
    possible = set(allowed_days(situation.today)) & set(others) - {day}
    rows = [
        [Choice(talk.label("button.confirm"), f"promise_yes:{agreed}")],
        *([Choice(formats.near_day(one), f"promise_day:{one}:{amount}")]
          for one in sorted(possible)[:2]),
        [talk.choice("promise"), talk.choice("back")],
    ]  # fmt: skip
    await talk.show("promise.confirm", {"amount": amount, "date": day}, rows)


async def _amount(talk: BorrowerTalk, currency: str, text: str) -> Money:
    """ "full" and "half" are of what is due, or before the day of what falls due next."""
    whole = promising.expected_next(await talk.situation(), currency)
    amount = read_amount(text, whole)
    if amount is None:
        slot = named_slot(await read(talk, text))
        amount = read_amount(slot.amount, whole) if slot and slot.amount else None
    if amount is None:
        raise Refusal("promise.amount_unclear")
    return amount


def currency_owed(talk: BorrowerTalk, situation: Situation) -> str:
    """The one that was named, if it is owed; without a name that of the oldest unpaid item."""
    main = promising.main_currency(situation)
    if main is None:
        raise Refusal("promise.refused_nothing_owed")
    named = named_currencies(talk.incoming.text)
    if not named or main in named:
        return main
    owed = sorted(named & situation.standing.outstanding.keys())
    if not owed:
        raise Refusal("promise.refused_other_currency")
    return owed[0]


def _day(text: str) -> date:
    match = _ISO_DAY.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else date.fromisoformat(text)
    except ValueError:
        raise Refusal("promise.day_unclear") from None


COMMANDS: dict[str, Handler] = {"promise": promise}
PRESSES: dict[str, Handler] = {
    "promise": promise,
    "promise_days": other_days,
    "promise_day": day_chosen,
    "promise_amount": day_chosen,
    "promise_other": other_amount,
    "promise_yes": confirmed,
    "will_pay": confirmed,
    "pay_only": only_this,
    "withdraw": withdraw,
}
ANSWERS: dict[str, AnswerHandler] = {
    AMOUNT: amount_typed,
    DAY: day_typed,
    CONFIRM: confirm_typed,
}
