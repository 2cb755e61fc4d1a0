"""Which case is meant: the one whose message is replied to, whose topic it is, or the only one.

Between two cases nothing is guessed. A wrong guess would put words before the wrong borrower.
"""

from bot.errors import Refusal
from bot.services.cases import relaying, topics
from bot.services.cases.case_file import CaseFile, own_cases
from bot.telegram.talk import StaffTalk
from storage.cases import Relay
from storage.records import CaseId


async def case_meant(talk: StaffTalk) -> CaseId:
    """Raises Refusal when no case is in hand, or several and none is pointed at."""
    here, shown = await pointed_at(talk)
    if shown is not None:
        return shown.case_id
    if here is not None:
        return here
    files = await in_hand(talk)
    if not files:
        raise Refusal("case.none_in_hand")
    if len(files) > 1:
        raise Refusal("case.which", cases_in_hand=[_named(file) for file in files])
    return files[0].case_id


async def pointed_at(talk: StaffTalk) -> tuple[CaseId | None, Relay | None]:
    """The case whose topic this is written in, and what the message replied to shows of a case.

    Raises Refusal when the two are not the same case, for a topic of no case, and for an answer to
    something that cannot be seen from here.
    """
    incoming, chat_id = talk.incoming, talk.reader.chat_id
    if incoming.reply_elsewhere:
        raise Refusal("case.elsewhere")
    shown = None
    if incoming.reply_to is not None:
        shown = await relaying.shown_by(talk.tx, chat_id, incoming.reply_to)
    if incoming.thread is None:
        return None, shown
    here = await topics.case_in(talk.tx, chat_id, incoming.thread)
    if here is None and shown is None:
        raise Refusal("case.unknown_topic")
    if here is not None and shown is not None and here != shown.case_id:
        raise Refusal("case.other_topic")
    return here, shown


async def topic_here(talk: StaffTalk) -> CaseId | None:
    """The case whose topic this is, None in the plain chat and in a topic of no case."""
    thread = talk.incoming.thread
    return None if thread is None else await topics.case_in(talk.tx, talk.reader.chat_id, thread)


async def in_hand(talk: StaffTalk) -> list[CaseFile]:
    return await own_cases(talk.tx, talk.member)


def case_pressed(args: str) -> CaseId:
    """The case behind a button; the services check whose it is."""
    if not (args.isascii() and args.isdecimal() and len(args) <= 18):
        raise Refusal("case.over")
    return CaseId(int(args))


def _named(file: CaseFile) -> str:
    return f"#{file.number} {file.borrower.full_name}"
