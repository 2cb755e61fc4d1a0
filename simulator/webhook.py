"""Updates pushed to the bot's own address, as Telegram pushes them.

Updates of one chat go one after the other, those of different chats side by side up to
`max_connections`. A failed delivery is repeated with growing pauses until it succeeds, the update
is a day old, or the webhook changes; 410 ends the webhook. Only loopback is served here, so unlike
the public servers this one accepts plain HTTP.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from simulator.clock import Clock
from simulator.updates import Update, UpdateQueue

Json = dict[str, Any]

DEFAULT_CONNECTIONS = 40
MOST_CONNECTIONS = 100
ANSWER_WITHIN_S = 60
LONGEST_PAUSE_S = 60.0
_GONE = 410


class Webhook:
    """Where updates go, and what went wrong last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.url = ""
        self.secret = ""
        self.ip_address = ""
        self.max_connections = DEFAULT_CONNECTIONS
        self.generation = 0
        self._error: tuple[int, str] | None = None

    def set(self, url: str, secret: str, max_connections: int, ip_address: str) -> None:
        self.url, self.secret, self.ip_address = url, secret, ip_address
        self.max_connections = min(max_connections, MOST_CONNECTIONS) or DEFAULT_CONNECTIONS
        self.generation += 1
        self._error = None

    def clear(self) -> None:
        self.set("", "", 0, "")

    def failed(self, text: str) -> None:
        self._error = (self._clock.unix(), text)

    def as_info(self, pending: int) -> Json:
        """Telegram's `WebhookInfo`."""
        info: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": pending,
        }
        if self.url:
            info["max_connections"] = self.max_connections
            if self.ip_address:
                info["ip_address"] = self.ip_address
        if self._error is not None:
            info["last_error_date"], info["last_error_message"] = self._error
        return info


class Courier:
    """Carries pending updates to the webhook; `answer` runs a method given as the response."""

    def __init__(
        self,
        webhook: Webhook,
        updates: UpdateQueue,
        answer: Callable[[Json], Awaitable[None]],
        first_pause_s: float,
    ) -> None:
        self._webhook = webhook
        self._updates = updates
        self._answer = answer
        self._first_pause_s = first_pause_s
        self._busy: set[int] = set()

    async def run(self) -> None:
        """Until cancelled."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
        async with aiohttp.ClientSession(timeout=timeout) as http, asyncio.TaskGroup() as group:
            while True:
                self._updates.stirred.clear()
                if self._webhook.url:
                    for update in self._next():
                        self._busy.add(update.chat_id)
                        group.create_task(self._deliver(http, update))
                await self._updates.stirred.wait()

    def _next(self) -> list[Update]:
        """The first update of each chat that has none on its way."""
        self._updates.expire()
        chosen: dict[int, Update] = {}
        for update in self._updates.pending:
            if len(self._busy) + len(chosen) >= self._webhook.max_connections:
                break
            if update.chat_id not in self._busy:
                chosen.setdefault(update.chat_id, update)
        return list(chosen.values())

    async def _deliver(self, http: aiohttp.ClientSession, update: Update) -> None:
        generation, pause = self._webhook.generation, self._first_pause_s
        try:
            while self._webhook.generation == generation and update.outcome == "pending":
                if await self._post(http, update):
                    if update.outcome == "pending":
                        self._updates.settle(update, "confirmed")
                    return
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
                self._updates.expire()
        finally:
            self._busy.discard(update.chat_id)
            self._updates.stirred.set()

    async def _post(self, http: aiohttp.ClientSession, update: Update) -> bool:
        webhook = self._webhook
        headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
        update.deliveries += 1
        try:
            async with http.post(webhook.url, json=update.as_json(), headers=headers) as response:
                body = await response.read()
                if response.ok:
                    await self._run_answer(body)
                    return True
                said = f"{response.status} {response.reason or ''}".strip()
                webhook.failed(f"Wrong response from the webhook: {said}")
                if response.status == _GONE:
                    webhook.clear()
        except TimeoutError:
            webhook.failed("Read timeout expired")
        except aiohttp.ClientConnectorError:
            webhook.failed("Connection refused")
        except aiohttp.ClientError as error:
            webhook.failed(f"Connection failed: {error}")
        return False

    async def _run_answer(self, body: bytes) -> None:
        try:
            request = json.loads(body)
        except ValueError:
            return
        if isinstance(request, dict) and request.get("method"):
            await self._answer(request)
