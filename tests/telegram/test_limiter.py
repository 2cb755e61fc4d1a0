"""Telegram's limits over any stretch of time, also when others send for the same bot."""

from collections.abc import Callable

import pytest

from bot.telegram.limiter import Limiter


class Time:
    def __init__(self) -> None:
        self.now = 1_000.0


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    shown = Time()
    monkeypatch.setattr("bot.telegram.limiter.time.monotonic", lambda: shown.now)
    return shown


def _sent(time: Time, seconds: float, *ask: Callable[[], bool]) -> list[float]:
    """When each of the messages left that `ask` wanted to send all the time."""
    found, ends = [], time.now + seconds
    while time.now < ends:
        found += [time.now for one in ask if one()]
        time.now += 0.005
    return found


def _most(sent: list[float], seconds: float) -> int:
    return max(sum(at <= one < at + seconds for one in sent) for at in sent)


def _always_another_chat(one: Limiter) -> Callable[[], bool]:
    chats = iter(range(1, 1_000_000))
    return lambda: one.room() > 0 and one.wait(next(chats)) == 0


def test_no_second_ever_has_more_than_thirty_and_nearly_all_places_are_used(time: Time) -> None:
    sent = _sent(time, 20, _always_another_chat(Limiter()))
    assert _most(sent, 1.0) <= 30
    assert len(sent) >= 0.95 * 30 * 20


def test_a_chat_gets_a_small_burst_and_then_one_a_second(time: Time) -> None:
    one = Limiter()
    sent = _sent(time, 10, lambda: one.wait(7) == 0)
    assert _most(sent, 0.5) == 3
    assert len(sent) in (12, 13)


def test_no_minute_ever_has_more_than_twenty_for_a_group(time: Time) -> None:
    one = Limiter()
    sent = _sent(time, 200, lambda: one.wait(-7) == 0)
    assert _most(sent, 60.0) <= 20
    assert len(sent) >= 3 * 20


def test_a_place_that_was_not_free_is_not_taken(time: Time) -> None:
    one = Limiter()
    while one.wait(7) == 0:
        pass
    room = one.room()
    assert one.wait(7) > 0
    assert one.room() == room


def test_what_others_sent_counts_once_however_often_it_is_told(time: Time) -> None:
    one = Limiter(30, others=True)
    for _ in range(3):
        one.learn((row, 7 + row, 0.5) for row in range(28))
    assert one.room() == 2


def test_a_process_that_begins_again_knows_what_left_before_it(time: Time) -> None:
    one = Limiter()
    back = one.lacks()
    assert back is not None
    assert back.total_seconds() > 60
    one.learn((row, -7, 30.0) for row in range(20))
    assert one.lacks() is None
    assert 30 < one.wait(-7) < 32


def test_two_that_tell_each_other_keep_the_limit_together(time: Time) -> None:
    told: dict[Limiter, list[tuple[int, float]]] = {}
    rows = iter(range(1_000_000))
    both = [Limiter(others=True), Limiter(others=True)]

    def ask(mine: Limiter, other: Limiter) -> bool:
        mine.learn((row, row, time.now - at) for row, at in told.get(other, []))
        row = next(rows)
        if mine.wait(row) > 0:
            return False
        told.setdefault(mine, []).append((row, time.now))
        return True

    sent = _sent(time, 5, lambda: ask(both[0], both[1]), lambda: ask(both[1], both[0]))
    assert _most(sent, 1.0) <= 30
    assert len(sent) >= 0.95 * 30 * 5


def test_what_was_marked_long_before_it_left_counts_from_when_it_left(time: Time) -> None:
    one = Limiter()
    sent = []
    for _ in range(40):
        batch = 0
        while one.room() > 0 and one.wait(1 + len(sent) + batch) == 0:
            batch += 1
        time.now += 0.3 if batch and len(sent) < 30 else 0.01  # the disk is slow at first
        one.left(batch)
        sent += [time.now] * batch
        time.now += 0.05
    assert len(sent) > 30
    assert _most(sent, 1.0) <= 30
