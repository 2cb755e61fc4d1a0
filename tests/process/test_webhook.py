"""Webhook mode: Telegram knocks at our door, and an update is on the disk before we say thanks."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from tests.process.deployment import Debtor, Deployment, bring_in, deployed, known

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

SECRET = "only-Telegram_knows"
MARIA, FANG = (
    Debtor(f"B-{number}", 1000 + number, due_date=date(2026, 11, 21)) for number in (1, 2)
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path_factory.mktemp("webhook"), "--no-strict-limits") as town:
        await town.move_clock(to="2026-11-20T04:00:00Z")
        await bring_in(town, [MARIA, FANG], date(2026, 11, 20))
        await known(town, MARIA, FANG)
        town.env |= {"WEBHOOK_URL": town.console, "WEBHOOK_SECRET": SECRET}
        await town.start()
        yield town


async def test_what_waited_at_telegram_is_taken_and_answered(town: Deployment) -> None:
    for debtor in (MARIA, FANG):
        await town.person(debtor.telegram_id).sees("Wang Fang")
    told = await town.ask("GET", "/sim/updates")
    assert told["webhook"] == f"{town.console}/telegram/webhook"
    assert await town.requests("getUpdates") == []


async def test_words_and_presses_are_answered_as_when_polling(town: Deployment) -> None:
    maria = town.person(MARIA.telegram_id)
    await maria.says("/balance")
    await maria.sees("Your balance")
    await maria.taps("pay")
    await maria.sees("Payments page")


@pytest.mark.parametrize("given", ["", "a guess", "ключ", SECRET.lower()])
async def test_whoever_does_not_know_the_secret_is_sent_away(town: Deployment, given: str) -> None:
    before = await town.rows("SELECT count(*) FROM inbox")
    for body in (b'{"update_id": 1}', b"not JSON"):
        assert await _knock(town, body, given) == 401
    assert await town.rows("SELECT count(*) FROM inbox") == before


@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b"[]", b"7", b"{}", b'{"update_id": "7"}', b'{"update_id": -1}',
     b'{"update_id": 99999999999999999999}', b'{"update_id": 1.5}', b"\xff\xfe"],
)  # fmt: skip
async def test_what_is_no_update_is_a_bad_request(town: Deployment, body: bytes) -> None:
    assert await _knock(town, body, SECRET) == 400


async def test_an_update_is_on_the_disk_before_it_is_answered(town: Deployment) -> None:
    body = b'{"update_id": 4711, "message": {"chat": {"id": 77}, "text": "\\ud83d?"}}'
    assert await _knock(town, body, SECRET) == 200
    assert await town.rows("SELECT chat_id FROM inbox WHERE update_id = 4711") == [(77,)]
    assert await _knock(town, body, SECRET) == 200
    assert await town.rows("SELECT count(*) FROM inbox WHERE update_id = 4711") == [(1,)]


async def test_an_unreadable_update_stops_no_other(town: Deployment) -> None:
    body = b'{"update_id": 4712, "message": {"message_id": {}, "chat": {"id": 1e400}}}'
    assert await _knock(town, body, SECRET) == 200
    fang = town.person(FANG.telegram_id)
    await fang.says("/balance")
    await fang.sees("Your balance")
    dead = await town.rows("SELECT status FROM inbox WHERE update_id = 4712")
    assert dead == [("dead",)]
    await town.is_unready("dead_letter", "4712")


async def test_while_the_database_is_locked_telegram_is_asked_to_come_again(
    town: Deployment,
) -> None:
    maria = town.person(MARIA.telegram_id)
    file = town.folder / "remindful.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await _knock(town, b'{"update_id": 4713}', SECRET) == 503
        await maria.says("/help")
        other.execute("COMMIT")
    await maria.sees("/balance", "/human")
    assert await town.rows("SELECT count(*) FROM inbox WHERE update_id = 4713") == [(0,)]


async def test_back_to_polling_the_old_webhook_is_ended(town: Deployment) -> None:
    assert await town.stop() == 0
    await town.person(MARIA.telegram_id).says("/pay")
    for setting in ("WEBHOOK_URL", "WEBHOOK_SECRET"):
        town.env.pop(setting)
    await town.start()
    await town.person(FANG.telegram_id).says("/pay")
    await town.person(FANG.telegram_id).sees("Payments page")
    assert (await town.ask("GET", "/sim/updates"))["webhook"] is None


async def _knock(town: Deployment, body: bytes, secret: str) -> int:
    headers: dict[str, Any] = {"Content-Type": "application/json"}
    if secret:
        headers["X-Telegram-Bot-Api-Secret-Token"] = secret
    where = f"{town.console}/telegram/webhook"
    async with town.http.post(where, data=body, headers=headers) as answer:
        return answer.status
