"""The board: one line for each waiting case, with its reason and age and nothing about the person.

The line is redrawn when the case is taken or over. Whether it has reached the group yet is known
only after Telegram answered, so its arrival draws what it missed on its way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.services.cases import readers
from bot.services.cases.case_file import CaseFile, fresh
from bot.services.office import Office
from bot.services.saying import Choice, Manner, Reader, Rows, say
from storage import cases, moves, staff
from storage.engine import Transaction
from storage.records import Actor, CaseId, OutboxRow


async def post(tx: Transaction, office: Office, file: CaseFile, now: datetime) -> None:
    """A new line for a case that waits, again perhaps: an old line is far up by now."""
    await _draw(tx, office, file, now, edit=None)


async def redraw(tx: Transaction, office: Office, file: CaseFile, now: datetime) -> None:
    """Draw the present state over the line. One still on its way is drawn over when it arrives."""
    if file.case.board_message_id is not None:
        await _draw(tx, office, file, now, edit=file.case.board_message_id)


async def is_board(tx: Transaction, office: Office, chat_id: int) -> bool:
    """Whether a group is the board, by the number it was given, has now, or had before."""
    given = office.board_chat_id
    if given is None or chat_id == given:
        return chat_id == given
    moved = await moves.where(tx, [given, chat_id])
    return moved.get(given) == chat_id or moved.get(chat_id) == given


def is_line(office: Office, row: OutboxRow) -> bool:
    """Whether a row of the outbox is a line on the board."""
    return row.kind is None and row.chat_id == office.board_chat_id


async def arrived(
    tx: Transaction, office: Office, case_id: CaseId, row: OutboxRow, message_id: int, now: datetime
) -> None:
    """The group has a line; if it is out of date already, say so at once."""
    if row.method != "sendMessage":
        return
    await fresh(tx, case_id)  # whoever takes it now waits for us, or we for them
    await cases.set_board_message(tx, case_id, row.chat_id, message_id)
    file = await fresh(tx, case_id)
    reader = await readers.of_board(tx, office)
    if reader is None:
        return
    line = await _line_of(tx, office, reader, file)
    reasons = row.unique_key.rpartition(":")[2]
    # Being held out to somebody changes the moment and not the line.
    if row.payload.get("script") != line.script or reasons != str(len(file.reasons)):
        await redraw(tx, office, file, now)


@dataclass(frozen=True, slots=True)
class Line:
    """`moment` names the state it shows, so that one state is drawn once."""

    script: str
    values: Mapping[str, Any]
    rows: Rows
    moment: str


async def _draw(
    tx: Transaction, office: Office, file: CaseFile, now: datetime, edit: int | None
) -> None:
    reader = await readers.of_board(tx, office)
    if reader is None:
        return
    line = await _line_of(tx, office, reader, file)
    how = "board" if edit is None else f"board:{edit}"
    manner = Manner(case_id=file.case_id, edit=edit)
    await _say(tx, office, reader, line, f"{how}:{line.moment}", manner, now)


async def show_to(
    tx: Transaction, office: Office, reader: Reader, file: CaseFile, key: str, now: datetime
) -> None:
    """The board's line in somebody's own chat; the same `key` is said once."""
    line = await _line_of(tx, office, reader, file)
    await _say(tx, office, reader, line, key, Manner(case_id=file.case_id), now)


async def _say(
    tx: Transaction,
    office: Office,
    reader: Reader,
    line: Line,
    key: str,
    manner: Manner,
    now: datetime,
) -> None:
    await say(
        tx,
        office,
        reader,
        line.script,
        line.values,
        unique_key=key,
        actor=Actor.system(),
        now=now,
        rows=line.rows,
        manner=manner,
    )


async def _line_of(tx: Transaction, office: Office, reader: Reader, file: CaseFile) -> Line:
    library, number = office.library, file.number
    moment = f"{file.case_id}:{file.talk.version}:{len(file.reasons)}"
    if not file.is_open:
        return Line("board.over", {"case_number": number}, (), f"{file.case_id}:over")
    if file.talk.staff_id is not None:
        owner = await staff.by_id(tx, file.talk.staff_id)
        assert owner is not None, "an owner is on the staff"
        values = {"case_number": number, "colleague": owner.name}
        return Line("board.taken", values, (), moment)
    values = {
        "case_number": number,
        "reasons": [library.label(f"reason.{one}", reader.language) for one in file.reasons],
        "language_name": library.language(file.borrower.language).name,
        "since": file.case.since,
        "urgent": file.work.urgency == 0,
    }
    take = Choice(library.label("button.take", reader.language), f"take:{number}")
    return Line("board.waiting", values, [[take]], moment)
