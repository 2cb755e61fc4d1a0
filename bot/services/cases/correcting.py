"""A person says what a message was really about; it becomes an example to measure and learn from.

Nothing else follows: what was done on the first reading was done, and the case is in a person's
hands already.
"""

from datetime import datetime
from typing import Any

from bot.errors import Refusal
from bot.understanding import INTENTS, SENSITIVE
from storage import audit, corrections
from storage.engine import Transaction
from storage.records import Actor, StaffMember

_MOST = 4


async def correct(
    tx: Transaction,
    member: StaffMember,
    message_id: int,
    intents: tuple[str, ...],
    now: datetime,
) -> str:
    """Keep that the message shown to `member` meant `intents`, main one first; returns its text.

    Raises Refusal for an unknown intent and for a message that was not shown in their chat.
    """
    named = tuple(dict.fromkeys(intents))[:_MOST]
    if not named or any(one not in INTENTS for one in named):
        raise Refusal("case.meant_how", codes=list(INTENTS))
    heard = await corrections.shown(tx, member.telegram_id, message_id)
    if heard is None or not heard.text:
        raise Refusal("case.meant_which")
    actor = Actor.staff(member.staff_id, member.role)
    await corrections.add(tx, message_id, heard.borrower_id, named, actor, now)
    await audit.record(
        tx, actor, "message.corrected", f"message:{message_id}", now, intents=list(named)
    )
    return heard.text


async def examples(tx: Transaction, zone: str) -> list[dict[str, Any]]:
    """Lines that `remindful understand --evaluate` reads; `zone` where none is known."""
    return [
        {
            "id": f"correction-{one.correction_id}",
            "text": one.text,
            "now": one.said_at.isoformat(),
            "timezone": one.zone or zone,
            "expected": {
                "intents": list(one.intents),
                "handoff": bool(SENSITIVE.intersection(one.intents)),
            },
        }
        for one in await corrections.newest(tx)
    ]
