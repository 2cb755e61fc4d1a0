"""Why a conversation goes to a person, how urgent that is, and what the borrower can expect.

The numbers are data (handoff.yaml). A lower urgency goes first: danger to life, then the law, then
everybody in the order they came.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, NonNegativeInt, PositiveInt

from bot.rules.data_file import read_data_file
from storage.records import HandoffReason


class HeadStart(BaseModel):
    """Minutes by which a case goes before those that came earlier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    legal: NonNegativeInt
    promised: NonNegativeInt


class TriageDays(BaseModel):
    """At most `cases` open first looks have `days` each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cases: PositiveInt
    days: PositiveInt


class Triage(BaseModel):
    """When somebody who cannot be written to has to have been looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: list[TriageDays]
    most_days: PositiveInt
    at_once: PositiveInt

    def days_for(self, open_cases: int) -> int:
        """Days for each first look, with so many open."""
        fitting = (one.days for one in self.steps if open_cases <= one.cases)
        return next(fitting, self.most_days)


class HandoffPolicy(BaseModel):
    """See handoff.yaml for what each number means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes_per_chat: PositiveInt
    shortest_wait_minutes: PositiveInt
    first_answer_minutes: PositiveInt
    holding_text_minutes: PositiveInt
    hold_days: PositiveInt
    hold_days_most: PositiveInt
    armed_minutes: PositiveInt
    capacity: PositiveInt
    offer_seconds: PositiveInt
    offer_again_minutes: PositiveInt
    silent_offers: PositiveInt
    best_fit_minutes: NonNegativeInt
    head_start_minutes: HeadStart
    reopen_hours: PositiveInt
    next_answer_minutes: PositiveInt
    warn_percent: PositiveInt
    warn_again_minutes: PositiveInt
    requeue_percent: PositiveInt
    wrap_up_minutes: PositiveInt
    quiet_hours: PositiveInt
    triage: Triage
    skills: dict[Annotated[HandoffReason, BeforeValidator(HandoffReason)], str]


@cache
def handoff_policy() -> HandoffPolicy:
    """The numbers of handoff.yaml."""
    text = files("bot.rules").joinpath("handoff.yaml").read_text(encoding="utf-8")
    return read_data_file(text, "handoff.yaml", HandoffPolicy)


URGENT = {HandoffReason.CRISIS: 0, HandoffReason.LEGAL: 1}
NOT_URGENT = 2

FREEZES = frozenset({HandoffReason.CRISIS, HandoffReason.LEGAL})
"""Reasons after which only compliance, or a responder named for it, may write."""


def urgency_of(reason: HandoffReason) -> int:
    """0 is the most urgent."""
    return URGENT.get(reason, NOT_URGENT)


@dataclass(frozen=True, slots=True)
class Wait:
    """A likely wait in minutes, both ends included."""

    shortest: int
    longest: int


def expected_wait(ahead: int, people: int) -> Wait | None:
    """The likely wait with `ahead` conversations before this one and `people` on shift.

    None when nobody is on shift: then no figure would be honest.
    """
    if people <= 0:
        return None
    policy = handoff_policy()
    rounds = ahead // people
    shortest = max(policy.shortest_wait_minutes, rounds * policy.minutes_per_chat)
    longest = _in_fives((rounds + 1) * policy.minutes_per_chat + policy.first_answer_minutes)
    return Wait(shortest, max(longest, shortest + policy.first_answer_minutes))


def _in_fives(minutes: int) -> int:
    """Rounded up: nobody believes thirteen minutes."""
    return -(-minutes // 5) * 5
