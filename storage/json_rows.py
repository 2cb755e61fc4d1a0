"""A JSON list as rows of a query, in SQLite and in PostgreSQL.

    new = JsonRows(tx.is_postgresql, staged_batches.c.body, "new")
    select(new.field(1, payments.c.payment_ref)).select_from(new.beside(staged_batches))

Rows that are staged as one JSON document become facts without ever leaving the database.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    FromClause,
    TableValuedAlias,
    cast,
    func,
    true,
    type_coerce,
)


class JsonRows:
    """The elements of a JSON list, each a list itself; `part` names the list in an object.

    `source` may be a column, or a field of other rows: then it joins each of them with its own.
    """

    def __init__(
        self,
        is_postgresql: bool,
        source: ColumnElement[Any],
        part: str | int | None = None,
        *,
        name: str = "element",
    ) -> None:
        self._is_postgresql = is_postgresql
        if is_postgresql:
            document = cast(source, JSON)
            of = document if part is None else document.op("->")(part)
            elements = func.json_array_elements(of)
        else:
            elements = func.json_each(source, _path(part))
        self._rows: TableValuedAlias = elements.table_valued("value", name=name)
        self.value: ColumnElement[Any] = self._rows.c.value

    def beside(self, others: FromClause) -> FromClause:
        """Each row of `others`, where `source` comes from, with each of its elements."""
        return others.join(self._rows, true())

    def field(self, place: int, like: Column[Any]) -> ColumnElement[Any]:
        """Field number `place` of each element, of the type of the column it is for."""
        if self._is_postgresql:
            return cast(self.value.op("->>")(place), like.type)
        # an ISO date is what SQLite keeps of a date; a cast would make a number of it
        return type_coerce(func.json_extract(self.value, _path(place)), like.type)


def _path(part: str | int | None) -> str:
    if part is None:
        return "$"
    return f"$[{part}]" if isinstance(part, int) else f"$.{part}"
