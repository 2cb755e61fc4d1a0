"""What /readyz tells: faults while they last, alarms for a while."""

import pytest

from bot.health import Health


def test_an_alarm_is_told_for_a_while_and_counted_for_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: seconds)
    health = Health(polls=False)
    health.alarmed("refused", "message 7: 400")
    assert health.faults() == {"refused": "message 7: 400"}
    seconds += 31
    assert health.faults() == {}
    assert health.alarms == {"refused": 1}


def test_a_fault_that_is_over_is_not_kept_alive_by_its_alarm() -> None:
    health = Health(polls=False, telegram_fault="no answer")
    health.alarmed("telegram", "no answer")
    assert health.faults() == {"telegram": "no answer"}
    health.polled()
    assert health.faults() == {}
