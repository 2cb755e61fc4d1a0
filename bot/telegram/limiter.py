"""Telegram's limits for one bot: so many a second over all, and a pace for each chat.

Token buckets on the monotonic clock. Nothing waits here: the sender asks how long a chat still
has to wait and leaves the row in the outbox until then.
"""

import time
from dataclasses import dataclass

OVERALL_PER_SECOND = 30.0
_CHAT_PER_SECOND = 1.0
_CHAT_BURST = 3.0
_GROUP_PER_SECOND = 20 / 60
_GROUP_BURST = 5.0
_REMEMBERED_CHATS = 20_000


@dataclass(slots=True)
class _Bucket:
    per_second: float
    size: float
    tokens: float
    at: float

    def refill(self, now: float) -> None:
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.per_second)
        self.at = now


class Limiter:
    """One per process and bot."""

    def __init__(self, per_second: float = OVERALL_PER_SECOND) -> None:
        self._overall = _Bucket(per_second, per_second, per_second, time.monotonic())
        self._chats: dict[int, _Bucket] = {}

    def room(self) -> int:
        """How many messages may start now."""
        self._overall.refill(time.monotonic())
        return int(self._overall.tokens)

    def wait(self, chat_id: int) -> float:
        """Seconds until the chat may get a message. 0: now, and its place is taken."""
        now = time.monotonic()
        bucket = self._chat(chat_id, now)
        bucket.refill(now)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / bucket.per_second
        bucket.tokens -= 1
        self._overall.tokens -= 1
        return 0.0

    def _chat(self, chat_id: int, now: float) -> _Bucket:
        bucket = self._chats.get(chat_id)
        if bucket is None:
            if len(self._chats) >= _REMEMBERED_CHATS:
                self._forget_full(now)
            rate, size = (
                (_GROUP_PER_SECOND, _GROUP_BURST)
                if chat_id < 0
                else (_CHAT_PER_SECOND, _CHAT_BURST)
            )
            bucket = self._chats[chat_id] = _Bucket(rate, size, size, now)
        return bucket

    def _forget_full(self, now: float) -> None:
        """A bucket that has filled up again says nothing a new one would not say."""
        for chat_id, bucket in list(self._chats.items()):
            bucket.refill(now)
            if bucket.tokens >= bucket.size:
                del self._chats[chat_id]
