"""Statements that are asked again and again: written once, compiled once, run as they are.

SQLAlchemy builds a statement, finds its compiled form and wraps its result anew each time, which
costs many times a short query on SQLite. A `Prepared` statement is a constant of its module with
named gaps (`bindparam`): SQLite's driver gets its text, PostgreSQL has it as any other.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from operator import length_hint
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    Executable,
    Table,
    bindparam,
)
from sqlalchemy import types as sql_types
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

_Process = Callable[[Any], Any]
_AMONG = "IN (SELECT value FROM json_each(?))"
"""How SQLite finds a value in a list."""


class Prepared:
    """One statement with named gaps; `columns`: what an insert without values is given."""

    def __init__(self, statement: Executable, *, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._direct: Direct | None = None

    def direct(self, dialect: Dialect) -> "Direct":
        """As the driver of SQLite takes it."""
        if self._direct is None:
            self._direct = Direct(self.on(dialect), self._columns, dialect)
        return self._direct

    def on(self, _dialect: Dialect) -> Executable:
        """As SQLAlchemy executes it on one of the databases."""
        return self._statement


class Inserting(Prepared):
    """An insert of `columns`; `but` says what becomes of a row that is there already."""

    def __init__(
        self, table: Table, columns: Sequence[str], but: Callable[[Any], Executable]
    ) -> None:
        super().__init__(but(sqlite.insert(table)), columns=columns)
        self._on_postgresql = but(postgresql.insert(table))

    def on(self, dialect: Dialect) -> Executable:
        return self._on_postgresql if dialect.name == "postgresql" else self._statement


class Direct:
    """A compiled statement: its text, how values become parameters and rows become records."""

    def __init__(
        self, statement: Executable, columns: Sequence[str] | None, dialect: Dialect
    ) -> None:
        compiled = cast(Any, statement).compile(dialect=dialect, column_keys=columns)
        self.sql, self.gaps = _written(compiled)
        self._lists = [one.key for one in compiled.binds.values() if one.required and _is_list(one)]
        self._of_one = self.sql.replace(_AMONG, "= ?")
        self._record, self._processes = _shape(compiled, dialect)

    def asked(self, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """The text and its parameters. A list of one, which most are, needs no table."""
        for name in self._lists:
            if length_hint(values[name]) != 1:
                return self.sql, self.parameters(values)
        if not self._lists:
            return self.sql, self.parameters(values)
        alone = {**values, **{name: next(iter(values[name])) for name in self._lists}}
        return self._of_one, [
            fixed
            if name is None
            else alone[name]
            if how is None or name in self._lists
            else how(alone[name])
            for name, how, fixed in self.gaps
        ]

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        """In the statement's order; raises KeyError for a gap that got no value."""
        return [
            fixed if name is None else values[name] if how is None else how(values[name])
            for name, how, fixed in self.gaps
        ]

    def records(self, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
        """Rows whose columns have their names and our types."""
        if not self._processes:
            return list(map(self._record, rows))
        found = []
        for row in rows:
            values = list(row)
            for at, how in self._processes:
                values[at] = how(values[at])
            found.append(self._record(values))
        return found


def listed(column: Column[Any], name: str) -> ColumnElement[bool]:
    """`column` is one of the list given as `name`: one parameter, however long the list."""
    return _Listed(column, bindparam(name, type_=_List(column.type)))


class _List(sql_types.TypeDecorator[Any]):
    """An array on PostgreSQL; on SQLite a list in JSON, which it reads as a table."""

    impl = sql_types.Text
    cache_ok = True

    def __init__(self, element: TypeEngine[Any]) -> None:
        super().__init__()
        self.element = element

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(self.element))
        return dialect.type_descriptor(sql_types.Text())

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        some = list(value or ())
        return some if dialect.name == "postgresql" else json.dumps(some)


def _is_list(gap: BindParameter[Any]) -> bool:
    return isinstance(gap.type, _List)


class _Listed(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()

    def self_group(self, against: Any = None) -> "_Listed":
        return self


@compiles(_Listed, "postgresql")
def _any_of_array(listed: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    column, gap = (compiler.process(one, **options) for one in listed.clauses)
    return f"{column} = ANY ({gap})"


@compiles(_Listed, "sqlite")
def _in_json(listed: _Listed, compiler: SQLCompiler, **options: Any) -> str:
    column, gap = (compiler.process(one, **options) for one in listed.clauses)
    return f"{column} {_AMONG.replace('?', gap)}"


_Gap = tuple[str | None, _Process | None, Any]
"""A parameter's name and how to prepare it; without a name a value that is always the same."""


def _written(compiled: SQLCompiler) -> tuple[str, list[_Gap]]:
    always = compiled.construct_params(escape_names=False, _check=False, _no_postcompile=True)
    state = compiled._process_parameters_for_postcompile(always)
    open_ones = {one.key for one in compiled.binds.values() if one.required}
    gaps: list[_Gap] = []
    for name in state.positiontup or ():
        how: Any = state.processors.get(name) or compiled._bind_processors.get(name)
        if name in open_ones:
            gaps.append((name, how, None))
        else:
            fixed = state.parameters[name]
            gaps.append((None, None, plain(how(fixed) if how else fixed)))
    return state.statement, gaps


def plain(value: Any) -> Any:
    """SQLite's driver looks long for an adapter of whatever is not exactly a `str`."""
    return str.__str__(value) if isinstance(value, StrEnum) else value


def _shape(
    compiled: SQLCompiler, dialect: Dialect
) -> tuple[Callable[[Iterable[Any]], Any], list[tuple[int, _Process]]]:
    """How a row becomes a record, and which columns have to be processed for it."""
    columns = compiled._result_columns
    names = [one.keyname for one in columns]
    record: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # named by the query
    found: list[tuple[int, _Process]] = [
        (at, cast(_Process, how))
        for at, one in enumerate(columns)
        if (how := one.type._cached_result_processor(dialect, None)) is not None
    ]
    return partial(tuple.__new__, record), found
