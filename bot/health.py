"""What /readyz, /metrics and the admins are told about how this process is doing."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

_POLL_PATIENCE = timedelta(seconds=60)


@dataclass(slots=True)
class Health:
    """Kept in memory: it describes this process. Alarms name what a person has to look at."""

    polls: bool = True
    last_poll: datetime | None = None
    poll_fault: str | None = None
    sender_fault: str | None = None
    dead_letters: int = 0
    alarms: dict[str, str] = field(default_factory=dict)

    def polled(self, now: datetime) -> None:
        self.last_poll = now
        self.poll_fault = None

    def poll_failed(self, reason: str) -> None:
        self.poll_fault = reason

    def raise_alarm(self, name: str, reason: str) -> bool:
        """True the first time, so that a person is told once."""
        fresh = name not in self.alarms
        self.alarms[name] = reason
        return fresh

    def clear_alarm(self, name: str) -> None:
        self.alarms.pop(name, None)

    def faults(self, now: datetime) -> dict[str, str]:
        """Everything that makes this process not ready, by name."""
        found = dict(self.alarms)
        if self.sender_fault:
            found["sender"] = self.sender_fault
        if self.polls and self.poll_fault:
            found["telegram"] = self.poll_fault
        elif self.polls and self.last_poll is None:
            found["telegram"] = "no update has been asked for yet"
        elif self.polls and self.last_poll and now - self.last_poll > _POLL_PATIENCE:
            found["telegram"] = f"the last good getUpdates was at {self.last_poll:%H:%M:%S} UTC"
        return found
