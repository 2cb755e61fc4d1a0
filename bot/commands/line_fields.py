"""Fields that several commands of JSON lines share: strict, and a fault says what it should be."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, WithJsonSchema
from pydantic_core import ErrorDetails

from bot.rules.zones import known_countries


class Strict(BaseModel):
    """A part of a line: an unknown key is a fault, and nothing is read kindly."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def text(examples: list[str], pattern: str) -> WithJsonSchema:
    """How a field that is text looks in the schema of the line."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$", "examples": examples})


def amount(pattern: str) -> Callable[[str], str]:
    """A check of an amount in major units, as text: a JSON number may have lost a cent."""
    whole = re.compile(pattern)

    def check(value: str) -> str:
        if not whole.fullmatch(value):
            raise ValueError('an amount in major units, like "1200.00"')
        return value

    return check


def _country(value: str) -> str:
    if value not in known_countries():
        raise ValueError(f"an ISO 3166 code of two letters, like GB, not {value!r}")
    return value


Country = Annotated[str, AfterValidator(_country), text(["CN", "GB"], "[A-Z]{2}")]


def said(fault: ErrorDetails) -> str:
    """A fault of pydantic's as path and reason: "holds[0].start: missing"."""
    path = ""
    for step in fault["loc"]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    reasons = {"extra_forbidden": "unknown key", "missing": "missing"}
    reason = reasons.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    return f"{path}: {reason}"
