"""The chain of a case holds whoever writes to it at the same time, on both kinds of database."""

import asyncio
from datetime import UTC, datetime

from storage import cases, conversations, transcript
from storage.engine import Storage
from storage.records import Actor, CaseId, HandoffReason
from tests.storage.stage import add_borrower

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
_WRITERS = 12


async def a_case(storage: Storage, ref: str = "B-1") -> CaseId:
    async with storage.transaction() as tx:
        borrower_id = await add_borrower(tx, ref)
        await conversations.begin(tx, borrower_id, NOW)
        return await cases.open_case(tx, borrower_id, HandoffReason.ASKED, Actor.system(), NOW)


async def test_many_who_write_at_once_stand_one_after_another(storage: Storage) -> None:
    case_id = await a_case(storage)

    async def write(number: int) -> None:
        async with storage.transaction() as tx:
            content = {"text": f"words {number} 字"}
            await transcript.append(tx, case_id, transcript.WORDS, "staff:1", content, NOW)

    await asyncio.gather(*(write(number) for number in range(_WRITERS)))
    async with storage.reading() as tx:
        found = await transcript.entries(tx, case_id)
    assert [one.number for one in found] == list(range(1, _WRITERS + 1))
    previous = transcript.BEGINNING
    for one in found:
        previous = transcript.hash_of(
            previous, case_id, one.number, one.at, one.actor, one.kind, one.content
        )
        assert one.hash == previous


async def test_an_entry_of_one_case_cannot_stand_in_another(storage: Storage) -> None:
    first, second = await a_case(storage), await a_case(storage, "B-2")
    for case_id in (first, second):
        async with storage.transaction() as tx:
            await transcript.append(tx, case_id, transcript.WORDS, "staff:1", {"text": "x"}, NOW)
    async with storage.reading() as tx:
        heads = {await transcript.head(tx, first), await transcript.head(tx, second)}
    assert len(heads) == 2


async def test_what_is_rolled_back_leaves_no_gap(storage: Storage) -> None:
    case_id = await a_case(storage)
    try:
        async with storage.transaction() as tx:
            await transcript.append(tx, case_id, transcript.WORDS, "staff:1", {"text": "x"}, NOW)
            raise ValueError
    except ValueError:
        pass
    async with storage.transaction() as tx:
        await transcript.append(tx, case_id, transcript.WORDS, "staff:1", {"text": "y"}, NOW)
        assert (await transcript.head(tx, case_id))[0] == 1
