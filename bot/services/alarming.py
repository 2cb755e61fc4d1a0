"""Telling the admins that something needs a person: once an hour for the same thing."""

from datetime import datetime

from bot.rules.zones import load_zone, zones_of
from bot.services.office import Office
from bot.services.saying import Reader, say
from bot.services.scripts import in_force
from storage import staff
from storage.engine import Transaction
from storage.records import Actor, Role


async def tell_admins(
    tx: Transaction, office: Office, name: str, reason: str, now: datetime
) -> None:
    """Queue a message to every admin. `reason` holds no personal data."""
    await in_force.refresh(tx, office, now)
    for admin in await staff.with_role(tx, Role.ADMIN):
        language = admin.language or next(iter(admin.languages), "en")
        await say(
            tx,
            office,
            Reader(admin.telegram_id, language, load_zone(zones_of(office.country)[0])),
            "alarm.raised",
            {"alarm": name, "reason": reason, "at": now},
            unique_key=f"alarm:{name}:{admin.staff_id}:{now:%Y-%m-%dT%H}",
            actor=Actor.system(),
            now=now,
        )
