"""Telling admins about words: what waits for them, what became of theirs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.rules.zones import load_zone, zones_of
from bot.services.office import Office
from bot.services.saying import Choice, Reader, Rows, say
from storage import staff
from storage.engine import Transaction
from storage.records import Actor, ActorKind, Role, StaffId, StaffMember


async def tell_admins(
    tx: Transaction,
    office: Office,
    key: str,
    values: Mapping[str, Any],
    about: str,
    now: datetime,
    *,
    but: Actor,
    button: tuple[str, str] | None = None,
) -> None:
    """Say a script to every admin but one; `button` is a label's name and what it asks for."""
    for admin in await staff.with_role(tx, Role.ADMIN):
        if admin.staff_id != but.id:
            await _tell(tx, office, admin, key, values, about, now, button)


async def tell_writer(
    tx: Transaction,
    office: Office,
    writer: str,
    key: str,
    values: Mapping[str, Any],
    about: str,
    now: datetime,
    *,
    but: Actor,
    button: tuple[str, str] | None = None,
) -> None:
    """Say a script to whoever wrote a text, unless they did the thing themselves."""
    member = await _member(tx, writer)
    if member is not None and member.staff_id != but.id and member.disabled_at is None:
        await _tell(tx, office, member, key, values, about, now, button)


async def named(tx: Transaction, office: Office, actor: str, language: str | None = None) -> str:
    """A person's name, or that it was done on the server."""
    member = await _member(tx, actor)
    if member is not None:
        return member.name
    return office.library.label("who.operator", language or office.library.resolve_language(None))


async def _member(tx: Transaction, actor: str) -> StaffMember | None:
    kind, _, number = actor.partition(":")
    if kind != ActorKind.STAFF or not number:
        return None
    return await staff.by_id(tx, StaffId(int(number)))


async def _tell(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    key: str,
    values: Mapping[str, Any],
    about: str,
    now: datetime,
    button: tuple[str, str] | None,
) -> None:
    tag = member.language or next(iter(member.languages), None)
    language = office.library.resolve_language(tag)
    rows: Rows = ()
    if button is not None:
        label, asks = button
        rows = [[Choice(office.library.label(f"button.{label}", language), asks)]]
    zone = load_zone(zones_of(office.country)[0])
    await say(
        tx,
        office,
        Reader(member.telegram_id, language, zone),
        key,
        values,
        unique_key=f"{key}:{about}:{member.staff_id}",
        actor=Actor.system(),
        now=now,
        rows=rows,
    )
