"""What is done with a case besides talking: set it aside, give it back, close it, release it."""

from bot.errors import Refusal
from bot.rules.dispositions import OUTCOMES, Disposition
from bot.services.cases import casework, closing, tasks
from bot.services.saying import Choice, Manner
from bot.telegram.collector.meant import case_meant, case_pressed, in_hand
from bot.telegram.collector.offers import pass_to
from bot.telegram.talk import StaffHandler, StaffTalk
from storage.records import CaseId, WorkKind

_IN_A_ROW = 2


async def hold(talk: StaffTalk, args: str) -> None:
    """`/hold` until tomorrow, `/hold 3` for three days."""
    if args and not (args.isascii() and args.isdecimal() and len(args) <= 3):
        raise Refusal("case.hold_how")
    days = int(args) if args else None
    case_id = await case_meant(talk)
    await casework.set_aside(talk.tx, talk.office, talk.member, case_id, days, talk.now)


async def hold_pressed(talk: StaffTalk, args: str) -> None:
    await casework.set_aside(talk.tx, talk.office, talk.member, case_pressed(args), None, talk.now)
    talk.notice("toast.done")


async def transfer(talk: StaffTalk, args: str) -> None:
    """`/transfer NOTE`: the case waits in the queue again. `/transfer @NAME NOTE`: ask somebody."""
    case_id = await case_meant(talk)
    if args.startswith("@"):
        await pass_to(talk, case_id, args[1:])
        return
    await casework.transfer(talk.tx, talk.office, talk.member, case_id, args, talk.now)


async def transfer_pressed(talk: StaffTalk, args: str) -> None:
    await casework.transfer(talk.tx, talk.office, talk.member, case_pressed(args), "", talk.now)
    talk.notice("toast.done")


async def close(talk: StaffTalk, args: str) -> None:
    """`/close CODE`; without a code the codes are shown. Ends the task in hand if no case is."""
    code = args.strip().lower()
    if talk.incoming.thread is None and not await in_hand(talk):
        await _close_task(talk, code)
    elif code:
        case_id = await case_meant(talk)
        await closing.close(talk.tx, talk.office, talk.member, case_id, code, talk.now)
    else:
        await _write_up(talk, await case_meant(talk))


async def close_pressed(talk: StaffTalk, args: str) -> None:
    await _write_up(talk, case_pressed(args))


async def close_as(talk: StaffTalk, args: str) -> None:
    """A disposition pressed: "close_as:12:info_given"."""
    which, _, code = args.partition(":")
    await closing.close(talk.tx, talk.office, talk.member, case_pressed(which), code, talk.now)
    talk.notice("toast.done")


async def release(talk: StaffTalk, args: str) -> None:
    """`/release REASON`: compliance lets a frozen conversation go on."""
    case_id = await case_meant(talk)
    await closing.release_frozen(talk.tx, talk.office, talk.member, case_id, args, talk.now)


async def _write_up(talk: StaffTalk, case_id: CaseId) -> None:
    """The talk is over from now on; its end is chosen within the time for writing up."""
    await casework.write_up(talk.tx, talk.office, talk.member, case_id, talk.now)
    choices = [
        Choice(talk.label(f"disposition.{code}"), f"close_as:{case_id}:{code}")
        for code in Disposition
    ]
    rows = [choices[at : at + _IN_A_ROW] for at in range(0, len(choices), _IN_A_ROW)]
    codes = {"codes": [str(code) for code in Disposition]}
    await talk.tell(talk.reader, "case.close_choose", codes, rows, manner=Manner(case_id=case_id))


async def _close_task(talk: StaffTalk, code: str) -> None:
    """With no case in hand `/close CODE` ends the one task there is."""
    mine = [one for one in await tasks.mine(talk.tx, talk.member) if one.kind is not WorkKind.CHAT]
    if not mine:
        raise Refusal("case.none_in_hand")
    fitting = [one for one in mine if code in OUTCOMES[one.kind]] or mine
    if len(fitting) > 1:
        raise Refusal("case.which_task", numbers=[f"#{one.work_id}" for one in fitting])
    task = fitting[0]
    await tasks.finish(talk.tx, talk.office, talk.member, task.work_id, code, talk.now)


COMMANDS: dict[str, StaffHandler] = {
    "hold": hold,
    "transfer": transfer,
    "close": close,
    "release": release,
}
PRESSES: dict[str, StaffHandler] = {
    "hold": hold_pressed,
    "transfer": transfer_pressed,
    "close": close_pressed,
    "close_as": close_as,
}
