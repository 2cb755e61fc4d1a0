"""Waiting for news, but never for ever: a clock may jump or another process may write."""

import asyncio


async def news_or(seconds: float, event: asyncio.Event) -> None:
    """Return when `event` is set, at the latest after `seconds` of real time."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
