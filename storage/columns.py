"""Column types shared by all tables, the same meaning on SQLite and PostgreSQL."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
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
    """An aware UTC instant: `timestamptz` on PostgreSQL, naive UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

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


def one_of(name: str, words: type[StrEnum] | Iterable[str], **options: Any) -> tuple[Any, Any]:
    """A text column and the check that it holds one of `words`: `*one_of("state", States)`."""
    allowed = ", ".join(f"'{word}'" for word in words)
    nullable = options.get("nullable", False)
    test = f"{name} IN ({allowed})" + (f" OR {name} IS NULL" if nullable else "")
    options.setdefault("nullable", False)
    return Column(name, String(32), **options), CheckConstraint(test, name=name)
