"""Which case is meant: the one whose message is replied to, or the only one in hand.

Between two cases nothing is guessed. A wrong guess would put words before the wrong borrower.
"""

from bot.errors import Refusal
from bot.services.cases import relaying
from bot.services.cases.case_file import CaseFile, own_cases
from bot.telegram.talk import StaffTalk
from storage.records import CaseId


async def case_meant(talk: StaffTalk) -> CaseId:
    """Raises Refusal when no case is in hand, or several and none is pointed at."""
    reply_to = talk.incoming.reply_to
    if reply_to is not None:
        shown = await relaying.shown_by(talk.tx, talk.reader.chat_id, reply_to)
        if shown is not None:
            return shown.case_id
    files = await in_hand(talk)
    if not files:
        raise Refusal("case.none_in_hand")
    if len(files) > 1:
        raise Refusal("case.which", cases_in_hand=[_named(file) for file in files])
    return files[0].case_id


async def in_hand(talk: StaffTalk) -> list[CaseFile]:
    return await own_cases(talk.tx, talk.member)


def case_pressed(args: str) -> CaseId:
    """The case behind a button; the services check whose it is."""
    if not (args.isascii() and args.isdecimal() and len(args) <= 18):
        raise Refusal("case.over")
    return CaseId(int(args))


def _named(file: CaseFile) -> str:
    return f"#{file.number} {file.borrower.full_name}"
