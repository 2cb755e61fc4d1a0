"""The bot's own name, asked with one plain call: commands need no more of Telegram than this."""

import aiohttp

from bot.errors import NotAvailable

_PATIENCE = aiohttp.ClientTimeout(total=10)
_REFUSED = (401, 404)


async def username_of(token: str, api_url: str) -> str:
    """Ask getMe. Raises NotAvailable with what to mend; the token is never part of it."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(f"{api_url}/bot{token}/getMe") as answer,
        ):
            if answer.status in _REFUSED:
                raise NotAvailable("BOT_TOKEN: Telegram refuses it; ask @BotFather for it")
            told = await answer.json(content_type=None)
            return str(told["result"]["username"])
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
        said = type(error).__name__
        raise NotAvailable(f"Telegram at {api_url} does not answer ({said})") from None
