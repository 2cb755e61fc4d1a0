"""What a borrower hears about people: that one is coming and when, has come, has gone.

These are the only words of the bot while a conversation is not its own, so they name no debt and
promise nothing that the queue cannot keep.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.rules.handoff import expected_wait, handoff_policy
from bot.rules.zones import load_zone, zones_of
from bot.services.cases import readers
from bot.services.cases.case_file import CaseFile
from bot.services.office import Office
from bot.services.saying import Choice, Manner, Rows, say
from bot.services.situation import situation_of
from storage import staff, work
from storage.engine import Transaction
from storage.records import Actor, Work


async def waiting_values(
    tx: Transaction, office: Office, task: Work, now: datetime
) -> dict[str, Any]:
    """The honest wait of one conversation: an opening time, a range of minutes, or neither."""
    opens_at = opening(office, now)
    if opens_at is not None:
        return {"opens_at": opens_at}
    people = len(await staff.now_on_shift(tx))
    wait = expected_wait(await work.chats_ahead(tx, task), people)
    return {} if wait is None else {"wait_from": wait.shortest, "wait_to": wait.longest}


def opening(office: Office, now: datetime) -> datetime | None:
    """When the office opens next; None while it is open."""
    zone = load_zone(zones_of(office.country)[0])
    return office.working_hours.opening(now, zone, office.country)


async def tell_borrower(
    tx: Transaction,
    office: Office,
    file: CaseFile,
    key: str,
    values: Mapping[str, Any],
    now: datetime,
    *,
    moment: object = None,
    expires_at: datetime | None = None,
    rows: Rows = (),
) -> None:
    """Say it once for each version of the conversation, or for each `moment`.

    A borrower without a verified account has no chat to be told in.
    """
    situation = await situation_of(tx, file.borrower.borrower_id, now)
    reader = readers.of_borrower(office, situation)
    if reader is None:
        return
    which = file.talk.version if moment is None else moment
    if values.get("opens_at") is not None:  # nobody is there now, so a call can be arranged
        label = office.library.label("button.call_back", reader.language)
        rows = [*rows, [Choice(label, "call_back")]]
    await say(
        tx,
        office,
        reader,
        key,
        values,
        unique_key=f"{key}:{file.case_id}:{which}",
        actor=Actor.system(),
        now=now,
        rows=rows,
        manner=Manner(case_id=file.case_id, expires_at=expires_at),
    )


async def reassure(tx: Transaction, office: Office, file: CaseFile, now: datetime) -> None:
    """Tell somebody who goes on writing while they wait how long it may take; now and then."""
    since = file.talk.since or now
    gap = timedelta(minutes=handoff_policy().holding_text_minutes)
    times = (now - since) // gap
    if times < 1:
        return  # they were told when the wait began
    values = await waiting_values(tx, office, file.work, now)
    moment = values.get("opens_at") or f"{file.talk.version}:{times}"
    await tell_borrower(tx, office, file, "human.still_coming", values, now, moment=moment)


async def answer_impatience(tx: Transaction, office: Office, file: CaseFile, now: datetime) -> None:
    """They asked for a person again, so they are told again; a minute's worth of asking is one."""
    values = await waiting_values(tx, office, file.work, now)
    moment = f"{now:%Y-%m-%dT%H:%M}"
    await tell_borrower(tx, office, file, "human.still_coming", values, now, moment=moment)
