"""An admin changes a reminder on the chat page, from draft to published, seen in a real browser.

With PICTURES=folder the story is kept there, picture by picture: `docs/images/admins-*.png`.
"""

import os
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.chromium import in_chromium, opened_browser, opened_page
from tests.process.deployment import Debtor, Deployment, bring_in, deployed, known, people

pytestmark = in_chromium

DANA, LIN, FANG, LEI = 7001, 7002, 7003, 7004
MARIA = Debtor("B-1", 1001, name="Maria Lopez", due_date=date(2026, 11, 13))
WANG = Debtor("B-2", 1002, name="王芳", language="zh-Hans", due_date=date(2026, 11, 13))

ENGLISH = """Hello {{ name }},

This is {{ lender }}. A word about one payment that is still open; it may simply have slipped by.

{% for loan in loans %}
<b>{{ loan.product }}</b>
{{ loan.due }}, due on {{ loan.due_date }}
How to pay: {{ loan.pay_to }}

{% endfor %}
If a few days would help, name the day that suits you.

To talk to a person, send /human. To stop these messages, send /stop."""
CHINESE = """{{ name }}，您好。

这里是{{ lender }}。有一笔款还没有还，可能是一忙就忘了，给您提一下。

{% for loan in loans %}
<b>{{ loan.product }}</b>
应还 {{ loan.due }}，{{ loan.due_date }}到期
还款方式：{{ loan.pay_to }}

{% endfor %}
想缓几天，选个您方便的日子就行。想找人聊，发 /human；不想再收到提醒，发 /stop。"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path_factory.mktemp("admins"), "--no-strict-limits") as town:
        await town.move_clock(to="2026-11-16T02:00:00Z")
        await people(
            town,
            {"telegram_id": DANA, "role": "admin", "name": "Dana", "language": "en"},
            {"telegram_id": LIN, "role": "admin", "name": "Lin", "language": "en"},
            {"telegram_id": FANG, "role": "admin", "name": "方敏", "language": "zh-Hans"},
            {"telegram_id": LEI, "role": "admin", "name": "雷军", "language": "zh-Hans"},
        )
        for number, name, language in (
            (DANA, "Dana", "en"), (LIN, "Lin", "en"),
            (FANG, "方敏", "zh-Hans"), (LEI, "雷军", "zh-Hans"),
        ):  # fmt: skip
            await town.do(
                "staff", "add", str(number), "--role", "admin", "--name", name,
                "--language", language,
            )  # fmt: skip
        await bring_in(town, [MARIA, WANG], date(2026, 11, 16))
        await known(town, MARIA, WANG)
        await town.start()
        for number in (DANA, LIN, FANG, LEI):
            await town.person(number).says("/start")
            await town.person(number).sees("/scripts")
        yield town


@pytest_asyncio.fixture(loop_scope="module")
async def page(town: Deployment) -> AsyncIterator[Page]:
    async with opened_browser() as browser:
        yield await opened_page(browser, 720, 1000)


class Screen:
    """The page as one person has it; every look is a picture."""

    def __init__(self, town: Deployment, page: Page, folder: Path, language: str) -> None:
        self._town = town
        self._page = page
        self._folder = folder
        self._language = language
        self._pictures = 0

    async def is_of(self, person: int) -> None:
        await self._page.goto("about:blank")
        await self._page.goto(f"{self._town.telegram}/#person={person}&chat={person}")
        await expect(self._page.locator("textarea.composer-field")).to_be_visible()

    async def says(self, text: str) -> None:
        await self._page.locator("textarea.composer-field").fill(text)
        await self._page.locator(".composer-send").click()

    async def taps(self, label: str) -> None:
        await self._page.locator(".key", has_text=label).last.click()

    async def sees(self, text: str, picture: str = "") -> None:
        await expect(self._page.locator(".messages").get_by_text(text).last).to_be_visible()
        if picture:
            self._pictures += 1
            await self._page.wait_for_timeout(300)
            name = f"admins-{self._language}-{self._pictures}-{picture}.png"
            await self._page.screenshot(path=self._folder / name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("PICTURES", tmp_path))


async def test_a_reminder_from_draft_to_published(
    town: Deployment, page: Page, folder: Path
) -> None:
    await town.move_clock(to="2026-11-18T02:00:00Z")
    await bring_in(town, [MARIA, WANG], date(2026, 11, 18))
    screen = Screen(town, page, folder, "en")
    await screen.is_of(DANA)
    await screen.says("/scripts reminder.early en")
    await screen.sees("The text that came with the program", "shown")
    await screen.taps("Preview")
    await screen.sees("Hello Priya Shah", "preview")
    await screen.taps("Back")
    await screen.taps("Change")
    await screen.sees("has 3 wordings", "which-wording")
    await screen.taps("All of them together")
    await screen.sees("send the new text")
    await screen.says(ENGLISH.replace("{{ loan.pay_to }}", ""))
    await screen.sees("says no way to pay", "to-be-mended")
    await screen.says(ENGLISH)
    await screen.sees("it may simply have slipped by", "draft")
    await screen.taps("Ask for a review")
    await screen.sees("in review")

    await screen.is_of(LIN)
    await screen.sees("Dana asks for a second look")
    await screen.taps("Look at the draft")
    await screen.sees("Written by Dana", "review")
    await screen.taps("Approve and publish")
    await screen.sees("is published", "published")

    await town.move_clock(to="2026-11-18T03:00:10Z")
    await town.person(MARIA.telegram_id).sees("it may simply have slipped by", "Maria Lopez")
    await screen.is_of(MARIA.telegram_id)
    await screen.sees("it may simply have slipped by", "said")


async def test_the_same_in_chinese(town: Deployment, page: Page, folder: Path) -> None:
    await town.move_clock(to="2026-11-22T02:00:00Z")
    await bring_in(town, [MARIA, WANG], date(2026, 11, 22))
    screen = Screen(town, page, folder, "zh-Hans")
    await screen.is_of(FANG)
    await screen.says("/scripts reminder.early zh")
    await screen.sees("程序自带的说法", "shown")
    await screen.taps("预览")
    await screen.sees("陈晓雯", "preview")
    await screen.taps("返回")
    await screen.taps("修改")
    await screen.sees("有 3 种说法", "which-wording")
    await screen.taps("全部一起改")
    await screen.sees("的新说法")
    await screen.says(CHINESE)
    await screen.sees("可能是一忙就忘了", "draft")
    await screen.taps("提交审核")
    await screen.sees("待审核")

    await screen.is_of(LEI)
    await screen.sees("方敏请您看一眼")
    await screen.taps("看草稿")
    await screen.sees("方敏写于", "review")
    await screen.taps("批准并发布")
    await screen.sees("从现在起这样说", "published")

    await town.move_clock(to="2026-11-22T03:00:10Z")
    await town.person(WANG.telegram_id).sees("可能是一忙就忘了", "王芳")
    await screen.is_of(WANG.telegram_id)
    await screen.sees("可能是一忙就忘了", "said")
