"""The queue: what waits, the next thing, one thing by its number, and ending what is no chat."""

from bot.errors import Refusal
from bot.services.cases import tasks
from bot.services.cases.wording import Words
from bot.services.saying import Choice
from bot.telegram.talk import StaffHandler, StaffTalk
from storage.records import Work, WorkId, WorkKind

_SHOWN = 6


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


COMMANDS: dict[str, StaffHandler] = {"queue": queue, "next": next_, "take": take}
PRESSES: dict[str, StaffHandler] = {"queue": queue, "next": next_, "take": take, "finish": finish}
