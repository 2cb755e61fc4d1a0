"""Formal letters: drafted from the ledger, read by a person, and only then anybody's word.

An approved letter is kept word for word. The person posts it for the lender; a posted letter asks
no rule of contact, but plans, promises, holds and stale figures hold it back until its approval.
In the chat it is a notice like any other and goes only when the contact policy lets it.
"""

import json
from datetime import datetime, timedelta

from bot.errors import Refusal
from bot.services import papers
from bot.services.cases import readers, showing
from bot.services.contacting import held_within, may_contact
from bot.services.office import Office
from bot.services.papers import KeptPaper, Paper
from bot.services.reminders import ANSWER_WITHIN
from bot.services.saying import Manner, say
from bot.services.situation import Situation, situation_of
from storage import audit
from storage import notices as stored
from storage.engine import Transaction
from storage.notices import Notice
from storage.records import Actor, ContactKind, DeliveryClass, StaffMember, Work

APPROVED, SENT_IN_CHAT = "approved", "sent_in_chat"
_BEFORE = (APPROVED, "rejected")
_AFTER = ("posted", SENT_IN_CHAT, "not_posted")
_LETTER = "notice.arrears"
"""The words of a letter whose task names no others."""
_AGAIN = (APPROVED, "not_posted")
"""For a letter whose figures are over since it was approved."""
_SENT_WITHIN = timedelta(hours=1)


async def steps(tx: Transaction, task: Work) -> tuple[str, ...]:
    """What can be decided about a letter now: first whether it is right, then how it left."""
    return _BEFORE if await stored.of(tx, task.work_id) is None else _AFTER


async def show(
    tx: Transaction, office: Office, member: StaffMember, task: Work, now: datetime
) -> None:
    """The draft to be read, or the approved letter, with what can be decided about it."""
    situation = await situation_of(tx, task.borrower_id, now)
    approved = await stored.of(tx, task.work_id)
    if approved is not None and _still_true(approved, situation, office, task):
        await _hand_over(tx, office, member, task, approved, now)
        return
    words = showing.words_for(office, member)
    key, number = f"{task.work_id}:{member.staff_id}:{now.timestamp()}", task.work_id
    reasons = _held(situation, office)
    if reasons:
        await showing.tell(
            tx, office, member, "notice.held",
            {"case_number": number, "reasons": words.rules(reasons)},
            unique_key=f"notice.held:{key}", now=now,
            rows=showing.outcomes(words, task, _BEFORE[1:] if approved is None else _AFTER[2:]),
        )  # fmt: skip
        return
    language = office.library.resolve_language(situation.language)
    borrower = situation.facts.borrower
    await showing.tell(
        tx, office, member, "notice.draft",
        {"case_number": number, "name": borrower.full_name, "ref": borrower.borrower_ref,
         "language_name": office.library.language(language).name},
        unique_key=f"notice.draft:{key}", now=now,
        rows=showing.outcomes(words, task, _BEFORE if approved is None else _AGAIN),
        file=papers.notice(situation, office, language, _script(office, task), draft=True),
    )  # fmt: skip


async def decide(
    tx: Transaction, office: Office, member: StaffMember, task: Work, outcome: str, now: datetime
) -> bool:
    """Do what was decided. False: the letter was approved, and has yet to leave.

    Raises Refusal for a step out of turn, and when the letter may not leave (the chat) now.
    """
    approved = await stored.of(tx, task.work_id)
    possible = _BEFORE if approved is None else _AFTER
    if outcome == APPROVED:
        await _approve(tx, office, member, task, approved, now)
        return False
    if outcome not in possible:
        raise Refusal("notice.first", case_number=task.work_id, codes=list(possible))
    if approved is not None and outcome == SENT_IN_CHAT:
        await _send(tx, office, member, task, approved, now)
    return True


async def _approve(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    task: Work,
    approved: Notice | None,
    now: datetime,
) -> None:
    """The letter as of this moment: the ledger may have moved since the draft was shown, and even
    since an earlier approval.
    """
    situation = await situation_of(tx, task.borrower_id, now)
    if approved is not None and _still_true(approved, situation, office, task):
        await _hand_over(tx, office, member, task, approved, now)
        return
    reasons = _held(situation, office)
    if reasons:
        words = showing.words_for(office, member)
        raise Refusal(
            "notice.held", case_number=task.work_id, reasons=words.rules(reasons)
        )  # fmt: skip
    letter = _letter(situation, office, task)
    await stored.approve(
        tx,
        task.work_id,
        name=letter.name,
        sheet=letter.sheet.as_json(),
        reply_by=situation.today + ANSWER_WITHIN,
        actor=member.actor,
        now=now,
    )
    await audit.record(tx, member.actor, "notice.approved", f"work:{task.work_id}", now)
    kept = await stored.of(tx, task.work_id)
    assert kept is not None, "it was kept a moment ago"
    await _hand_over(tx, office, member, task, kept, now)


async def _hand_over(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    task: Work,
    approved: Notice,
    now: datetime,
) -> None:
    """The file to post, and the ways it can have left."""
    situation = await situation_of(tx, task.borrower_id, now)
    words = showing.words_for(office, member)
    in_chat = readers.of_borrower(office, situation) is not None
    ways = [one for one in _AFTER if in_chat or one != SENT_IN_CHAT]
    await showing.tell(
        tx, office, member, "notice.approved",
        {"case_number": task.work_id, "name": situation.facts.borrower.full_name,
         "reply_by": approved.reply_by, "in_chat": in_chat},
        unique_key=f"notice.approved:{task.work_id}:{member.staff_id}:{now.timestamp()}", now=now,
        rows=showing.outcomes(words, task, ways), file=KeptPaper(approved.name, approved.sheet),
    )  # fmt: skip


async def _send(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    task: Work,
    approved: Notice,
    now: datetime,
) -> None:
    """Into the borrower's chat, now or not at all; the policy is asked again when it leaves."""
    situation = await situation_of(tx, task.borrower_id, now)
    reader = readers.of_borrower(office, situation)
    if not _still_true(approved, situation, office, task):
        raise Refusal("notice.changed", case_number=task.work_id)
    decision = may_contact(situation, office, ContactKind.NOTICE)
    if reader is None or not decision.allowed:
        words = showing.words_for(office, member)
        raise Refusal(
            "notice.not_now",
            case_number=task.work_id,
            reasons=words.rules(decision.rules or ("private_chat",)),
            allowed_from=decision.until,
        )
    await say(
        tx, office, reader, "notice.sent",
        {"name": situation.facts.borrower.full_name, "reply_by": approved.reply_by},
        unique_key=f"notice:{task.work_id}", actor=Actor.system(), now=now,
        manner=Manner(
            kind=ContactKind.NOTICE, delivery=DeliveryClass.REMINDER, expires_at=now + _SENT_WITHIN
        ),
        file=KeptPaper(approved.name, approved.sheet),
    )  # fmt: skip


def _letter(situation: Situation, office: Office, task: Work) -> Paper:
    language = office.library.resolve_language(situation.language)
    return papers.notice(situation, office, language, _script(office, task), draft=False)


def _still_true(approved: Notice, situation: Situation, office: Office, task: Work) -> bool:
    """Whether an approved letter still names the ledger's amounts; no others may be asked for."""
    if not situation.overdue:
        return False
    now = json.dumps(_letter(situation, office, task).sheet.as_json()["sections"])
    return now == json.dumps(approved.sheet["sections"])


def _held(situation: Situation, office: Office) -> tuple[str, ...]:
    """Why a letter may not leave, by the facts of now; nothing overdue is a reason too."""
    held = held_within(situation, office)
    return held or (() if situation.overdue else ("balance_zero",))


def _script(office: Office, task: Work) -> str:
    """The strategy's step names the words; the task carries their key."""
    return task.note if task.note in office.library.by_key else _LETTER
