"""Telegram's webhook: an update is on the disk before it is answered with 200."""

from hmac import compare_digest
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Response

from bot.clock import Clock
from bot.services import receiving
from storage.engine import Storage

PATH = "/telegram/webhook"


def routes(storage: Storage, clock: Clock, secret: str) -> APIRouter:
    router = APIRouter()

    @router.post(PATH)
    async def webhook(
        update: Annotated[dict[str, Any], Body()],
        x_telegram_bot_api_secret_token: Annotated[str, Header()] = "",
    ) -> Response:
        if not compare_digest(x_telegram_bot_api_secret_token.encode(), secret.encode()):
            return Response(status_code=401)
        if not isinstance(update.get("update_id"), int):
            return Response(status_code=400)
        now = await clock.now()
        async with storage.transaction() as tx:
            await receiving.keep(tx, [update], now)
        return Response(status_code=200)

    return router
