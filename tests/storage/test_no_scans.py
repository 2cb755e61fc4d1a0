"""What is asked with every message or every tick finds its rows by an index, however many."""

import pkgutil
import re
from importlib import import_module
from pathlib import Path

from sqlalchemy.dialects import sqlite

import storage as package
from storage import migrating
from storage.engine import Storage
from storage.prepared import Prepared

FEW = {"staff", "switches", "send_pauses", "chat_moves", "shifts", "imports", "script_edition"}
"""Tables that have few rows however large the portfolio is."""
_WHOLE = re.compile(r"SCAN (?!json_each\b)(\w+)(?! USING)( VIRTUAL TABLE.*)?$")


def _statements() -> dict[str, Prepared]:
    found = {}
    for one in pkgutil.iter_modules(package.__path__):
        module = import_module(f"storage.{one.name}")
        for name, value in vars(module).items():
            if isinstance(value, Prepared):
                found[f"{one.name}.{name}"] = value
    return found


async def test_no_statement_written_once_reads_a_whole_table(tmp_path: Path) -> None:
    storage = Storage.open(f"sqlite:///{tmp_path}/empty.sqlite3", durable=False)
    await migrating.ready(storage)
    scans = []
    async with storage.reading() as tx:
        for name, statement in _statements().items():
            direct = statement.direct(sqlite.dialect())
            if direct.sql.startswith("INSERT") or "pg_advisory" in direct.sql:
                continue  # finds nothing, or is PostgreSQL's alone
            plan = await tx.connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {direct.sql}", tuple(None for _ in direct.gaps)
            )
            for row in plan:
                whole = _WHOLE.match(row.detail)
                if whole and whole[1] not in FEW:
                    scans.append(f"{name}: {row.detail}")
    await storage.close()
    assert scans == []
