"""`python -m simulator`: Telegram on this machine until Ctrl-C.

Prints one line of JSON with the addresses when it is ready, so that a script can start it on a free
port and read where it is.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import signal
import sys
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator.server import Simulator
from simulator.world import DEFAULT_TOKEN, Settings


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if not _is_loopback(options.host) and not options.expose:
        sys.stderr.write(
            f"{options.host} is not this machine alone. The simulator has no passwords: "
            "add --expose if others may use it.\n"
        )
        return 2
    settings = Settings(
        token=options.token,
        username=options.username,
        first_name=options.name,
        strict_limits=options.strict_limits,
        zone=options.zone,
        topics_in_private=options.topics,
        readyz_urls=options.readyz_url,
    )
    try:
        asyncio.run(_serve(settings, options.host, options.port))
    except OSError as error:
        sys.stderr.write(f"cannot listen on {options.host} port {options.port}: {error.strerror}\n")
        return 3
    return 0


async def _serve(settings: Settings, host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    simulator = Simulator(settings)
    async with simulator.serving(host, port):
        sys.stdout.write(json.dumps(_addresses(simulator)) + "\n")
        sys.stdout.flush()
        await stop.wait()


def _addresses(simulator: Simulator) -> dict[str, str]:
    return {
        "chat_page": f"{simulator.url}/",
        "telegram_api_url": simulator.url,
        "clock_url": f"{simulator.url}/clock",
        "control_url": f"{simulator.url}/sim",
        "bot_token": simulator.token,
    }


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator", description="A Telegram Bot API server and a chat page."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8081, help="port; 0 takes a free one")
    parser.add_argument("--expose", action="store_true", help="allow an address beyond loopback")
    parser.add_argument("--token", type=_token, default=DEFAULT_TOKEN, help="the bot's token")
    parser.add_argument("--username", default=Settings().username, help="the bot's @username")
    parser.add_argument("--name", default=Settings().first_name, help="the bot's shown name")
    parser.add_argument(
        "--zone",
        type=_zone,
        help="where the page's times are shown from; each visitor can change it",
    )
    parser.add_argument(
        "--readyz-url",
        action="append",
        default=[],
        help="the bot's /readyz, asked when the clock jumps to the next event; may be repeated",
    )
    parser.add_argument(
        "--strict-limits",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="enforce Telegram's flood limits",
    )
    parser.add_argument(
        "--topics", action="store_true", help="private chats with the bot can have topics"
    )
    return parser


def _token(text: str) -> str:
    number, _, secret = text.partition(":")
    if not number.isdigit() or not secret:
        raise argparse.ArgumentTypeError("a token is the bot's number, a colon and a secret")
    return text


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise argparse.ArgumentTypeError(f"{text} is no IANA time zone") from None


if __name__ == "__main__":
    sys.exit(main())
