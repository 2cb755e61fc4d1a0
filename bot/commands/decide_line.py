"""One line of `remindful decide`: its form, checked strictly, and the facts it stands for.

A fact that is guessed would give an answer that looks right. So an unknown key, a time without an
offset, an unknown zone or country, hours over midnight and anything dated after the moment asked
about are refused with the key and the reason, never read kindly.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    WithJsonSchema,
)

from bot.commands.json_lines import BadLine
from bot.commands.line_fields import Country, Strict, amount, said, text
from bot.rules.contact_facts import ChatOwner, ContactFacts
from bot.rules.contact_limits import ContactPolicy, Hours
from bot.rules.presets import policy_for
from bot.rules.zones import known_zones, zones_of
from storage.records import Contact, ContactKind, Hold, HoldKind, Wishes

_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_AMOUNT = r"-?[0-9]{1,16}(\.[0-9]{1,4})?"
_FIRST_YEAR, _LAST_YEAR = 1970, 2099
"""Of the moment asked about: where clocks and holidays are known."""


def _instant(value: object) -> datetime:
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError('a time with its offset, like "2026-11-22T09:30:00+08:00"')
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"no such time: {value}") from None


def _asked(instant: datetime) -> datetime:
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ValueError(f"a year from {_FIRST_YEAR} to {_LAST_YEAR}, not {instant.year}")
    return instant


def _zone(value: str) -> str:
    if value not in known_zones():
        raise ValueError(f"a zone of the tz database, like Asia/Shanghai, not {value!r}")
    return value


def _hours(value: str) -> str:
    Hours.parse(value)
    return value


_Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
_Hours = Annotated[
    str, AfterValidator(_hours), text(["10:00-18:00"], "[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}")
]
_Amount = Annotated[str, AfterValidator(amount(_AMOUNT)), text(["1200.00"], _AMOUNT)]
_Zone = Annotated[str, AfterValidator(_zone), text(["Asia/Shanghai"], ".+")]
_Count = Annotated[int, Field(ge=0, le=100_000)]
_Kind = Literal[
    "pre_due",
    "overdue",
    "promise_note",
    "plan_note",
    "thanks",
    "notice",
    "reply",
    "staff",
    "call",
    "safety",
]


class WishesLine(Strict):
    hours: _Hours | None = None
    max_per_week: _Count | None = None


class BorrowerLine(Strict):
    country: Country
    timezone: _Zone | None = None
    verified: bool = True
    consent: bool = True
    stopped: bool = False
    reachable: bool = True
    wishes: WishesLine = WishesLine()


class ChatLine(Strict):
    private: bool = True
    owner: Literal["bot", "person", "nobody"] = "bot"
    borrower_wrote_at: _Instant | None = None
    answered: bool = True
    person_wrote_at: _Instant | None = None


class HoldLine(Strict):
    kind: Literal["dispute", "complaint", "hardship", "legal", "frozen"]
    start: _Instant
    end: _Instant | None = None


class BalanceLine(Strict):
    due: _Amount | None = None
    as_of: _Instant | None = None


class ScriptLine(Strict):
    published: bool = True
    guard: Literal["ok", "warn", "block"] = "ok"
    neutral: bool = False


class ContactLine(Strict):
    at: _Instant
    kind: _Kind
    by: Literal["bot", "person"]
    outcome: Literal["answered", "tried"] | None = None


class TightenLine(Strict):
    hours: _Hours | None = None
    cap_day: _Count | None = None
    cap_week: _Count | None = None
    cap_overdue: _Count | None = None
    quiet_borrower_hours: _Count | None = None
    quiet_person_hours: _Count | None = None
    balance_hours: _Count | None = None
    calls_answered_per_day: _Count | None = None
    calls_tried_per_day: _Count | None = None


class PolicyLine(Strict):
    preset: Literal["default", "cn", "us", "gb", "in"] | None = None
    tighten: TightenLine = TightenLine()


class DecideLine(Strict):
    """The facts of one contact; what is left out takes its default."""

    id: str | int
    at: Annotated[_Instant, AfterValidator(_asked)]
    kind: _Kind
    borrower: BorrowerLine
    chat: ChatLine = ChatLine()
    holds: list[HoldLine] = Field(default=[])
    promise_open: bool = False
    plan_kept: bool = False
    balance: BalanceLine = BalanceLine()
    script: ScriptLine = ScriptLine()
    already_sent: bool = False
    history: list[ContactLine] = Field(default=[])
    policy: PolicyLine = PolicyLine()


def read_line(given: dict[str, Any]) -> tuple[ContactFacts, ContactPolicy]:
    """The facts and the policy of one line; raises BadLine naming every fault."""
    try:
        line = DecideLine.model_validate(given)
    except ValidationError as error:
        raise BadLine("; ".join(said(fault) for fault in error.errors())) from None
    if faults := list(_contradictions(line)):
        raise BadLine("; ".join(faults))
    return _facts(line), _policy(line)


def _contradictions(line: DecideLine) -> Iterator[str]:
    """What each value alone cannot show: a past that lies ahead, a hold that ends before it began.

    A balance may be dated ahead of the moment, since lenders date a file by its day.
    """
    past = {
        "chat.borrower_wrote_at": line.chat.borrower_wrote_at,
        "chat.person_wrote_at": line.chat.person_wrote_at,
    } | {f"history[{index}].at": contact.at for index, contact in enumerate(line.history)}
    for key, instant in past.items():
        if instant is not None and instant > line.at:
            yield f"{key}: lies after at"
    for index, hold in enumerate(line.holds):
        if hold.end is not None and hold.end < hold.start:
            yield f"holds[{index}].end: lies before its start"
    borrower = line.borrower
    if borrower.timezone is None and not zones_of(borrower.country):
        yield f"borrower.timezone: {borrower.country} has no zone of its own; name one"


def _facts(line: DecideLine) -> ContactFacts:
    borrower, chat, balance, script = line.borrower, line.chat, line.balance, line.script
    return ContactFacts(
        at=line.at,
        kind=ContactKind(line.kind),
        country=borrower.country,
        timezone=borrower.timezone,
        verified=borrower.verified,
        consent=borrower.consent,
        stopped=borrower.stopped,
        reachable=borrower.reachable,
        private=chat.private,
        owner=ChatOwner(chat.owner),
        borrower_wrote_at=chat.borrower_wrote_at,
        answered=chat.answered,
        person_wrote_at=chat.person_wrote_at,
        holds=tuple(Hold(HoldKind(hold.kind), hold.start, hold.end) for hold in line.holds),
        promise_open=line.promise_open,
        plan_kept=line.plan_kept,
        something_due=balance.due is None or Decimal(balance.due) > 0,
        balance_as_of=balance.as_of,
        published=script.published,
        guard=script.guard,
        neutral=script.neutral,
        already_sent=line.already_sent,
        history=tuple(
            Contact(contact.at, ContactKind(contact.kind), contact.by, contact.outcome)
            for contact in line.history
        ),
    )


def _policy(line: DecideLine) -> ContactPolicy:
    wishes, tighten = line.borrower.wishes, line.policy.tighten
    given = {name: value for name, value in tighten if value is not None and name != "hours"}
    hours = Hours() if tighten.hours is None else Hours.parse(tighten.hours)
    presets = () if line.policy.preset is None else (line.policy.preset,)
    return policy_for(
        line.borrower.country,
        *presets,
        tighten=ContactPolicy(hours=hours, **given),
        wishes=Wishes(wishes.hours, wishes.max_per_week),
    )
