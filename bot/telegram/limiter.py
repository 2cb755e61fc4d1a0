"""Telegram's limits for one bot, kept by all its processes together: so many a second over all, a
pace for each chat, so many a minute for a group.

Windows that slide, on the monotonic clock, because a limit is counted over any second and not only
over whole ones. What other processes put on the wire, and what an earlier one did before a
restart, is learnt from the outbox. Nothing waits here: the sender asks how long a chat still has to
wait and leaves the row in the outbox until then. A place that comes free in a moment is given
already, so that the mark on the disk is made meanwhile and the message leaves when its time comes.
Somebody's words take a place that is kept for them, or the first that was given to the bot's own.
"""

import math
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

OVERALL_PER_SECOND = 30.0
_CHAT_PER_SECOND = 1.0
_CHAT_BURST = 3
_GROUP_PER_MINUTE = 20
_MARGIN = 1.01
_MARGIN_AMONG_OTHERS = 1.05
"""We time when a message leaves; it arrives a little sooner or later than its neighbours, and what
others sent is known less exactly."""
_KEPT_FOR_WORDS = 1
_KEPT_IN_TALK = 2
_KEPT_FROM = 10
_LENT_SECONDS = 0.05
_KEPT_AFTER_SECONDS = 0.6
"""A place of a second's is not given to what the bot starts, so that words need not wait for one,
and two while people talk; of so few that it would be missed, none is. While nobody talks it is
lent so long before the next comes free, and none is kept while the first second's after a silence
leave: then hardly any place is lost by it."""
_SPREAD_SECONDS = 0.26
_SPREAD_OVER = 3
_SPREAD_OVER_AMONG_OTHERS = 4
"""No more than a third of a second's messages at once; a burst would meet the next one. What others
marked is known only as well as their clocks and transactions are quick: no place is given to
them ahead, and no more go at once than the pace allows for ever.
"""
_EVENLY = 0.97
_TALK_SECONDS = 60.0
"""While people talk, what is sent all the time leaves evenly, so that after one's words the next
find a place soon as well. Nobody there: no such care."""
_AHEAD_SECONDS = 0.1
"""So long before it may leave a message gets its place: no more are marked than leave within it."""
_WORDS_AHEAD_SECONDS = 0.3
"""Somebody's words get a place as far ahead, for they leave in an earlier one."""
_IN_TIME_SECONDS = 0.005
_ROUNDING = 1e-6
_REMEMBERED_CHATS = 20_000

_LONGEST = timedelta(seconds=60 * _MARGIN)
_LATELY = timedelta(seconds=5)
"""Processes on several machines whose clocks are this far apart still see each other's messages."""

Mark = tuple[int, int, float]
"""A row of the outbox, its chat, and how many seconds ago it was marked."""


@dataclass(eq=False, slots=True)
class Departure:
    """A message's place. `at`: when it leaves, on the monotonic clock, and it may yet change;
    `since`: its own chat would let it go from then on."""

    chat_id: int
    at: float
    since: float
    urgent: bool = False


class _Window:
    """At most `most` in any `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._taken: deque[float] = deque()

    def room(self, at: float) -> int:
        """How many more may leave at a moment from now on, if nothing else does until then."""
        over = 0
        for one in self._taken:
            if one > at - self.seconds:
                break
            over += 1
        return self.most - len(self._taken) + over

    @property
    def last(self) -> float:
        """The last place that was taken."""
        return self._taken[-1] if self._taken else -math.inf

    def wait(self, now: float, kept: int = 0) -> float:
        """Seconds until one more is within the limit and `kept` places are left; 0: now."""
        while self._taken and self._taken[0] <= now - self.seconds:
            self._taken.popleft()
        room = self.most - kept - len(self._taken)
        if room > 0:
            return 0.0
        return self._taken[-room] + self.seconds - now

    def wait_between(self, now: float) -> float:
        """As `wait`, and also before places that are given already, where the limit allows it."""
        later = [one + self.seconds for one in self._taken if one + self.seconds > now]
        return next(at for at in (now, *later) if self._fits(at)) - now

    def _fits(self, at: float) -> bool:
        place = bisect_right(self._taken, at)
        all_of_them = [*islice(self._taken, place), at, *islice(self._taken, place, None)]
        first, end = max(0, place - self.most), min(place + 1, len(all_of_them) - self.most)
        return all(
            all_of_them[one + self.most] - all_of_them[one] > self.seconds - _ROUNDING
            for one in range(first, end)
        )

    def take(self, at: float) -> None:
        if self._taken and at < self._taken[-1]:  # learnt late, or between others
            self._taken = deque(sorted((*self._taken, at)))
        else:
            self._taken.append(at)

    def put_off(self, at: float, now: float) -> None:
        """What had its place at `at` leaves only now."""
        self.give_back(at)
        self.take(now)

    def give_back(self, at: float) -> None:
        for back in range(1, len(self._taken) + 1):  # it is among the last
            if self._taken[-back] == at:
                del self._taken[-back]
                return


class _Bucket:
    """A pace with a small burst: tokens that refill evenly."""

    def __init__(self, per_second: float, size: int, now: float) -> None:
        self._per_second = per_second
        self._size = size
        self._tokens = float(size)
        self._at = now

    def wait(self, now: float) -> float:
        self._refill(now)
        return max(0.0, self._at - now + max(0.0, (1 - self._tokens) / self._per_second))

    def take(self, at: float) -> None:
        self._refill(at)
        self._tokens -= 1

    def put_off(self, now: float) -> None:
        """The last one leaves only now: it refills from now on."""
        self._at = max(self._at, now)

    def is_full(self, now: float) -> bool:
        self._refill(now)
        return self._tokens >= self._size

    def _refill(self, now: float) -> None:
        passed = max(0.0, now - self._at)
        self._tokens = min(self._size, self._tokens + passed * self._per_second)
        self._at = max(self._at, now)


class Limiter:
    """One per process and bot. `others`: more processes send for it at the same time."""

    def __init__(self, per_second: float = OVERALL_PER_SECOND, *, others: bool = False) -> None:
        self.is_paid = per_second > OVERALL_PER_SECOND
        """Above what Telegram gives away each message has to say that it may be charged for."""
        self._others = others
        self._began = False
        self._ahead = 0.0 if others else _AHEAD_SECONDS
        self._words_ahead = 0.0 if others else _WORDS_AHEAD_SECONDS
        self._talk_until = 0.0
        self._busy_since = -math.inf
        self._given: list[Departure] = []
        self._on_time: list[Departure] = []
        self._learnt: dict[int, float] = {}
        self._overall = (
            _Window(math.floor(per_second), _MARGIN_AMONG_OTHERS if others else _MARGIN),
            _Window(
                math.ceil(per_second / (_SPREAD_OVER_AMONG_OTHERS if others else _SPREAD_OVER)),
                _SPREAD_SECONDS,
            ),
        )
        most = self._overall[0].most
        self._kept, self._kept_in_talk = (
            (_KEPT_FOR_WORDS, _KEPT_IN_TALK) if most >= _KEPT_FROM else (0, 0)
        )
        self._apart = _EVENLY * _MARGIN / (most - self._kept_in_talk)
        self._chats: dict[int, _Bucket] = {}
        self._groups: dict[int, _Window] = {}

    def room(self) -> int:
        """How many messages that the bot starts may leave now or in a moment, as far as this
        process knows.

        One alone is not worth a transaction before its place is near.
        """
        now = time.monotonic()
        soon = now + self._ahead
        overall, spread = self._overall
        room = min(overall.room(soon), spread.room(soon))
        if now < self._talk_until:
            ahead = soon - max(now, overall.last + self._apart)
            room = min(room - self._kept_in_talk, 1 + math.floor(ahead / self._apart))
        if room == 1 and self._next_place(now) > self._ahead / 2:
            return 0
        return max(0, room)

    def room_for_words(self) -> int:
        """How many more of people's messages may."""
        return max(0, self._overall[0].room(time.monotonic() + self._words_ahead))

    def lacks(self) -> timedelta | None:
        """How far back it does not know yet what others sent; None: it knows enough.

        A process that begins has to know of the one before it as well.
        """
        if not self._began:
            return _LONGEST
        return _LATELY if self._others else None

    def learn(self, marks: Iterable[Mark]) -> None:
        """What somebody else put on the wire counts as if we had, once."""
        self._began = True
        now = time.monotonic()
        for row, chat_id, ago in marks:
            at = now - max(0.0, ago) + self._ahead
            if row not in self._learnt:
                self._take(chat_id, at)
            self._learnt[row] = at
        old = now - _LONGEST.total_seconds()
        while self._learnt and next(iter(self._learnt.values())) < old:
            del self._learnt[next(iter(self._learnt))]

    def wait(self, chat_id: int, *, automated: bool = True) -> float:
        """Seconds until the chat may get a message. 0: now or in a moment, and its place is taken;
        `departures` says when. What is not `automated` may `hurry`.
        """
        now = time.monotonic()
        if automated:
            return self._placed(chat_id, now, self._next_place(now), self._ahead)
        return self._placed(chat_id, now, self._overall[0].wait_between(now), self._words_ahead)

    def _placed(self, chat_id: int, now: float, free_in: float, ahead: float) -> float:
        own = self._chat(chat_id, now).wait(now)
        if chat_id < 0:
            own = max(own, self._group(chat_id).wait(now))
        seconds = max(free_in, own)
        if seconds > ahead:
            return seconds
        self._take(chat_id, now + seconds)
        self._given.append(Departure(chat_id, now + seconds, now + own))
        return 0.0

    def somebody_talks(self) -> None:
        """An answer or somebody's words leave, and more of them may be soon to come."""
        self._talk_until = time.monotonic() + _TALK_SECONDS

    def _next_place(self, now: float) -> float:
        """Seconds until what the bot starts may have one."""
        overall, spread = self._overall
        if now < self._talk_until:
            apart = max(0.0, overall.last + self._apart - now)
            return max(apart, overall.wait(now, self._kept_in_talk), spread.wait(now))
        lent = overall.wait(now, self._kept) - _LENT_SECONDS
        if now < self._busy_since + _KEPT_AFTER_SECONDS:
            lent = 0.0
        return max(lent, overall.wait(now), spread.wait(now))

    def departures(self, chats: Iterable[int]) -> list[Departure]:
        """When a message to each of `chats` leaves that got a place since this was asked last.

        Their mark took its time, so some leave later than they might have; what got a place and was
        not marked after all leaves it to others.
        """
        now, given, found = time.monotonic(), self._given, []
        self._given = []
        for chat_id in chats:
            one = next(one for one in given if one.chat_id == chat_id)
            given.remove(one)
            if one.at < now:
                self._moved(one, now)
            found.append(one)
        for one in given:
            for window in self._overall:
                window.give_back(one.at)
        self._on_time = [one for one in self._on_time if one.at > now] + found
        return found

    def hurry(self, one: Departure) -> None:
        """Somebody waits for it: it leaves first of all that have not left, where its chat may
        have it, and what would have left then takes its place."""
        now = time.monotonic()
        one.urgent = True
        earlier = [
            other
            for other in self._on_time
            if not other.urgent and max(now, one.since) <= other.at < one.at
        ]
        if earlier:
            other = min(earlier, key=lambda other: other.at)
            self._exchange(one, other)

    def _exchange(self, sooner: Departure, later: Departure) -> None:
        """All together leave as before; each chat counts from when its own does."""
        sooner.at, later.at = later.at, sooner.at
        self._chat(later.chat_id, later.at).put_off(later.at)
        for one, was in ((sooner, later.at), (later, sooner.at)):
            if one.chat_id < 0:
                self._group(one.chat_id).put_off(was, one.at)

    def leaves(self, one: Departure) -> None:
        """It leaves at this moment: if that is late, what follows counts from now."""
        now = time.monotonic()
        if now - one.at > _IN_TIME_SECONDS:
            self._moved(one, now)

    def _moved(self, one: Departure, now: float) -> None:
        for window in self._overall:
            window.put_off(one.at, now)
        self._chat(one.chat_id, now).put_off(now)
        if one.chat_id < 0:
            self._group(one.chat_id).put_off(one.at, now)
        one.at = now

    def _take(self, chat_id: int, at: float) -> None:
        if self._overall[0].last < at - self._overall[0].seconds:
            self._busy_since = at
        for window in self._overall:
            window.take(at)
        self._chat(chat_id, at).take(at)
        if chat_id < 0:
            self._group(chat_id).take(at)

    def _chat(self, chat_id: int, now: float) -> _Bucket:
        bucket = self._chats.get(chat_id)
        if bucket is None:
            if len(self._chats) >= _REMEMBERED_CHATS:
                self._forget_full(now)
            bucket = self._chats[chat_id] = _Bucket(_CHAT_PER_SECOND, _CHAT_BURST, now)
        return bucket

    def _group(self, chat_id: int) -> _Window:
        return self._groups.setdefault(chat_id, _Window(_GROUP_PER_MINUTE, 60 * _MARGIN))

    def _forget_full(self, now: float) -> None:
        """A bucket that has filled up again says nothing a new one would not say."""
        full = [chat_id for chat_id, bucket in self._chats.items() if bucket.is_full(now)]
        for chat_id in full:
            del self._chats[chat_id]
