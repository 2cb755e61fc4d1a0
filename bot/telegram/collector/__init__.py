"""The collector's side: a private chat with the bot in which cases are worked."""

from bot.telegram.collector.door import serve

__all__ = ["serve"]
