"""Statements that are written once: the same rows and the same faults on both databases."""

from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError, MultipleResultsFound

from storage.engine import Storage, Transaction
from storage.prepared import Inserting, Prepared, listed
from storage.schema import inbox

_NOW = datetime(2026, 11, 22, 9, 30, 15, 250_000, tzinfo=UTC)
_COLUMNS = ("update_id", "chat_id", "body", "received_at", "status")
_SOME = Prepared(
    select(inbox.c.update_id, inbox.c.received_at, inbox.c.handled_at)
    .where(listed(inbox.c.update_id, "wanted"), inbox.c.status.in_(("new", "done")))
    .order_by(inbox.c.update_id)
)
_DONE = Prepared(
    update(inbox)
    .where(inbox.c.update_id == bindparam("which"), inbox.c.status == "new")
    .values(status="done", handled_at=bindparam("now"))
)
_DONE_ALL = Prepared(
    update(inbox)
    .where(listed(inbox.c.update_id, "which"), ~listed(inbox.c.update_id, "but"))
    .values(status="done")
)
_PUT = Inserting(inbox, _COLUMNS, lambda insert: insert.on_conflict_do_nothing())
_PUT_NEW = Prepared(inbox.insert(), columns=_COLUMNS)


def _row(number: int) -> dict[str, object]:
    return {
        "update_id": number, "chat_id": 7, "body": "{}", "received_at": _NOW, "status": "new",
    }  # fmt: skip


async def _put(tx: Transaction, *numbers: int) -> None:
    await tx.change_each(_PUT, [_row(number) for number in numbers])


async def test_rows_come_with_their_names_and_types(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await _put(tx, 1, 2, 3)
        assert await tx.change(_DONE, which=2, now=_NOW) == 1
        rows = await tx.all(_SOME, wanted=[2, 3, 99])
    assert [(row.update_id, row.received_at, row.handled_at) for row in rows] == [
        (2, _NOW, _NOW),
        (3, _NOW, None),
    ]


async def test_a_list_may_be_empty_and_may_be_long(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await _put(tx, *range(50))
        assert not await tx.all(_SOME, wanted=[])
        assert len(await tx.all(_SOME, wanted=range(40_000))) == 50


async def test_a_list_of_one_finds_the_same_whatever_kind_of_list_it_is(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await _put(tx, *range(5))
        for alone in ([3], {3}, {3: "x"}.keys(), range(3, 4), (n for n in [3])):
            assert [row.update_id for row in await tx.all(_SOME, wanted=alone)] == [3]
        assert await tx.change(_DONE_ALL, which=[3], but=[4]) == 1
        assert await tx.change(_DONE_ALL, which=[1, 2, 4], but=[4]) == 2
        assert await tx.change(_DONE_ALL, which=[0], but=[1, 4]) == 1


async def test_what_is_there_already_is_left_as_it_is(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await _put(tx, 1)
        await tx.change(_DONE, which=1, now=_NOW)
        await _put(tx, 1, 2)
        assert await tx.change(_DONE, which=1, now=_NOW) == 0
        assert len(await tx.all(_SOME, wanted=[1, 2])) == 2


async def test_one_is_the_only_row_or_none(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await _put(tx, 1, 2)
        assert await tx.one(_SOME, wanted=[9]) is None
        assert await tx.value(_SOME, wanted=[2]) == 2
        with pytest.raises(MultipleResultsFound):
            await tx.one(_SOME, wanted=[1, 2])


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_broken_constraint_is_told_without_values_and_rolls_back(
    storage: Storage, at_once: bool
) -> None:
    async def put_twice() -> None:
        async with storage.transaction(at_once=at_once) as tx:
            await tx.change(_PUT_NEW, **_row(1))
            await tx.change(_PUT_NEW, **_row(1) | {"body": "a secret word"})

    with pytest.raises(IntegrityError) as told:
        await put_twice()
    assert "secret" not in str(told.value)
    async with storage.reading() as tx:
        assert not await tx.all(_SOME, wanted=[1])


async def test_a_missing_value_is_an_error_before_anything_runs(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await _put(tx, 1)
        with pytest.raises(Exception, match="which"):
            await tx.change(_DONE, now=_NOW)


async def test_prepared_and_other_statements_share_their_transaction(storage: Storage) -> None:
    numbers = count(1)

    async def fail_between() -> None:
        async with storage.transaction() as tx:
            await _put(tx, next(numbers))
            await tx.execute(inbox.insert(), [_row(next(numbers))])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_between()
    async with storage.transaction() as tx:
        assert not await tx.all(select(inbox))
        await tx.execute(inbox.insert(), [_row(next(numbers))])
        await _put(tx, next(numbers))
    async with storage.reading() as tx:
        assert len(await tx.all(_SOME, wanted=range(10))) == 2
