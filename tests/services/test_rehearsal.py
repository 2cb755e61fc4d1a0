"""A rehearsal finds nothing in the product as it is, and finds a product that is broken."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from bot.rehearsal.checks import by_rule
from bot.rehearsal.rehearsing import Report, rehearse
from bot.rehearsal.wire import Wire
from bot.rules import strategy as rules
from bot.rules import strategy_group
from bot.rules.strategy import Strategy, default_strategy, read_strategy
from bot.rules.working_hours import WorkingHours
from bot.services import judging, reminders, sending
from bot.services.office import Office
from scripts_library.library import default_library
from storage.engine import Transaction
from storage.records import (
    BorrowerId,
    ContactKind,
    Decision,
    DeliveryClass,
    Money,
    OutboxId,
    OutboxRow,
    OutboxStatus,
)

_TRIED_EVERY = 4
"""Of the many seeds of a soak every so manieth has an experiment."""
DEFAULT = Path("bot/rules/strategies/default.yaml")
SEED = int(os.environ.get("REMINDFUL_SEED", "1"))
REHEARSALS = int(os.environ.get("REMINDFUL_REHEARSALS", "3"))
DAYS = int(os.environ.get("REMINDFUL_DAYS", "21"))
PEOPLE = int(os.environ.get("REMINDFUL_BORROWERS", "8"))
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


EXPERIMENT = """
hold_out: {name: nobody, share: 30}
experiments:
  - name: fewer
    variants:
      - {name: gentle, share: 40, without: [early, due_day_morning]}
"""


def _tried() -> Strategy:
    return read_strategy(DEFAULT.read_text("utf-8") + EXPERIMENT, "mine.yaml")


def _office(strategy: Strategy | None = None) -> Office:
    return Office(
        lender="Greenfield",
        secret=b"a secret of this town",
        country="CN",
        working_hours=WorkingHours.parse("1-5 09:00-18:00"),
        library=default_library(),
        strategy=strategy or default_strategy(),
    )


async def _rehearsed(
    seed: int = 1, days: int = 21, borrowers: int = 8, strategy: Strategy | None = None
) -> Report:
    return await rehearse(
        _office(strategy), days=days, borrowers=borrowers, seed=seed, progress=lambda _share: None
    )


@pytest.mark.parametrize("seed", range(SEED, SEED + REHEARSALS))
async def test_the_product_breaks_no_rule(seed: int) -> None:
    tried = seed % _TRIED_EVERY == 0
    report = await _rehearsed(seed, DAYS, PEOPLE, strategy=_tried() if tried else None)
    assert report.violations == ()
    assert bool(report.groups) is tried
    assert sum(report.contacts_per_day.values()) > 5 * PEOPLE / 8, "something was said"
    assert len(report.contacts_per_day) == len(report.tasks_per_day) == DAYS
    assert set(report.outbox) <= {"sent", "unknown", "expired", "denied", "queued", "suspended"}


async def test_the_same_seed_gives_the_same_rehearsal() -> None:
    first, again, other = [await _rehearsed(seed, days=14, borrowers=5) for seed in (5, 5, 6)]
    assert first == again
    assert first.contacts_per_day != other.contacts_per_day


async def test_a_policy_that_allows_everything_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def allow(*_args: Any, **_how: Any) -> Decision:
        return Decision("allow")

    monkeypatch.setattr(judging, "may_contact", allow)
    monkeypatch.setattr(sending, "may_contact", allow)
    found = by_rule((await _rehearsed()).violations)
    assert {"quiet_borrower", "promise_open"} <= set(found)
    assert {"cap_day", "cap_overdue", "cap_week"} & set(found)


async def test_an_experiment_is_kept_and_told_group_by_group() -> None:
    report = await _rehearsed(days=12, strategy=_tried())
    assert report.violations == ()
    found = {(one.experiment, one.group): one for one in report.groups}
    assert {group for _, group in found} == {"usual", "gentle", "held_out"}
    assert found["nobody", "held_out"].borrowers + found["nobody", "usual"].borrowers == 8
    assert found["nobody", "usual"].contacts > found["nobody", "held_out"].contacts
    assert report.refusals["hold_out"] > 0


async def test_groups_that_are_mixed_up_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody gets what nobody but the others is meant to get."""

    def mixed_up(strategy: Strategy, ref: str) -> Strategy:
        group = dict(strategy_group.groups_of(strategy, ref)).get("fewer")
        return strategy_group.strategy_of(strategy, ("usual" if group != "usual" else "gentle",))

    monkeypatch.setattr(rules, "strategy_for", mixed_up)
    found = by_rule((await _rehearsed(days=10, strategy=_tried())).violations)
    assert {"hold_out", "variant"} <= set(found)


async def test_a_sender_that_forgets_what_it_sent_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def forget(tx: Transaction, *_args: Any) -> None:
        # each is tried once more, as if nobody had heard it
        await tx.execute(
            text(
                "UPDATE outbox SET status = CASE attempts WHEN 1 THEN 'queued' ELSE 'sent' END, "
                "marked_at = NULL WHERE status = 'sending'"
            )
        )

    monkeypatch.setattr(sending, "record", forget)
    assert "duplicate" in by_rule((await _rehearsed()).violations)


async def test_an_amount_that_is_not_the_ledgers_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = reminders.owed

    def a_little_more(situation: Any) -> Any:
        values = dict(right(situation))
        values["loans"] = [
            {**one, "due": one["due"] + Money(1, one["due"].currency)} for one in values["loans"]
        ]
        return values

    monkeypatch.setattr(reminders, "owed", a_little_more)
    assert set(by_rule((await _rehearsed()).violations)) == {"amounts"}


def test_a_call_before_telegram_said_is_noted() -> None:
    wire = Wire({}, Random(1), paused_until=NOON)
    row = OutboxRow(
        OutboxId(1), "step:1", 7, DeliveryClass.REMINDER, "sendMessage", {"text": "A note"},
        "system", ContactKind.OVERDUE, BorrowerId(1), None, None, True, 2, 1, OutboxStatus.SENDING,
    )  # fmt: skip
    wire.call(row, NOON - timedelta(seconds=1))
    wire.call(row._replace(automated=False), NOON - timedelta(seconds=1))
    wire.call(row, NOON)
    assert wire.pushed == [(NOON - timedelta(seconds=1), "step:1")]
