"""For who leads: the board of people, one case of anybody's, taking over, giving to another."""

from bot.errors import Refusal
from bot.services import staffing
from bot.services.cases import passing, supervising
from bot.services.saying import Choice, Manner
from bot.telegram.collector.queue import number
from bot.telegram.talk import StaffHandler, StaffTalk
from storage.records import StaffId, WorkId

_BUTTONS = 6


async def team(talk: StaffTalk, args: str) -> None:
    """`/team`: who has what now. A press on a name shows that person's cases."""
    if args:
        await _hands(talk, StaffId(number(args)))
        return
    seen = await supervising.team(talk.tx, talk.office, talk.member)
    rows = [[Choice(one.name, f"team:{one.staff_id}")] for one in seen.busy[:_BUTTONS]]
    rows.append([Choice(talk.label("button.refresh"), "team")])
    await talk.show("team.board", {**seen.values, "at": talk.now}, rows)


async def case(talk: StaffTalk, args: str) -> None:
    """`/case 12`: the brief of anybody's case, and what a leader can do with it."""
    file, values = await supervising.look_at(
        talk.tx, talk.office, talk.member, number(args), talk.now
    )
    rows = []
    if file.is_open:
        rows = [
            [talk.choice("takeover", file.number), talk.choice("assign", file.number)],
            [talk.choice("team")],
        ]
    await talk.show("case.brief", values, rows)


async def takeover(talk: StaffTalk, args: str) -> None:
    """`/takeover 12`: it is the leader's at once."""
    await passing.take_over(talk.tx, talk.office, talk.member, number(args), talk.now)
    talk.notice("toast.taken")


async def assign(talk: StaffTalk, args: str) -> None:
    """`/assign 12 Dana` asks Dana; `/assign 12` offers names and the queue."""
    which, _, name = args.strip().partition(" ")
    work_id = number(which)
    if name.strip():
        found, _note = await passing.named(talk.tx, talk.member, name.strip().removeprefix("@"))
        await _give(talk, work_id, found.staff_id)
        return
    rows = [
        [Choice(one.name, f"give:{work_id}:{one.staff_id}")]
        for one in (await passing.receivers(talk.tx, talk.member))[:_BUTTONS]
    ]
    rows.append([Choice(talk.label("button.back_to_queue"), f"give:{work_id}:0")])
    await talk.show("team.assign", {"case_number": work_id}, rows)


async def give(talk: StaffTalk, args: str) -> None:
    """A name or the queue pressed: "give:12:7", "give:12:0"."""
    which, _, who = args.partition(":")
    await _give(talk, number(which), StaffId(number(who)) or None)
    talk.notice("toast.done")


async def offboard(talk: StaffTalk, args: str) -> None:
    """`/offboard Dana` says what it will do and asks once more; the button does it."""
    which, _, sure = args.strip().partition(":")
    if sure:
        left = await staffing.offboard(
            talk.tx, talk.office, talk.member, StaffId(number(which)), talk.now
        )
        await talk.show("team.offboarded", {"colleague": left.name, "given_back": left.given_back})
        return
    if not args.strip():
        raise Refusal("team.offboard_how")
    found = await staffing.leaving(talk.tx, talk.member, args.strip().removeprefix("@"))
    rows = [
        [Choice(talk.label("button.cancel"), "team")],
        [Choice(talk.label("button.offboard"), f"offboard:{found.staff_id}:yes")],
    ]
    values = {"colleague": found.name, "given_back": found.given_back}
    await talk.show("team.offboard_ask", values, rows)


async def views(talk: StaffTalk, args: str) -> None:
    """`/views REF`: who looked at this borrower's data."""
    if not args.strip():
        raise Refusal("find.how")
    values = await supervising.views(talk.tx, talk.office, talk.member, args.strip(), talk.now)
    await talk.show("find.views", values)


async def _give(talk: StaffTalk, work_id: WorkId, staff_id: StaffId | None) -> None:
    file = await passing.reassign(talk.tx, talk.office, talk.member, work_id, staff_id, talk.now)
    if staff_id is None:
        await talk.tell(
            talk.reader, "team.requeued", {"case_number": work_id},
            manner=Manner(case_id=file.case_id),
        )  # fmt: skip


async def _hands(talk: StaffTalk, staff_id: StaffId) -> None:
    values, numbers = await supervising.hands_of(
        talk.tx, talk.office, talk.member, staff_id, talk.now
    )
    rows = [[Choice(f"#{one}", f"case:{one}") for one in numbers[:_BUTTONS]]] if numbers else []
    await talk.show("team.hands", values, [*rows, [talk.choice("team")]])


COMMANDS: dict[str, StaffHandler] = {
    "team": team,
    "case": case,
    "takeover": takeover,
    "assign": assign,
    "offboard": offboard,
    "views": views,
}
PRESSES: dict[str, StaffHandler] = {
    "team": team,
    "case": case,
    "takeover": takeover,
    "assign": assign,
    "give": give,
    "offboard": offboard,
}
