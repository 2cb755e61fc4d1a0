"""What the measured figures mean for a lender: borrowers for a token, and for a core.

    python -m benchmarks.capacity [--write]

Reads benchmarks/results.json and prints the table of docs/scaling.md; `--write` puts it there. A
figure that was not measured is not guessed.
"""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from benchmarks.__main__ import RESULTS

PAGE = Path(__file__).parents[1] / "docs" / "scaling.md"
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"
_PER_SECOND = 30
_HOURS = 13
"""Of a day in which the preset cn lets a reminder go: 08:00 to 21:00."""
_PLANNED_WITHIN_S = 3_600


def table(found: dict[str, dict[str, Any]]) -> str:
    """Rows of Markdown: what, the figure, its spread."""
    rows = ["| What | Measured | Lowest to highest |", "|---|---|---|"]
    for name, said in (
        ("pace_used", "Share of Telegram's places that is used"),
        ("pace_oversteps", "Messages over a limit in a run"),
        ("pipeline_messages", "Messages a second, one process, no limit of Telegram's"),
        ("pipeline", "The same beside bare aiogram, by the wall"),
        ("pipeline_cpu", "The same by CPU time"),
        ("updates", "An update through all handlers to one that echoes, beside aiogram's (CPU)"),
        ("updates_whole", "An update from the inbox to its queued answer, the same"),
        ("button_press", "A press with its edited message, the same"),
        ("button_press_p99", "A press at 50 a second, p99"),
        ("inbox", "What the durable inbox adds to a press (CPU)"),
        ("planning_speed", "Borrowers planned in a second"),
        ("planning", "Planning beside plain sqlite3"),
        ("planning_other_writers", "Somebody else's transaction meanwhile, p99"),
        ("planner_idle", "A tick with nothing due, large beside small portfolio"),
        ("person_while_reminders_wait", "A person's words while 200,000 reminders wait"),
        ("person_while_reminders_wait_p99", "The same, p99"),
    ):
        if one := found.get(name):
            figure = one.get("ratio", one.get("value"))
            small = ", small size" if "quick" in one else ""
            spread = f"{one['low']:,} to {one['high']:,} in {one['runs']} runs{small}"
            rows.append(f"| {said} | {figure:,} {one['unit']} | {spread} |")
    return "\n".join(rows + _meaning(found))


def _meaning(found: dict[str, dict[str, Any]]) -> list[str]:
    lines = [""]
    if used := found.get("pace_used"):
        a_day = int(_PER_SECOND * used["ratio"] * 3_600 * _HOURS)
        lines.append(
            f"- **A token**: {a_day:,} messages in the {_HOURS} hours of a day in which they may "
            "go. So many borrowers may each be due a message on one day."
        )
    if speed := found.get("pipeline_messages"):
        free = _PER_SECOND / speed["value"]
        lines.append(
            f"- **A core**: {speed['value']:,} messages a second; Telegram's free {_PER_SECOND} "
            f"take {free:.0%} of it."
        )
    if planned := found.get("planning_speed"):
        in_time = int(planned["value"] * _PLANNED_WITHIN_S)
        lines.append(
            f"- **Planning**: {in_time:,} due borrowers within an hour of their moment, in one "
            "process."
        )
    return lines


def main() -> None:
    made = table(json.loads(RESULTS.read_text(encoding="utf-8")))
    machine = (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.0f}"
    )
    made = f"{made}\n\nMachine: {machine}."
    if "--write" not in sys.argv:
        print(made)
        return
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text(f"{before}{_BEGIN}\n{made}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
