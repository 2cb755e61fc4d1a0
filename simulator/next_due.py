"""The next moment at which the bot has something to do, asked of the bot itself.

The bot publishes it as `next_due_at` at `/readyz`, also while it answers 503. Several processes may
be asked; the earliest moment wins.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import aiohttp

from simulator.clock import from_rfc3339
from simulator.errors import Refused

_PATIENCE_S = 5


async def next_due_at(urls: list[str]) -> datetime:
    """The earliest due moment, which may be past; raises `Refused` saying why there is none."""
    if not urls:
        raise Refused("no readyz address is known, so nobody can say what is due next", status=409)
    timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        answers = await asyncio.gather(*(_ask(http, url) for url in urls))
    moments = [answer for answer in answers if isinstance(answer, datetime)]
    if not moments:
        reasons = "; ".join(str(answer) for answer in answers)
        raise Refused(f"nothing is due: {reasons}", status=409)
    return min(moments)


async def _ask(http: aiohttp.ClientSession, url: str) -> datetime | str:
    try:
        async with http.get(url) as response:
            answer = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return f"{url} did not answer ({type(error).__name__})"
    due = answer.get("next_due_at") if isinstance(answer, dict) else None
    if not isinstance(due, str):
        return f"{url} gives no next_due_at"
    try:
        return from_rfc3339(due)
    except Refused as error:
        return f"{url}: {error.message}"
