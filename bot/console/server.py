"""uvicorn inside our own task group, with our own signals."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from bot.errors import NotAvailable


class Server:
    """Serves until `stop`. Raises NotAvailable when the port is taken."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._where = f"{host}:{port}"
        config = uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        self._server = _Quiet(config)

    async def serve(self) -> None:
        try:
            await self._server.serve()
        except SystemExit:
            raise NotAvailable(
                f"CONSOLE_PORT: {self._where} cannot be opened; is another program using it?"
            ) from None

    def stop(self) -> None:
        self._server.should_exit = True


class _Quiet(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the application's business."""
        yield
