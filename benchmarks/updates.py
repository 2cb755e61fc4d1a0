"""Updates through everything of ours beside one aiogram handler that echoes.

    python -m benchmarks.updates [--updates N] [--runs N]

The baseline of the first three is aiogram's dispatcher with one handler that answers by HTTP.

- `updates`: a message of a verified borrower through the full set of handlers: decoded, who it is,
  their door, what is kept of it, their facts and the table, to a handler that answers by HTTP with
  the same words as the echo.
- `updates_whole`: /help as it is: kept in the inbox, through all of that to the answer queued and
  the update marked, on SQLite with synchronous=FULL. What is queued leaves in `button_press`.
- `button_press`: a press of "how to pay", from the inbox to the edited message that Telegram has
  taken and the press that is answered.
- `button_press_p99`: how long that takes at 50 presses a second.
- `inbox`: CPU of writing updates down, a hundred at a time as the above are, reading them back and
  marking them, in parts of the rest of a press.
"""

import argparse
import asyncio
import json
import shutil
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import SendMessage
from aiogram.types import CallbackQuery, Message, Update
from sqlalchemy import select

from benchmarks.lending import NOW, RunningClock, chat_of, office, portfolio, until
from benchmarks.sink import sink
from bot.alarms import Alarms
from bot.health import Health
from bot.services import receiving
from bot.telegram.answers import Answers
from bot.telegram.borrower.door import COMMANDS
from bot.telegram.connection import connect
from bot.telegram.dispatch import Dispatch
from bot.telegram.incoming import decode
from bot.telegram.limiter import Limiter
from bot.telegram.sender import Sender
from bot.telegram.talk import BorrowerTalk
from bot.telegram.worker import Worker
from storage import inbox, outbox
from storage.engine import Storage
from storage.prepared import Prepared
from storage.schema import outbox as rows

TOKEN = "42:benchmark"
QUICK = {"updates": 100, "runs": 2}
"""Sizes for a look in between; see `benchmarks --quick`."""
_PEOPLE = 1_500
"""More than updates in a run: a chat gets one message a second, and nobody is to wait for that."""
_PER_SECOND = 50
_SECONDS = 6
_TOGETHER = 20
"""About so many updates that wait share a commit."""

Make = Callable[[int], dict[str, Any]]


def results(runs: int = 7, updates: int = 1_000) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="remindful-bench-") as made, sink() as telegram:
        template = Path(made) / "template.sqlite3"
        asyncio.run(portfolio(template, _PEOPLE, 0))
        warm = Path(shutil.copyfile(template, Path(made) / "warm.sqlite3"))
        for make in (_message, _press):  # what is compiled once is not measured
            asyncio.run(_bare(telegram.url, 20, make))
            asyncio.run(_ours(warm, telegram.url, 20, make, answered=True))
        routed, said, pressed, kept, waits = [], [], [], [], []
        numbers = count()

        def copy() -> Path:
            return Path(shutil.copyfile(template, Path(made) / f"{next(numbers)}.sqlite3"))

        for _ in range(runs):
            bare = asyncio.run(_bare(telegram.url, updates, _message))
            routed.append(bare[1] / asyncio.run(_routed(copy(), telegram.url, updates)))
            ours = asyncio.run(_ours(copy(), telegram.url, updates, _message, answered=False))
            said.append(bare[1] / ours[1])
            bare = asyncio.run(_bare(telegram.url, updates, _press))
            ours = asyncio.run(_ours(copy(), telegram.url, updates, _press, answered=True))
            pressed.append(bare[1] / ours[1])
            keeping = asyncio.run(_keeping(copy(), updates))
            kept.append(keeping / (ours[1] - keeping) * 100)
            waits.append(asyncio.run(_paced(copy(), telegram.url)))
    return {
        "updates": _figure(
            "ratio", routed, "of one echo handler's speed (CPU), to a handler that echoes", 0.5, 0.8
        ),
        "updates_whole": _figure(
            "ratio", said, "of one echo handler's speed (CPU), inbox to queued answer", 0.5, 0.8
        ),
        "button_press": _figure("ratio", pressed, "of one echo handler's speed (CPU)", 0.5, 0.5),
        "button_press_p99": _figure("value", waits, f"ms at {_PER_SECOND}/s", 150, 150),
        "inbox": _figure("value", kept, "% added to a press's CPU", 15, 5),
    }


def _figure(name: str, some: list[float], unit: str, floor: float, aim: float) -> dict[str, Any]:
    return {
        name: round(median(some), 2), "unit": unit, "low": round(min(some), 2),
        "high": round(max(some), 2), "floor": floor, "aim": aim, "runs": len(some),
    }  # fmt: skip


_numbers = iter(range(1, 10_000_000))


def _chat(number: int) -> dict[str, Any]:
    return {"id": chat_of(number % _PEOPLE + 1), "type": "private", "first_name": "Wang"}


def _person(number: int) -> dict[str, Any]:
    return {"id": chat_of(number % _PEOPLE + 1), "is_bot": False, "first_name": "Wang"}


def _message(number: int) -> dict[str, Any]:
    return {
        "update_id": next(_numbers),
        "message": {"message_id": number + 1, "date": int(NOW.timestamp()), "chat": _chat(number),
                    "from": _person(number), "text": "/help"},
    }  # fmt: skip


def _press(number: int) -> dict[str, Any]:
    message = {"message_id": 1, "date": int(NOW.timestamp()), "chat": _chat(number), "text": "home"}
    return {
        "update_id": next(_numbers),
        "callback_query": {"id": str(number), "from": _person(number), "chat_instance": "1",
                           "data": "pay", "message": message},
    }  # fmt: skip


async def _bare(url: str, updates: int, make: Make) -> tuple[float, float]:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    @dispatcher.callback_query()
    async def pressed(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.edit_text(query.data or "")
        await query.answer()

    some = [make(number) for number in range(updates)]
    wall, cpu = perf_counter(), process_time()
    for one in some:
        await dispatcher.feed_update(bot, Update.model_validate(one, context={"bot": bot}))
    took = perf_counter() - wall, process_time() - cpu
    await bot.session.close()
    return took


async def _routed(file: Path, url: str, updates: int) -> float:
    """CPU seconds from an update's text through `Dispatch` to a handler that echoes."""
    storage, bot, dispatch = (
        Storage.open(f"sqlite:///{file}"),
        connect(TOKEN, url),
        Dispatch(office()),
    )

    async def echo(talk: BorrowerTalk, _args: str) -> None:
        await bot(SendMessage(chat_id=talk.reader.chat_id, text=talk.incoming.text))

    some = [json.dumps(_message(number)) for number in range(updates)]
    handler, COMMANDS["help"] = COMMANDS["help"], echo
    cpu = process_time()
    for at in range(0, updates, _TOGETHER):
        async with storage.transaction(at_once=True) as tx:
            for body in some[at : at + _TOGETHER]:
                incoming = decode(body)
                assert incoming is not None
                await dispatch.handle(tx, incoming, NOW)
    took = process_time() - cpu
    COMMANDS["help"] = handler
    await bot.session.close()
    await storage.close()
    return took


class _Desk:
    """Worker, sender and answers of one process, as `remindful run` has them."""

    def __init__(self, file: Path, url: str) -> None:
        self.storage = Storage.open(f"sqlite:///{file}")
        self.bot = connect(TOKEN, url)
        here, clock, health = office(), RunningClock(), Health()
        alarms = Alarms(self.storage, clock, here, health)
        self.answers = Answers(self.bot)
        self.worker = Worker(self.storage, clock, Dispatch(here), self.answers, health, alarms)
        self.sender = Sender(
            self.bot, self.storage, clock, here, health, alarms, worker="bench:1",
            limiter=Limiter(1e9),
        )  # fmt: skip

    async def keep(self, some: list[dict[str, Any]]) -> None:
        async with self.storage.transaction() as tx:
            await receiving.keep(tx, some, NOW)

    async def handled(self) -> bool:
        async with self.storage.reading() as tx:
            return not await inbox.waiting(tx, after=-1, limit=1)

    async def sent(self) -> bool:
        async with self.storage.reading() as tx:
            return set(await outbox.counts(tx)) <= {"sent"}

    async def close(self) -> None:
        await self.bot.session.close()
        await self.storage.close()


async def _ours(
    file: Path, url: str, updates: int, make: Make, *, answered: bool
) -> tuple[float, float]:
    desk = _Desk(file, url)
    some = [make(number) for number in range(updates)]
    wall, cpu = perf_counter(), process_time()
    for at in range(0, updates, 100):
        await desk.keep(some[at : at + 100])
    async with asyncio.TaskGroup() as tasks:
        working = tasks.create_task(desk.worker.run())
        done = desk.handled
        if answered:
            sending, answering = (
                tasks.create_task(desk.sender.run()),
                tasks.create_task(desk.answers.run()),
            )
            done = desk.sent
        await until(desk.handled, every=0.1)
        await until(done, every=0.1)
        took = perf_counter() - wall, process_time() - cpu
        desk.worker.stop()
        await working
        if answered:
            desk.sender.stop()
            await sending
            await desk.answers.drain()
            answering.cancel()
    await desk.close()
    return took


async def _keeping(file: Path, updates: int) -> float:
    """CPU seconds of writing updates down, reading them back and marking them."""
    desk = _Desk(file, "http://127.0.0.1:1")
    some = [_press(number) for number in range(updates)]
    cpu = process_time()
    for at in range(0, updates, 100):
        await desk.keep(some[at : at + 100])
        async with desk.storage.reading() as tx:
            await receiving.waiting(tx, after=-1, limit=100)
        async with desk.storage.transaction(at_once=True) as tx:
            for one in some[at : at + 100]:
                await receiving.finish(tx, one["update_id"], NOW)
    took = process_time() - cpu
    await desk.close()
    return took


async def _paced(file: Path, url: str) -> float:
    """Milliseconds, p99, from the press's arrival until its edited message is recorded."""
    desk = _Desk(file, url)
    began: dict[str, float] = {}
    waits: list[float] = []

    async def press_all() -> None:
        for number in range(_PER_SECOND * _SECONDS):
            update = _press(number)
            began[f"update:{update['update_id']}:1"] = perf_counter()
            await desk.keep([update])
            await asyncio.sleep(1 / _PER_SECOND)

    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(part.run()) for part in (desk.worker, desk.sender, desk.answers)
        ]
        pressing = tasks.create_task(press_all())
        while not pressing.done() or began:
            async with desk.storage.reading() as tx:
                sent = {row.unique_key for row in await tx.all(_SENT)}
            waits += [(perf_counter() - began.pop(key)) * 1_000 for key in began.keys() & sent]
            await asyncio.sleep(0.005)
        desk.worker.stop()
        desk.sender.stop()
        await running[0]
        await running[1]
        running[2].cancel()
    await desk.close()
    return sorted(waits)[int(len(waits) * 0.99)]


_SENT = Prepared(
    select(rows.c.unique_key).where(rows.c.status == "sent").order_by(rows.c.id.desc()).limit(20)
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--updates", type=int, default=1_000)
    given = parser.parse_args()
    print(json.dumps(results(given.runs, given.updates), indent=2))


if __name__ == "__main__":
    main()
