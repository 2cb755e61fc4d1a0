"""`remindful guard`: may these texts be said to a borrower? JSON Lines in, verdicts out.

Example: echo '{"id": 1, "text": "Thank you", "kind": "collector"}' | remindful guard
"""

import json
import sys
from typing import Any

from bot.commands.json_lines import BadLine, answer_lines
from scripts_library.guard import judge

_KINDS = ("collector", "script")
_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "id": {},
        "text": {"type": "string"},
        "kind": {"enum": list(_KINDS)},
    },
    "required": ["id", "text", "kind"],
    "additionalProperties": False,
}


def guard(schema: bool = False) -> None:
    """Judge each line of standard input, or print the JSON Schema of one; leaves by SystemExit."""
    if schema:
        sys.stdout.write(json.dumps(_SCHEMA, indent=2) + "\n")
        raise SystemExit(0)
    raise SystemExit(answer_lines(_verdict))


def _verdict(given: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(given) - {"id", "text", "kind"})
    if unknown:
        raise BadLine(f"unknown key {unknown[0]!r}; a line has id, text and kind")
    text, kind = given.get("text"), given.get("kind")
    if not isinstance(text, str):
        raise BadLine("`text` must be a string")
    if kind not in _KINDS:
        raise BadLine('`kind` must be "collector" or "script"')
    verdict = judge(text, kind)
    return {
        "verdict": verdict.verdict,
        "rules": list(verdict.rules),
        "spans": [{"start": s.start, "end": s.end, "rule": s.rule} for s in verdict.spans],
        "why": verdict.why,
        "suggestion": verdict.suggestion,
    }
