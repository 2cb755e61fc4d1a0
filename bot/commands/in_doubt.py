"""`remindful in-doubt`: messages that were on the wire when a process or the line died."""

from dataclasses import asdict
from datetime import datetime

from bot.commands.using import in_transaction, write, write_json
from bot.house import House
from bot.services import doubting
from storage.doubts import Doubt
from storage.engine import Transaction


def in_doubt(days: int, as_json: bool) -> None:
    async def use(house: House, tx: Transaction, now: datetime) -> list[Doubt]:
        return await doubting.in_doubt(tx, days, now)

    found = in_transaction(use)
    if as_json:
        write_json([asdict(one) for one in found])
        return
    for one in found:
        to, what = one.borrower_ref or "staff", one.script or one.kind or "message"
        write(f"{one.number}  {one.at:%Y-%m-%d %H:%M}Z  {to}  {what}: {one.why}")
    write(f"{len(found)} messages may or may not have arrived; none of them is sent again")
