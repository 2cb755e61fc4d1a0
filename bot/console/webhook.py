"""Telegram's webhook: an update is on the disk before it is answered with 200."""

import json
from hmac import compare_digest
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Header, Request, Response

from bot.clock import Clock
from bot.errors import NotAvailable
from bot.services import receiving
from storage.engine import Storage
from storage.errors import StorageUnavailable

log = structlog.get_logger(__name__)

PATH = "/telegram/webhook"
_LARGEST_NUMBER = 2**63


def routes(storage: Storage, clock: Clock, secret: str) -> APIRouter:
    router = APIRouter()

    @router.post(PATH)
    async def webhook(
        request: Request, x_telegram_bot_api_secret_token: Annotated[str, Header()] = ""
    ) -> Response:
        if not compare_digest(x_telegram_bot_api_secret_token.encode(), secret.encode()):
            return Response(status_code=401)
        update = _update(await request.body())
        if update is None:
            return Response(status_code=400)
        try:
            now = await clock.now()
            async with storage.transaction() as tx:
                await receiving.keep(tx, [update], now)
        except (StorageUnavailable, NotAvailable) as error:
            # Telegram keeps it and knocks again.
            log.warning("an update could not be kept", reason=str(error))
            return Response(status_code=503)
        return Response(status_code=200)

    return router


def _update(body: bytes) -> dict[str, Any] | None:
    """The update in a request; None for what is none."""
    try:
        update: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(update, dict):
        return None
    number = update.get("update_id")
    return update if isinstance(number, int) and 0 <= number < _LARGEST_NUMBER else None
