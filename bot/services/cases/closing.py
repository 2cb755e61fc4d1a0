"""How a case ends: with a disposition, or, frozen, by the word of compliance.

The conversation is the bot's again, what waited is judged anew, and nothing that was paused for a
reason goes on before somebody has looked into the reason.
"""

from datetime import datetime, timedelta

from bot.errors import NotAllowed, Refusal
from bot.rules.conversation import Event
from bot.rules.dispositions import Disposition
from bot.rules.presets import duties_for
from bot.services import stopping
from bot.services.cases import (
    board,
    checking,
    clocks,
    complaining,
    proving,
    rating,
    showing,
    task_outcomes,
    topics,
)
from bot.services.cases.case_file import CaseFile, fresh, own_case, stretch_key
from bot.services.cases.owning import move
from bot.services.cases.reassuring import tell_borrower
from bot.services.office import Office
from storage import accounts, audit, cases, limits, offers, outbox, schedule, staff, work
from storage.engine import Transaction
from storage.records import (
    Actor,
    CaseId,
    ConversationState,
    HandoffReason,
    HoldKind,
    OfferOutcome,
    Role,
    StaffMember,
    WorkKind,
)

_SAID_SOON = timedelta(minutes=30)
_INVESTIGATED_WITHIN = timedelta(days=1)
_UNHEARD = frozenset({Disposition.WRONG_PERSON, Disposition.NO_ANSWER})
"""Ends after which a closing word would reach nobody, or somebody it is not for."""


async def close(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    case_id: CaseId,
    code: str,
    now: datetime,
) -> None:
    """End a case with a disposition; the conversation is the bot's again.

    Raises Refusal for an unknown code, a case that is not theirs, and a frozen one that only
    compliance may release.
    """
    if code not in set(Disposition):
        raise Refusal("case.unknown_code", codes=[str(one) for one in Disposition])
    file = await own_case(tx, member, case_id)
    if file.talk.state is ConversationState.FROZEN:
        await _thaw(tx, file, member, code, now)
        file = await move(tx, file, Event.RELEASED_TO_BOT, None, member.actor, now, reason=code)
    else:
        if file.talk.state is ConversationState.HELD:
            file = await move(tx, file, Event.HOLD_DUE, member.staff_id, member.actor, now)
        if file.talk.state is not ConversationState.WRAP_UP:
            file = await move(tx, file, Event.FINISHED, member.staff_id, member.actor, now)
        file = await move(tx, file, Event.CLOSED, None, member.actor, now, reason=code)
    if code == Disposition.WRONG_PERSON:
        await _leave_alone(tx, file, member.actor, now)
    await _end(tx, office, file, member, member.actor, code, "case.closed", now)


async def close_unnamed(
    tx: Transaction, office: Office, file: CaseFile, code: Disposition, now: datetime
) -> None:
    """Nobody named the end of a talk that is over: it gets `code`, and its owner is told."""
    assert file.talk.staff_id is not None, "what is written up has an owner"
    owner = await staff.by_id(tx, file.talk.staff_id)
    assert owner is not None, "an owner is on the staff"
    system = Actor.system()
    file = await move(tx, file, Event.CLOSED, None, system, now, reason=code)
    await _end(tx, office, file, owner, system, code, "case.wrapped", now)


async def _end(
    tx: Transaction,
    office: Office,
    file: CaseFile,
    member: StaffMember,
    actor: Actor,
    code: str,
    key: str,
    now: datetime,
) -> None:
    """The books are closed, and both sides hear that `member` has finished here."""
    await _follow_up(tx, office, file, actor, code, now)
    await finish(tx, office, file, actor, code, now)
    said = {"disposition": _said(office, member, code)}
    await showing.tell_of(tx, office, member, file, key, said, now)
    await topics.end(tx, office, member, file, topics.CLOSED, now)
    if code not in _UNHEARD:
        await _say_goodbye(tx, office, file, member, now)
    await checking.sample(tx, file, now, complained=await complaining.is_voiced(tx, file.case))


async def call_off(
    tx: Transaction, office: Office, file: CaseFile, actor: Actor, code: str, now: datetime
) -> None:
    """A case ends before anybody had it. What it paused is looked into by somebody all the same."""
    await _follow_up(tx, office, file, actor, code, now)
    await finish(tx, office, file, actor, code, now)


async def finish(
    tx: Transaction, office: Office, file: CaseFile, actor: Actor, code: str, now: datetime
) -> None:
    """The bot owns the conversation again: close the books and let what waited be judged anew."""
    borrower_id = file.borrower.borrower_id
    await cases.close_case(tx, file.case_id, code, actor, now)
    await work.finish(tx, file.number, code, actor, now)
    await offers.withdraw(tx, file.number, OfferOutcome.WITHDRAWN, now)
    await clocks.stop(tx, file)
    await outbox.resume(tx, borrower_id, now)
    await schedule.look_again(tx, [borrower_id], now)
    await audit.record(tx, actor, "case.closed", f"case:{file.case_id}", now, disposition=code)
    await proving.seal(tx, office, file.case_id, now)
    await board.redraw(tx, office, await fresh(tx, file.case_id), now)


async def release_frozen(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    case_id: CaseId,
    reason: str,
    now: datetime,
) -> None:
    """Compliance says, with a reason, that a frozen conversation may go on with a person."""
    if not reason:
        raise Refusal("case.release_reason")
    file = await own_case(tx, member, case_id)
    if file.talk.state is not ConversationState.FROZEN:
        raise Refusal("case.not_frozen")
    await _thaw(tx, file, member, reason, now)
    file = await move(tx, file, Event.RELEASED_TO_PERSON, member.staff_id, member.actor, now)
    await showing.tell_of(tx, office, member, file, "case.released", {}, now)


async def _say_goodbye(
    tx: Transaction, office: Office, file: CaseFile, member: StaffMember, now: datetime
) -> None:
    """One message: it is over, and, where that is fitting, how was it."""
    asks = await rating.may_be_asked(tx, file)
    await tell_borrower(
        tx,
        office,
        file,
        "human.left",
        {"colleague": member.name, "asks": asks},
        now,
        expires_at=now + _SAID_SOON,
        rows=rating.scores(file) if asks else (),
    )


async def _follow_up(
    tx: Transaction, office: Office, file: CaseFile, actor: Actor, code: str, now: datetime
) -> None:
    """No hold may outlive the case unnoticed: what was not settled becomes work of its own."""
    borrower_id = file.borrower.borrower_id
    if HandoffReason.DISPUTE in file.reasons:
        if code == Disposition.DISPUTE_RESOLVED:
            await task_outcomes.lift(tx, actor, borrower_id, HoldKind.DISPUTE, code, now)
        else:
            await _add_work(tx, file, WorkKind.DISPUTE, actor, now, now + _INVESTIGATED_WITHIN)
    if HandoffReason.COMPLAINT in file.reasons:
        days = duties_for(file.borrower.country, *office.presets).complaint_answer_days
        due_at = file.case.since + timedelta(days=days)
        await work.add(
            tx, complaining.key_of(file.case), WorkKind.COMPLAINT, file.borrower.borrower_id,
            actor=actor, now=now, due_at=due_at, case_id=file.case_id,
        )  # fmt: skip


async def _add_work(
    tx: Transaction,
    file: CaseFile,
    kind: WorkKind,
    actor: Actor,
    now: datetime,
    due_at: datetime,
) -> None:
    await work.add(
        tx, f"{stretch_key(file.case)}:{kind}", kind, file.borrower.borrower_id,
        actor=actor, now=now, due_at=due_at,
    )  # fmt: skip


async def _leave_alone(tx: Transaction, file: CaseFile, actor: Actor, now: datetime) -> None:
    """It was somebody else all along: stop, and forget which account it was."""
    borrower_id = file.borrower.borrower_id
    await stopping.stop(tx, actor, borrower_id, now)
    account = (await accounts.verified(tx, [borrower_id])).get(borrower_id)
    if account is not None:
        await accounts.unlink(tx, account.telegram_id, now)


async def _thaw(
    tx: Transaction, file: CaseFile, member: StaffMember, reason: str, now: datetime
) -> None:
    if member.role is not Role.COMPLIANCE:
        raise NotAllowed
    await limits.lift_holds(
        tx,
        file.borrower.borrower_id,
        HoldKind.FROZEN,
        source=None,
        actor=member.actor,
        outcome="released",
        now=now,
    )
    await audit.record(tx, member.actor, "case.released", f"case:{file.case_id}", now, why=reason)


def _said(office: Office, member: StaffMember, code: str) -> str:
    return showing.words_for(office, member).label("disposition", code)
