"""SIGTERM: nothing new is begun, what is in hand comes to its end, and ten seconds are enough."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from tests.process.deployment import Debtor, Deployment, Person, bring_in, deployed, known

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

DEBTORS = [
    Debtor(f"B-{number}", 1000 + number, due_date=date(2026, 11, 21)) for number in range(1, 6)
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path_factory.mktemp("stopping"), "--no-strict-limits") as town:
        await town.move_clock(to="2026-11-18T04:00:00Z")
        await bring_in(town, DEBTORS, date(2026, 11, 18))
        await known(town, *DEBTORS)
        yield town


async def test_who_changes_their_mind_during_the_start_is_heard(town: Deployment) -> None:
    await town.start(ready=False)
    assert town.process is not None
    await town.until(lambda: _listens(town), "the process to listen to SIGTERM")
    town.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        assert await town.process.wait() == 0


async def test_what_is_in_hand_is_finished_and_nothing_is_lost_or_doubled(
    town: Deployment,
) -> None:
    await town.start()
    talkers = [town.person(one.telegram_id) for one in DEBTORS]
    for person in talkers:
        await person.sees("Wang Fang")
    await town.trouble("slow_answer", method="sendMessage", delay_s=1.5)
    before = [await _balances(person) for person in talkers]
    for person in talkers:
        await person.says("/balance")
    await asyncio.sleep(0.7)  # some are handled by now, some on the wire, some not begun

    began = time.monotonic()
    assert await town.stop() == 0
    assert time.monotonic() - began < 10
    assert await town.rows("SELECT count(*) FROM outbox WHERE status = 'sending'") == [(0,)]
    assert await town.rows("SELECT count(*) FROM outbox WHERE status = 'claimed'") == [(0,)]

    await town.calm()
    await town.start()
    for person in talkers:
        await person.says("/help")
        await person.sees("/balance")
    after = [await _balances(person) for person in talkers]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1] * len(talkers)
    assert await town.rows("SELECT count(*) FROM outbox WHERE possible_repeat") == [(0,)]


async def test_a_telegram_that_does_not_answer_does_not_hold_up_the_stop(
    town: Deployment,
) -> None:
    """The bot runs since the test before. What was on the wire is in doubt, and only that."""
    first, second, *_ = DEBTORS
    await town.move_clock(to="2026-11-19T12:00:00Z")
    await bring_in(town, [first], date(2026, 11, 19))
    await town.trouble("slow", method="sendMessage", delay_s=60)
    await town.move_clock(to="2026-11-20T01:59:58Z")
    await town.until(lambda: _is_sending(town, first), "the reminder to be on the wire")
    await town.person(second.telegram_id).says("/balance")
    await town.until(lambda: _is_sending(town, second), "the answer to be on the wire")

    began = time.monotonic()
    assert await town.stop() == 0
    assert 5 < time.monotonic() - began < 10

    await town.calm()
    await town.start()
    reminders = "SELECT status FROM outbox WHERE delivery = 'reminder' AND chat_id = ?"
    assert await town.rows(reminders, first.telegram_id) == [("unknown",)]
    await town.person(second.telegram_id).sees("Your balance")
    repeats = "SELECT chat_id FROM outbox WHERE possible_repeat"
    assert await town.rows(repeats) == [(second.telegram_id,)]


async def test_a_second_process_on_the_same_file_is_sent_away(town: Deployment) -> None:
    """It would take what the first has on the wire for left behind."""
    await town.is_ready()
    second = await town.command("run", CONSOLE_PORT="0")
    assert second.code == 3
    assert "another `remindful run` works on it" in second.err.splitlines()[-1]
    await town.is_ready()


async def _listens(town: Deployment) -> bool:
    """The system's own list of the signals that a process catches."""
    assert town.process is not None
    status = Path(f"/proc/{town.process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGTERM - 1))


async def _balances(person: Person) -> int:
    return sum("Your balance" in one.get("text", "") for one in await person.messages())


async def _is_sending(town: Deployment, debtor: Debtor) -> bool:
    query = "SELECT count(*) FROM outbox WHERE status = 'sending' AND chat_id = ?"
    return await town.rows(query, debtor.telegram_id) == [(1,)]
