"""`/transcript 12`: everything that happened in a case, as a paper; with `json` for a program."""

import json

from bot.errors import Refusal
from bot.services.cases import transcribing
from bot.services.cases.transcript_paper import transcript_paper
from bot.services.saying import Attached, File
from bot.telegram.collector.queue import number
from bot.telegram.talk import StaffHandler, StaffTalk


async def transcript(talk: StaffTalk, args: str) -> None:
    which, _, form = args.partition(" ")
    if not which or form.strip().lower() not in ("", "json"):
        raise Refusal("transcript.how")
    told = await transcribing.read_as(talk.tx, talk.office, talk.member, number(which), talk.now)
    file: File
    if form:
        written = json.dumps(
            transcribing.as_json(told, talk.office.lender), ensure_ascii=False, indent=1
        )
        file = Attached(f"transcript-{told.file.number}.json", written.encode())
    else:
        file = transcript_paper(told, talk.office, talk.reader.language)
    proof = told.proof
    values = {
        "case_number": told.file.number,
        "name": told.file.borrower.full_name,
        "entries": proof.entries,
        "broken": proof.broken,
        "why": talk.label(f"transcript.why.{proof.why}") if proof.why else None,
    }
    await talk.tell(talk.reader, "transcript.sent", values, file=file)


COMMANDS: dict[str, StaffHandler] = {"transcript": transcript}
PRESSES: dict[str, StaffHandler] = {}
