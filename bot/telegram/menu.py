"""The menu of commands beside the text field: every command is there to be found, in each language.

Borrowers see theirs in every private chat, staff see their own instead, by their role. Telegram
keeps menus, so they are offered once a start, and to whoever is hired, changed or leaves at once.
Without them everything works as well.
"""

from collections.abc import Callable, Iterable, Sequence

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from scripts_library.errors import UnknownScript
from scripts_library.library import Library
from storage.records import Role, StaffMember

log = structlog.get_logger(__name__)

Scope = BotCommandScopeAllPrivateChats | BotCommandScopeChat


class Menus:
    """What was offered to whom; the same is not offered again."""

    def __init__(
        self, bot: Bot, library: Library, staff_commands: Callable[[Role], Sequence[str]]
    ) -> None:
        self._bot = bot
        self._library = library
        self._staff_commands = staff_commands
        self._offered: dict[int, tuple[Role, str]] = {}

    async def for_borrowers(self, commands: Sequence[str]) -> None:
        everybody = BotCommandScopeAllPrivateChats()
        for tag in self._library.languages:
            menu = _menu(self._library, commands, tag)
            await _offer(self._bot, menu, everybody, tag.partition("-")[0])
        await _offer(self._bot, _menu(self._library, commands, "en"), everybody, None)

    async def for_staff(self, members: Iterable[StaffMember]) -> None:
        """Bring everybody's menu up to date; whoever may not work here any more loses theirs."""
        for member in members:
            telegram_id = member.telegram_id
            tag = member.language or next(iter(member.languages), "en")
            here = BotCommandScopeChat(chat_id=telegram_id)
            if member.disabled_at is not None:
                if self._offered.pop(telegram_id, None) is not None:
                    await _withdraw(self._bot, here)
            elif self._offered.get(telegram_id) != (member.role, tag):
                self._offered[telegram_id] = (member.role, tag)
                menu = _menu(self._library, self._staff_commands(member.role), tag)
                await _offer(self._bot, menu, here, None)


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


async def _withdraw(bot: Bot, scope: Scope) -> None:
    try:
        await bot.delete_my_commands(scope=scope, request_timeout=10)
    except AiogramError as error:
        log.info("a menu could not be taken away", reason=type(error).__name__)
