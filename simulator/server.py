"""Starting and stopping the stage, as a command or inside a test.

`Simulator.running()` serves on a free port of loopback for the length of a `with` block. It drives
uvicorn's protocol without uvicorn's own server, whose start and stop wait in tenths of a second and
take over the process's signals; a test starts hundreds of stages.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from simulator.application import Application, as_asgi
from simulator.bot_api import BotApi
from simulator.connection import OpenProtocol
from simulator.faults import Faults
from simulator.journal import Journal
from simulator.methods.updates import LOOK_UP_S
from simulator.webhook import Courier
from simulator.world import Settings, World

BACKLOG = 2_048


class Simulator:
    """A running stage. `world` is its state, `url` its address without a slash at the end."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.world = World(settings)
        self.faults = Faults()
        self.journal = Journal()
        self.bot_api = BotApi(self.world, self.faults, self.journal)
        self.url = ""

    @property
    def token(self) -> str:
        return self.world.settings.token

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        settings: Settings | None = None,
        **changes: Any,
    ) -> AsyncIterator[Simulator]:
        """Serve until the block ends. `changes` are fields of `Settings`; without any, flood
        limits are off, since a test that is not about them should not wait for them."""
        if settings is None:
            settings = Settings(**{"strict_limits": False, **changes})
        simulator = cls(settings)
        async with simulator.serving(host, port):
            yield simulator

    @asynccontextmanager
    async def serving(self, host: str, port: int) -> AsyncIterator[None]:
        """Listen on `host` and `port` (0 takes a free one) for the length of the block."""
        config = uvicorn.Config(
            as_asgi(Application(self.bot_api)),
            http=OpenProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            timeout_keep_alive=75,
        )
        config.load()
        state = ServerState()
        listener = _listener(host, port)
        self.url = _address(host, listener.getsockname()[1])
        courier = Courier(
            self.world.webhook,
            self.world.updates,
            self.bot_api.run,
            self.world.settings.webhook_retry_s,
        )
        server = await asyncio.get_running_loop().create_server(
            lambda: OpenProtocol(config, state, {}), sock=listener, backlog=BACKLOG
        )
        failure: BaseException | None = None
        async with asyncio.TaskGroup() as group:
            carrying = group.create_task(courier.run())
            try:
                yield
            except BaseException as error:
                failure = error  # raised below: a task group would wrap it
            finally:
                server.close()
                await self._hang_up(state)
                carrying.cancel()
        if failure is not None:
            raise failure

    async def _hang_up(self, state: ServerState) -> None:
        """End what is still open: long polls, event streams, idle connections."""
        self.world.events.close()
        for connection in list(state.connections):
            connection.transport.abort()
        if not state.tasks:
            return
        # A long poll looks up and sees that its caller is gone; cancelled, it leaves a traceback.
        _, left = await asyncio.wait(state.tasks, timeout=2 * LOOK_UP_S)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's delay off only for sockets that say they are TCP
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
