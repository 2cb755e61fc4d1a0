"""Many rows and many keys at the driver's own speed.

SQLAlchemy prepares every value of every row by itself, and writes a new statement for every list
of keys; for a portfolio that costs several times the work. Here a statement is compiled once, a
value that comes again (a date, an instant) is prepared once, and a list of keys is one parameter.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cache
from itertools import repeat
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Dialect, Table, any_, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Transaction
from storage.prepared import Direct, plain

_But = Callable[[Any], Any]


async def insert_many(
    tx: Transaction,
    table: Table,
    columns: tuple[str, ...],
    rows: Iterable[Sequence[Any]],
    *,
    replacing: str | None = None,
    but: _But | None = None,
) -> None:
    """Insert `rows`, each with one value for every one of `columns`.

    `replacing`: a unique column; a row that has its value already is overwritten. `but`: a
    function of its module that says otherwise what becomes of a row that is there already.
    """
    by_column = dict(zip(columns, zip(*rows, strict=True), strict=False))
    if not by_column:
        return
    direct = _compiled(table, columns, replacing, but, tx.connection.dialect)
    prepared = [
        repeat(fixed) if name is None else _prepared(by_column[name], how)
        for name, how, fixed in direct.gaps
    ]
    await tx.write(direct.sql, list(zip(*prepared, strict=False)))


def among(tx: Transaction, column: Column[Any], keys: Iterable[str | int]) -> ColumnElement[bool]:
    """`column IN keys`, however many there are, as one parameter of an ever equal statement."""
    wanted = list(keys)
    if tx.is_postgresql:
        return column == any_(literal(wanted, ARRAY(column.type)))
    listed = func.json_each(json.dumps(wanted)).table_valued("value")
    return column.in_(select(listed.c.value))


@cache
def _compiled(
    table: Table,
    columns: tuple[str, ...],
    replacing: str | None,
    but: _But | None,
    dialect: Dialect,
) -> Direct:
    insert = (
        postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
    ).inline()
    if replacing is not None:
        others = {name: insert.excluded[name] for name in columns if name != replacing}
        insert = insert.on_conflict_do_update(index_elements=[replacing], set_=others)
    return Direct(insert if but is None else but(insert), columns, dialect)


def _prepared(values: tuple[Any, ...], prepare: Callable[[Any], Any] | None) -> Iterable[Any]:
    first = values[0]
    alike = values[-1] is first and not isinstance(first, dict | list)
    if alike and values.count(first) == len(values):  # as in most columns of most batches
        return repeat(_prepared_one(first, prepare), len(values))
    if prepare is None:
        return _each(values, plain) if isinstance(first, StrEnum) else values
    if isinstance(first, dict | list):  # JSON, perhaps the very same one again
        written = {id(value): value for value in values}
        texts = {number: prepare(value) for number, value in written.items()}
        return [texts[id(value)] for value in values]
    return _each(values, prepare)


def _each(values: tuple[Any, ...], prepare: Callable[[Any], Any]) -> Iterable[Any]:
    try:
        prepared = {value: prepare(value) for value in set(values)}
    except TypeError:  # a list or a mapping among others
        return list(map(prepare, values))
    return map(prepared.__getitem__, values)


def _prepared_one(value: Any, prepare: Callable[[Any], Any] | None) -> Any:
    return plain(value) if prepare is None else prepare(value)
