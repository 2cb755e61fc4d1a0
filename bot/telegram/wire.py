"""A request to Telegram on aiohttp's connections, without the rest of its client.

aiohttp builds headers, cookies, redirects and tracing anew for every request, which costs three
times what is on the wire. Connections, TLS, keep-alive, limits, timeouts of connecting and the
reading of answers stay aiohttp's, and so do its errors: what is certain and what is not is told
by them.
"""

import asyncio
from functools import lru_cache
from importlib.metadata import version

from aiohttp import (
    BaseConnector,
    ClientConnectionResetError,
    ClientError,
    ClientOSError,
    ClientRequest,
    ClientTimeout,
    ConnectionTimeoutError,
    hdrs,
)
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError
from yarl import URL

_AGENT = f"Remindful aiohttp/{version('aiohttp')}"


async def post(
    connector: BaseConnector,
    url: URL,
    body: bytes,
    patience: ClientTimeout,
) -> tuple[int, bytes]:
    """Send one JSON object; returns the status and the content of the answer.

    Raises TimeoutError and aiohttp's own errors; ClientConnectorError and ConnectionTimeoutError
    mean that nothing was sent.
    """
    head, request = _prepared(url, asyncio.get_running_loop())
    connection = None
    try:
        async with asyncio.timeout(patience.total):
            connection = await connector.connect(request, [], patience)
            answer = await _asked(connection, b"%s%d\r\n\r\n%s" % (head, len(body), body))
    except BaseException as error:
        if connection is not None:
            connection.close()
        elif isinstance(error, TimeoutError):
            raise ConnectionTimeoutError(f"no connection to {url.host}") from error
        raise
    connection.release()
    return answer


async def _asked(connection: Connection, request: bytes) -> tuple[int, bytes]:
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None or transport.is_closing():
        raise ClientConnectionResetError("the connection was closed")
    protocol.set_response_params()
    transport.write(request)
    try:
        message, content = await protocol.read()
        while message.code < 200:  # it is being worked on, says HTTP, and the answer is to come
            message, content = await protocol.read()
        # nearly always it has come with its head
        said = content.read_nowait() if content.is_eof() else await content.read()
        return message.code, said
    except HttpProcessingError as error:
        raise ClientError(f"no HTTP answer: {error.message}") from error
    except OSError as error:
        if isinstance(error, ClientError | TimeoutError):
            raise
        raise ClientOSError(*error.args) from error


@lru_cache(maxsize=64)
def _prepared(url: URL, loop: asyncio.AbstractEventLoop) -> tuple[bytes, ClientRequest]:
    """What is the same of every request there: its head, and whom to connect to."""
    headers = {hdrs.CONTENT_TYPE: "application/json", hdrs.USER_AGENT: _AGENT}
    request = ClientRequest(hdrs.METH_POST, url, headers=headers, loop=loop)
    request.headers.pop(hdrs.CONTENT_LENGTH, None)
    lines = [f"{name}: {value}\r\n" for name, value in request.headers.items()]
    start = f"POST {url.raw_path_qs} HTTP/1.1\r\n"
    return f"{start}{''.join(lines)}Content-Length: ".encode(), request
