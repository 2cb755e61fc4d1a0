"""uvicorn inside our own task group, with our own signals."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from bot.errors import NotAvailable


def bind(host: str, port: int) -> socket.socket:
    """The open door, before anything else is begun. Raises NotAvailable when it is taken."""
    try:
        return socket.create_server((host, port), family=_family(host), backlog=2048)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (")[0]
        raise NotAvailable(
            f"CONSOLE_HOST, CONSOLE_PORT: {host}:{port} cannot be opened ({why}); "
            "is another program using it?"
        ) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class Server:
    """Serves until `stop`."""

    def __init__(self, app: FastAPI, door: socket.socket) -> None:
        self._door = door
        self._server = _Quiet(
            uvicorn.Config(
                app,
                lifespan="off",  # the application begins and ends with the process around it
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=2,
            )
        )

    async def serve(self) -> None:
        await self._server.serve(sockets=[self._door])

    def stop(self) -> None:
        self._server.should_exit = True


class _Quiet(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the application's business."""
        yield
