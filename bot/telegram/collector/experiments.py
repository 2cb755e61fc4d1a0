"""`/experiments`, `/experiments 60`: what came of the groups of each experiment, for who leads."""

from bot.errors import Refusal
from bot.services import comparing
from bot.telegram.talk import StaffHandler, StaffTalk

_MOST_DAYS = 366


async def experiments(talk: StaffTalk, args: str) -> None:
    days = comparing.DAYS
    if args:
        if not (args.isascii() and args.isdecimal() and 1 <= int(args[:4]) <= _MOST_DAYS):
            raise Refusal("report.how_experiments")
        days = int(args)
    found = await comparing.told_to(talk.tx, talk.member, days, talk.now)
    if not found:
        await talk.show("report.no_experiment")
    for values in found:
        await talk.show("report.experiment", values)


COMMANDS: dict[str, StaffHandler] = {"experiments": experiments}
PRESSES: dict[str, StaffHandler] = {}
