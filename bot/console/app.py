"""The web application of a process, put together from its routes."""

from fastapi import FastAPI

from bot.clock import Clock
from bot.console import health, webhook
from bot.health import Health
from storage.engine import Storage


def console(
    storage: Storage, clock: Clock, health_of: Health, webhook_secret: str | None
) -> FastAPI:
    """With a secret Telegram's updates are taken at /telegram/webhook as well."""
    app = FastAPI(title="Remindful", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(health.routes(storage, clock, health_of))
    if webhook_secret is not None:
        app.include_router(webhook.routes(storage, clock, webhook_secret))
    return app
