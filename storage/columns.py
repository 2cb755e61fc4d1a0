"""Column types shared by all tables, the same meaning on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Integer,
    String,
    TypeDecorator,
)

Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only for its own INTEGER."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant: `timestamptz` on PostgreSQL, naive UTC text on SQLite.

    The text is read and written here and remembered, for one import or one look at a portfolio
    has the same instants thousands of times.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return _text_of if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return (
            _instant_of if dialect.name == "sqlite" else super().result_processor(dialect, coltype)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@lru_cache(maxsize=16_384)
def _text_of(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


@lru_cache(maxsize=16_384)
def _instant_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def one_of(name: str, words: type[StrEnum] | Iterable[str], **options: Any) -> tuple[Any, Any]:
    """A text column and the check that it holds one of `words`: `*one_of("state", States)`."""
    allowed = ", ".join(f"'{word}'" for word in words)
    nullable = options.get("nullable", False)
    test = f"{name} IN ({allowed})" + (f" OR {name} IS NULL" if nullable else "")
    options.setdefault("nullable", False)
    return Column(name, String(32), **options), CheckConstraint(test, name=name)
