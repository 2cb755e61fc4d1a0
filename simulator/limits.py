"""Telegram's flood limits: what the real servers enforce and never quite publish.

About 30 messages a second overall, one a second into one chat with a small burst, twenty a minute
into a group. Whoever goes over is told to wait and is refused until the wait is over, also
for messages that would have fitted by then. Waits run on the stage's clock, so that a jump ends
them.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from simulator.clock import Clock
from simulator.errors import too_many_requests

OVERALL_PER_S = 30.0
PAID_PER_S = 1000.0
CHAT_PER_S = 1.0
CHAT_BURST = 5
GROUP_PER_MINUTE = 20
CHAT_WAIT_S = 3
OVERALL_WAIT_S = 1
LONGEST_WAIT_S = 60


@dataclass(slots=True)
class _Bucket:
    """Tokens that refill evenly; empty means too fast."""

    per_s: float
    size: float
    tokens: float = field(init=False)
    filled: float | None = None

    def __post_init__(self) -> None:
        self.tokens = self.size

    def take(self, now: float) -> bool:
        if self.filled is not None:
            passed = max(0.0, now - self.filled)
            self.tokens = min(self.size, self.tokens + passed * self.per_s)
        self.filled = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Limits:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._overall = _Bucket(OVERALL_PER_S, OVERALL_PER_S)
        self._paid = _Bucket(PAID_PER_S, PAID_PER_S)
        self._chats: dict[int, _Bucket] = {}
        self._groups: dict[int, deque[float]] = {}
        self._waits: dict[int | None, float] = {}

    def check(self, chat_id: int, *, group: bool, paid: bool) -> None:
        """Count one message; raises Telegram's 429 when it comes too early."""
        now = self._clock.now().timestamp()
        for key in (None, chat_id):
            until = self._waits.get(key, 0.0)
            if 0 < until - now <= LONGEST_WAIT_S:  # farther: the clock was set back
                raise too_many_requests(math.ceil(until - now))
        if not (self._paid if paid else self._overall).take(now):
            self._refuse(None, now, OVERALL_WAIT_S)
        if not self._chats.setdefault(chat_id, _Bucket(CHAT_PER_S, CHAT_BURST)).take(now):
            self._refuse(chat_id, now, CHAT_WAIT_S)
        if group:
            self._count_group(chat_id, now)

    def _count_group(self, chat_id: int, now: float) -> None:
        sent = self._groups.setdefault(chat_id, deque())
        while sent and sent[0] <= now - 60:
            sent.popleft()
        if len(sent) >= GROUP_PER_MINUTE:
            self._refuse(chat_id, now, max(1, math.ceil(sent[0] + 60 - now)))
        sent.append(now)

    def _refuse(self, key: int | None, now: float, wait_s: int) -> None:
        self._waits[key] = now + wait_s
        raise too_many_requests(wait_s)
