"""What open chat pages are told at once: new messages, edits, answers, a jump of the clock.

Each listener has its own queue and sees what its viewer would see on a phone. A listener that
does not read for long is dropped rather than allowed to fill the memory; the page reconnects and
asks for what it missed by `seq`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

Json = dict[str, Any]

_BACKLOG = 2_000
_HEARTBEAT_S = 15.0


class Broker:
    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue[str | None], int | None] = {}
        self._closed = False

    def publish(self, kind: str, data: Json, viewers: set[int] | None = None) -> None:
        """Tell the listeners; `viewers` None means everyone."""
        if not self._listeners:
            return
        text = f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
        for queue, viewer in list(self._listeners.items()):
            if viewers is not None and viewer is not None and viewer not in viewers:
                continue
            if queue.qsize() >= _BACKLOG:
                self._listeners.pop(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(text)

    def heard(self) -> bool:
        return bool(self._listeners)

    def listen(self, viewer: int | None) -> AsyncIterator[str]:
        """Server-sent events for one viewer (None sees all); the place is taken at once."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._listeners[queue] = viewer
        return self._stream(queue)

    async def _stream(self, queue: asyncio.Queue[str | None]) -> AsyncIterator[str]:
        try:
            yield "retry: 1000\nevent: ready\ndata: {}\n\n"
            while not self._closed:
                try:
                    async with asyncio.timeout(_HEARTBEAT_S):
                        text = await queue.get()
                except TimeoutError:
                    text = ": still here\n\n"
                if text is None:
                    return
                yield text
        finally:
            self._listeners.pop(queue, None)

    def close(self) -> None:
        """End every stream: the server is going down."""
        self._closed = True
        for queue in self._listeners:
            queue.put_nowait(None)
