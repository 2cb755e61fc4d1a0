"""The stage's clock: it flows, it jumps, it finds the next thing to do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from simulator.clock import Clock
from tests.simulator.stage import ANNA, Stage


async def now(stage: Stage) -> datetime:
    return datetime.fromisoformat((await stage.get("/clock"))["now"])


async def test_it_shows_the_systems_time_at_first(stage: Stage) -> None:
    assert abs(await now(stage) - datetime.now(UTC)) < timedelta(seconds=5)


async def test_it_flows_and_never_goes_back(stage: Stage) -> None:
    first = await now(stage)
    await asyncio.sleep(0.05)
    second = await now(stage)
    assert timedelta(seconds=0.05) <= second - first < timedelta(seconds=5)


async def test_it_advances_by_seconds(stage: Stage) -> None:
    before = await now(stage)
    answer = await stage.post("/clock", {"advance_s": 86_400})
    assert datetime.fromisoformat(answer["now"]) - before >= timedelta(days=1)
    assert await now(stage) - before < timedelta(days=1, seconds=5)


async def test_it_is_set_to_a_moment_backwards_too(stage: Stage) -> None:
    await stage.post("/clock", {"to": "2026-03-01T09:00:00+08:00"})
    moment = datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert timedelta() <= await now(stage) - moment < timedelta(seconds=5)


def test_a_correction_of_the_systems_clock_does_not_move_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    first = clock.now()

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return first - timedelta(hours=1)

    monkeypatch.setattr("simulator.clock.datetime", Earlier)
    assert clock.now() == first


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance_s": -1},
        {"advance_s": "1"},
        {"advance_s": True},
        {"advance_s": 1e12},
        {"to": "tomorrow"},
        {"to": "2026-03-01T09:00:00"},
        {"to": "9999-01-01T00:00:00Z"},
        {"advance_s": 1, "to": "next"},
    ],
    ids=str,
)
async def test_a_jump_that_cannot_be_meant_is_refused(stage: Stage, body: dict[str, Any]) -> None:
    before = await now(stage)
    assert (await stage.post("/clock", body, status=400))["error"]
    assert await now(stage) - before < timedelta(seconds=5)


OLD = "2020-01-01T00:00:00Z"
Ready = Callable[[object, int], Awaitable[str]]


@pytest.fixture
async def ready() -> AsyncIterator[Ready]:
    """Start a bot's /readyz that answers the given JSON; its address."""
    runners: list[web.AppRunner] = []

    async def start(answer: object, status: int = 200) -> str:
        async def readyz(_: web.Request) -> web.Response:
            return web.json_response(answer, status=status)

        application = web.Application()
        application.router.add_get("/readyz", readyz)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}/readyz"

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_next_goes_to_the_earliest_moment_that_is_due(stage: Stage, ready: Ready) -> None:
    due = await now(stage) + timedelta(hours=3)
    later = due + timedelta(hours=1)
    urls = [
        await ready({"ready": True, "next_due_at": later.isoformat()}, 200),
        await ready({"ready": False, "next_due_at": due.isoformat()}, 503),
    ]
    await stage.post("/sim/readyz", {"urls": urls})
    await stage.post("/clock", {"to": "next"})
    assert timedelta() <= await now(stage) - due < timedelta(seconds=5)


async def test_next_without_an_address_says_so(stage: Stage) -> None:
    answer = await stage.post("/clock", {"to": "next"}, status=409)
    assert "no readyz address" in answer["error"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"ready": True, "next_due_at": None}, "gives no next_due_at"),
        ({"ready": True, "next_due_at": "soon"}, "not a moment"),
        ([], "gives no next_due_at"),
    ],
)
async def test_next_with_nothing_due_stays_and_says_why(
    stage: Stage, ready: Ready, body: object, words: str
) -> None:
    await stage.post("/sim/readyz", {"urls": [await ready(body, 200)]})
    before = await now(stage)
    answer = await stage.post("/clock", {"to": "next"}, status=409)
    assert words in answer["error"]
    assert await now(stage) - before < timedelta(seconds=5)


async def test_what_is_due_already_needs_no_jump(stage: Stage, ready: Ready) -> None:
    await stage.post("/sim/readyz", {"urls": [await ready({"next_due_at": OLD}, 200)]})
    before = await now(stage)
    await stage.post("/clock", {"to": "next"})
    assert timedelta() <= await now(stage) - before < timedelta(seconds=5)


async def test_next_with_nobody_there_says_who_did_not_answer(stage: Stage) -> None:
    await stage.post("/sim/readyz", {"urls": ["http://127.0.0.1:9/readyz"]})
    answer = await stage.post("/clock", {"to": "next"}, status=409)
    assert "http://127.0.0.1:9/readyz did not answer" in answer["error"]


async def test_open_pages_hear_of_a_jump(stage: Stage) -> None:
    async with stage.page.get(f"/sim/events?viewer={ANNA}") as stream:
        await stream.content.readuntil(b"\n\n")
        await stage.post("/clock", {"advance_s": 60})
        assert (await stream.content.readuntil(b"\n\n")).startswith(b"event: clock\n")
