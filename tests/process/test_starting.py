"""What a dead process left is settled before the slow libraries are loaded."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from storage import migrating, outbox
from storage.engine import Storage
from storage.records import Actor, ContactKind, DeliveryClass, Outgoing
from storage.schema import outbox as rows_left

pytestmark = pytest.mark.process

DIED = datetime(2026, 1, 5, 3, tzinfo=UTC)
_HEAVY = ("aiogram", "fastapi", "starlette", "uvicorn", "apscheduler", "bot.understanding")
_BEGIN = f"""
import asyncio, json, sys
from bot import settings
from bot.beginning import begun

async def begin():
    async with begun(settings.load("bot_token", "secret_key")):
        print(json.dumps([name for name in {_HEAVY!r} if name in sys.modules]), file=sys.stderr)

asyncio.run(begin())
"""


async def test_what_was_on_the_wire_is_settled_before_telegram_is_loaded(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'left.sqlite3'}"
    storage = Storage.open(url)
    await migrating.ready(storage)
    thanks = Outgoing(
        unique_key="thanks",
        chat_id=5_001,
        delivery=DeliveryClass.REMINDER,
        method="sendMessage",
        payload={"text": "Thank you."},
        actor=Actor.system(),
        not_before=DIED,
        kind=ContactKind.THANKS,
    )
    async with storage.transaction() as tx:
        await outbox.put(tx, thanks, DIED)
        await tx.execute(
            update(rows_left).values(status="sending", worker="dead:1", status_at=DIED)
        )
    settings = {
        "BOT_TOKEN": "42:starting",
        "SECRET_KEY": "0" * 64,
        "LENDER_NAME": "Lantern",
        "DATABASE_URL": url,
    }
    done = subprocess.run(
        [sys.executable, "-c", _BEGIN],
        env={**os.environ, **settings},
        cwd=tmp_path,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stderr.splitlines()[-1]) == []
    async with storage.reading() as tx:
        assert await tx.value(select(rows_left.c.status)) == "unknown"
    await storage.close()
