"""`make bench`: every benchmark beside its bare baseline, with the machine and the spread.

    python -m benchmarks [NAME ...]          only these modules; the figures of others stay
    python -m benchmarks --quick [NAME ...]  where a module has a smaller size, that; marked so

Prints a table and writes benchmarks/results.json. Each module has `results()`, a mapping from name
to {"ratio" or "value", "unit", "low", "high", "floor", "aim", "runs"}.
"""

import argparse
import json
import os
import platform
import sqlite3
from pathlib import Path
from typing import Any

from benchmarks import (
    crowd,
    guard,
    handoffs,
    import_portfolio,
    pace,
    pipeline,
    planning,
    rendering,
    restoring,
    several,
    understanding,
    updates,
)

MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        import_portfolio, rendering, understanding, guard, handoffs,
        pipeline, updates, pace, crowd, planning, restoring, several,
    )
}  # fmt: skip
RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    asked = _arguments()
    named, quick = asked.names, asked.quick
    found: dict[str, dict[str, Any]] = {}
    if named and RESULTS.exists():
        found = json.loads(RESULTS.read_text(encoding="utf-8"))
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"SQLite {sqlite3.sqlite_version}, load {os.getloadavg()[0]:.1f}")  # fmt: skip
    for name in named or MODULES:
        module = MODULES[name]
        smaller: dict[str, Any] = getattr(module, "QUICK", {}) if quick else {}
        for figure, one in module.results(**smaller).items():
            found[figure] = one | ({"quick": smaller} if smaller else {})
            print(_line(figure, one), flush=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument(
        "names", nargs="*", type=_known, metavar="NAME", help=f"of {', '.join(MODULES)}"
    )
    parser.add_argument("--quick", action="store_true", help="smaller sizes, marked so")
    return parser.parse_args()


def _known(name: str) -> str:
    if name not in MODULES:
        raise argparse.ArgumentTypeError(f"no benchmark {name}; there are {', '.join(MODULES)}")
    return name


def _line(name: str, one: dict[str, Any]) -> str:
    figure = one.get("ratio", one.get("value"))
    return (
        f"{name:<32} {figure} {one['unit']}  ({one['low']} to {one['high']}, {one['runs']} runs; "
        f"floor {one['floor']}, aim {one['aim']})"
    )


if __name__ == "__main__":
    main()
