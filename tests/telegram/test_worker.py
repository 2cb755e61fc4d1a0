"""Updates out of the inbox: whatever one of them does, the next one is handled."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.alarms import Alarms
from bot.errors import NotAvailable, Refusal
from bot.health import Health
from bot.services import receiving
from bot.telegram.incoming import Incoming
from bot.telegram.talk import Toast
from bot.telegram.worker import Worker
from storage.engine import Storage, Transaction
from storage.errors import Conflict, StorageUnavailable
from storage.prepared import Prepared
from storage.schema import inbox
from tests.storage.stage import NOW, a_borrower, add_borrower
from tests.telegram.conversation import Town

Handle = Callable[[Transaction, Incoming], Awaitable[Toast | None]]


class FixedClock:
    """`away` makes it fail as a clock that cannot be reached."""

    away = False

    async def now(self) -> datetime:
        if self.away:
            raise NotAvailable("CLOCK_URL: no time")
        return NOW

    async def close(self) -> None:
        return None


class OneAct:
    """Stands for the dispatch: does one thing with every update, counts refusals and apologies."""

    def __init__(self, act: Handle) -> None:
        self._act = act
        self.handled: list[str] = []
        self.refused: list[str] = []
        self.apologised = 0
        self.words_are_broken = False

    async def handle(self, tx: Transaction, incoming: Incoming, now: datetime) -> Toast | None:
        self.handled.append(incoming.text)
        return await self._act(tx, incoming)

    async def refuse(
        self, tx: Transaction, incoming: Incoming, refusal: Refusal, now: datetime
    ) -> Toast | None:
        if self.words_are_broken:
            raise KeyError(refusal.script)
        self.refused.append(refusal.script)
        return None

    async def apologise(self, tx: Transaction, incoming: Incoming, now: datetime) -> Toast | None:
        self.apologised += 1
        if self.words_are_broken:
            raise KeyError("error.sorry")
        return None


class Presses:
    """Stands for the answers to presses."""

    def __init__(self) -> None:
        self.answered: list[str] = []

    def answer(self, query_id: str, toast: Toast | None) -> None:
        self.answered.append(query_id)


class Desk:
    """A worker with what it works on."""

    def __init__(self, storage: Storage, act: Handle) -> None:
        self.storage = storage
        self.clock = FixedClock()
        self.health = Health()
        self.dispatch = OneAct(act)
        self.presses = Presses()
        alarms = Alarms(storage, self.clock, Town(storage).office, self.health)
        self.worker = Worker(
            storage, self.clock, self.dispatch, self.presses, self.health, alarms
        )  # type: ignore[arg-type]  # fmt: skip

    async def gets(self, *updates: dict[str, Any]) -> None:
        """These updates arrive, and the worker takes what waits, once."""
        async with self.storage.transaction() as tx:
            await receiving.keep(tx, updates, NOW)
        await self.worker._round()

    async def statuses(self) -> list[tuple[str, int]]:
        async with self.storage.reading() as tx:
            rows = await tx.all(
                select(inbox.c.status, inbox.c.attempts).order_by(inbox.c.update_id)
            )
        return [(row.status, row.attempts) for row in rows]


@pytest.fixture
async def storage(sqlite_url: str) -> AsyncIterator[Storage]:
    opened = Storage.open(sqlite_url)
    yield opened
    await opened.close()


async def test_what_a_handler_wrote_is_gone_when_it_fails_and_it_is_tried_three_times(
    storage: Storage,
) -> None:
    async def fail(tx: Transaction, incoming: Incoming) -> None:
        if incoming.text == "bad":
            await add_borrower(tx)
            raise KeyError("a mistake of ours")

    desk = Desk(storage, fail)
    await desk.gets(_said(1, "bad"), _said(2, "good"))
    together, alone = ["bad"], ["bad", "bad", "bad"]
    assert desk.dispatch.handled == [*together, *alone, "good"]
    assert await desk.statuses() == [("dead", 4), ("done", 0)]
    assert desk.dispatch.apologised == 1
    assert desk.health.alarms == {"dead_letter": 1}
    assert await _borrowers(storage) == 0


async def test_an_update_that_fails_takes_neither_the_one_before_nor_the_one_behind_with_it(
    storage: Storage,
) -> None:
    async def write(tx: Transaction, incoming: Incoming) -> None:
        await add_borrower(tx, ref=incoming.text)
        if incoming.text == "bad":
            raise KeyError("a mistake of ours")

    desk = Desk(storage, write)
    await desk.gets(*(_said(n, words) for n, words in enumerate(("first", "bad", "last"), 1)))
    assert [status for status, _ in await desk.statuses()] == ["done", "dead", "done"]
    assert await _references(storage) == ["first", "last"]
    assert [words for words in desk.dispatch.handled if words != "bad"] == ["first", "last"]


async def test_a_refusal_among_others_undoes_its_own_act_alone(storage: Storage) -> None:
    async def write(tx: Transaction, incoming: Incoming) -> None:
        await add_borrower(tx, ref=incoming.text or "pressed")
        if incoming.data is not None:
            raise Refusal("promise.too_late")

    desk = Desk(storage, write)
    await desk.gets(_said(1, "first"), _pressed(2), _said(3, "last"))
    assert desk.dispatch.handled == ["first", "", "last"], "each once, in their order"
    assert desk.dispatch.refused == ["promise.too_late"]
    assert await desk.statuses() == [("done", 0)] * 3
    assert await _references(storage) == ["first", "last"]
    assert desk.presses.answered == ["q2"]


async def test_a_death_at_an_update_leaves_nothing_half_done_and_nothing_answered(
    storage: Storage,
) -> None:
    dying = True

    async def die_once(tx: Transaction, incoming: Incoming) -> None:
        await add_borrower(tx, ref=incoming.text or "pressed")
        if dying and incoming.text == "last":
            raise asyncio.CancelledError

    desk = Desk(storage, die_once)
    with pytest.raises(asyncio.CancelledError):
        await desk.gets(_pressed(1), _said(2, "second"), _said(3, "last"))
    assert await desk.statuses() == [("new", 0)] * 3
    assert await _references(storage) == []
    assert desk.presses.answered == [], "what was not kept is not answered"
    dying = False
    await desk.worker._round()
    assert await desk.statuses() == [("done", 0)] * 3
    assert await _references(storage) == ["pressed", "second", "last"]
    assert desk.presses.answered == ["q1"]


async def test_a_transaction_that_sqlite_gave_up_costs_no_update_anything(
    storage: Storage,
) -> None:
    pages = 1

    async def give_up(tx: Transaction, incoming: Incoming) -> None:
        await tx.execute(text(f"PRAGMA max_page_count={pages}"))
        await add_borrower(tx, ref=incoming.text or "pressed")
        if incoming.text == "second" and pages == 1:
            await tx.change(Prepared(text("ROLLBACK")))  # SQLite may do so of its own accord
            await add_borrower(tx, ref="x" * 1_000_000)

    desk = Desk(storage, give_up)
    with pytest.raises(StorageUnavailable, match="disk is full"):
        await desk.gets(_pressed(1), _said(2, "second"))
    assert await desk.statuses() == [("new", 0)] * 2
    assert desk.presses.answered == []
    pages = 1_000_000
    await desk.worker._round()
    assert await _references(storage) == ["pressed", "second"]
    assert desk.presses.answered == ["q1"]


async def test_others_that_write_get_their_turn_before_all_that_waits_is_handled(
    storage: Storage,
) -> None:
    handled_before_it: list[int] = []

    async def write() -> None:
        async with storage.transaction() as tx:
            await add_borrower(tx)
            handled_before_it.append(len(desk.dispatch.handled))

    async def slow(_tx: Transaction, incoming: Incoming) -> None:
        if incoming.text == "1":
            others.append(asyncio.create_task(write()))
        await asyncio.sleep(0.03)

    others: list[asyncio.Task[None]] = []
    desk = Desk(storage, slow)
    await desk.gets(*(_said(number, str(number)) for number in range(1, 7)))
    await asyncio.gather(*others)
    assert 0 < handled_before_it[0] < 6
    assert await desk.statuses() == [("done", 0)] * 6


async def test_a_refusal_rolls_the_act_back_and_is_told(storage: Storage) -> None:
    async def refuse(tx: Transaction, _incoming: Incoming) -> None:
        await add_borrower(tx)
        raise Refusal("promise.too_late")

    desk = Desk(storage, refuse)
    await desk.gets(_pressed(1))
    assert desk.dispatch.refused == ["promise.too_late"]
    assert await desk.statuses() == [("done", 0)]
    assert await _borrowers(storage) == 0
    assert desk.presses.answered == ["q1"]


async def test_a_refusal_that_cannot_be_put_into_words_stops_nobody(storage: Storage) -> None:
    async def refuse(_tx: Transaction, incoming: Incoming) -> None:
        if incoming.data is not None:
            raise Refusal("no.such.script")

    desk = Desk(storage, refuse)
    desk.dispatch.words_are_broken = True
    await desk.gets(_pressed(1), _said(2, "good"))
    assert [status for status, _ in await desk.statuses()] == ["dead", "done"]
    assert desk.presses.answered == ["q1"], "the button must not spin for ever"


async def test_who_was_too_slow_tries_again(storage: Storage) -> None:
    tries: list[str] = []

    async def too_slow_once(_tx: Transaction, incoming: Incoming) -> None:
        tries.append(incoming.text)
        if len(tries) == 1:
            raise Conflict("somebody was faster")

    desk = Desk(storage, too_slow_once)
    await desk.gets(_said(1, "take"))
    assert len(tries) == 2
    assert await desk.statuses() == [("done", 0)]


async def test_a_database_that_goes_away_costs_an_update_nothing(storage: Storage) -> None:
    away = True

    async def handle(_tx: Transaction, _incoming: Incoming) -> None:
        if away:
            raise StorageUnavailable("locked")

    desk = Desk(storage, handle)
    with pytest.raises(StorageUnavailable):
        await desk.gets(_said(1, "first"), _said(2, "second"))
    assert await desk.statuses() == [("new", 0), ("new", 0)]
    away = False
    await desk.worker._round()
    assert desk.dispatch.handled == ["first", "first", "second"], "in their order"


async def test_a_clock_that_goes_away_costs_an_update_nothing(storage: Storage) -> None:
    async def nothing(_tx: Transaction, _incoming: Incoming) -> None:
        return None

    desk = Desk(storage, nothing)
    desk.clock.away = True
    with pytest.raises(NotAvailable):
        await desk.gets(_said(1, "first"))
    desk.clock.away = False
    await desk.worker._round()
    assert await desk.statuses() == [("done", 0)]


async def test_a_broken_constraint_is_our_fault_and_ends_the_update(storage: Storage) -> None:
    async def broken_constraint(tx: Transaction, _incoming: Incoming) -> None:
        await tx.execute(text("INSERT INTO holds (borrower_id) VALUES (404)"))

    await a_borrower(storage)
    desk = Desk(storage, broken_constraint)
    await desk.gets(_said(1, "bad"))
    assert [status for status, _ in await desk.statuses()] == ["dead"]


async def test_kinds_that_are_not_ours_are_done_without_a_word(storage: Storage) -> None:
    async def nothing(_tx: Transaction, _incoming: Incoming) -> None:
        return None

    desk = Desk(storage, nothing)
    await desk.gets({"update_id": 1, "poll_answer": None}, {"update_id": 2})
    assert await desk.statuses() == [("done", 0), ("done", 0)]
    assert desk.dispatch.handled == []


@pytest.mark.parametrize(
    "strange",
    [
        {"message": {"message_id": "x"}},
        {"message": []},
        {"message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"},
                     "from": {"id": "me"}}},
        {"callback_query": {"id": 7}},
        {"my_chat_member": "gone"},
    ],
    ids=json.dumps,
)  # fmt: skip
async def test_what_telegram_never_promised_becomes_a_dead_letter(
    storage: Storage, strange: dict[str, Any]
) -> None:
    async def nothing(_tx: Transaction, _incoming: Incoming) -> None:
        return None

    desk = Desk(storage, nothing)
    await desk.gets({"update_id": 1, **strange}, _said(2, "good"))
    assert [status for status, _ in await desk.statuses()] == ["dead", "done"]
    assert desk.dispatch.handled == ["good"]


def _said(number: int, words: str) -> dict[str, Any]:
    return {"update_id": number, "message": _message(text=words)}


def _pressed(number: int) -> dict[str, Any]:
    query = {
        "id": f"q{number}", "from": _SOMEBODY, "chat_instance": "1", "data": "menu",
        "message": _message(text="hello"),
    }  # fmt: skip
    return {"update_id": number, "callback_query": query}


_SOMEBODY = {"id": 7, "is_bot": False, "first_name": "Anna"}


def _message(**how: Any) -> dict[str, Any]:
    chat = {"id": 7, "type": "private"}
    return {"message_id": 5, "date": 1_700_000_000, "chat": chat, "from": _SOMEBODY, **how}


async def _references(storage: Storage) -> list[str]:
    """Of those there are, in the order they came."""
    async with storage.reading() as tx:
        rows = await tx.all(text("SELECT borrower_ref FROM borrowers ORDER BY id"))
    return [row.borrower_ref for row in rows]


async def _borrowers(storage: Storage) -> int:
    async with storage.reading() as tx:
        return int(await tx.value(text("SELECT count(*) FROM borrowers")))
