"""Menus of commands: by role and language, at once for whoever is hired, gone for who leaves."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from aiogram import Bot

from bot.telegram.collector.door import commands_for
from bot.telegram.menu import Menus
from scripts_library.library import default_library
from storage.records import Role, StaffId, StaffMember

LIN = StaffMember(StaffId(1), 9001, Role.COLLECTOR, "Lin", languages=("en",))
SUE = StaffMember(StaffId(2), 9002, Role.SUPERVISOR, "Sue", languages=("zh-Hans",))


class Telegram:
    """Keeps what it was told, as the real one does."""

    def __init__(self) -> None:
        self.menus: dict[int, dict[str, str]] = {}
        self.calls = 0

    async def set_my_commands(self, menu: Any, *, scope: Any, **_: Any) -> None:
        self.calls += 1
        self.menus[scope.chat_id] = {one.command: one.description for one in menu}

    async def delete_my_commands(self, *, scope: Any, **_: Any) -> None:
        self.menus.pop(scope.chat_id)


async def test_a_new_colleague_has_the_menu_of_their_role_and_language() -> None:
    telegram = Telegram()
    menus = Menus(cast(Bot, telegram), default_library(), commands_for)
    await menus.for_staff([LIN])
    await menus.for_staff([LIN, SUE])
    assert telegram.calls == 2
    assert "take" in telegram.menus[9001]
    assert "team" not in telegram.menus[9001]
    assert telegram.menus[9002]["team"] == default_library().label("command.team", "zh-Hans")


async def test_a_menu_follows_role_and_language_and_goes_with_its_owner() -> None:
    telegram = Telegram()
    menus = Menus(cast(Bot, telegram), default_library(), commands_for)
    await menus.for_staff([LIN])
    await menus.for_staff([replace(LIN, role=Role.SUPERVISOR)])
    assert "team" in telegram.menus[9001]
    await menus.for_staff([replace(LIN, disabled_at=datetime(2026, 11, 23, tzinfo=UTC))])
    assert telegram.menus == {}
