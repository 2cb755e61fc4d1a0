"""`remindful understand`: what borrowers' messages say. JSON Lines in, readings out.

Example: remindful understand < said.jsonl
         remindful understand --evaluate labelled.jsonl
         remindful understand --corrections > labelled.jsonl
"""

import json
import re
import sys
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands.json_lines import BadLine, answer_lines
from bot.understanding import understand as read

_FALLBACK_ZONE = "UTC"
_FIRST_YEAR, _LAST_YEAR = 1970, 2099

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "One message to understand",
    "type": "object",
    "required": ["text", "now", "timezone"],
    "properties": {
        "id": {"description": "Comes back with the answer."},
        "text": {"type": "string", "description": "The message as the borrower wrote it."},
        "now": {"type": "string", "format": "date-time", "description": "When it was written."},
        "timezone": {"type": "string", "description": "IANA zone, like Asia/Shanghai."},
        "language": {
            "type": ["string", "null"],
            "description": "The borrower's language, for messages without words.",
        },
        "balance": {"type": ["string", "number", "null"], "description": "Owed, in major units."},
        "due_date": {"type": ["string", "null"], "format": "date"},
        "payday": {
            "type": ["integer", "string", "null"],
            "description": "The day of the month wages come, or the date of the next ones.",
        },
    },
}


def understand(
    schema: bool = False, evaluate: Path | None = None, corrections: bool = False
) -> None:
    """Read each line of standard input; leaves by SystemExit."""
    if schema:
        sys.stdout.write(json.dumps(SCHEMA, indent=2) + "\n")
        raise SystemExit(0)
    if evaluate is not None:
        raise SystemExit(_evaluate(evaluate))
    if corrections:
        _print_corrections()
        raise SystemExit(0)
    raise SystemExit(answer_lines(answer))


def answer(given: dict[str, Any]) -> dict[str, Any]:
    """The reading of one line; raises BadLine naming the key and what is wrong with it."""
    text = given.get("text")
    if not isinstance(text, str):
        raise BadLine("text: a string is needed")
    zone = _zone(given.get("timezone"))
    language = given.get("language")
    if language is not None and not isinstance(language, str):
        raise BadLine("language: a string is needed")
    reading = read(
        text,
        now=_moment(given.get("now"), zone),
        timezone=zone.key,
        language=language,
        balance=_amount(given.get("balance")),
        due_date=_day("due_date", given.get("due_date")),
        payday=_payday(given.get("payday")),
    )
    return reading.as_answer()


def _zone(name: object) -> ZoneInfo:
    try:
        if isinstance(name, str) and name:
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    raise BadLine(f"timezone: an IANA zone like Asia/Shanghai is needed, not {name!r}")


def _moment(given: object, zone: ZoneInfo) -> datetime:
    """A time without an offset is the borrower's own."""
    if not isinstance(given, str) or not re.match(r"\d{4}-\d{2}-\d{2}[Tt ]", given):
        raise BadLine('now: a time like "2026-11-22T09:30:00+08:00" is needed')
    try:
        moment = datetime.fromisoformat(given.upper())
    except ValueError:
        raise BadLine(f"now: no such time: {given}") from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise BadLine(f"now: a year from {_FIRST_YEAR} to {_LAST_YEAR} is needed")
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _amount(given: object) -> str | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise BadLine('balance: an amount like "1200.00" is needed')
    try:
        value = Decimal(str(given))
    except InvalidOperation:
        raise BadLine(f"balance: no amount: {given!r}") from None
    if not value.is_finite():
        raise BadLine(f"balance: no amount: {given!r}")
    return str(value)


def _day(key: str, given: object) -> date | None:
    if given is None:
        return None
    if isinstance(given, str):
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    raise BadLine(f'{key}: a date like "2026-12-05" is needed, not {given!r}')


def _payday(given: object) -> int | None:
    if isinstance(given, str) and not given.isdigit():
        day = _day("payday", given)
        return None if day is None else day.day
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | str) or not 1 <= int(given) <= 31:
        raise BadLine(f"payday: a day of the month is needed, not {given!r}")
    return int(given)


def _print_corrections() -> None:
    from bot.commands.using import in_transaction, write_json
    from bot.services.cases.correcting import examples

    for line in in_transaction(lambda _house, tx, _now: examples(tx, _FALLBACK_ZONE)):
        write_json(line)


def _evaluate(path: Path) -> int:
    from bot.understanding.evaluate import Unlabelled, read_examples, report

    try:
        examples = read_examples(path.read_bytes())
    except OSError as error:
        sys.stderr.write(f"{path}: {error.strerror}\n")
        return 1
    except Unlabelled as error:
        sys.stderr.write(f"{path}: {error}\n")
        return 1
    sys.stdout.write(report(examples))
    return 0
