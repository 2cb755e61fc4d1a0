"""`remindful decide`: may these contacts happen now? Facts as JSON Lines in, decisions out.

Example: remindful decide < facts.jsonl
"""

import json
import sys
from datetime import datetime
from typing import Any

from bot.commands.decide_line import DecideLine, read_line
from bot.commands.json_lines import answer_lines
from bot.rules.contact_policy import decide as judge


def decide(schema: bool = False) -> None:
    """Judge each line of standard input, or print the JSON Schema of one; leaves by SystemExit."""
    if schema:
        dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        sys.stdout.write(json.dumps(dialect | DecideLine.model_json_schema(), indent=2) + "\n")
        raise SystemExit(0)
    raise SystemExit(answer_lines(_decision))


def _decision(given: dict[str, Any]) -> dict[str, Any]:
    decision = judge(*read_line(given))
    return {
        "decision": decision.verdict,
        "until": None if decision.until is None else _rfc3339(decision.until),
        "rules": list(decision.rules),
    }


def _rfc3339(instant: datetime) -> str:
    """UTC, with a fraction only where there is one: "2026-11-23T00:00:00Z"."""
    return instant.isoformat().replace("+00:00", "Z")
