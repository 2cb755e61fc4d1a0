"""An experiment from its first reminder to its comparison: who hears what, and who is told."""

import asyncio
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.clock import SystemClock
from bot.commands import comparing as command
from bot.commands.explaining import explain
from bot.errors import InputRefused
from bot.rules.experiment import HELD_OUT, PLACES, USUAL
from bot.rules.shares import Share
from bot.rules.strategy import Strategy, read_strategy
from bot.rules.strategy_group import groups_of
from bot.services import comparing, explaining, exporting
from bot.services.comparing import Comparison, Group
from bot.services.exporting import COLUMNS, ExportKind
from scripts_library.library import Library, default_library
from scripts_library.render import render
from storage import schema
from storage.records import HandoffReason, Role, WorkKind
from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown, Owed

DEFAULT = Path("bot/rules/strategies/default.yaml").read_text("utf-8")
SOON = Owed("1200.00", due=date(2026, 11, 26))


def text(name: str) -> str:
    return f"""{DEFAULT}
hold_out: {{name: {name}_out, share: 30}}
experiments:
  - name: {name}
    variants:
      - {{name: gentle, share: 40, without: [early]}}
"""


def naming(wanted: Mapping[str, str]) -> Strategy:
    """An experiment in which these borrowers are in these groups."""
    for number in count():
        strategy = read_strategy(text(f"trial_{number}"), "mine.yaml")
        if all(groups_of(strategy, ref)[-1][1] == group for ref, group in wanted.items()):
            return strategy
    raise AssertionError


def scripts(client: Client) -> list[str]:
    return [one.script for one in client.new]


async def enrolled(town: LendingTown, client: Client) -> dict[str, str]:
    table = schema.enrolments
    async with town.storage.reading() as tx:
        rows = await tx.all(select(table).where(table.c.borrower_id == client.borrower_id))
    return {row.experiment: row.variant for row in rows}


async def test_each_group_hears_its_own_and_is_compared_with_the_others(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    zhou = await town.staff("Zhou", Role.SUPERVISOR)
    maria, otto, anna = [await town.client(name, owes=[SOON]) for name in ("Maria", "Otto", "Anna")]
    town.office.strategy = naming({maria.ref: HELD_OUT, otto.ref: "gentle", anna.ref: USUAL})
    trial = town.office.strategy.experiments[0].name

    await town.until("2026-12-06T23:00")

    usual = ["reminder.pre_due", "reminder.due_today", "reminder.first_late"]
    assert scripts(maria) == []
    assert scripts(otto) == usual
    assert scripts(anna) == [*usual, "reminder.early", "reminder.early"]
    for client in (maria, otto, anna):
        assert await town.tasks(client, WorkKind.CALL), "a person looks at everybody"
    assert await enrolled(town, maria) == {f"{trial}_out": HELD_OUT}
    assert await enrolled(town, otto) == {f"{trial}_out": USUAL, trial: "gentle"}
    async with town.storage.reading() as tx:
        since = {row.since for row in await tx.all(select(schema.enrolments))}
    assert len(since) == 1, "all of them from the same moment on"

    # what is written down of a reminder that was held out, and told
    async with town.storage.reading() as tx:
        told = await explaining.explain(tx, town.office, maria.ref, town.now)
    held = [one for one in told.past if "hold_out" in one.rules]
    assert {(one.kind, one.verdict) for one in held} == {("pre_due", "deny"), ("overdue", "deny")}
    assert {one.variants for one in told.past} == {f"{trial}_out={HELD_OUT}"}
    assert told.groups == ((f"{trial}_out", HELD_OUT),)
    assert "hold_out" in told.due[0].decision.rules

    # what came of it
    await otto.says("/promise 2026-12-10 600")
    await otto.taps("Confirm")
    town.later(minutes=5)
    await anna.pays("700.00", leaves=[Owed("500.00", due=SOON.due)])
    await zhou.says("/experiments")
    zhou.sees("0 of 1 have had all their days", "Paid something: –")
    town.later(days=25)
    await zhou.says("/experiments")
    told = zhou.sees(f"{trial}:", "gentle: 1 of 1 have had all their days")
    assert "Messages each: 5.0" in told.text
    assert "Paid each: CNY 700.00" in told.text
    async with town.storage.reading() as tx:
        out = await comparing.everything(tx, town.now)
    assert [group.name for group in out[1].groups] == [USUAL, HELD_OUT]
    found = {(one.experiment, group.name): group for one in out for group in one.groups}
    gentle, usual_one = found[trial, "gentle"], found[trial, USUAL]
    held_out, reminded = found[f"{trial}_out", HELD_OUT], found[f"{trial}_out", USUAL]
    assert (contacts(gentle), contacts(usual_one), contacts(held_out)) == (3, 5, 0)
    assert (hits(gentle.promised), hits(gentle.kept)) == (1, 0)
    assert (hits(usual_one.paid), hits(held_out.paid), hits(reminded.paid)) == (1, 0, 1)
    assert reminded.money["CNY"].mean == 35_000
    assert gentle.paid_more is not None
    assert gentle.paid_more.value == -1

    # what the lender's own analysts are given
    async with town.storage.snapshot() as tx:
        some = exporting.rows(tx, ExportKind.GROUPS, town.now - timedelta(days=60), town.now)
        rows = [dict(row) async for row in some]
    assert {tuple(row) for row in rows} == {COLUMNS[ExportKind.GROUPS]}
    assert [(row["experiment"], row["borrower_ref"], row["group"]) for row in rows] == [
        (trial, otto.ref, "gentle"),
        (trial, anna.ref, USUAL),
        (f"{trial}_out", maria.ref, HELD_OUT),
        (f"{trial}_out", otto.ref, USUAL),
        (f"{trial}_out", anna.ref, USUAL),
    ]
    assert {row["since"] for row in rows} == {f"{since.pop():%Y-%m-%dT%H:%M:%SZ}"}

    # where there are too many for a chat, a part of them is counted, and that is said
    async with town.storage.reading() as tx:
        sampled = await comparing.everything(tx, town.now, most=1)
    assert [one.every for one in sampled] == [2, 3]
    counted = [sum(group.watched for group in one.groups) for one in sampled]
    ids = [client.borrower_id for client in (otto, anna, maria)]
    assert counted == [sum(one % 2 == 0 for one in ids[:2]), sum(one % 3 == 0 for one in ids)]
    assert "one borrower in 2 is counted" in spoken(sampled[0])


def spoken(one: Comparison) -> str:
    script = default_library().script("report.experiment", "en")
    return render(script, comparing.as_values(one)).text


def contacts(group: Group) -> float:
    assert group.contacts is not None
    return group.contacts.mean


def hits(one: Share | None) -> int:
    assert one is not None
    return one.hits


async def test_the_held_out_are_answered_thanked_and_told_what_they_agreed(
    town: LendingTown,
) -> None:
    maria = await town.client("Maria", owes=[LATE])
    town.office.strategy = naming({maria.ref: HELD_OUT})
    await maria.says("/promise 2026-11-27 600")
    await maria.taps("Confirm")
    await town.until("2026-11-27T23:00")
    assert scripts(maria) == ["note.promise_eve", "note.promise_day"]
    await maria.pays("600.00", leaves=[Owed("600.00", due=LATE.due)])
    await town.until("2026-11-28T12:00")
    assert scripts(maria) == ["thanks.payment"]
    await maria.says("/human")
    maria.sees("A colleague will be with you")
    assert await town.reasons(maria) == {HandoffReason.ASKED}


async def test_explain_says_it_in_words(
    town: LendingTown,
    sqlite_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    maria = await town.client("Maria", owes=[LATE])
    town.office.strategy = naming({maria.ref: HELD_OUT})
    await town.until("2026-11-22T12:00")

    async def the_time(_: SystemClock) -> datetime:
        return town.now

    name = town.office.strategy.experiments[0].name
    mine = tmp_path / "mine.yaml"
    mine.write_text(text(name), "utf-8")
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("STRATEGY", str(mine))
    monkeypatch.setattr(Library, "load", default_library)
    monkeypatch.setattr(SystemClock, "now", the_time)
    await asyncio.to_thread(explain, maria.ref, False)
    told = capsys.readouterr().out
    assert f"experiment {name}_out: held_out" in told
    assert "due now: early about due:2026-11-17: deny (" in told
    assert "hold_out" in told


async def test_a_reminder_that_waits_is_not_sent_once_its_borrower_is_held_out(
    town: LendingTown,
) -> None:
    maria = await town.client("Maria", owes=[SOON])
    town.office.strategy = naming({maria.ref: USUAL})
    town.holding_back = True
    await town.until("2026-11-25T10:30")
    assert await town.waiting(maria) == ["queued"]
    town.office.strategy = naming({maria.ref: HELD_OUT})
    town.holding_back = False
    await town.until("2026-11-26T09:00")
    assert scripts(maria) == []
    assert await town.waiting(maria) == []


async def test_whoever_was_moved_between_groups_is_in_no_figure(town: LendingTown) -> None:
    zhou = await town.staff("周", Role.ADMIN, language="zh-Hans")
    maria, otto = [await town.client(name, owes=[SOON]) for name in ("Maria", "Otto")]
    strategy = naming({maria.ref: USUAL, otto.ref: USUAL})
    town.office.strategy = strategy
    await town.until("2026-11-25T23:00")
    everybody = strategy.experiments[0].model_copy(
        update={"variants": (strategy.experiments[0].variants[0].model_copy(
            update={"begins": 0, "share": PLACES}),)}
    )  # fmt: skip
    town.office.strategy = strategy.model_copy(update={"experiments": (everybody,)})
    await town.until("2026-11-26T23:00")
    town.later(days=40)
    await zhou.says("/experiments")
    told = zhou.sees("换过组、不计入的人数：2", "其中看满天数的 0")
    assert everybody.name in told.text


async def test_experiments_are_told_to_those_who_lead(town: LendingTown) -> None:
    lin, zhou = await town.staff("Lin"), await town.staff("Zhou", Role.ADMIN)
    await zhou.says("/experiments")
    zhou.sees("Nobody is in an experiment yet")
    await zhou.says("/experiments soon")
    zhou.sees("/experiments 60")
    await lin.says("/experiments")
    lin.sees("Your role does not allow this")


def test_the_command_tells_of_them_too(
    sqlite_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setattr(Library, "load", default_library)
    command.compare(30, "zh-Hans", as_json=False)
    assert "还没有借款人参加实验" in capsys.readouterr().out
    command.compare(30, "en", as_json=True)
    assert json.loads(capsys.readouterr().out) == {"experiments": []}
    with pytest.raises(InputRefused, match="--days 0"):
        command.compare(0, "en", as_json=False)
