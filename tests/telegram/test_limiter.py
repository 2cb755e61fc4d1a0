"""Telegram's limits over any stretch of time, also when others send for the same bot."""

import math
import random
from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise

import pytest

from bot.telegram.limiter import Departure, Limiter


class Time:
    def __init__(self) -> None:
        self.now = 1_000.0


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    shown = Time()
    monkeypatch.setattr("bot.telegram.limiter.time.monotonic", lambda: shown.now)
    return shown


def _sent(time: Time, seconds: float, *ask: Callable[[], float | None]) -> list[float]:
    """When each of the messages left that `ask` wanted to send all the time."""
    found, ends = [], time.now + seconds
    while time.now < ends:
        found += [at for one in ask if (at := one()) is not None]
        time.now += 0.005
    return sorted(found)


def _leaves(one: Limiter, chat_id: int) -> float | None:
    """When a message to the chat leaves, None: it has no place yet."""
    return one.departures([chat_id])[0].at if one.wait(chat_id) == 0 else None


def _most(sent: list[float], seconds: float) -> int:
    return max(sum(at <= one < at + seconds for one in sent) for at in sent)


def _always_another_chat(one: Limiter) -> Callable[[], float | None]:
    chats = iter(range(1, 1_000_000))
    return lambda: _leaves(one, next(chats)) if one.room() > 0 else None


def test_no_second_ever_has_more_than_thirty_and_nearly_all_places_are_used(time: Time) -> None:
    sent = _sent(time, 20, _always_another_chat(Limiter()))
    assert _most(sent, 1.0) <= 30
    assert len(sent) >= 0.97 * 30 * 20


def test_a_chat_gets_a_small_burst_and_then_one_a_second(time: Time) -> None:
    one = Limiter()
    sent = _sent(time, 10, lambda: _leaves(one, 7))
    assert _most(sent, 0.5) == 3
    assert _most(sent, 5.0) <= 8
    assert len(sent) in (12, 13)


def test_no_minute_ever_has_more_than_twenty_for_a_group(time: Time) -> None:
    one = Limiter()
    sent = _sent(time, 200, lambda: _leaves(one, -7))
    assert _most(sent, 60.0) <= 20
    assert len(sent) >= 3 * 20


def test_a_message_gets_its_place_a_moment_before_it_is_free(time: Time) -> None:
    one = Limiter()
    first = _sent(time, 0.84, _always_another_chat(one))
    assert len(first) == 30
    time.now = first[0] + 0.95
    assert _leaves(one, 999) == pytest.approx(first[0] + 1.01)
    time.now -= 0.1
    assert one.wait(998) > 0.15


def test_after_a_second_of_much_to_send_words_never_wait_long_for_a_place(time: Time) -> None:
    one = Limiter()
    _sent(time, 1.1, _always_another_chat(one))
    chats, waits, ahead = iter(range(50_000, 60_000)), [], []
    for _ in range(400):
        if one.room() > 0 and one.wait(chat := next(chats)) == 0:
            ahead += one.departures([chat])
        soonest = min((other.at for other in ahead if other.at > time.now), default=math.inf)
        waits.append(min(_words(deepcopy(one), 5_000).at, soonest) - time.now)  # see `hurry`
        time.now += 0.005
    assert max(waits) < 0.1
    assert sorted(waits)[len(waits) // 2] < 1e-6


def test_among_several_processes_no_place_is_given_ahead(time: Time) -> None:
    for others in (False, True):
        one = Limiter(others=others)
        sent = _sent(time, 0.9, _always_another_chat(one))
        time.now = sent[0] + 0.95  # a place comes free in a hundredth or so
        assert (one.wait(9_999) > 0) is others


def _longest_gap(time: Time, one: Limiter) -> float:
    sent = [at for at in _sent(time, 10, _always_another_chat(one)) if at > time.now - 8]
    assert _most(sent, 1.0) <= 30
    return max(late - early for early, late in pairwise(sent))


@pytest.mark.parametrize("others", [False, True])
def test_while_people_talk_there_is_a_place_for_the_next_words_soon(
    time: Time, others: bool
) -> None:
    alone, heard = Limiter(others=others), Limiter(others=others)
    for one in (alone, heard):
        one.learn([])
    assert _longest_gap(time, alone) > (0.09 if others else 0.2)
    heard.somebody_talks()
    assert _longest_gap(time, heard) < 0.09


def _at_full_pace(one: Limiter, time: Time) -> list[Departure]:
    """After two seconds of talk and all that may be sent: what has its place and has not left."""
    one.somebody_talks()
    last: list[Departure] = []
    for chat_id in range(1, 400):
        if one.room() > 0 and one.wait(chat_id) == 0:
            last += one.departures([chat_id])
        time.now += 0.005
    return [ahead for ahead in last if ahead.at > time.now]


def _words(one: Limiter, chat_id: int) -> Departure:
    assert one.room_for_words() > 0
    assert one.wait(chat_id, automated=False) == 0
    (words,) = one.departures([chat_id])
    return words


def test_places_are_kept_for_words(time: Time) -> None:
    one = Limiter()
    assert _at_full_pace(one, time)
    assert [_words(one, chat_id).at for chat_id in (5_000, 5_001)] == [time.now] * 2


def test_somebodys_words_leave_in_the_first_place_that_others_have(time: Time) -> None:
    one = Limiter()
    waiting = _at_full_pace(one, time)
    soonest = min(ahead.at for ahead in waiting)
    for chat_id in (5_000, 5_001):  # what is kept for words is taken
        assert _words(one, chat_id).at == time.now
    words = _words(one, 5_002)
    latest = words.at
    assert latest > soonest
    one.hurry(words)
    assert words.at == soonest < time.now + 0.06
    assert max(ahead.at for ahead in waiting) == latest


def test_a_chats_words_keep_their_order_and_its_pace(time: Time) -> None:
    one = Limiter()
    _at_full_pace(one, time)
    left = []
    for chat_id in (5_000, 5_000, 5_001, 5_000, 5_000):
        if one.wait(chat_id, automated=False) == 0:
            (words,) = one.departures([chat_id])
            one.hurry(words)
            left.append(words)
    in_the_chat = [words.at for words in left if words.chat_id == 5_000]
    assert in_the_chat == sorted(in_the_chat)
    assert len(in_the_chat) == 3  # the burst; the fourth waits in the outbox
    assert len(left) == 4


def test_with_words_between_no_second_has_more_than_thirty(time: Time) -> None:
    one, chance, chats = Limiter(), random.Random(7), iter(range(1, 100_000))
    sent: list[Departure] = []
    waits = []
    one.somebody_talks()
    for _ in range(4_000):
        if one.room() > 0 and one.wait(chat := next(chats)) == 0:
            sent += one.departures([chat])
        if chance.random() < 0.02 and one.wait(chat := next(chats), automated=False) == 0:
            (words,) = one.departures([chat])
            one.hurry(words)
            sent.append(words)
            waits.append(words.at - time.now)
        time.now += 0.005
    assert _most(sorted(departure.at for departure in sent), 1.0) <= 30
    assert len(sent) >= 0.93 * 30 * 20  # two places of a second's are theirs who talk
    assert len([wait for wait in waits if wait < 0.001]) > 0.95 * len(waits)


def test_a_place_that_was_given_and_not_used_is_free_again(time: Time) -> None:
    one = Limiter()
    while one.room() > 0:
        assert one.wait(one.room()) == 0
    assert [departure.at for departure in one.departures([3, 1])] == [time.now, time.now]
    assert one.room() == 8


def test_who_leaves_late_holds_up_those_behind_and_nobody_leaves_too_soon(time: Time) -> None:
    one = Limiter()
    sent = []
    for number in range(90):
        while one.room() == 0 or one.wait(1 + number) > 0:
            time.now += 0.005
        (departure,) = one.departures([1 + number])
        time.now = max(time.now, departure.at) + (0.07 if number % 7 == 0 else 0)  # a busy machine
        one.leaves(departure)
        sent.append(time.now)
    assert _most(sent, 1.0) <= 30


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

    def ask(mine: Limiter, other: Limiter) -> float | None:
        mine.learn((row, row, time.now - at) for row, at in told.get(other, []))
        row = next(rows)
        at = _leaves(mine, row)
        if at is not None:  # others see when it was marked, and that is now
            told.setdefault(mine, []).append((row, time.now))
        return at

    sent = _sent(time, 5, lambda: ask(both[0], both[1]), lambda: ask(both[1], both[0]))
    assert _most(sent, 1.0) <= 30
    assert len(sent) >= 0.95 * 30 * 5


def test_what_was_marked_long_before_it_left_counts_from_when_it_left(time: Time) -> None:
    one = Limiter()
    sent: list[float] = []
    for _ in range(40):
        chats: list[int] = []
        while one.room() > 0 and one.wait(chat := 1 + len(sent) + len(chats)) == 0:
            chats.append(chat)
        time.now += 0.3 if chats and len(sent) < 30 else 0.01  # the disk is slow at first
        sent += [departure.at for departure in one.departures(chats)]
        time.now += 0.05
    assert len(sent) > 30
    assert _most(sorted(sent), 1.0) <= 30
