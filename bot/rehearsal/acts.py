"""What invented borrowers do, through the use cases of real ones, and note in their diaries."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.errors import Refusal
from bot.rehearsal.diary import Promised, Stretch
from bot.rehearsal.lender import Paid, write_payments
from bot.rehearsal.population import Invented
from bot.rehearsal.town import Town
from bot.rules.zones import zones_of
from bot.services import concerns, listening, paying, plans, promising, stopping
from bot.services.cases import handoff, readers
from bot.services.concerns import Concern
from bot.services.listening import Said
from bot.services.plan_terms import Wish, overdue_in
from bot.services.portfolio.importing import ImportKind
from bot.services.saying import say
from bot.services.situation import Situation, situation_of
from storage import borrowers
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, ConversationState, HandoffReason

CLAIM = "payment_claim"
_FILE_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Turn:
    """A borrower in the chat with the bot, within one transaction."""

    town: Town
    who: Invented
    tx: Transaction
    actor: Actor
    situation: Situation
    now: datetime


_Noted = Callable[[], None]
"""Writes into the diary what became true; called once it is committed."""


async def react(town: Town, who: Invented, now: datetime) -> None:
    """A message has arrived some while ago: they do whatever they are like."""
    deed = who.reacts()
    if deed in ("pay", "pay_part"):
        pay(town, who, now, part=deed == "pay_part")
    elif deed != "nothing":
        await _speak(town, who, deed, now)


async def pay_if_due(town: Town, who: Invented, now: datetime) -> None:
    """The due day itself, for those who need no reminder."""
    if who.chance.random() < who.temperament["on_time"]:
        pay(town, who, now)


def pay(town: Town, who: Invented, now: datetime, *, part: bool = False, least: int = 0) -> None:
    """Money leaves now; the lender's file tells of it some hours later."""
    today = now.astimezone(zone_of(who)).date()
    for debt in who.debts:
        left = debt.unpaid(on=date.max)
        due = sum(one.amount for one in left if one.due_date <= today)
        amount = due or (left[0].amount if left and not least else 0)
        if part:
            amount = max(amount * who.chance.randrange(20, 80) // 100, 1) if amount else 0
        if not amount:
            continue
        told_at = _next_file(now + timedelta(minutes=who.chance.randrange(10, 360)))
        paid = Paid(f"P-{town.number()}", amount, today, told_at)
        debt.paid.append(paid)
        told = town.untold.setdefault(told_at, [])
        told.append((who, debt, paid))
        if len(told) == 1:
            town.at(told_at, partial(_tell_payments, town, told_at))


def zone_of(who: Invented) -> ZoneInfo:
    return ZoneInfo(who.diary.timezone or zones_of(who.diary.country)[0])


def _next_file(at: datetime) -> datetime:
    """The lender's file about payments comes every quarter of an hour."""
    into = timedelta(minutes=at.minute % _FILE_MINUTES, seconds=at.second)
    return at + (timedelta(minutes=_FILE_MINUTES) - into if into else timedelta())


async def _tell_payments(town: Town, told_at: datetime, now: datetime) -> None:
    told = town.untold.pop(told_at)
    file = town.folder / "payments.csv"
    write_payments(file, [(debt, paid) for _, debt, paid in told])
    await town.take_in(ImportKind.PAYMENTS, file, now)
    for who, _, _ in told:
        payment_known(who, now)


def payment_known(who: Invented, now: datetime) -> None:
    """The file has told: nobody waits any more for what a person found to be posted, either."""
    for some in who.diary.holds.get(CLAIM, ()):
        some.end = min(some.end or now, now)
    for one in who.diary.promises:
        one.over = one.over or now  # it may be kept now; only the bot's ledger knows exactly
    today = now.astimezone(zone_of(who)).date()
    left = [item for debt in who.debts for item in debt.unpaid(on=date.max)]
    if not any(item.due_date <= today for item in left):
        who.diary.nothing_is_due(now)


async def _speak(town: Town, who: Invented, deed: str, now: datetime) -> None:
    """One update: heard, done and answered in a transaction, or heard and refused."""
    who.diary.wrote.append(now)
    try:
        async with town.storage.transaction() as tx:
            turn = await _heard(town, who, tx, now)
            note = None
            if turn.situation.state is ConversationState.BOT or deed in ("stop", "resume"):
                note = await _DEEDS[deed](turn)
            if turn.situation.state is ConversationState.BOT:
                await _answer(turn)
    except Refusal:
        async with town.storage.transaction() as tx:
            await _answer(await _heard(town, who, tx, now))
        return
    if note is not None:
        note()


async def _heard(town: Town, who: Invented, tx: Transaction, now: datetime) -> Turn:
    borrower_id = BorrowerId(who.borrower_id)
    actor = Actor.borrower(borrower_id)
    borrower = await borrowers.by_id(tx, borrower_id)
    assert borrower is not None, "they were imported"
    said = Said(town.number(), who.chat_id, None, "...")
    await listening.hear(tx, actor, borrower, said, now)
    return Turn(town, who, tx, actor, await situation_of(tx, borrower_id, now), now)


async def _answer(turn: Turn) -> None:
    await _say(turn, "help.borrower", {})


async def _say(turn: Turn, key: str, values: dict[str, object]) -> None:
    reader = readers.of_borrower(turn.town.office, turn.situation)
    assert reader is not None, "they have a chat"
    await say(
        turn.tx, turn.town.office, reader, key, values,
        unique_key=f"reply:{turn.town.number()}", actor=turn.actor, now=turn.now,
    )  # fmt: skip


async def _look(_turn: Turn) -> None:
    return None


async def _promise(turn: Turn) -> _Noted | None:
    currency = promising.main_currency(turn.situation)
    if currency is None:
        return None
    amount = promising.expected_next(turn.situation, currency)
    due_date = turn.situation.today + timedelta(days=turn.who.chance.randrange(1, 12))
    await promising.record_promise(turn.tx, turn.actor, turn.situation, amount, due_date, turn.now)
    keeps = turn.who.chance.random() < turn.who.temperament["keeps"]

    def note() -> None:
        _give_way(turn)
        turn.who.diary.promises.append(Promised(turn.now, due_date))
        if keeps:
            _later_pays(turn, due_date)

    return note


async def _withdraw(turn: Turn) -> _Noted:
    await promising.withdraw_promise(turn.tx, turn.actor, turn.situation, turn.now)
    return lambda: _give_way(turn)


async def _plan(turn: Turn) -> _Noted | None:
    currency = promising.main_currency(turn.situation)
    if currency is None:
        return None
    wish = Wish(parts=turn.who.chance.randrange(2, 5))
    balance = overdue_in(turn.situation, currency)
    made = await plans.propose_plan(turn.tx, turn.actor, turn.situation, balance, wish, turn.now)
    if not made.decided:
        return None
    again = await situation_of(turn.tx, BorrowerId(turn.who.borrower_id), turn.now)
    plan = await plans.agree_to_plan(turn.tx, turn.actor, again, made.plan_id, turn.now)
    first = plan.instalments[0].due_date

    def note() -> None:
        _give_way(turn)
        turn.who.diary.plans.append((turn.now, first))
        if turn.who.chance.random() < turn.who.temperament["keeps"]:
            _later_pays(turn, first)

    return note


async def _human(turn: Turn) -> _Noted:
    await handoff.start(
        turn.tx, turn.town.office, turn.actor, BorrowerId(turn.who.borrower_id),
        HandoffReason.ASKED, turn.now,
    )  # fmt: skip
    diary = turn.who.diary
    return lambda: diary.begin(diary.persons, turn.now, until_paid=True)


def _voicing(concern: Concern) -> "Callable[[Turn], Awaitable[_Noted | None]]":
    async def voice(turn: Turn) -> _Noted:
        told = await concerns.raise_concern(
            turn.tx, turn.town.office, turn.actor, turn.situation, concern, turn.now
        )
        if told is not None:
            await _say(turn, told.script, told.values)
        known = await situation_of(turn.tx, BorrowerId(turn.who.borrower_id), turn.now)
        ends = [one.end for one in known.facts.holds if one.kind.value == concern.value]

        def note() -> None:
            diary = turn.who.diary
            diary.begin(diary.persons, turn.now)
            diary.holds.setdefault(concern, []).append(Stretch(turn.now, ends[-1]))

        return note

    return voice


async def _paid(turn: Turn) -> _Noted | None:
    opened = await paying.claim_payment(
        turn.tx, turn.actor, BorrowerId(turn.who.borrower_id), turn.now,
        key=str(turn.town.number()),
    )  # fmt: skip
    if not opened:
        return None
    return lambda: turn.who.diary.holds.setdefault(CLAIM, []).append(Stretch(turn.now))


async def _stop(turn: Turn) -> _Noted:
    await stopping.stop(turn.tx, turn.actor, BorrowerId(turn.who.borrower_id), turn.now)
    return lambda: turn.who.diary.begin(turn.who.diary.stops, turn.now)


async def _resume(turn: Turn) -> _Noted:
    await stopping.resume(turn.tx, turn.actor, BorrowerId(turn.who.borrower_id), turn.now)
    return lambda: turn.who.diary.end(turn.who.diary.stops, turn.now)


def _give_way(turn: Turn) -> None:
    for one in turn.who.diary.promises:
        one.over = one.over or turn.now


def _later_pays(turn: Turn, day: date) -> None:
    """On the day itself, in the middle of it."""
    noon = datetime.combine(day, time(12), zone_of(turn.who)).astimezone(turn.now.tzinfo)
    town, who = turn.town, turn.who

    async def pays(now: datetime) -> None:
        pay(town, who, now, least=1)

    town.at(max(noon, turn.now), pays)


_DEEDS: dict[str, Callable[[Turn], Awaitable[_Noted | None]]] = {
    "look": _look,
    "promise": _promise,
    "withdraw": _withdraw,
    "plan": _plan,
    "human": _human,
    "dispute": _voicing(Concern.DISPUTE),
    "hardship": _voicing(Concern.HARDSHIP),
    "complaint": _voicing(Concern.COMPLAINT),
    "paid": _paid,
    "stop": _stop,
    "resume": _resume,
}
