"""A person's words on their way to a borrower: owner, guard, contact policy, outbox, in that order.

The sender asks the policy again at the moment of sending, and only when Telegram has answered does
anything show as sent (`relaying.delivered`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.errors import Refusal
from bot.rules.contact_facts import GuardVerdict
from bot.rules.conversation import Writer, may_write
from bot.services.cases import meanwhile, noting, readers, showing
from bot.services.cases.case_file import CaseFile, own_case
from bot.services.cases.drafts import Draft
from bot.services.cases.media import CAPTIONED, METHODS
from bot.services.cases.responders import may_respond
from bot.services.contacting import may_contact
from bot.services.office import Office
from bot.services.saying import Reader
from bot.services.situation import Situation, situation_of
from scripts_library.errors import TooLong
from scripts_library.guard import Verdict, judge
from scripts_library.render import render
from storage import audit, outbox, transcript
from storage.engine import Transaction
from storage.records import (
    CaseId,
    ContactKind,
    ConversationState,
    DeliveryClass,
    Money,
    OutboxId,
    Outgoing,
    Role,
    StaffMember,
)

_CLEAN = Verdict("ok")


@dataclass(frozen=True, slots=True)
class Spoken:
    """`on_its_way` False: the guard's `verdict` says why, and how it could be said.

    `refused`: or the rules of contact do, or the state of the conversation. `paid`: not sent yet,
    because this became known as paid while they were typing.
    """

    file: CaseFile
    verdict: Verdict
    on_its_way: bool
    paid: tuple[Money, ...] = ()
    due_now: tuple[Money, ...] = ()
    refused: Refusal | None = None


async def speak(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    case_id: CaseId,
    draft: Draft,
    now: datetime,
    *,
    unique_key: str,
    asked_in: int | None,
    confirmed: bool = False,
) -> Spoken:
    """Send a person's words to the borrower of a case that is theirs.

    `asked_in`: their message, under which the outcome is told. `confirmed`: they saw the guard's
    warning and want it all the same. A payment they cannot know of is told first. Whatever is not
    sent is kept all the same, with the reason. Raises Refusal when the case is not theirs or there
    is nothing we can send.
    """
    file = await own_case(tx, member, case_id)
    _refuse_unsendable(office, member, draft)
    await noting.belongs(tx, member, file, asked_in)
    verdict = _judge(office, member, draft)
    typed = _Typed(member, file, draft, verdict, asked_in, now)
    if not may_write(file.talk.state, _writer(member, file)):
        refused = Refusal("case.not_now", case_number=file.number)
        return await _refuse(tx, typed, refused, ("person_owns_chat",))
    if verdict.verdict == "block" or (verdict.verdict == "warn" and not confirmed):
        await _record(tx, member, file, f"words.{verdict.verdict}", verdict, now)
        await _transcribe(tx, typed)
        return Spoken(file, verdict, on_its_way=False)
    if verdict.verdict == "warn":
        await _record(tx, member, file, "words.confirmed", verdict, now)
    situation = await situation_of(tx, file.borrower.borrower_id, now)
    reader = readers.of_borrower(office, situation)
    kind = kind_of(situation)
    if reader is None:
        rules = ("unreachable",)
        return await _refuse(tx, typed, _refusal(office, member, file, rules, None), rules)
    decision = may_contact(
        situation, office, kind, chat_id=reader.chat_id, guard=_guard_word(verdict)
    )
    if not decision.allowed:
        refused = _refusal(office, member, file, decision.rules, decision.until)
        return await _refuse(tx, typed, refused, decision.rules)
    if situation.state is not ConversationState.FROZEN:
        paid = await meanwhile.paid(tx, member, case_id, situation, now, since=file.case.since)
        if paid:
            await _transcribe(tx, typed)
            due_now = tuple(situation.standing.due.values())
            return Spoken(file, verdict, False, tuple(paid), due_now)
    queued = await _queue(tx, office, member, file, reader, draft, kind, now, unique_key, asked_in)
    if queued is not None:
        await _transcribe(tx, typed, queued=queued)
    return Spoken(file, verdict, on_its_way=True)


async def drop(tx: Transaction, member: StaffMember, case_id: CaseId, now: datetime) -> None:
    """Words that were in doubt are not sent: they stay in the case, and that it was so."""
    await audit.record(tx, member.actor, "words.dropped", transcript.subject_of(case_id), now)


def kind_of(situation: Situation) -> ContactKind:
    """What a person's words are: an answer while the borrower has none or wrote today, or a start.

    In a frozen conversation nothing passes but words of safety.
    """
    if situation.state is ConversationState.FROZEN:
        return ContactKind.SAFETY
    talk = situation.facts.conversation
    wrote = talk.borrower_wrote_at if talk else None
    if talk is None or wrote is None:
        return ContactKind.STAFF
    open_question = talk.answered_at is None or talk.answered_at < wrote
    zones = situation.local_time.zones
    today = all(
        wrote.astimezone(zone).date() == situation.now.astimezone(zone).date() for zone in zones
    )
    return ContactKind.REPLY if open_question or today else ContactKind.STAFF


def _writer(member: StaffMember, file: CaseFile) -> Writer:
    if file.talk.state is not ConversationState.FROZEN:
        return Writer.OWNER
    if member.role is Role.COMPLIANCE:
        return Writer.COMPLIANCE
    responds = may_respond(member, file.reasons)
    return Writer.CRISIS_RESPONDER if responds else Writer.OTHER_PERSON


def _refuse_unsendable(office: Office, member: StaffMember, draft: Draft) -> None:
    if draft.media_kind is None and not draft.text.strip():
        raise Refusal("case.empty")
    if draft.media_kind is not None and draft.media_kind not in METHODS:
        raise Refusal("case.cannot_send")
    if draft.text:
        _worded(office, readers.of_staff(office, member), draft)


def _judge(office: Office, member: StaffMember, draft: Draft) -> Verdict:
    if not draft.text:
        return _CLEAN
    return judge(draft.text, "collector", readers.of_staff(office, member).language)


def _guard_word(verdict: Verdict) -> GuardVerdict:
    return verdict.verdict


async def _record(
    tx: Transaction,
    member: StaffMember,
    file: CaseFile,
    act: str,
    verdict: Verdict,
    now: datetime,
) -> None:
    subject = f"case:{file.case_id}"
    await audit.record(tx, member.actor, act, subject, now, rules=list(verdict.rules))


@dataclass(frozen=True, slots=True)
class _Typed:
    """What somebody typed for a borrower, whatever became of it."""

    member: StaffMember
    file: CaseFile
    draft: Draft
    verdict: Verdict
    asked_in: int | None
    now: datetime


async def _refuse(
    tx: Transaction, typed: _Typed, refused: Refusal, rules: tuple[str, ...]
) -> Spoken:
    """Not now: who tried, when, the rules and the words stay in the case and reach nobody."""
    subject = transcript.subject_of(typed.file.case_id)
    actor = typed.member.actor
    await audit.record(tx, actor, "words.refused", subject, typed.now, rules=list(rules))
    await _transcribe(tx, typed, refused_by=rules)
    return Spoken(typed.file, typed.verdict, on_its_way=False, refused=refused)


async def _transcribe(
    tx: Transaction,
    typed: _Typed,
    *,
    queued: OutboxId | None = None,
    refused_by: tuple[str, ...] = (),
) -> None:
    """What was typed and what the guard said of it, whether it went on its way or not."""
    draft, verdict = typed.draft, typed.verdict
    told = {
        "text": draft.text or None,
        "media": draft.media_kind,
        "file": draft.file_id,
        "verdict": verdict.verdict,
        "rules": list(verdict.rules) or None,
        "asked_in": typed.asked_in,
        "outbox": queued,
        "refused": list(refused_by) or None,
    }
    content = {name: value for name, value in told.items() if value is not None}
    actor = str(typed.member.actor)
    await transcript.append(tx, typed.file.case_id, transcript.WORDS, actor, content, typed.now)


def _refusal(
    office: Office,
    member: StaffMember,
    file: CaseFile,
    rules: tuple[str, ...],
    until: datetime | None,
) -> Refusal:
    return Refusal(
        "case.not_sent",
        case_number=file.number,
        name=file.borrower.full_name,
        reasons=showing.words_for(office, member).rules(rules),
        allowed_from=until,
    )


async def _queue(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    file: CaseFile,
    reader: Reader,
    draft: Draft,
    kind: ContactKind,
    now: datetime,
    unique_key: str,
    asked_in: int | None,
) -> OutboxId | None:
    payload: dict[str, Any] = {"asked_in": asked_in}
    media = draft.media_kind
    if media is not None:
        payload["file_id"] = draft.file_id
    if draft.text:
        part = "text" if media is None else "caption"
        payload[part] = _worded(office, reader, draft)
    return await outbox.put(
        tx,
        Outgoing(
            unique_key=unique_key,
            chat_id=reader.chat_id,
            delivery=DeliveryClass.WORDS,
            method="sendMessage" if media is None else METHODS[media],
            payload=payload,
            actor=member.actor,
            not_before=now,
            kind=kind,
            borrower_id=file.borrower.borrower_id,
            case_id=file.case_id,
        ),
        now,
    )


def _worded(office: Office, reader: Reader, draft: Draft) -> str:
    """Exactly what was typed, safe to be sent as HTML. Raises Refusal for more than fits."""
    key = "case.caption" if draft.media_kind in CAPTIONED else "case.words"
    script = office.library.script(key, reader.language)
    try:
        return render(script, {"words": draft.text}, zone=reader.zone).text
    except TooLong:
        raise Refusal("case.too_long") from None
