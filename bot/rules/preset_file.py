"""The form of a preset file, so that a wrong one is refused with the line that is wrong.

Every term a file gives needs its source: a rule about contacting people that nobody can trace to
a law or a decision is a rule nobody can defend. A cap of 0 is refused here, because a policy that
allows nothing is a mistake in a file, while one borrower may well wish for no message at all.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.rules.contact_limits import UNLIMITED, ContactPolicy, Hours
from bot.rules.zones import known_countries


def _hours(text: str) -> str:
    Hours.parse(text)
    return text


def _country(code: str) -> str:
    if code not in known_countries():
        raise ValueError("an ISO 3166 code of two letters, like GB")
    return code


_Cap = Annotated[int, Field(ge=1, le=1_000)] | None
_Hours = Annotated[int, Field(ge=1, le=8_784)] | None
_Days = Annotated[int, Field(ge=1, le=3_660)] | None

_UNSOURCED = {"preset", "title", "country", "notes", "sources"}
_DEFAULT_MAY_LACK = {"country", "calls_tried_per_week", "quiet_after_talk_hours"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class HoldTermFile(_Strict):
    kind: Literal["dispute", "complaint", "hardship", "legal", "frozen"]
    days: _Days


class PresetFile(_Strict):
    """A preset as written; what is left out comes from the preset "default"."""

    preset: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    title: Annotated[str, Field(min_length=1)]
    country: Annotated[str, AfterValidator(_country)] | None = None
    hours: Annotated[str, AfterValidator(_hours)] | None = None
    cap_day: _Cap = None
    cap_week: _Cap = None
    cap_overdue: _Cap = None
    quiet_borrower_hours: _Hours = None
    quiet_person_hours: _Hours = None
    balance_hours: _Hours = None
    calls_answered_per_day: _Cap = None
    calls_tried_per_day: _Cap = None
    calls_tried_per_week: _Cap = None
    quiet_after_talk_hours: _Hours = None
    kept_plan_stops_all: bool = False
    refusal_is_stop: bool = False
    holds: dict[str, HoldTermFile] = {}
    complaint_answer_days: _Days = None
    records_years: Annotated[int, Field(ge=1, le=100)] | None = None
    notes: list[str] = []
    sources: dict[str, str]

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        given = self.model_fields_set - _UNSOURCED
        if missing := sorted(given - self.sources.keys()):
            raise ValueError(f"no source for {', '.join(missing)}; add it under sources")
        if idle := sorted(self.sources.keys() - given):
            raise ValueError(f"a source for {', '.join(idle)}, which this file does not set")
        return self

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.preset == "default":
            lacking = {
                name for name, value in self if value is None and name not in _DEFAULT_MAY_LACK
            }
            if lacking:
                raise ValueError(f"the default must set {', '.join(sorted(lacking))}")
        return self

    @property
    def policy(self) -> ContactPolicy:
        """The limits this file sets; neutral where it sets none."""
        return ContactPolicy(
            hours=Hours() if self.hours is None else Hours.parse(self.hours),
            cap_day=_cap(self.cap_day),
            cap_week=_cap(self.cap_week),
            cap_overdue=_cap(self.cap_overdue),
            quiet_borrower_hours=self.quiet_borrower_hours or 0,
            quiet_person_hours=self.quiet_person_hours or 0,
            balance_hours=_cap(self.balance_hours),
            calls_answered_per_day=_cap(self.calls_answered_per_day),
            calls_tried_per_day=_cap(self.calls_tried_per_day),
            calls_tried_per_week=_cap(self.calls_tried_per_week),
            quiet_after_talk_hours=self.quiet_after_talk_hours or 0,
            kept_plan_stops_all=self.kept_plan_stops_all,
        )


def _cap(number: int | None) -> int:
    return UNLIMITED if number is None else number
