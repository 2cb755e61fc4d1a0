"""Everything that crossed the wire, with both times, for tests and for the curious.

Tests count what was delivered and what the bot was told; after a fault those differ, so each entry
says both. The journal is a ring: a long run under load forgets its beginning, not its memory.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.clock import as_rfc3339

Json = dict[str, Any]

KEPT = 50_000


@dataclass(slots=True)
class Entry:
    """One request. `delivered` is whether it took effect, `outcome` what the caller saw."""

    seq: int
    method: str
    params: Json
    at: datetime
    real_at: datetime
    outcome: str = "open"
    delivered: bool = False
    status: int = 0
    description: str | None = None
    retry_after: int | None = None
    result: Any = None
    fault: str | None = None
    duration_ms: float = 0.0
    began: float = field(default_factory=time.perf_counter)

    def as_json(self) -> Json:
        message_id = self.result.get("message_id") if isinstance(self.result, dict) else None
        return {
            "seq": self.seq,
            "method": self.method,
            "params": self.params,
            "at": as_rfc3339(self.at),
            "real_at": as_rfc3339(self.real_at),
            "outcome": self.outcome,
            "delivered": self.delivered,
            "status": self.status,
            "description": self.description,
            "retry_after": self.retry_after,
            "message_id": message_id,
            "fault": self.fault,
            "duration_ms": round(self.duration_ms, 3),
        }


class Journal:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._seq = 0

    def begin(self, method: str, params: Json, at: datetime, real_at: datetime) -> Entry:
        self._seq += 1
        entry = Entry(self._seq, method, params, at, real_at)
        self._entries.append(entry)
        return entry

    def page(
        self, after: int, limit: int, method: str | None = None, chat_id: str | None = None
    ) -> Json:
        """Entries after `after`, oldest first; `next_after` continues, `last` is the newest."""
        found: list[Json] = []
        at = after
        start = max(0, len(self._entries) - (self._seq - after))
        for index in range(start, len(self._entries)):
            entry = self._entries[index]
            at = entry.seq
            if method is not None and entry.method.lower() != method.lower():
                continue
            if chat_id is not None and str(entry.params.get("chat_id")) != chat_id:
                continue
            found.append(entry.as_json())
            if len(found) >= limit:
                break
        return {"requests": found, "next_after": at, "last": self._seq}

    def entries(self) -> Iterator[Entry]:
        """What is kept, oldest first, with the results themselves."""
        return iter(self._entries)

    def clear(self) -> None:
        """Forget the entries; numbers go on, so that a reader's `after` stays valid."""
        self._entries.clear()
