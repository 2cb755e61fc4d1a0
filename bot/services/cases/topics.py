"""A topic for each case in the chat of whoever has it, where Telegram allows topics there.

A comfort, never a condition: until there is one, and wherever there is none, the case is in the
plain chat and a reply finds its way by the message it answers. A topic's name holds the number and
the reason, as the board does, and nothing about the person.
"""

from datetime import datetime, timedelta

from bot.services.cases import readers
from bot.services.cases.case_file import CaseFile, fresh
from bot.services.cases.wording import Words
from bot.services.office import Office
from storage import outbox, topics
from storage.engine import Transaction
from storage.records import Actor, CaseId, DeliveryClass, Outgoing, StaffMember

_MADE_WITHIN = timedelta(seconds=30)
"""Longer than this what is said of the case does not wait for its topic."""
_ASKED_AGAIN_AFTER = timedelta(days=1)
_MOST = 3
"""Whoever deletes the topic of a case so many times wants it in the plain chat."""

CLOSED = "topic.closed"
PASSED_ON = "topic.passed_on"


async def begin(
    tx: Transaction, office: Office, member: StaffMember, file: CaseFile, now: datetime
) -> None:
    """Somebody has the case from now on: ask for a topic, or give the old one its name back."""
    chat_id = member.telegram_id
    known = await topics.of(tx, chat_id, file.case_id)
    if known is not None:
        await _rename(tx, office, member, file, _name(office, member, file), now)
        return
    if not office.topics or await topics.refused_since(tx, chat_id, now - _ASKED_AGAIN_AFTER):
        return
    if await topics.ask(tx, chat_id, file.case_id):
        await _create(tx, office, member, file, 1, now)


async def end(
    tx: Transaction, office: Office, member: StaffMember, file: CaseFile, how: str, now: datetime
) -> None:
    """The case is no longer theirs: its topic says so. A private chat cannot close a topic."""
    said = _words(office, member).library.label(how, readers.of_staff(office, member).language)
    await _rename(tx, office, member, file, f"#{file.number} · {said}", now)


async def again(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    file: CaseFile,
    thread_id: int,
    now: datetime,
) -> bool:
    """The topic `thread_id` was deleted. Whether another one is on its way."""
    asked = await topics.lost(tx, member.telegram_id, file.case_id, thread_id)
    if asked is None or asked > _MOST or not office.topics or not file.belongs_to(member):
        return False
    await _create(tx, office, member, file, asked, now)
    return True


async def made(tx: Transaction, chat_id: int, case_id: CaseId, thread_id: int) -> None:
    """Telegram made it; from now on the case is there."""
    await topics.made(tx, chat_id, case_id, thread_id)


async def refused(tx: Transaction, chat_id: int, case_id: CaseId, now: datetime) -> None:
    """This chat has no topics after all; it is not asked again today."""
    await topics.refused(tx, chat_id, case_id, now)


async def case_in(tx: Transaction, chat_id: int, thread_id: int) -> CaseId | None:
    """The case a topic of a chat is about; None for one that is not ours, or not any more."""
    return await topics.case_in(tx, chat_id, thread_id)


async def adopt(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    thread_id: int,
    made_as: str,
    now: datetime,
) -> None:
    """Somebody writes in a topic that a bot of ours made under the name `made_as`.

    If we do not know it, and nobody ever answered for a creation of that name, this is what became
    of it: from now on the case is there after all, or its name says how that ended.
    """
    chat_id = member.telegram_id
    if await topics.case_in(tx, chat_id, thread_id) is not None:
        return
    case_id = await topics.in_doubt(tx, chat_id, made_as)
    if case_id is None:
        return
    await topics.made(tx, chat_id, case_id, thread_id)
    file = await fresh(tx, case_id)
    if not file.belongs_to(member):
        await end(tx, office, member, file, PASSED_ON if file.is_open else CLOSED, now)


async def _create(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    file: CaseFile,
    asked: int,
    now: datetime,
) -> None:
    chat_id = member.telegram_id
    await outbox.put(
        tx,
        Outgoing(
            unique_key=f"topic:{file.case_id}:{chat_id}:{asked}",
            chat_id=chat_id,
            delivery=DeliveryClass.REMINDER,  # in doubt never again, or a case would have two
            method=topics.CREATE,
            payload={"name": _name(office, member, file)},
            actor=Actor.system(),
            not_before=now,
            case_id=file.case_id,
            expires_at=now + _MADE_WITHIN,
        ),
        now,
    )


async def _rename(
    tx: Transaction, office: Office, member: StaffMember, file: CaseFile, name: str, now: datetime
) -> None:
    known = await topics.of(tx, member.telegram_id, file.case_id)
    if known is None:
        return
    await outbox.put(
        tx,
        Outgoing(
            unique_key=f"topic.name:{file.case_id}:{member.telegram_id}:{file.talk.version}",
            chat_id=member.telegram_id,
            delivery=DeliveryClass.ANSWER,
            method=topics.RENAME,
            payload={"name": name},
            actor=Actor.system(),
            not_before=now,
            case_id=file.case_id,
        ),
        now,
    )


def _name(office: Office, member: StaffMember, file: CaseFile) -> str:
    return f"#{file.number} · {_words(office, member).label('reason', file.case.reason)}"


def _words(office: Office, member: StaffMember) -> Words:
    return Words(office.library, readers.of_staff(office, member).language)
