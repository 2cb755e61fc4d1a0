"""All rows of some tables from one database into another, whatever kinds the two are."""

from collections.abc import Callable, Iterable

from sqlalchemy import Table, func, select

from storage.bulk import insert_many
from storage.engine import Transaction

_TOGETHER = 5000


async def copy_rows(
    source: Transaction,
    target: Transaction,
    tables: Iterable[Table],
    progress: Callable[[float], None],
) -> None:
    """`tables` in an order in which each refers only to those before it.

    Rows go in the order of their keys, so one that refers to an older one of its table finds it.
    """
    wanted = list(tables)
    all_rows = sum([await _count(source, table) for table in wanted])
    done = 0
    for table in wanted:
        columns = tuple(column.name for column in table.columns)
        statement = select(table).order_by(*table.primary_key.columns)
        found = await source.connection.stream(statement)
        async for portion in found.partitions(_TOGETHER):
            await insert_many(target, table, columns, portion)
            done += len(portion)
            progress(done / all_rows)


async def _count(tx: Transaction, table: Table) -> int:
    return int(await tx.value(select(func.count()).select_from(table)))
