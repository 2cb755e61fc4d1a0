"""The brief: ten lines that a person reads before the first word, made from the facts of now.

Only what was true at the handoff itself (a message on the wire) comes from the case; what changed
while the borrower waited shows as it is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.services.cases import readers
from bot.services.cases.case_file import CaseFile
from bot.services.cases.wording import Words
from bot.services.office import Office
from bot.services.situation import Situation, situation_of
from storage import cases, staff
from storage.engine import Transaction
from storage.records import Message, StaffId, StaffMember

_TURNS = 4
_NOTES = 3
_PROMISES = 2


async def brief_values(
    tx: Transaction, office: Office, member: StaffMember, file: CaseFile, now: datetime
) -> dict[str, Any]:
    """What the script `case.brief` needs, in the words of the member's language."""
    situation = await situation_of(tx, file.borrower.borrower_id, now)
    words = Words(office.library, readers.of_staff(office, member).language)
    turns = await _last_turns(tx, file)
    notes = await cases.notes(tx, file.case_id, _NOTES)
    names = await _names(tx, [*turns, *notes])
    return {
        "case_number": file.number,
        "name": file.borrower.full_name,
        "ref": file.borrower.borrower_ref,
        "language_name": office.library.language(situation.language).name,
        "reasons": [words.label("reason", one) for one in file.reasons],
        "since": file.case.since,
        **owed(situation),
        **agreed(situation, words),
        "limits": limits_of(situation, words),
        "turns": [_turn(one, names, words) for one in turns],
        "notes": [_turn(one, names, words) for one in notes],
        "on_the_wire": int(file.case.brief.get("on_the_wire", 0)),
        "next_step": words.label("next_step", file.reasons[-1]),
    }


def owed(situation: Situation) -> Mapping[str, Any]:
    """What is due now and in all, per currency, and since when."""
    standing = situation.standing
    oldest = standing.oldest_unpaid
    return {
        "due_now": list(standing.due.values()),
        "outstanding": list(standing.outstanding.values()),
        "oldest_due": oldest.due_date if oldest else None,
        "days_past_due": max(situation.days_past_due or 0, 0),
        "figures_of": situation.as_of,
    }


def limits_of(situation: Situation, words: Words) -> list[str]:
    """What a person has to respect: holds in force, a stop, a chat that cannot be reached."""
    now, facts = situation.now, situation.facts
    held = {
        hold.kind: words.label("hold", hold.kind)
        for hold in facts.holds
        if hold.start <= now and (hold.end is None or now < hold.end)
    }
    found = list(held.values())
    if facts.stopped_at is not None:
        found.append(words.label("hold", "stopped"))
    if facts.account is None or facts.account.unreachable_at is not None:
        found.append(words.label("hold", "unreachable"))
    return found


def agreed(situation: Situation, words: Words) -> Mapping[str, Any]:
    """The last promises with what became of them, and the last plan."""
    plan, standing = situation.plans[-1] if situation.plans else (None, None)
    return {
        "promises": [
            {
                "amount": one.amount,
                "date": one.due_date,
                "outcome": words.label("promise_outcome", situation.judged(one).outcome),
            }
            for one in situation.facts.promises[-_PROMISES:]
        ],
        "plan_parts": len(plan.instalments) if plan else None,
        "plan_state": words.label("plan_state", standing.state) if standing else None,
    }


async def _last_turns(tx: Transaction, file: CaseFile) -> list[Message]:
    """What was said last. Our own "a person is coming" tells a person nothing."""
    said = await cases.last_messages(tx, file.borrower.borrower_id, 3 * _TURNS)
    return [one for one in said if not (one.actor == "system" and one.case_id)][-_TURNS:]


def _turn(message: Message, names: Mapping[str, str], words: Words) -> Mapping[str, str]:
    kind = message.actor.partition(":")[0]
    who = names.get(message.actor) or words.label("who", kind)
    return {"who": who, "said": words.briefly(message)}


async def _names(tx: Transaction, messages: list[Message]) -> dict[str, str]:
    """Colleagues by the actor of their messages ("staff:7")."""
    found = {}
    for actor in {one.actor for one in messages if one.actor.startswith("staff:")}:
        member = await staff.by_id(tx, StaffId(int(actor.partition(":")[2])))
        if member is not None:
            found[actor] = member.name
    return found
