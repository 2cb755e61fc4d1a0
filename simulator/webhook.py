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
        stage: Callable[[], tuple[Webhook, UpdateQueue]],
        answer: Callable[[Json], Awaitable[None]],
        first_pause_s: float,
    ) -> None:
        self._stage = stage
        self._answer = answer
        self._first_pause_s = first_pause_s
        self._busy: set[int] = set()
        self._moved = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
        async with aiohttp.ClientSession(timeout=timeout) as http, asyncio.TaskGroup() as group:
            while True:
                webhook, updates = self._stage()
                updates.arrived.clear()
                self._moved.clear()
                if webhook.url:
                    for update in self._next(webhook, updates):
                        self._busy.add(update.chat_id)
                        group.create_task(self._deliver(http, update, webhook, updates))
                await self._something_new(updates)

    def _next(self, webhook: Webhook, updates: UpdateQueue) -> list[Update]:
        """The first update of each chat that has none on its way."""
        updates.expire()
        chosen: dict[int, Update] = {}
        for update in updates.pending:
            if len(self._busy) + len(chosen) >= webhook.max_connections:
                break
            if update.chat_id not in self._busy:
                chosen.setdefault(update.chat_id, update)
        return list(chosen.values())

    async def _something_new(self, updates: UpdateQueue) -> None:
        """Look again at an arrival or the end of a delivery, and now and then for a new webhook."""
        for event in (updates.arrived, self._moved):
            if event.is_set():
                return
        try:
            async with asyncio.timeout(0.05):
                await updates.arrived.wait()
        except TimeoutError:
            pass

    async def _deliver(
        self, http: aiohttp.ClientSession, update: Update, webhook: Webhook, updates: UpdateQueue
    ) -> None:
        generation, pause = webhook.generation, self._first_pause_s
        try:
            while webhook.generation == generation and update.outcome == "pending":
                if await self._post(http, update, webhook):
                    if update.outcome == "pending":
                        updates.settle(update, "confirmed")
                    return
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
                updates.expire()
        finally:
            self._busy.discard(update.chat_id)
            self._moved.set()

    async def _post(self, http: aiohttp.ClientSession, update: Update, webhook: Webhook) -> bool:
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
