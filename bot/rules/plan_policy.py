"""What the lender allows in an instalment plan, as data (plans.yaml)."""

from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from bot.rules.data_file import read_data_file


class Frequency(StrEnum):
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    PAYDAY = "payday"


def _decimal(value: object) -> object:
    """An exact number from text or a whole number; a binary fraction by its shortest text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    text = str(value)
    if len(text) > 20 or not text.replace(".", "", 1).isdecimal() or not text.isascii():
        raise ValueError("write a number such as 20 or 7.5")
    return Decimal(text)


def _frequency(value: object) -> object:
    if isinstance(value, str) and value in set(Frequency):
        return Frequency(value)
    raise ValueError(f"one of {', '.join(Frequency)}")


Months = Annotated[int, Field(ge=0, le=1200)]
Days = Annotated[int, Field(ge=0, le=366)]
_Number = WithJsonSchema({"type": ["string", "number"], "examples": ["20.00", 7.5]})
Percent = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=100), _Number]
Major = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0), _Number]
FrequencyName = Annotated[
    Frequency,
    BeforeValidator(_frequency),
    WithJsonSchema({"enum": [str(one) for one in Frequency]}),
]


class PlanPolicy(BaseModel):
    """See plans.yaml for what each number means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_months: Months
    review_months: Months
    automatic_months: Months
    automatic_months_with_down: Months
    down_percent: Percent
    least_amount: Major
    least_percent: Percent
    first_days_min: Days
    first_days_max: Days
    frequencies: Annotated[list[FrequencyName], Field(min_length=1)]
    first_days_default: Days
    first_days_default_weekly: Days
    grace_business_days: Days
    misses_in_a_row: Annotated[int, Field(ge=1)]
    months_between_plans: Months


@cache
def default_policy() -> PlanPolicy:
    source = files("bot.rules") / "plans.yaml"
    return read_data_file(source.read_text("utf-8"), "plans.yaml", PlanPolicy)
