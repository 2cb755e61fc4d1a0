"""Flood limits, enforced when they are switched on."""

from datetime import datetime

import pytest
from aiogram.exceptions import TelegramRetryAfter

from simulator.clock import Clock
from simulator.errors import ApiError
from simulator.limits import Limits
from tests.simulator.stage import ANNA, CARL, Stage


@pytest.fixture
async def strict(stage: Stage) -> Stage:
    await stage.post("/sim/settings", {"strict_limits": True})
    return stage


async def send_ten(stage: Stage) -> None:
    for number in range(10):
        await stage.bot.send_message(ANNA, str(number))


def refused(limits: Limits, chat_id: int, *, group: bool = False, paid: bool = False) -> int:
    """Seconds to wait, 0 when the message went."""
    try:
        limits.check(chat_id, group=group, paid=paid)
    except ApiError as error:
        return int((error.parameters or {})["retry_after"])
    return 0


class StillClock(Clock):
    """Moves only when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self._still = super().now()

    def now(self) -> datetime:
        return self._still + self._offset


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def test_one_chat_takes_a_small_burst_and_then_one_a_second(clock: StillClock) -> None:
    limits = Limits(clock)
    assert [refused(limits, 1) for _ in range(6)] == [0, 0, 0, 0, 0, 3]
    clock.advance(3)
    assert [refused(limits, 1) for _ in range(4)] == [0, 0, 0, 3]


def test_who_was_told_to_wait_is_refused_until_the_wait_is_over(clock: StillClock) -> None:
    limits = Limits(clock)
    for _ in range(6):
        refused(limits, 1)
    clock.advance(2)
    assert refused(limits, 1) == 1
    clock.advance(1)
    assert refused(limits, 1) == 0


def test_thirty_a_second_go_overall(clock: StillClock) -> None:
    limits = Limits(clock)
    waits = [refused(limits, chat) for chat in range(31)]
    assert waits == [0] * 30 + [1]
    clock.advance(1)
    assert refused(limits, 99) == 0


def test_a_paid_broadcast_takes_a_thousand(clock: StillClock) -> None:
    limits = Limits(clock)
    assert not any(refused(limits, chat, paid=True) for chat in range(1000))
    assert refused(limits, 1000, paid=True) == 1


def test_a_group_takes_twenty_a_minute(clock: StillClock) -> None:
    limits = Limits(clock)
    for _ in range(20):
        clock.advance(1)
        assert refused(limits, -1, group=True) == 0
    clock.advance(1)
    assert refused(limits, -1, group=True) == 40
    clock.advance(40)
    assert refused(limits, -1, group=True) == 0


async def test_too_many_into_one_chat_raise_retry_after(strict: Stage) -> None:
    with pytest.raises(TelegramRetryAfter) as met:
        await send_ten(strict)
    assert met.value.retry_after == 3
    await strict.bot.send_message(CARL, "another chat is free")


async def test_a_jump_of_the_clock_ends_a_wait(strict: Stage) -> None:
    with pytest.raises(TelegramRetryAfter):
        await send_ten(strict)
    await strict.post("/clock", {"advance_s": 3})
    await strict.bot.send_message(ANNA, "again")


async def test_without_strict_limits_everything_goes(stage: Stage) -> None:
    for number in range(40):
        await stage.bot.send_message(ANNA, str(number))
