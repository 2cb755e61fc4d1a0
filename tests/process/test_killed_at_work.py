"""SIGKILL in the worst moments: an update read but not kept, kept but not handled, a message that
arrived but was not recorded; and then at random, each time with the bot in the middle of its work.
"""

import asyncio
import os
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date

import pytest
import pytest_asyncio

from bot.services import receiving
from tests.process.deployment import Debtor, Deployment, Person, bring_in, deployed, known

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

KILLS = int(os.environ.get("REMINDFUL_KILLS_AT_WORK", "4"))
SEED = int(os.environ.get("REMINDFUL_SEED", "20261122"))
DEBTORS = [
    Debtor(f"B-{number}", 2000 + number, due_date=date(2026, 11, 21)) for number in range(1, 10)
]
REMINDED, TALKERS = DEBTORS[:6], DEBTORS[6:]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path_factory.mktemp("killed"), "--no-strict-limits") as town:
        await town.move_clock(to="2026-11-18T04:00:00Z")
        await bring_in(town, DEBTORS, date(2026, 11, 18))
        await known(town, *DEBTORS)
        await town.start()
        for debtor in DEBTORS:
            await town.person(debtor.telegram_id).sees("Wang Fang")
        yield town


async def test_an_update_that_was_read_but_not_kept_is_read_again(town: Deployment) -> None:
    talker = _talker(town, 0)
    file = town.folder / "remindful.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # so that the bot cannot write it down
        await talker.says("/balance")
        await asyncio.sleep(0.5)
        await _kill(town)
        other.execute("COMMIT")
    await town.start()
    await talker.sees("Your balance")
    assert await _said(talker, "Your balance") == 1


async def test_an_update_that_was_kept_but_not_handled_is_handled_once(town: Deployment) -> None:
    talker = _talker(town, 1)
    await _kill(town)
    await talker.says("/balance")
    token = town.env["BOT_TOKEN"]
    async with town.http.get(f"{town.telegram}/bot{token}/getUpdates") as answer:
        updates = (await answer.json())["result"]
    async with town.house() as house, house.storage.transaction() as tx:
        await receiving.keep(tx, updates, await house.clock.now())
    await town.start()
    await talker.sees("Your balance")
    await _everything_is_settled(town)
    assert await _said(talker, "Your balance") == 1


async def test_a_reminder_that_arrived_without_our_knowing_is_never_sent_again(
    town: Deployment,
) -> None:
    """All six are on the wire when the power goes; all six stand in their chats."""
    await town.move_clock(to="2026-11-19T12:00:00Z")
    await bring_in(town, REMINDED, date(2026, 11, 19))
    await town.trouble("slow_answer", method="sendMessage", delay_s=20)
    await town.move_clock(to="2026-11-20T01:59:58Z")
    for debtor in REMINDED:
        await town.person(debtor.telegram_id).sees("figures of", "/stop")
    await _kill(town)
    await town.calm()
    await town.start()
    statuses = await town.rows("SELECT status FROM outbox WHERE delivery = 'reminder'")
    assert statuses == [("unknown",)] * len(REMINDED)
    await asyncio.sleep(2)
    for debtor in REMINDED:
        assert await _said(town.person(debtor.telegram_id), "/stop") == 1


async def test_random_kills_in_the_middle_of_the_work_lose_and_double_nothing(
    town: Deployment,
) -> None:
    chance = random.Random(SEED)
    before = await _started(town)
    sent = 0
    for _ in range(KILLS):
        ends = asyncio.get_running_loop().time() + chance.random() * 1.5
        while asyncio.get_running_loop().time() < ends:
            talker = town.person(chance.choice(TALKERS).telegram_id)
            await talker.says(f"how are you {sent}")
            sent += 1
            await asyncio.sleep(chance.random() * 0.1)
        await _kill(town)
        await town.start()
    await _everything_is_settled(town, answers=sent)

    heard = [
        text
        for (text,) in await town.rows(
            "SELECT text FROM messages WHERE direction = 'in' AND text LIKE 'how are you %' "
            "ORDER BY id"
        )
    ]
    assert len(heard) == len(set(heard)) == sent
    for debtor in TALKERS:
        told = [
            int(text.rpartition(" ")[2])
            for (text,) in await town.rows(
                "SELECT text FROM messages WHERE direction = 'in' AND chat_id = ? "
                "AND text LIKE 'how are you %' ORDER BY id",
                debtor.telegram_id,
            )
        ]
        assert told == sorted(told), "in the order they were written"
    assert await town.rows("SELECT count(*) FROM inbox WHERE status = 'dead'") == [(0,)]
    assert await _started(town) - before == KILLS, "each kill met a bot at work"
    print(f"kills {KILLS}, seed {SEED}: updates sent {sent}, handled {len(heard)}, "
          f"lost {sent - len(set(heard))}, doubled {len(heard) - len(set(heard))}")  # fmt: skip


async def _kill(town: Deployment) -> None:
    town.kill()
    await town.is_over()


def _talker(town: Deployment, number: int) -> Person:
    return town.person(TALKERS[number].telegram_id)


async def _said(person: Person, text: str) -> int:
    """How often the bot's messages in a chat have `text`."""
    said = [one.get("text", "") for one in await person.messages() if one["from"]["is_bot"]]
    return sum(text in one for one in said)


async def _started(town: Deployment) -> int:
    return town.log().count('"event": "let in"')


async def _everything_is_settled(town: Deployment, answers: int = 0) -> None:
    """A chat gets one message a second, so many answers take their time."""

    async def look() -> bool:
        pending = (await town.ask("GET", "/sim/updates"))["pending"]
        waiting = await town.rows("SELECT count(*) FROM inbox WHERE status = 'new'")
        leaving = await town.rows(
            "SELECT count(*) FROM outbox WHERE status IN ('claimed', 'sending') "
            "OR (status = 'queued' AND lane < 2)"
        )
        return not pending and waiting == [(0,)] and leaving == [(0,)]

    await town.until(look, "everything to be handled and to have left", patience=60 + answers)
