"""One line of `remindful schedule`: its form, checked strictly, and the plan it asks for.

A proposal the policy declines is an answer; a line that makes no sense is an error. Amounts are
text in major units, because a JSON number may have lost a cent before it arrives.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    WithJsonSchema,
)

from bot.commands.json_lines import BadLine
from bot.commands.line_fields import Country, Strict, amount, said, text
from bot.rules.plan import PlanRequest
from bot.rules.plan_policy import (
    Days,
    Frequency,
    FrequencyName,
    Major,
    Months,
    Percent,
    PlanPolicy,
    default_policy,
)
from storage.currencies import MINOR_DIGITS
from storage.records import LARGEST_AMOUNT, Money

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = r"[0-9]{1,16}(\.[0-9]{1,4})?"
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


def _date(value: object) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError('a date such as "2026-11-22"')
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"no such day: {value}") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"between {_FIRST_YEAR} and {_LAST_YEAR}, not {value}")
    return day


def _currency(value: str) -> str:
    if value not in MINOR_DIGITS:
        raise ValueError(f"an ISO 4217 code of three letters, like CNY, not {value!r}")
    return value


_Date = Annotated[
    date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})
]
_Amount = Annotated[str, AfterValidator(amount(_AMOUNT)), text(["1200.00"], _AMOUNT)]
_Currency = Annotated[str, AfterValidator(_currency), text(["CNY", "JPY"], "[A-Z]{3}")]


class PolicyLine(Strict):
    """What replaces the default plan policy; what is left out stays as it is."""

    most_months: Months | None = None
    review_months: Months | None = None
    automatic_months: Months | None = None
    least_amount: Major | None = None
    least_percent: Percent | None = None
    down_percent: Percent | None = None
    first_days_min: Days | None = None
    first_days_max: Days | None = None
    frequencies: Annotated[list[FrequencyName], Field(min_length=1)] | None = None


class ScheduleLine(Strict):
    """A proposed plan. Give either `instalments` or `affordable`; `payday` for pay-day plans."""

    id: str | int
    balance: _Amount
    currency: _Currency
    today: _Date
    first_date: _Date | None = None
    frequency: FrequencyName
    instalments: Annotated[int, Field(ge=1)] | None = None
    affordable: _Amount | None = None
    down_payment: _Amount | None = None
    payday: Annotated[int, Field(ge=1, le=31)] | None = None
    country: Country
    policy: PolicyLine = PolicyLine()


def read_line(given: dict[str, Any]) -> tuple[PlanRequest, PlanPolicy]:
    """The proposal and the policy of one line; raises BadLine naming every fault."""
    try:
        line = ScheduleLine.model_validate(given)
    except ValidationError as error:
        raise BadLine("; ".join(said(fault) for fault in error.errors())) from None
    faults: list[str] = []
    amounts = {
        name: _money(name, text, line.currency, faults)
        for name in ("balance", "affordable", "down_payment")
        if (text := getattr(line, name)) is not None
    }
    policy = default_policy().model_copy(
        update={name: value for name, value in line.policy if value is not None}
    )
    if faults := [*faults, *_contradictions(line, policy)]:
        raise BadLine("; ".join(faults))
    try:
        request = PlanRequest(
            balance=amounts["balance"],
            today=line.today,
            country=line.country,
            frequency=Frequency(line.frequency),
            instalments=line.instalments,
            affordable=amounts.get("affordable"),
            down_payment=amounts.get("down_payment"),
            first_date=line.first_date,
            payday=line.payday,
        )
    except ValueError as error:
        raise BadLine(str(error)) from None
    return request, policy


def _money(name: str, text: str, currency: str, faults: list[str]) -> Money:
    try:
        amount = Money.parse(text, currency)
    except ValueError as error:
        faults.append(f"{name}: {error}")
        return Money.zero(currency)
    if amount.minor > LARGEST_AMOUNT:
        faults.append(f"{name}: more than {Money(LARGEST_AMOUNT, currency)}")
    return amount


def _contradictions(line: ScheduleLine, policy: PlanPolicy) -> Iterator[str]:
    if line.frequency not in policy.frequencies:
        yield f"frequency: the policy offers {', '.join(policy.frequencies)}"
    if policy.first_days_max < policy.first_days_min:
        yield "policy.first_days_max: lies before first_days_min"
