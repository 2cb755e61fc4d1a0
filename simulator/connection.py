"""The connection beneath a request: whether the caller is still there, and cutting it off.

ASGI hides the socket. The protocol below is uvicorn's own with one addition: the transport rides in
the request's scope, so that a fault can reset the connection as a failing network would, with a RST
and without an answer.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

Scope = MutableMapping[str, Any]

_NO_LINGER = struct.pack("ii", 1, 0)


class OpenProtocol(H11Protocol):
    """HTTP/1.1 with the transport in `scope["state"]`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        self.app_state = {"transport": transport}


def hung_up(scope: Scope) -> bool:
    """Whether the caller closed the connection before it had its answer."""
    transport: asyncio.Transport = scope["state"]["transport"]
    return transport.is_closing()


async def reset(scope: Scope) -> None:
    """Cut the connection at once: the caller sees a reset, not an end."""
    transport: asyncio.Transport = scope["state"]["transport"]
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
    await asyncio.sleep(0)  # lets the protocol notice before it would answer in our place
