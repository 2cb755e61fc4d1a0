"""Telegram refuses, hangs up, answers rubbish or asks us to wait; the database is locked or full.

One bot runs through all of it. Each test has borrowers of its own; a reminder goes out at ten in
the morning of the day before something is due, so each test that needs one takes the next day.
"""

import asyncio
import json
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import pytest_asyncio

from bot.services import paying
from storage import borrowers
from storage.records import Money
from tests.process.deployment import (
    Debtor,
    Deployment,
    Person,
    bring_in,
    deployed,
    free_port,
    known,
    people,
)
from tests.process.wire import Wire, wire_to

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

ADMIN = 9001
FAR_OFF = date(2027, 6, 1)
DEBTORS = [Debtor(f"B-{number}", 1000 + number, due_date=FAR_OFF) for number in range(1, 20)]

_mornings = count()
_unused = iter(DEBTORS)


class Town:
    """A running deployment with lines to Telegram and to the clock that can be cut."""

    def __init__(self, deployment: Deployment, wire: Wire, clock: Wire) -> None:
        self.deployment = deployment
        self.wire = wire
        self.clock = clock

    def borrower(self) -> tuple[Debtor, Person]:
        """One that no other test has."""
        debtor = next(_unused)
        return debtor, self.deployment.person(debtor.telegram_id)

    async def morning(self, *debtors: Debtor) -> None:
        """Two seconds before ten; something of each of them is due tomorrow."""
        day = date(2026, 11, 20) + timedelta(days=next(_mornings))
        await self.deployment.move_clock(to=f"{day - timedelta(days=1)}T12:00:00Z")
        due = [replace(one, due_date=day + timedelta(days=1)) for one in debtors]
        await bring_in(self.deployment, due, day - timedelta(days=1))
        await self.deployment.move_clock(to=f"{day}T01:59:58Z")

    async def reminder(self, debtor: Debtor) -> tuple[str, str]:
        """(status, error) of the newest reminder of a borrower; ("", "") before there is one."""
        rows = await self.deployment.rows(
            "SELECT status, error FROM outbox WHERE delivery = 'reminder' AND chat_id = ? "
            "ORDER BY id DESC",
            debtor.telegram_id,
        )
        return rows[0] if rows else ("", "")

    async def becomes(self, debtor: Debtor, status: str) -> None:
        async def look() -> bool:
            return (await self.reminder(debtor))[0] == status

        await self.deployment.until(look, f"the reminder of {debtor.ref} to be {status}")

    async def delivered(self, person: Person) -> int:
        """How many reminders really stand in a chat, whatever our own records say."""
        said = [one.get("text", "") for one in await person.messages()]
        return sum("figures of" in text and "/stop" in text for text in said)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with deployed(tmp_path_factory.mktemp("faults"), "--no-strict-limits") as deployment:
        await deployment.move_clock(to="2026-11-18T01:00:00Z")
        await people(
            deployment,
            {"telegram_id": ADMIN, "role": "admin", "name": "Ada", "language": "en"},
        )
        await deployment.person(ADMIN).says("/start")
        deployment.env["ADMIN_IDS"] = str(ADMIN)
        await bring_in(deployment, DEBTORS, date(2026, 11, 18))
        await known(deployment, *DEBTORS)
        telegram = deployment.telegram
        async with (
            wire_to(telegram, free_port()) as wire,
            wire_to(telegram, free_port()) as clock,
        ):
            deployment.env["TELEGRAM_API_URL"] = wire.url
            deployment.env["CLOCK_URL"] = f"{clock.url}/clock"
            await wire.cut()
            await deployment.start(ready=False)
            yield Town(deployment, wire, clock)


async def test_a_telegram_that_is_away_at_the_start_is_waited_for(town: Town) -> None:
    await town.deployment.is_unready("telegram", "Telegram cannot be reached")
    await town.wire.mend()
    await town.deployment.is_ready()
    for debtor in DEBTORS:  # who pressed Start meanwhile is answered
        await town.deployment.person(debtor.telegram_id).sees("Wang Fang")


async def test_what_may_have_arrived_is_never_sent_again_and_what_cannot_have_is(
    town: Town,
) -> None:
    faults: dict[str, dict[str, Any]] = {
        "reset_after": {},
        "reset_before": {},
        "undecodable": {},
        "server_error": {"status": 502},
    }
    met = {kind: town.borrower() for kind in faults}
    for kind, how in faults.items():
        debtor, _ = met[kind]
        await town.deployment.trouble(
            kind, method="sendMessage", chat_id=debtor.telegram_id, **{"count": 1, **how}
        )
    calm, undisturbed = town.borrower()
    await town.morning(calm, *(debtor for debtor, _ in met.values()))

    await undisturbed.sees("figures of", "/stop")
    for kind in ("reset_after", "reset_before", "undecodable"):
        await town.becomes(met[kind][0], "unknown")
    await town.becomes(met["server_error"][0], "sent")
    await asyncio.sleep(2)  # nothing comes after
    assert {kind: await town.delivered(person) for kind, (_, person) in met.items()} == {
        "reset_after": 1,
        "reset_before": 0,
        "undecodable": 1,
        "server_error": 1,
    }
    await town.deployment.calm()

    listed = json.loads((await town.deployment.do("in-doubt", "--json")).out)
    doubted = {one["borrower_ref"] for one in listed}
    assert doubted == {met[kind][0].ref for kind in faults if kind != "server_error"}
    assert all(one["why"] and one["at"].endswith("Z") for one in listed)


async def test_while_connections_are_refused_everything_waits_and_then_leaves(town: Town) -> None:
    debtor, person = town.borrower()
    await town.wire.cut()
    await town.morning(debtor)

    async def tried() -> bool:
        return await town.reminder(debtor) == ("queued", "not connected")

    await town.deployment.until(tried, "the reminder to have been tried in vain")
    await town.deployment.is_unready("telegram", "Telegram cannot be reached")
    await town.wire.mend()
    await person.sees("figures of", "/stop")
    await person.says("/balance")
    await person.sees("Your balance")
    await town.deployment.is_ready()
    assert await town.delivered(person) == 1


async def test_an_answer_that_may_be_lost_is_said_again(town: Town) -> None:
    _, person = town.borrower()
    await town.deployment.trouble(
        "reset_before", method="sendMessage", chat_id=person.telegram_id, count=1
    )
    await person.says("/balance")
    await person.sees("Your balance")

    async def recorded() -> bool:
        repeats = "SELECT status FROM outbox WHERE chat_id = ? AND possible_repeat"
        return await town.deployment.rows(repeats, person.telegram_id) == [("sent",)]

    await town.deployment.until(recorded, "the answer to be known as a possible repeat")


async def test_telegrams_wait_stops_everything_automated_also_across_a_restart(
    town: Town,
) -> None:
    deployment = town.deployment
    (first, one), (second, other), (_, talker) = (town.borrower() for _ in range(3))
    await deployment.trouble(
        "too_many_requests",
        method="sendMessage",
        chat_id=first.telegram_id,
        count=1,
        retry_after=10,
    )
    await town.morning(first)
    refused = await deployment.until(lambda: _refused_at(deployment, first), "the wait")

    await _thank(deployment, second)  # automated, and due at once
    await talker.says("/balance")
    await talker.sees("Your balance")
    deployment.kill()
    await deployment.is_over()
    await deployment.start()
    await talker.says("/help")
    await talker.sees("/balance")

    await other.sees("Thank you")
    await one.sees("figures of", "/stop")
    over = refused + timedelta(seconds=10)
    for chat in (first, second):
        sent = await deployment.requests("sendMessage", chat.telegram_id)
        again = [_moment(each["real_at"]) for each in sent if each["outcome"] == "ok"]
        assert over <= again[-1] < over + timedelta(seconds=10)
    assert (await town.delivered(one)) == 1


async def test_another_program_with_our_token_is_said_and_lived_through(town: Town) -> None:
    deployment = town.deployment
    _, person = town.borrower()
    token = deployment.env["BOT_TOKEN"]
    async with deployment.http.get(f"{deployment.telegram}/bot{token}/getUpdates?timeout=2"):
        """Telegram serves whoever came last."""
    await deployment.is_unready("telegram", "another program polls with this token")
    await person.says("/balance")
    await person.sees("Your balance")
    await deployment.is_ready()


@pytest.mark.parametrize(
    ("kind", "how", "said"),
    [
        ("undecodable", {}, "cannot be read"),
        ("error", {"error_code": 401, "description": "Unauthorized"}, "check BOT_TOKEN"),
        ("server_error", {"status": 500}, "TelegramServerError"),
        ("reset_before", {}, "cannot be reached"),
    ],
)
async def test_polling_goes_on_after_any_fault(
    town: Town, kind: str, how: dict[str, Any], said: str
) -> None:
    _, person = town.borrower()
    await town.deployment.trouble(kind, method="getUpdates", count=1, **how)
    await person.says("/help")  # ends the poll that waits; the next one meets the fault
    await person.says("/balance")
    await town.deployment.is_unready("telegram", said)
    await person.sees("Your balance")
    await town.deployment.is_ready()


async def test_who_blocked_the_bot_is_left_alone(town: Town) -> None:
    debtor, person = town.borrower()
    path = f"/sim/people/{debtor.telegram_id}/block"
    await town.deployment.ask("POST", path, {"blocked": True})
    reach = "SELECT unreachable_at IS NOT NULL FROM accounts WHERE telegram_id = ?"

    async def noted() -> bool:
        return await town.deployment.rows(reach, debtor.telegram_id) == [(1,)]

    await town.deployment.until(noted, "the block to be noted")
    before = len(await town.deployment.requests("sendMessage", debtor.telegram_id))
    await town.morning(debtor)
    await asyncio.sleep(3)
    assert len(await town.deployment.requests("sendMessage", debtor.telegram_id)) == before
    await town.deployment.ask("POST", path, {"blocked": False})
    await person.says("/balance")
    await person.sees("Your balance")


async def test_a_database_locked_for_seconds_delays_and_loses_nothing(town: Town) -> None:
    _, person = town.borrower()
    with closing(_beside(town)) as other:
        other.execute("BEGIN IMMEDIATE")
        await person.says("/balance")
        await town.deployment.is_unready("updates", "locked by another program")
        other.execute("COMMIT")
    await person.sees("Your balance")
    await town.deployment.is_ready()


async def test_a_full_disk_delays_and_loses_nothing(town: Town) -> None:
    _, person = town.borrower()
    before = len(await person.messages())
    with _no_room(town.deployment):
        await person.says("/balance")
        await town.deployment.is_unready("updates", "nothing was lost")
        assert len(await person.messages()) == before + 1
    await person.sees("Your balance")
    await town.deployment.is_ready()


async def test_a_clock_that_goes_away_stops_the_bot_only_while_it_is_away(town: Town) -> None:
    _, person = town.borrower()
    await town.clock.cut()
    await person.says("/balance")
    await town.deployment.is_unready("clock", "CLOCK_URL")
    await town.deployment.is_unready("sender", "CLOCK_URL")
    await town.deployment.is_unready("updates", "CLOCK_URL")
    await town.clock.mend()
    await person.sees("Your balance")
    await town.deployment.is_ready()


async def _thank(deployment: Deployment, debtor: Debtor) -> None:
    async with deployment.house() as house, house.storage.transaction() as tx:
        found = await borrowers.by_ref(tx, debtor.ref)
        assert found is not None
        await paying.money_arrived(
            tx, house.office, found.borrower_id, "P-1", Money(5000, "CNY"),
            await house.clock.now(),
        )  # fmt: skip


async def _refused_at(deployment: Deployment, debtor: Debtor) -> datetime | None:
    for request in await deployment.requests("sendMessage", debtor.telegram_id):
        if request["retry_after"]:
            return _moment(request["real_at"])
    return None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _beside(town: Town) -> sqlite3.Connection:
    return sqlite3.connect(town.deployment.folder / "remindful.sqlite3", isolation_level=None)


@contextmanager
def _no_room(deployment: Deployment) -> Iterator[None]:
    """Files of the bot may not grow: what a full disk is to a process."""
    assert deployment.process is not None
    pid = deployment.process.pid
    room = len(deployment.log()) + 16_384
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
