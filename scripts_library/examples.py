"""Values to try a script with: the declared examples, and the longest that may come in real life.

A preview shows the first, the check renders both, and also with every optional value absent and
every list down to one entry, because those are the messages nobody looks at before they are sent.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from scripts_library.formats import Amount
from scripts_library.script import Script
from scripts_library.variables import Kind, Variable

_DEFAULT_LONGEST = {Kind.TEXT: 60, Kind.PARAGRAPH: 600}
_DEFAULT_MANY = 5
_LARGEST = Decimal("9999999999.99")
_LONG_DAY = date(2026, 12, 30)


class BadExample(ValueError):
    """An example that is missing or not of the declared type; `variable` names it."""

    def __init__(self, variable: str, reason: str) -> None:
        self.variable = variable
        super().__init__(f"the example of {variable!r} {reason}")


def example_values(script: Script) -> dict[str, Any]:
    """The declared examples in the script's language. Raises BadExample."""
    tag = script.language.tag
    return {
        name: _typed(variable, variable.example(tag), name)
        for name, variable in script.variables.items()
    }


def trial_values(script: Script) -> Mapping[str, Mapping[str, Any]]:
    """What the check renders, by a name a person understands. Raises BadExample."""
    plain = example_values(script)
    least = {
        name: None if script.variables[name].optional else _at_most_one(value)
        for name, value in plain.items()
    }
    longest = {name: _longest(variable, name) for name, variable in script.variables.items()}
    return {
        "the examples": plain,
        "the least values": least,
        "the longest values": longest,
    }


def _at_most_one(value: Any) -> Any:
    return value[:1] if isinstance(value, list) else value


def _typed(variable: Variable, given: Any, name: str) -> Any:
    if given is None:
        if variable.optional:
            return None
        raise BadExample(name, "is missing")
    if not variable.many:
        return _one(variable, given, name)
    if not isinstance(given, list):
        raise BadExample(name, "must be a list")
    return [_one(variable, entry, name) for entry in given]


def _one(variable: Variable, given: Any, name: str) -> Any:
    if variable.kind is Kind.RECORD:
        if not isinstance(given, dict):
            raise BadExample(name, "must be records")
        return {
            field.name: _typed(field, given.get(field.name), f"{name}.{field.name}")
            for field in variable.fields
        }
    if variable.kind is Kind.MONEY:
        return _amount(given, name)
    if variable.kind is Kind.TIME:
        return _time(given, name)
    if not isinstance(given, _PYTHON[variable.kind]):
        raise BadExample(name, f"is not {variable.kind}")
    return given


_PYTHON: Mapping[Kind, type | tuple[type, ...]] = {
    Kind.TEXT: str,
    Kind.PARAGRAPH: str,
    Kind.DATE: date,
    Kind.DATETIME: datetime,
    Kind.NUMBER: (int, Decimal),
    Kind.FLAG: bool,
}


def _amount(given: Any, name: str) -> Amount:
    try:
        return Amount(Decimal(str(given["major"])), str(given["currency"]))
    except (KeyError, TypeError, InvalidOperation):
        raise BadExample(name, 'is not `{major: "1200.00", currency: CNY}`') from None


def _time(given: Any, name: str) -> time:
    try:
        return time.fromisoformat(str(given))
    except ValueError:
        raise BadExample(name, 'is not a time like "09:30"') from None


def _longest(variable: Variable, name: str) -> Any:
    if not variable.many:
        return _longest_one(variable, variable.longest)
    return [_longest_one(variable, None)] * (variable.longest or _DEFAULT_MANY)


def _longest_one(variable: Variable, longest: int | None) -> Any:
    match variable.kind:
        case Kind.TEXT | Kind.PARAGRAPH:
            return "W" * (longest or _DEFAULT_LONGEST[variable.kind])
        case Kind.RECORD:
            return {field.name: _longest(field, field.name) for field in variable.fields}
        case Kind.MONEY:
            return Amount(_LARGEST, "CNY")
        case Kind.DATE:
            return _LONG_DAY
        case Kind.DATETIME:
            return datetime(2026, 12, 30, 23, 59, tzinfo=UTC)
        case Kind.TIME:
            return time(23, 59)
        case Kind.NUMBER:
            return 99999
        case Kind.FLAG:
            return True
