"""A letter is approved and handed over, a plan's progress is looked at: seen in a real browser.

With PICTURES=folder each look is kept there.
"""

import os
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.chromium import in_chromium, opened_browser, opened_page
from tests.process.deployment import (
    Debtor,
    Deployment,
    bring_in,
    deployed,
    known,
    people,
    write_csv,
)

pytestmark = in_chromium

LIN = 7001
MARIA = Debtor("B-1", 1001, name="Maria Lopez", due_date=date(2026, 10, 4))
WANG = Debtor("B-2", 1002, name="王芳", language="zh-Hans", due_date=date(2026, 11, 10))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path_factory.mktemp("letters"), "--no-strict-limits") as town:
        await town.move_clock(to="2026-11-16T02:00:00Z")
        await people(
            town,
            {"telegram_id": LIN, "role": "collector", "name": "Lin", "language": "en"},
            {"telegram_id": 1001, "role": "borrower", "name": "Maria", "language": "en"},
            {"telegram_id": 1002, "role": "borrower", "name": "王芳", "language": "zh-Hans"},
        )
        await town.do("staff", "add", str(LIN), "--role", "collector", "--name", "Lin",
                      "--language", "en")  # fmt: skip
        await bring_in(town, [MARIA, WANG], date(2026, 11, 16))
        await known(town, MARIA, WANG)
        await town.move_clock(to="2026-11-18T02:00:00Z")  # whoever wrote is left in peace a day
        await bring_in(town, [MARIA, WANG], date(2026, 11, 18))
        await town.start()
        await town.person(LIN).says("/start")
        await town.person(LIN).sees("/queue")
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def page(town: Deployment) -> AsyncIterator[Page]:
    async with opened_browser() as browser:
        yield await opened_page(browser, 720, 1000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("PICTURES", tmp_path))


async def _looks(town: Deployment, page: Page, person: int) -> None:
    await page.goto("about:blank")
    await page.goto(f"{town.telegram}/#person={person}&chat={person}")
    await expect(page.locator("textarea.composer-field")).to_be_visible()


async def _sees(page: Page, text: str) -> None:
    await expect(page.locator(".messages").get_by_text(text).last).to_be_visible()


async def test_a_letter_is_read_approved_and_handed_over_in_the_chat(
    town: Deployment, page: Page, folder: Path
) -> None:
    (number,) = await town.until(lambda: _letter(town), "the letter to be drafted")
    await _looks(town, page, LIN)
    await page.locator("textarea.composer-field").fill(f"/take {number}")
    await page.locator(".composer-send").click()
    await _sees(page, "draft of a letter")
    await page.wait_for_timeout(300)
    await page.screenshot(path=folder / "letter-1-draft.png")
    await page.locator(".key", has_text="approve").last.click()
    await _sees(page, "to be posted as it is")
    await page.screenshot(path=folder / "letter-2-approved.png")
    await page.locator(".key", has_text="sent in the chat").last.click()
    await _sees(page, f"#{number} is done")

    await _looks(town, page, 1001)
    await _sees(page, "has written you a letter")
    await page.wait_for_timeout(300)
    await page.screenshot(path=folder / "letter-3-borrower.png")


async def _letter(town: Deployment) -> tuple[int] | None:
    rows = await town.rows("SELECT id FROM work WHERE kind = 'notice'")
    return (rows[0][0],) if rows else None


async def test_the_progress_of_a_plan_shows_as_a_picture_below_home(
    town: Deployment, page: Page, folder: Path
) -> None:
    wang = town.person(1002)
    await wang.says("/plan 3")
    await wang.taps("plan_yes:1")
    write_csv(
        town.folder / "payments.csv",
        [
            ["payment_ref", "loan_ref", "amount", "paid_on"],
            ["P-1", "L-B-2", "400.00", "2026-11-18"],
        ],
    )
    await town.do("import", "payments", "payments.csv")
    await wang.says("/menu")
    await _looks(town, page, 1002)
    await page.locator(".key", has_text="看看进度").last.click()
    await _sees(page, "3 期里已还清 1 期")
    picture = page.locator(".messages img").last
    await expect(picture).to_be_visible()
    await page.wait_for_timeout(500)
    assert await picture.evaluate("one => one.naturalWidth") > 600
    await page.screenshot(path=folder / "progress-in-the-chat.png")
