"""A Telegram that is only pretended: it delivers, or fails in the ways the real one does.

What arrived is written into the borrower's diary here, whatever the bot comes to know of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bot.rehearsal.diary import Arrival, Diary
from bot.rehearsal.population import rates
from storage.outbox import Outcome
from storage.records import DeliveryClass, OutboxRow, OutboxStatus

_A_MOMENT = timedelta(seconds=2)


@dataclass(slots=True)
class Wire:
    """`pushed`: automated calls made although Telegram had said when to come back.

    `reached`: chats in which something arrived that has not been judged yet.
    """

    diaries: Mapping[int, Diary]
    chance: Random
    paused_until: datetime | None = None
    pushed: list[tuple[datetime, str]] = field(default_factory=list)
    reached: set[int] = field(default_factory=set)
    messages: int = 0
    faults: dict[str, int] = field(default_factory=dict)

    def call(self, row: OutboxRow, now: datetime) -> Outcome:
        """One sendMessage; the outcome is what the sender would make of the answer."""
        if row.automated and self.paused_until is not None and now < self.paused_until:
            self.pushed.append((now, row.unique_key))
        fault = self._fault()
        if fault is not None:
            self.faults[fault] = self.faults.get(fault, 0) + 1
        if fault == "too_many":
            until = now + timedelta(seconds=self.chance.randrange(1, 60))
            self.paused_until = max(until, self.paused_until or until)
            return _again(row, until, "429")
        if fault == "server_error":
            return _again(row, now + _A_MOMENT, "server error")
        if fault == "lost_request":
            return _unknown(row, now)
        self._deliver(row, now)
        if fault == "lost_answer":
            return _unknown(row, now)
        return Outcome(row.outbox_id, OutboxStatus.SENT, message_id=self.messages)

    def _deliver(self, row: OutboxRow, now: datetime) -> None:
        self.messages += 1
        diary = self.diaries.get(row.chat_id)
        if diary is not None and row.kind is not None:
            text = str(row.payload.get("text") or row.payload.get("caption") or "")
            diary.arrived.append(Arrival(now, row.unique_key, row.kind, text, row.automated))
            self.reached.add(row.chat_id)

    def _fault(self) -> str | None:
        drawn = self.chance.randrange(1000)
        for name, often in rates()["telegram"].items():
            if drawn < often:
                return str(name)
            drawn -= often
        return None


def _again(row: OutboxRow, at: datetime, error: str) -> Outcome:
    return Outcome(row.outbox_id, OutboxStatus.QUEUED, error=error, retry_at=at)


def _unknown(row: OutboxRow, now: datetime) -> Outcome:
    if row.delivery is DeliveryClass.REMINDER:
        return Outcome(row.outbox_id, OutboxStatus.UNKNOWN, error="no readable answer")
    return Outcome(
        row.outbox_id, OutboxStatus.QUEUED, error="no readable answer",
        retry_at=now + _A_MOMENT, repeat=True,
    )  # fmt: skip
