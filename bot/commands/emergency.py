"""`remindful stop-all`: the emergency stop from the command line."""

from datetime import datetime

from bot.commands.using import in_transaction, write, write_json
from bot.house import House
from bot.services import emergency
from storage.engine import Transaction
from storage.records import Actor


def stop_all(on: bool, as_json: bool) -> None:
    """Doing it twice changes nothing."""

    async def use(_house: House, tx: Transaction, now: datetime) -> bool:
        return await emergency.stop_all(tx, Actor.system(), on, now)

    changed = in_transaction(use)
    if as_json:
        write_json({"stopped": on, "changed": changed})
    else:
        state = "everything automated is stopped" if on else "the stop is lifted"
        write(state if changed else f"{state}, as it was before")
