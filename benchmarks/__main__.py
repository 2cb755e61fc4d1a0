"""`make bench`: every benchmark beside its bare baseline, with the machine and the spread.

Prints a table and writes benchmarks/results.json. Each module has `results()`, a mapping from name
to {"ratio" or "value", "unit", "low", "high", "floor", "aim", "runs"}.
"""

import json
import os
import platform
import sqlite3
from pathlib import Path
from typing import Any

from benchmarks import guard, handoffs, import_portfolio, rendering, understanding

MODULES = (import_portfolio, rendering, understanding, guard, handoffs)
RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    found: dict[str, dict[str, Any]] = {}
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"SQLite {sqlite3.sqlite_version}")  # fmt: skip
    for module in MODULES:
        for name, one in module.results().items():
            found[name] = one
            print(_line(name, one), flush=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _line(name: str, one: dict[str, Any]) -> str:
    figure = one.get("ratio", one.get("value"))
    return (
        f"{name:<32} {figure} {one['unit']}  ({one['low']} to {one['high']}, {one['runs']} runs; "
        f"floor {one['floor']}, aim {one['aim']})"
    )


if __name__ == "__main__":
    main()
