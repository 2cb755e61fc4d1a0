"""`/report`, `/report 30`: what was done lately, everybody's for those who lead, one's own else."""

from bot.errors import Refusal
from bot.services import reporting
from bot.telegram.talk import StaffHandler, StaffTalk

_DAYS, _MOST_DAYS = 7, 366


async def report(talk: StaffTalk, args: str) -> None:
    days = _DAYS
    if args:
        if not (args.isascii() and args.isdecimal() and 1 <= int(args[:4]) <= _MOST_DAYS):
            raise Refusal("report.how")
        days = int(args)
    if reporting.sees_everything(talk.member):
        values = await reporting.everything(talk.tx, talk.member, days, talk.now)
        await talk.show("report.all", values)
    else:
        await talk.show("report.own", await reporting.own(talk.tx, talk.member, days, talk.now))


COMMANDS: dict[str, StaffHandler] = {"report": report}
PRESSES: dict[str, StaffHandler] = {}
