"""New words from the command line, said by a running bot at its next message."""

import time
from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from tests.process.deployment import Debtor, Deployment, bring_in, deployed, known

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

MARIA = Debtor("B-1", 1001, due_date=date(2026, 11, 21))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path_factory.mktemp("words"), "--no-strict-limits") as town:
        await town.move_clock(to="2026-11-18T04:00:00Z")
        await bring_in(town, [MARIA], date(2026, 11, 18))
        await known(town, MARIA)
        await town.start()
        await town.person(MARIA.telegram_id).sees("Wang Fang")
        yield town


async def test_an_imported_change_is_said_within_five_seconds_and_taken_back_by_another(
    town: Deployment,
) -> None:
    maria = town.person(MARIA.telegram_id)
    await town.do("scripts", "export", "words")
    file = town.folder / "words" / "en" / "help" / "unknown_command.md"
    old = file.read_text(encoding="utf-8")
    head, _, _ = old.rpartition("---\n")
    file.write_text(f"{head}---\nThat is not one of our commands; the buttons help.\n", "utf-8")

    told = await town.do("scripts", "import", "words", "--why", "plainer")
    assert told.out == "#1 help.unknown_command (en) is said now\n"
    published = time.monotonic()
    await maria.says("/nonsense")
    await maria.sees("not one of our commands")
    assert time.monotonic() - published < 5

    file.write_text(old, encoding="utf-8")
    assert (await town.do("scripts", "import", "words")).out.startswith("#2 help.unknown_command")
    before = len(await maria.messages())
    await maria.says("/nonsense")

    async def as_before() -> bool:
        said = (await maria.messages())[before:]
        return any("not one of our commands" not in one.get("text", "") for one in said[1:])

    await town.until(as_before, "the old words to be back", patience=5)
    checked = await town.do("scripts", "check")
    assert (checked.code, checked.out) == (0, "")


async def test_a_real_borrowers_message_can_be_looked_at(town: Deployment) -> None:
    shown = await town.do(
        "scripts", "render", "reminder.pre_due", "--language", "en", "--borrower", MARIA.ref
    )
    assert "Hello Wang Fang" in shown.out
    assert "CN¥1,200.00" in shown.out


@pytest.mark.parametrize(
    ("key", "fact"),
    [
        ("home.now", "Next payment day: 21 November 2026"),
        ("balance.now", "Left in all: CN¥1,200.00"),
        ("pay.how", "CN¥1,200.00"),
    ],
)
async def test_a_real_borrowers_screen_has_nothing_of_the_examples(
    town: Deployment, key: str, fact: str
) -> None:
    shown = await town.do("scripts", "render", key, "--language", "en", "--borrower", MARIA.ref)
    assert fact in shown.out
    for invented in ("You have named a day", "Your plan is under way", "Home improvement loan"):
        assert invented not in shown.out
