"""A borrower is abusive: remind, restate, then end the talk and let another person pick it up.

Each step is one command. The words are the house's own, in the borrower's language, so that nobody
has to find calm ones at such a moment; they go out as the person's and pass guard and policy.
"""

from datetime import datetime

from bot.errors import Refusal
from bot.rules.conversation import Event
from bot.services.cases import casework, readers, showing, speaking
from bot.services.cases.case_file import CaseFile, own_case
from bot.services.cases.drafts import Draft
from bot.services.cases.speaking import Spoken
from bot.services.office import Office
from bot.services.situation import situation_of
from scripts_library.render import plain_text, render
from storage import audit, transcript
from storage.engine import Transaction
from storage.records import CaseId, ConversationState, StaffMember

_STEPS = ("abuse.remind", "abuse.restate")
_END = "abuse.ended"


async def answer(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    case_id: CaseId,
    now: datetime,
    *,
    unique_key: str,
    asked_in: int | None,
) -> Spoken | None:
    """Take the next step in a case of one's own; None: the talk is ended and the case waits.

    Raises Refusal as for any words, and for a frozen case, which is not about behaviour.
    """
    file = await own_case(tx, member, case_id)
    if file.talk.state is ConversationState.FROZEN:
        raise Refusal("case.not_now", case_number=file.number)
    taken = await _taken(tx, file)
    if taken >= len(_STEPS):
        await _note(tx, member, case_id, taken + 1, now)
        await casework.give_back(
            tx, office, file, member.actor, now, event=Event.RETURNED, farewell=_END
        )
        await showing.tell_of(tx, office, member, file, "case.abuse_ended", {}, now)
        return None
    text = await _worded(tx, office, file, _STEPS[taken], now)
    spoken = await speaking.speak(
        tx, office, member, case_id, Draft(text), now,
        unique_key=unique_key, asked_in=asked_in, confirmed=True,
    )  # fmt: skip
    if spoken.on_its_way:
        await _note(tx, member, case_id, taken + 1, now)
    return spoken


async def _taken(tx: Transaction, file: CaseFile) -> int:
    """How many steps were taken in the present stretch of this case, by whomever."""
    entries = await transcript.entries(tx, file.case_id, file.case.since)
    acts = [one for one in entries if one.kind == transcript.ACT]
    return sum(one.content["act"] == audit.ABUSE_ANSWERED for one in acts)


async def _note(
    tx: Transaction, member: StaffMember, case_id: CaseId, step: int, now: datetime
) -> None:
    await audit.record(
        tx, member.actor, audit.ABUSE_ANSWERED, transcript.subject_of(case_id), now, step=step
    )


async def _worded(tx: Transaction, office: Office, file: CaseFile, key: str, now: datetime) -> str:
    """The script as the borrower will read it."""
    situation = await situation_of(tx, file.borrower.borrower_id, now)
    reader = readers.of_borrower(office, situation)
    language = office.library.resolve_language(situation.language)
    script = office.library.script(key, reader.language if reader else language)
    return plain_text(render(script, {"lender": office.lender}, zone=situation.zone).text)
