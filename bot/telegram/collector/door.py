"""The staff's door: presses, commands, or words about a case. Roles are checked in the services."""

from bot.services import staffing
from bot.telegram.admin import scripts
from bot.telegram.collector import (
    abuse,
    answering,
    arranging,
    basics,
    cases,
    checking,
    correcting,
    experiments,
    lookup,
    offers,
    queue,
    report,
    stopping,
    team,
    transcript,
    waiving,
)
from bot.telegram.talk import StaffHandler, StaffTalk
from storage.records import Role

_MODULES = (
    basics, queue, cases, answering, correcting, lookup, report, stopping, offers, team,
    transcript, waiving, arranging, checking, abuse, experiments, scripts,
)  # fmt: skip

COMMANDS: dict[str, StaffHandler] = {}
PRESSES: dict[str, StaffHandler] = {}
for _module in _MODULES:
    COMMANDS.update(_module.COMMANDS)
    PRESSES.update(_module.PRESSES)


def commands_for(role: Role) -> tuple[str, ...]:
    """What the menu of somebody of `role` offers; the services check what they may do."""
    modules = (team, stopping, transcript, checking, experiments)
    leading = {name for one in modules for name in one.COMMANDS}
    hidden = leading if role is Role.COLLECTOR else set()
    return tuple(name for name in COMMANDS if name not in hidden)


async def serve(talk: StaffTalk) -> None:
    """One message, press or membership change of a member of staff in private."""
    incoming = talk.incoming
    if incoming.blocked is not None:
        if incoming.blocked:
            await staffing.end_shift(talk.tx, talk.office, talk.member, talk.now)
    elif incoming.data is not None:
        name, _, args = incoming.data.partition(":")
        await PRESSES.get(name, basics.outdated)(talk, args)
    elif incoming.edited:
        await answering.edited(talk)
    elif incoming.command is not None:
        name, args = incoming.command
        await COMMANDS.get(name, basics.unknown_command)(talk, args)
    elif not await scripts.given(talk) and not await waiving.given(talk):
        await answering.heard(talk)
