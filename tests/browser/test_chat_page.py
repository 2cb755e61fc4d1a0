"""The chat page in a real browser: a borrower's day, a collector beside it, a phone, two languages.

With PICTURES=folder the pictures are kept there: `docs/images/demo.png` is one of them.
"""

import os
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect
from playwright.async_api import TimeoutError as TookTooLong

from tests.browser.chromium import in_chromium, opened_browser, opened_page
from tests.process.deployment import (
    BOARD,
    Debtor,
    Deployment,
    bring_in,
    deployed,
    known,
    link_for,
    people,
)

pytestmark = in_chromium

TODAY = date(2026, 11, 18)
AVA = Debtor("B-1", 5001, "Ava Whitcombe", due_date=date(2026, 11, 15))
FANG = Debtor("B-2", 5002, "王芳", "zh-Hans", due_date=date(2026, 11, 13))
RUTH = Debtor("B-3", 5003, "Ruth Ellery", due_date=date(2026, 11, 10))
DANA = 7002
MOMENTS = 5  # the clock is moved so often at most until the reminder is there


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path_factory.mktemp("page"), "--zone", "Asia/Shanghai") as town:
        await town.move_clock(to="2026-11-16T01:30:00Z")
        await people(town, {"telegram_id": DANA, "role": "collector", "name": "Dana"})
        board = {"title": "Board", "type": "supergroup", "chat_id": BOARD, "members": [DANA]}
        await town.ask("POST", "/sim/groups", board)
        await town.do("staff", "add", str(DANA), "--role", "collector", "--name", "Dana",
                      "--language", "en", "--language", "zh-Hans")  # fmt: skip
        await bring_in(town, [AVA, FANG, RUTH], date(2026, 11, 16))
        await known(town, FANG, RUTH)
        token = await link_for(town, AVA)
        await people(
            town,
            {
                "telegram_id": AVA.telegram_id, "role": "borrower", "name": AVA.name,
                "borrower_ref": AVA.ref, "link": f"https://t.me/remindful_demo_bot?start={token}",
                "note": {"en": "Three days late.", "zh-Hans": "逾期三天。"},
            },
        )  # fmt: skip
        await town.start()
        await town.person(DANA).says("/start")
        await town.person(DANA).says("/shift on")
        await town.person(DANA).sees("shift")
        await town.move_clock(to="2026-11-18T01:55:00Z")
        await bring_in(town, [AVA, FANG, RUTH], TODAY)
        yield town


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with opened_browser() as browser:
        yield browser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("PICTURES", tmp_path))


class Place:
    """One person's place on the page: what they read and do in it."""

    def __init__(self, page: Page, seat: Locator) -> None:
        self._page = page
        self._seat = seat

    async def says(self, text: str) -> None:
        await self._seat.locator("textarea.composer-field").fill(text)
        await self._seat.locator("textarea.composer-field").press("Enter")

    async def taps(self, label: str) -> None:
        await self._seat.locator(".key", has_text=label).last.click()

    async def sees(self, text: str) -> Locator:
        found = self._seat.locator(".message", has_text=text).last
        await expect(found).to_be_visible()
        return found

    async def opens(self, chat: str) -> None:
        await self._seat.locator(".chat-row", has_text=chat).click()

    async def replies(self, to: str, text: str) -> None:
        message = await self.sees(to)
        await message.hover()
        await message.get_by_role("button", name="Reply to:").click()
        await self.says(text)

    async def attaches(self, choice: str) -> None:
        await self._seat.get_by_role("button", name="Attach", exact=True).click()
        await self._page.get_by_role("menuitem", name=choice).click()
        await expect(self._seat.locator(".about-line")).to_be_visible()
        await self._seat.locator(".composer-send").click()


async def at_the_desk(town: Deployment, browser: Browser, **how: Any) -> Page:
    page = await opened_page(browser, 1280, 800, **{"locale": "en-GB", **how})
    await page.goto(town.telegram)
    await expect(page.locator(".person-row").first).to_be_visible()
    return page


async def choose(page: Page, name: str) -> Place:
    await page.locator(".person-row", has_text=name).click()
    return Place(page, page.locator(".seat").first)


async def test_a_newcomer_opens_the_link_gets_a_reminder_and_names_a_day(
    town: Deployment, browser: Browser, folder: Path
) -> None:
    page = await at_the_desk(town, browser)
    ava = await choose(page, AVA.name)
    await expect(page.get_by_text("Three days late.").first).to_be_visible()
    await page.get_by_role("button", name="Start", exact=True).click()
    await ava.sees("last four")
    await ava.says("1234")
    await ava.sees("Hello Ava Whitcombe")
    await page.screenshot(path=folder / "page-home.png")

    await ava.taps("Name a date")
    await ava.taps("23")
    await ava.taps("1,200.00")
    await ava.sees("Please confirm")
    await ava.taps("Confirm")
    await ava.sees("it is noted")
    await page.close()


async def test_next_event_brings_the_reminder(town: Deployment, browser: Browser) -> None:
    page = await at_the_desk(town, browser)
    ruth = await choose(page, RUTH.name)
    reminded = page.get_by_text("CN¥1,200.00")
    await expect(reminded.first).to_be_visible()
    before = await reminded.count()
    clock = page.locator(".clock-time")
    await expect(clock).to_have_text(re.compile(r"09:5\d"))  # as the story's zone has it
    for _ in range(MOMENTS):  # somebody else's moment may come before hers
        await page.get_by_role("button", name="Next event").click()
        await expect(clock).not_to_have_text(re.compile(r"09:5\d"))
        if await came(reminded.nth(before)):
            break
    await expect(reminded).to_have_count(before + 1)
    await ruth.sees("CN¥1,200.00")
    await page.close()


async def came(what: Locator) -> bool:
    try:
        await what.wait_for(timeout=5_000)
    except TookTooLong:
        return False
    return True


async def test_a_borrower_and_a_collector_side_by_side(
    town: Deployment, browser: Browser, folder: Path
) -> None:
    page = await at_the_desk(town, browser)
    await choose(page, FANG.name)
    await page.get_by_role("button", name="Open Dana side by side").click()
    fang, dana = (Place(page, page.locator(".seat").nth(place)) for place in (0, 1))
    await dana.sees("/shift on")  # both sides are there before anybody acts
    await fang.sees("/start")
    await fang.says("你们别再骗人了，这钱我早就还过，叫人来")
    await fang.sees("这钱我早就还过")
    await dana.opens("Board")
    await dana.taps("Take")
    await dana.opens("Remindful")
    await dana.sees("这钱我早就还过")
    await fang.says("我十一月十三号转的账")
    await dana.replies("我十一月十三号转的账", "王女士您好，我是Dana，我马上去查。")
    await expect(await fang.sees("我马上去查")).to_be_in_viewport(ratio=1)
    await fang.attaches("Sample receipt")
    await expect(page.locator(".seat").nth(1).locator(".message img").last).to_be_visible()
    await expect(page.locator(".toast")).to_have_count(0)
    await page.screenshot(path=folder / "demo.png")
    await page.close()


async def test_who_blocks_the_bot_hears_nothing_until_they_unblock_it(
    town: Deployment, browser: Browser
) -> None:
    page = await at_the_desk(town, browser)
    ruth = await choose(page, RUTH.name)
    await page.get_by_role("button", name="More about this person").first.click()
    await page.get_by_role("menuitem", name="Block the bot").click()
    await expect(page.locator(".person-item", has_text=RUTH.name)).to_contain_text(
        "blocked the bot"
    )
    await page.get_by_role("button", name="Unblock the bot").click()
    await ruth.says("/balance")
    await ruth.sees("Your balance")
    await page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_one_pane_at_a_time_and_nothing_is_cut_off(
    town: Deployment, browser: Browser, folder: Path, scheme: str
) -> None:
    page = await opened_page(browser, 390, 800, locale="zh-CN", color_scheme=scheme)
    await page.goto(town.telegram)
    await expect(page.get_by_role("heading", name="借款人")).to_be_visible()
    await page.screenshot(path=folder / f"page-phone-{scheme}-people.png")
    await page.locator(".person-row", has_text=RUTH.name).click()
    await expect(page.locator(".message").last).to_be_visible()
    await expect(page.locator(".people-list")).to_be_hidden()
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    field = page.locator("textarea.composer-field").first
    await expect(field).to_be_in_viewport(ratio=1)
    assert await field.evaluate("it => it.clientHeight >= it.scrollHeight")
    await page.screenshot(path=folder / f"page-phone-{scheme}-chat.png")
    await page.close()


async def test_everything_can_be_reached_by_keys(town: Deployment, browser: Browser) -> None:
    page = await at_the_desk(town, browser)
    await page.keyboard.press("/")
    await page.keyboard.type("Ruth")
    await page.keyboard.press("Enter")
    field = page.locator("textarea.composer-field").first
    await expect(field).to_be_focused()
    await page.keyboard.type("/bal")
    await expect(page.get_by_role("option", name="/balance")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await Place(page, page.locator(".seat").first).sees("Your balance")
    await page.close()
