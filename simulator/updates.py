"""The queue between the world and the bot: numbered updates until the bot confirms them.

Telegram's rules decide whether a bot loses or doubles work after a crash, so they are kept to the
letter: an offset confirms everything below it, what is not confirmed comes again, a negative offset
keeps only the newest, nothing lives longer than a day, the types that are not wanted are dropped
when they happen and not when they are asked for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulator.clock import Clock, as_rfc3339
from simulator.errors import conflict

Json = dict[str, Any]

LIFETIME = timedelta(hours=24)
FIRST_UPDATE_ID = 704_000_001
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
HISTORY = 100_000
BELIEVED_AHEAD = 10


@dataclass(slots=True)
class Update:
    update_id: int
    kind: str
    chat_id: int
    created: datetime
    body: Json
    deliveries: int = 0
    outcome: str = "pending"

    def as_json(self) -> Json:
        return {"update_id": self.update_id, self.kind: self.body}

    def as_listed(self) -> Json:
        """One row of the history that tests count."""
        return {
            "update_id": self.update_id,
            "kind": self.kind,
            "chat_id": self.chat_id,
            "created": as_rfc3339(self.created),
            "deliveries": self.deliveries,
            "outcome": self.outcome,
        }


class Poll:
    """One waiting `getUpdates`; a newer one, or a webhook, ends it with a 409."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.terminated_by: str | None = None

    def terminate(self, by: str) -> None:
        self.terminated_by = by
        self.woken.set()

    async def wait(self, seconds: float) -> None:
        """Until something arrives or `seconds` have passed; 409 when someone took over."""
        try:
            async with asyncio.timeout(seconds):
                await self.woken.wait()
        except TimeoutError:
            pass
        self.woken.clear()
        self.check()

    def check(self) -> None:
        if self.terminated_by is not None:
            raise conflict(self.terminated_by)


class UpdateQueue:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_id = FIRST_UPDATE_ID
        self._poll: Poll | None = None
        self.pending: deque[Update] = deque()
        self.history: deque[Update] = deque(maxlen=HISTORY)
        self.allowed: frozenset[str] | None = None
        self.stirred = asyncio.Event()  # the webhook's courier looks again

    def add(self, kind: str, chat_id: int, body: Json) -> Update | None:
        """Queue an update, unless the bot does not want its kind."""
        wanted = kind in self.allowed if self.allowed is not None else kind not in ON_REQUEST
        if not wanted:
            return None
        update = Update(self._next_id, kind, chat_id, self._clock.now(), body)
        self._next_id += 1
        self.pending.append(update)
        self.history.append(update)
        self.stirred.set()
        if self._poll is not None:
            self._poll.woken.set()
        return update

    def allow(self, kinds: list[str] | None) -> None:
        """None keeps the former choice; an empty list is Telegram's default set."""
        if kinds is not None:
            self.allowed = frozenset(kind for kind in kinds if isinstance(kind, str)) or None

    def confirm(self, offset: int) -> None:
        """Forget everything below `offset`; a negative one keeps that many from the end.

        An offset far in the future belongs to some other queue: it confirms nothing.
        """
        self.expire()
        if offset < 0:
            while len(self.pending) > -offset:
                self.settle(self.pending[0], "confirmed")
        elif offset <= self._next_id + BELIEVED_AHEAD:
            while self.pending and self.pending[0].update_id < offset:
                self.settle(self.pending[0], "confirmed")

    def settle(self, update: Update, outcome: str) -> None:
        update.outcome = outcome
        self.pending.remove(update)

    def expire(self) -> None:
        oldest = self._clock.now() - LIFETIME
        while self.pending and self.pending[0].created <= oldest:
            self.settle(self.pending[0], "expired")

    def drop_all(self) -> None:
        while self.pending:
            self.settle(self.pending[0], "dropped")

    def clear(self) -> None:
        """Forget what is pending and what was; numbers go on."""
        self.pending.clear()
        self.history.clear()

    def first(self, limit: int) -> list[Update]:
        """The oldest unconfirmed ones, at most `limit`; they stay until confirmed."""
        self.expire()
        taken = [update for update, _ in zip(self.pending, range(limit), strict=False)]
        for update in taken:
            update.deliveries += 1
        return taken

    def begin_poll(self) -> Poll:
        self.end_polls(
            "terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        )
        self._poll = Poll()
        return self._poll

    def end_poll(self, poll: Poll) -> None:
        if self._poll is poll:
            self._poll = None

    def end_polls(self, reason: str) -> None:
        if self._poll is not None:
            self._poll.terminate(reason)
            self._poll = None

    @property
    def polling(self) -> bool:
        return self._poll is not None
