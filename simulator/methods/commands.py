"""setMyCommands, getMyCommands and deleteMyCommands."""

from __future__ import annotations

from typing import Any

from simulator.commands import Key, scope_key
from simulator.errors import bad_request
from simulator.methods.registry import Call, method
from simulator.parameters import STRING

Json = dict[str, Any]

_WHERE = {"scope": "BotCommandScope", "language_code": STRING}


@method("setMyCommands", commands="Array of BotCommand", **_WHERE)
async def set_my_commands(call: Call) -> bool:
    commands = call.params.get("commands")
    if commands is None:
        raise bad_request('parameter "commands" is required')
    call.world.commands.put(_key(call), commands)
    call.world.events.publish("commands", {})
    return True


@method("getMyCommands", **_WHERE)
async def get_my_commands(call: Call) -> list[Json]:
    return call.world.commands.get(_key(call))


@method("deleteMyCommands", **_WHERE)
async def delete_my_commands(call: Call) -> bool:
    call.world.commands.drop(_key(call))
    call.world.events.publish("commands", {})
    return True


def _key(call: Call) -> Key:
    return scope_key(call.params.get("scope"), call.text("language_code"))
