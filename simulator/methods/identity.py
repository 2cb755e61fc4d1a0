"""getMe, logOut and close: the bot's own account and its connection to this server."""

from __future__ import annotations

import math
from typing import Any

from simulator.errors import too_many_requests
from simulator.methods.registry import Call, method

Json = dict[str, Any]

CLOSABLE_AFTER_S = 600


@method("getMe")
async def get_me(call: Call) -> Json:
    world = call.world
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": world.reads_all_group_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": world.topics_in_private,
        "allows_users_to_create_topics": False,
    }


@method("logOut")
async def log_out(call: Call) -> bool:
    """Leaves Telegram's cloud for a local server; here nothing changes but polls end."""
    call.world.updates.end_polls("terminated by a logOut request")
    return True


@method("close")
async def close(call: Call) -> bool:
    """Refused in the first ten minutes, as the real server does against restart loops."""
    up_for = (call.world.clock.now() - call.world.started_at).total_seconds()
    if up_for < CLOSABLE_AFTER_S:
        raise too_many_requests(math.ceil(CLOSABLE_AFTER_S - up_for))
    call.world.updates.end_polls("terminated by a close request")
    return True
