"""What /readyz, /metrics and the admins are told about how this process is doing."""

import time
from collections import Counter
from dataclasses import dataclass, field

_POLL_PATIENCE_SECONDS = 60
_ALARM_SECONDS = 30
"""So long /readyz tells of an alarm: whoever asks every half a minute sees it."""


@dataclass(slots=True)
class Health:
    """Kept in memory: it describes this process.

    A fault lasts and keeps it from its job; an alarm happened once, is counted in `alarms` and told
    beside the faults for a while. Both are timed by the machine's own clock, which runs on when the
    clock of a demo jumps.
    """

    polls: bool = True
    last_poll: float | None = None
    telegram_fault: str | None = None
    updates_fault: str | None = None
    inbox_fault: str | None = None
    sender_fault: str | None = None
    outcomes_fault: str | None = None
    stale_balances: str | None = None
    alarms: Counter[str] = field(default_factory=Counter)
    _rang: dict[str, tuple[float, str]] = field(default_factory=dict)

    def alarmed(self, name: str, reason: str) -> None:
        """Somebody has to look at this. `reason` holds no personal data."""
        self.alarms[name] += 1
        self._rang[name] = (time.monotonic(), reason)

    def polled(self) -> None:
        """A getUpdates was answered and its updates are on the disk."""
        self.last_poll = time.monotonic()
        self.telegram_fault = None
        self.updates_fault = None

    def faults(self) -> dict[str, str]:
        """What keeps this process from its job and what it raised an alarm about, by name."""
        lately = time.monotonic() - _ALARM_SECONDS
        alarms = {name: reason for name, (at, reason) in self._rang.items() if at > lately}
        found = alarms | {
            "telegram": self.telegram_fault or self._silence(),
            "updates": self.updates_fault,
            "inbox": self.inbox_fault,
            "sender": self.sender_fault,
            "outcomes": self.outcomes_fault,
        }
        return {name: fault for name, fault in found.items() if fault is not None}

    def warnings(self) -> dict[str, str]:
        """What somebody should see to, though the process does its job."""
        return {} if self.stale_balances is None else {"balances": self.stale_balances}

    def _silence(self) -> str | None:
        if not self.polls:
            return None
        if self.last_poll is None:
            return "no update has been asked for yet"
        silent = time.monotonic() - self.last_poll
        if silent > _POLL_PATIENCE_SECONDS:
            return f"the last good getUpdates was {silent:.0f} s ago"
        return None
