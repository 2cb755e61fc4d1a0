"""`remindful schedule`: instalment plans in full, or why not. Proposals as JSON Lines in.

Example: remindful schedule < proposals.jsonl
"""

import json
import sys
from datetime import date
from typing import Any

from bot.commands.json_lines import BadLine, answer_lines
from bot.commands.schedule_line import ScheduleLine, read_line
from bot.rules.plan import PlanRefusal, plan_terms
from storage.records import Money


def schedule(schema: bool = False) -> None:
    """Answer each line of standard input, or print the JSON Schema of one; leaves by SystemExit."""
    if schema:
        dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        sys.stdout.write(json.dumps(dialect | ScheduleLine.model_json_schema(), indent=2) + "\n")
        raise SystemExit(0)
    raise SystemExit(answer_lines(answer))


def answer(given: dict[str, Any]) -> dict[str, Any]:
    """The plan for one line, or its refusals; raises BadLine."""
    request, policy = read_line(given)
    try:
        terms = plan_terms(request, policy)
    except OverflowError:
        raise BadLine("the plan would end beyond the calendar") from None
    if isinstance(terms, tuple):
        return {"refused": [_refusal(one) for one in terms]}
    currency = request.balance.currency
    return {
        "instalments": [
            {
                "number": part.number,
                "due_date": part.due_date.isoformat(),
                "amount": str(Money(part.amount, currency)),
            }
            for part in terms.instalments
        ],
        "approval": terms.approval.value,
    }


def _refusal(one: PlanRefusal) -> dict[str, Any]:
    return {"rule": one.rule.value, "limit": _plain(one.limit), "given": _plain(one.given)}


def _plain(value: Money | date | int) -> str | int:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Money) else value
