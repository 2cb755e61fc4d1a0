"""Commands beside a running bot: what they change is in force at once, what they print is true."""

import asyncio
import csv
import json
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio

from tests.process.deployment import Debtor, Deployment, Person, bring_in, deployed, known, people

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

LIN = 7001
MARIA, FANG, OTTO, NEWCOMER = DEBTORS = [
    Debtor(f"B-{number}", 1000 + number, due_date=due)
    for number, due in (
        (1, date(2026, 11, 21)),
        (2, date(2026, 11, 22)),
        (3, date(2026, 11, 23)),
        (4, date(2027, 11, 23)),
    )
]
TEN_IN_SHANGHAI = {
    MARIA: datetime(2026, 11, 20, 2, tzinfo=UTC),
    FANG: datetime(2026, 11, 21, 2, tzinfo=UTC),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path_factory.mktemp("commands"), "--no-strict-limits") as town:
        await town.move_clock(to="2026-11-18T04:00:00Z")
        await people(
            town,
            {"telegram_id": LIN, "role": "collector", "name": "Lin", "language": "en"},
            {"telegram_id": NEWCOMER.telegram_id, "role": "borrower", "name": "Ned",
             "language": "en"},
        )  # fmt: skip
        await bring_in(town, DEBTORS, date(2026, 11, 18))
        await known(town, MARIA, FANG, OTTO)
        await town.start()
        for debtor in (MARIA, FANG, OTTO):
            await town.person(debtor.telegram_id).sees("Wang Fang")
        yield town


async def test_the_next_due_moment_is_published_and_the_clock_can_jump_there(
    town: Deployment,
) -> None:
    await _fresh_figures(town, date(2026, 11, 19))
    maria = town.person(MARIA.telegram_id)

    async def planned() -> bool:
        due = (await town.readyz())[1]["next_due_at"]
        return due is not None and datetime.fromisoformat(due) == TEN_IN_SHANGHAI[MARIA]

    await town.until(planned, "the reminder to be planned")
    now = await town.move_clock(to="next")
    assert TEN_IN_SHANGHAI[MARIA] <= now < TEN_IN_SHANGHAI[MARIA] + timedelta(seconds=1)
    jumped = time.monotonic()
    await maria.sees("figures of", "/stop")
    assert time.monotonic() - jumped < 5


async def test_an_emergency_stop_holds_everything_automated_within_a_second(
    town: Deployment,
) -> None:
    await _fresh_figures(town, date(2026, 11, 20))
    fang, otto = town.person(FANG.telegram_id), town.person(OTTO.telegram_id)
    assert (await town.do("stop-all", "on", "--json")).json() == {"stopped": True, "changed": True}
    again = await town.do("stop-all", "on")
    assert again.out == "everything automated is stopped, as it was before\n"

    await town.move_clock(to=f"{TEN_IN_SHANGHAI[FANG]:%Y-%m-%dT%H:%M:%SZ}")
    await otto.says("/balance")  # people are served all the same
    await otto.sees("Your balance")
    await asyncio.sleep(2)
    assert not await _reminded(fang)

    assert (await town.do("stop-all", "off")).out == "the stop is lifted\n"
    released = time.monotonic()
    await fang.sees("figures of", "/stop")
    assert time.monotonic() - released < 5


async def test_a_collector_is_let_in_and_sent_away_within_five_seconds(town: Deployment) -> None:
    lin = town.person(LIN)
    await lin.says("/start")
    await lin.sees("open the link")

    add = ("staff", "add", str(LIN), "--role", "collector", "--name", "Lin", "--language", "en")
    assert (await town.do(*add)).out == "Lin is collector now\n"
    assert (await town.do(*add)).out == "Lin was collector already\n"
    told = time.monotonic()
    await lin.says("/shift on")
    await town.until(lambda: _on_shift(town), "the shift to have begun")
    assert time.monotonic() - told < 5

    listed = (await town.do("staff", "list", "--json")).json()
    assert listed == [
        {"telegram_id": LIN, "role": "collector", "name": "Lin", "languages": ["en"],
         "skills": [], "capacity": None, "disabled": False}
    ]  # fmt: skip
    assert (await town.do("staff", "disable", str(LIN))).out == "disabled\n"
    assert not await _on_shift(town)
    before = len(await lin.messages())
    await lin.says("/queue")

    async def sent_away() -> bool:
        said = (await lin.messages())[before:]
        return any("open the link" in one.get("text", "") for one in said)

    await town.until(sent_away, "the former collector to be met as a stranger", patience=5)


async def test_links_for_everybody_are_written_to_a_file_for_the_lender_alone(
    town: Deployment,
) -> None:
    told = (await town.do("link", "--all", "--csv", "links.csv", "--json")).json()
    assert told == {"links": len(DEBTORS), "file": "links.csv"}
    file = town.folder / "links.csv"
    assert file.stat().st_mode & 0o077 == 0
    with file.open(encoding="utf-8", newline="") as sheet:
        rows = list(csv.DictReader(sheet))
    assert [row["borrower_ref"] for row in rows] == [one.ref for one in DEBTORS]
    now = datetime.fromisoformat((await town.ask("GET", "/clock"))["now"])
    for row in rows:
        assert re.fullmatch(r"[A-Za-z0-9_-]{20,64}", row["token"])
        assert row["url"] == f"https://t.me/remindful_demo_bot?start={row['token']}"
        lives = datetime.fromisoformat(row["expires_at"]) - now
        assert timedelta(days=14) - timedelta(minutes=2) < lives <= timedelta(days=14)
    kept = str(await town.rows("SELECT * FROM link_tokens"))
    assert not any(row["token"] in kept for row in rows)

    newcomer = town.person(NEWCOMER.telegram_id)
    await newcomer.says(f"/start {rows[-1]['token']}")
    await newcomer.sees("last four")


async def test_one_link_is_one_object(town: Deployment) -> None:
    told = (await town.do("link", OTTO.ref, "--json")).json()
    assert sorted(told) == ["borrower_ref", "expires_at", "token", "url"]


async def test_explain_says_why_without_saying_who(town: Deployment) -> None:
    told = (await town.do("explain", MARIA.ref, "--json")).json()
    assert told["borrower_ref"] == MARIA.ref
    assert told["linked"] is True
    assert told["decisions"], "each contact was judged"
    assert {"at", "asked", "kind", "decision", "until", "rules"} == set(told["decisions"][0])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", told["decisions"][0]["at"])
    plain = (await town.do("explain", MARIA.ref)).out
    assert "days past due:" in plain
    assert "Wang" not in plain + str(told)


async def test_the_doctor_finds_a_deployment_in_good_health(town: Deployment) -> None:
    told = (await town.do("doctor", "--json")).json()
    states = {one["check"]: one["state"] for one in told}
    assert {name: states[name] for name in ("settings", "clock", "database", "telegram")} == {
        "settings": "ok", "clock": "ok", "database": "ok", "telegram": "ok",
    }  # fmt: skip
    assert next(one for one in told if one["check"] == "telegram")["says"] == "@remindful_demo_bot"


async def _fresh_figures(town: Deployment, day: date) -> None:
    """A balance that is older than a day or two is not written about."""
    await town.move_clock(to=f"{day}T12:00:00Z")
    await bring_in(town, DEBTORS, day)


async def _reminded(person: Person) -> bool:
    said = [one.get("text", "") for one in await person.messages()]
    return any("figures of" in text and "/stop" in text for text in said)


async def _on_shift(town: Deployment) -> bool:
    return await town.rows("SELECT count(*) FROM shifts WHERE ended_at IS NULL") == [(1,)]


async def test_an_export_is_a_table_or_lines_of_json(town: Deployment) -> None:
    table, lines = await asyncio.gather(
        town.do("export", "promises", "--since", "2026-01-01"),
        town.do("export", "outcomes", "--since", "2026-01-01T08:00:00+08:00", "--json"),
    )
    assert table.out.splitlines()[0].startswith("promise_ref,borrower_ref,loan_ref,currency,amount")
    for line in lines.out.splitlines():
        assert set(json.loads(line)) >= {"ref", "what", "outcome"}


async def test_when_files_stop_coming_readyz_and_the_doctor_say_so_until_they_come(
    town: Deployment,
) -> None:
    await town.move_clock(to="2026-12-20T12:00:00Z")

    async def warned() -> bool:
        status, told = await town.readyz()
        return status == 200 and "too old to speak of" in told["warnings"].get("balances", "")

    await town.until(warned, "old balances to be told", patience=40)
    lost = town.folder / "lost.csv"
    lost.write_text("payment_ref,loan_ref,amount,paid_on\nP-404,L-404,5.00,2026-12-19\n", "utf-8")
    await town.do("import", "payments", str(lost))

    told = {one["check"]: one for one in (await town.do("doctor", "--json")).json()}
    assert told["balances"]["state"] == told["payments"]["state"] == "warn"
    assert "P-404 for L-404" in told["payments"]["says"]

    await bring_in(town, DEBTORS, date(2026, 12, 20))

    async def over() -> bool:
        return not (await town.readyz())[1]["warnings"]

    await town.until(over, "fresh balances to be noticed", patience=40)
