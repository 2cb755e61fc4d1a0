"""The queue: what waits, the next thing, one thing by its number, and ending what is no chat."""

from collections.abc import Collection

from bot.errors import Refusal
from bot.services.cases import tasks
from bot.services.cases.wording import Words
from bot.services.plans import Offer
from bot.services.saying import Choice
from bot.telegram.talk import StaffHandler, StaffTalk
from storage.records import Work, WorkId, WorkKind

_SHOWN = 6
_MOST_PARTS, _LONGEST = 999, 4
_EVERYTHING, _FREEZE = _MORE = ("all", "freeze")


async def queue(talk: StaffTalk, _args: str) -> None:
    """What waits and may be taken, and what is in hand; nobody's data is in it."""
    waiting = await tasks.queue(talk.tx, talk.member, _SHOWN)
    mine = await tasks.mine(talk.tx, talk.member)
    words = Words(talk.office.library, talk.reader.language)
    take = talk.label("button.take")
    rows = [[Choice(f"{take} #{task.work_id}", f"take:{task.work_id}")] for task in waiting]
    values = {
        "waiting": [_line(words, task) for task in waiting],
        "mine": [_line(words, task) for task in mine],
    }
    await talk.show("queue.list", values, rows)


async def next_(talk: StaffTalk, _args: str) -> None:
    if await tasks.take_next(talk.tx, talk.office, talk.member, talk.now) is None:
        await talk.show("queue.empty")
    else:
        talk.notice("toast.taken")


async def take(talk: StaffTalk, args: str) -> None:
    """`/take 12`, and the Take button in private and on the board."""
    await tasks.take(talk.tx, talk.office, talk.member, number(args), talk.now)
    talk.notice("toast.taken")


async def finish(talk: StaffTalk, args: str) -> None:
    """An outcome pressed under a task's card: "finish:12:posted"."""
    which, _, outcome = args.partition(":")
    await tasks.finish(talk.tx, talk.office, talk.member, number(which), outcome, talk.now)
    talk.notice("toast.done")


async def counter_pressed(talk: StaffTalk, args: str) -> None:
    """Other parts offered under a plan's card: "counter:12:4"."""
    which, _, parts = args.partition(":")
    await _counter(talk, number(which), parts)
    talk.notice("toast.done")


async def counter(talk: StaffTalk, args: str) -> None:
    """`/counter 4` for the one plan in hand, `/counter 12 4` for a certain task.

    With "all" for everything that is owed instead of what is due, "freeze" for no more interest.
    """
    words = args.lower().split()
    more = {one for one in words if one in _MORE}
    which, _, parts = " ".join(one for one in words if one not in _MORE).rpartition(" ")
    if which:
        work_id = number(which)
    else:
        mine = await tasks.mine(talk.tx, talk.member)
        reviews = [one.work_id for one in mine if one.kind is WorkKind.PLAN_REVIEW]
        if len(reviews) != 1:
            raise Refusal("work.counter_how")
        work_id = reviews[0]
    await _counter(talk, work_id, parts, more)


async def _counter(
    talk: StaffTalk, work_id: WorkId, parts: str, more: Collection[str] = ()
) -> None:
    if not (parts.isascii() and parts.isdecimal() and 0 < int(parts[:_LONGEST]) <= _MOST_PARTS):
        raise Refusal("work.counter_how")
    offer = Offer(int(parts), everything=_EVERYTHING in more, freeze=_FREEZE in more)
    await tasks.counter(talk.tx, talk.office, talk.member, work_id, offer, talk.now)


def number(text: str) -> WorkId:
    """ "12" or "#12". Raises Refusal for anything else."""
    digits = text.strip().removeprefix("#").strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 12):
        raise Refusal("work.which_number")
    return WorkId(int(digits))


def _line(words: Words, task: Work) -> dict[str, object]:
    reason = words.label("reason", task.note) if task.kind is WorkKind.CHAT else None
    return {
        "case_number": task.work_id,
        "work_kind": words.label("work", task.kind),
        "reason": reason,
        "since": task.created_at,
    }


COMMANDS: dict[str, StaffHandler] = {
    "queue": queue,
    "next": next_,
    "take": take,
    "counter": counter,
}
PRESSES: dict[str, StaffHandler] = {
    "queue": queue,
    "next": next_,
    "take": take,
    "finish": finish,
    "counter": counter_pressed,
}
