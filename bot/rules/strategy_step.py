"""A step of a strategy as data: what happens on which day, for whom, with which words."""

import re
from collections.abc import Collection, Iterator
from datetime import time
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.rules.ageing import PaymentClass
from storage.records import ContactKind, HandoffReason

LAST_DAY = 3_650
"""Steps lie within ten years of their anchor."""


class Anchor(StrEnum):
    """What a step counts its days from."""

    DUE = "due"
    PROMISE = "promise"
    INSTALMENT = "instalment"
    DOWN_PAYMENT = "down_payment"
    MISSED_INSTALMENT = "missed_instalment"  # the first day after its grace
    BROKEN_PLAN = "broken_plan"
    BROKEN_PROMISE = "broken_promise"  # the first day after its tolerance
    BROKEN_AGAIN = "broken_again"
    RELAPSE = "relapse"  # the due date of what is late again soon after a cure


_COME_TO_PASS = frozenset(
    {
        Anchor.MISSED_INSTALMENT,
        Anchor.BROKEN_PLAN,
        Anchor.BROKEN_PROMISE,
        Anchor.BROKEN_AGAIN,
        Anchor.RELAPSE,
    }
)
"""Something went wrong, and on the day before nobody can know: nothing is said of it earlier."""


class Action(StrEnum):
    MESSAGE = "message"
    TASK = "task"
    NOTICE = "notice"
    REVIEW = "review"
    ESCALATION = "escalation"
    HANDOFF = "handoff"


class Move(StrEnum):
    """What happens to a step that falls on a day off."""

    BEFORE = "before"
    AFTER = "after"
    STAY = "stay"


_SPOKEN = frozenset({Action.MESSAGE, Action.NOTICE})


def _time(value: object) -> object:
    if isinstance(value, str) and (found := re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", value)):
        return time(int(found[1]), int(found[2]))
    raise ValueError('write a time of day in quotes, such as "10:00"')


def as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _one_of(kinds: type[StrEnum]) -> BeforeValidator:
    def member(value: object) -> object:
        if isinstance(value, str) and value in set(kinds):
            return kinds(value)
        raise ValueError(f"one of {', '.join(kinds)}")

    return BeforeValidator(member)


DayNumber = Annotated[int, Field(ge=-LAST_DAY, le=LAST_DAY)]
Names = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
_Classes = Annotated[
    tuple[Annotated[PaymentClass, _one_of(PaymentClass)], ...], BeforeValidator(as_tuple)
]
_Move = Annotated[Move, _one_of(Move)]
ScriptKey = Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z0-9_]+)+$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Every(Strict):
    """A repeated step: on day `first` and every `days` after it, up to `last`."""

    first: DayNumber
    last: DayNumber | None = None
    days: Annotated[int, Field(ge=1, le=366)]

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"last ({self.last}) lies before first ({self.first})")
        return self


class Step(Strict):
    """One line of the strategy. Empty `stages`, `classes` or `products` mean all of them.

    `except_products`: not for these. `required`: a message that goes to the hold-out group too.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    enabled: bool = True
    anchor: Annotated[Anchor, _one_of(Anchor)] = Anchor.DUE
    stages: Names = ()
    classes: _Classes = ()
    products: Names = ()
    except_products: Names = ()
    day: DayNumber | None = None
    every: Every | None = None
    at: Annotated[time, BeforeValidator(_time)]
    valid_days: Annotated[int, Field(ge=0, le=60)]
    action: Annotated[Action, _one_of(Action)]
    script: ScriptKey | None = None
    moved_script: ScriptKey | None = None
    about: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    priority: Annotated[int, Field(ge=0, le=100)] = 50
    required: bool = False
    holidays: _Move | None = None
    weekends: _Move = Move.STAY

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.day is None) == (self.every is None):
            raise ValueError("give either day or every")
        if (self.action in _SPOKEN) != (self.script is not None):
            raise ValueError("a message or notice has a script, and nothing else has")
        if (self.action in _SPOKEN) == (self.about is not None):
            raise ValueError("what a person does says what it is about, nothing else does")
        if self.action is Action.HANDOFF and self.about not in set(HandoffReason):
            raise ValueError(f"a handoff is about one of {', '.join(HandoffReason)}")
        if self.moved_script is not None and self.script is None:
            raise ValueError("moved_script needs a script")
        narrowed = self.stages or self.classes or self.products or self.except_products
        if self.anchor is not Anchor.DUE and narrowed:
            raise ValueError("stages, classes and products are for steps about a due date")
        if self.products and self.except_products:
            raise ValueError("give either products or except_products")
        if self.required and (self.action is not Action.MESSAGE or self.anchor is not Anchor.DUE):
            raise ValueError("required is for messages about a due date; all else goes anyway")
        if self.anchor in _COME_TO_PASS and (
            self.first_day < 0 or Move.BEFORE in (self.holidays, self.weekends)
        ):
            raise ValueError(f"{self.anchor} cannot be told of before it has come to pass")
        return self

    @property
    def is_reminder(self) -> bool:
        """A message about what is due that nothing but the lender's wish asks for."""
        about_due = self.anchor is Anchor.DUE and self.action is Action.MESSAGE
        return about_due and not self.required

    @property
    def may_vary(self) -> bool:
        """Whether an experiment may leave it out or do it differently.

        Formal letters, what a person has to look at, and whatever follows from the borrower's own
        word are everybody's.
        """
        return self.is_reminder or (self.anchor is Anchor.DUE and self.action is Action.TASK)

    def is_for(self, products: Collection[str]) -> bool:
        """Whether it concerns what is due of these products."""
        if self.products:
            return any(one in self.products for one in products)
        return not self.except_products or any(one not in self.except_products for one in products)

    @property
    def first_day(self) -> int:
        """The first day of the step, counted from its anchor."""
        if self.every is not None:
            return self.every.first
        assert self.day is not None
        return self.day

    def days(self, start: int, end: int) -> Iterator[int]:
        """Its days from `start` to `end`, both included, counted from its anchor."""
        day = self.first_day
        if self.every is None:
            if start <= day <= end:
                yield day
            return
        if day < start:
            day += -(-(start - day) // self.every.days) * self.every.days
        last = end if self.every.last is None else min(end, self.every.last)
        yield from range(day, last + 1, self.every.days)

    def holiday_move(self, day: int) -> Move:
        if self.holidays is not None:
            return self.holidays
        counts_down = day <= 0 and self.anchor not in _COME_TO_PASS
        return Move.BEFORE if counts_down else Move.AFTER

    def kind(self, day: int) -> ContactKind | None:
        """What the contact policy is asked for; None for what stays within the house."""
        if self.action is Action.TASK:
            return ContactKind.CALL
        if self.action is Action.NOTICE:
            return ContactKind.NOTICE
        if self.action is not Action.MESSAGE:
            return None
        if self.anchor is Anchor.DUE:
            return ContactKind.PRE_DUE if day <= 0 else ContactKind.OVERDUE
        about_promise = self.anchor in (Anchor.PROMISE, Anchor.BROKEN_PROMISE)
        return ContactKind.PROMISE_NOTE if about_promise else ContactKind.PLAN_NOTE
