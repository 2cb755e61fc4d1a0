"""The menu of commands beside the text field: every command is there to be found, in each language.

Borrowers see theirs in every private chat, staff see their own instead. Telegram keeps menus, so
they are offered once a start; without them everything works as well.
"""

from collections.abc import Iterable, Sequence

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from scripts_library.errors import UnknownScript
from scripts_library.library import Library
from storage.records import StaffMember

log = structlog.get_logger(__name__)

Scope = BotCommandScopeAllPrivateChats | BotCommandScopeChat


async def offer_commands(
    bot: Bot,
    library: Library,
    borrower_commands: Sequence[str],
    staff_commands: Sequence[str],
    members: Iterable[StaffMember],
) -> None:
    """Set the menus. A fault is only logged: nothing depends on them."""
    everybody = BotCommandScopeAllPrivateChats()
    for tag in library.languages:
        await _offer(bot, _menu(library, borrower_commands, tag), everybody, tag.partition("-")[0])
    await _offer(bot, _menu(library, borrower_commands, "en"), everybody, None)
    for member in members:
        if member.disabled_at is None:
            tag = member.language or next(iter(member.languages), "en")
            here = BotCommandScopeChat(chat_id=member.telegram_id)
            await _offer(bot, _menu(library, staff_commands, tag), here, None)


def _menu(library: Library, commands: Sequence[str], tag: str) -> list[BotCommand]:
    """Commands with a label; one without has no place in a menu."""
    found = []
    for name in commands:
        try:
            label = library.label(f"command.{name}", tag)
        except UnknownScript:
            continue
        found.append(BotCommand(command=name, description=label))
    return found


async def _offer(bot: Bot, menu: list[BotCommand], scope: Scope, language: str | None) -> None:
    try:
        await bot.set_my_commands(menu, scope=scope, language_code=language, request_timeout=10)
    except AiogramError as error:
        log.info("a menu could not be set", reason=type(error).__name__)
