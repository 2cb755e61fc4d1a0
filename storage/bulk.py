"""Many rows and many keys at the driver's own speed.

SQLAlchemy prepares every value of every row by itself, and writes a new statement for every list
of keys; for a portfolio that costs several times the work. Here a statement is compiled once, a
value that comes again (a date, an instant) is prepared once, and a list of keys is one parameter.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Dialect, Table, any_, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.engine import Transaction

_Prepare = Callable[[Any], Any]


async def insert_many(
    tx: Transaction,
    table: Table,
    columns: tuple[str, ...],
    rows: Iterable[Sequence[Any]],
    *,
    replacing: str | None = None,
) -> None:
    """Insert `rows`, each with one value for every one of `columns`.

    `replacing`: a unique column; a row that has its value already is overwritten.
    """
    by_column = list(zip(*rows, strict=True))
    if not by_column:
        return
    dialect = tx.connection.dialect
    statement, prepare = _compiled(table, columns, replacing, dialect)
    prepared = [
        values if how is None else _prepared(values, how)
        for values, how in zip(by_column, prepare, strict=True)
    ]
    await tx.connection.exec_driver_sql(statement, list(zip(*prepared, strict=True)))


def among(tx: Transaction, column: Column[Any], keys: Iterable[str | int]) -> ColumnElement[bool]:
    """`column IN keys`, however many there are, as one parameter of an ever equal statement."""
    wanted = list(keys)
    if tx.is_postgresql:
        return column == any_(literal(wanted, ARRAY(column.type)))
    listed = func.json_each(json.dumps(wanted)).table_valued("value")
    return column.in_(select(listed.c.value))


@cache
def _compiled(
    table: Table, columns: tuple[str, ...], replacing: str | None, dialect: Dialect
) -> tuple[str, list[_Prepare | None]]:
    insert = (
        postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
    ).inline()
    if replacing is not None:
        others = {name: insert.excluded[name] for name in columns if name != replacing}
        insert = insert.on_conflict_do_update(index_elements=[replacing], set_=others)
    compiled = insert.compile(dialect=dialect, column_keys=list(columns))
    assert compiled.positiontup == list(columns), "values go by position"
    types = [table.c[name].type.dialect_impl(dialect) for name in columns]
    return str(compiled), [some_type.bind_processor(dialect) for some_type in types]


def _prepared(values: Iterable[Any], prepare: _Prepare) -> list[Any]:
    seen: dict[Any, Any] = {}
    found = []
    for value in values:
        if isinstance(value, dict | list):  # JSON, never twice the same
            found.append(prepare(value))
            continue
        if value not in seen:
            seen[value] = prepare(value)
        found.append(seen[value])
    return found
