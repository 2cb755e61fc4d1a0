"""getUpdates, setWebhook, deleteWebhook, getWebhookInfo: how the bot learns what happened."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from simulator.errors import bad_request, conflict
from simulator.methods.registry import Call, method
from simulator.parameters import BOOLEAN, INTEGER, STRING

Json = dict[str, Any]

MAX_LIMIT = 100
MAX_TIMEOUT_S = 50
LOOK_UP_S = 0.25
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_LONGEST_SECRET = 256


@method(
    "getUpdates",
    offset=INTEGER,
    limit=INTEGER,
    timeout=INTEGER,
    allowed_updates="Array of String",
)
async def get_updates(call: Call) -> list[Json]:
    world, updates = call.world, call.world.updates
    if world.webhook.url:
        raise conflict(
            "can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
    updates.allow(call.params.get("allowed_updates"))
    updates.confirm(call.number("offset"))
    limit = min(max(call.params.get("limit", MAX_LIMIT), 1), MAX_LIMIT)
    timeout = min(max(call.number("timeout"), 0), MAX_TIMEOUT_S)
    if timeout and not updates.pending:
        await _wait_for_one(call, timeout)
    return [] if call.hung_up() else [update.as_json() for update in updates.first(limit)]


async def _wait_for_one(call: Call, timeout_s: float) -> None:
    """Long polling; a caller that hung up must not hold the place."""
    updates = call.world.updates
    poll = updates.begin_poll()
    loop = asyncio.get_running_loop()
    until = loop.time() + timeout_s
    try:
        while not updates.pending and not call.hung_up():
            left = until - loop.time()
            if left <= 0:
                return
            await poll.wait(min(left, LOOK_UP_S))
    finally:
        updates.end_poll(poll)


@method(
    "setWebhook",
    url=STRING,
    certificate="InputFile",
    ip_address=STRING,
    max_connections=INTEGER,
    allowed_updates="Array of String",
    drop_pending_updates=BOOLEAN,
    secret_token=STRING,
)
async def set_webhook(call: Call) -> bool:
    url, secret = call.text("url"), call.text("secret_token")
    if not url:
        return _drop_webhook(call)
    if len(secret) > _LONGEST_SECRET:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise bad_request("bad webhook: URL host is empty")
    world = call.world
    world.updates.allow(call.params.get("allowed_updates"))
    if call.flag("drop_pending_updates"):
        world.updates.drop_all()
    world.updates.end_polls("terminated by setWebhook request")
    same = world.webhook.url == url
    world.webhook.set(url, secret, call.number("max_connections"), call.text("ip_address"))
    world.updates.stirred.set()
    call.note = "Webhook is already set" if same else "Webhook was set"
    return True


@method("deleteWebhook", drop_pending_updates=BOOLEAN)
async def delete_webhook(call: Call) -> bool:
    return _drop_webhook(call)


def _drop_webhook(call: Call) -> bool:
    world = call.world
    if call.flag("drop_pending_updates"):
        world.updates.drop_all()
    call.note = "Webhook was deleted" if world.webhook.url else "Webhook is already deleted"
    world.webhook.clear()
    return True


@method("getWebhookInfo")
async def get_webhook_info(call: Call) -> Json:
    world = call.world
    world.updates.expire()
    info = world.webhook.as_info(len(world.updates.pending))
    if world.updates.allowed is not None:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info
