"""The real Chromium, for tests that see the pages as people do.

Without one on the machine these tests are skipped by name; where CI is true they fail instead.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

in_chromium = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        _CHROMIUM is None and os.environ.get("CI") != "true", reason="no Chromium on this machine"
    ),
]


@asynccontextmanager
async def opened_browser() -> AsyncIterator[Browser]:
    assert _CHROMIUM, "CI has to install Chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def opened_page(browser: Browser, width: int, height: int, **how: Any) -> Page:
    """A fresh visitor's page; whatever goes wrong in its scripts fails the test that uses it."""
    context = await browser.new_context(viewport={"width": width, "height": height}, **how)
    page = await context.new_page()
    page.on("pageerror", _fails)
    return page


def _fails(error: Exception) -> None:
    raise AssertionError(f"the page's own script failed: {error}")
