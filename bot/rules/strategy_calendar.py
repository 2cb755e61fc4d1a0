"""The strategy as a calendar: what happens on which day, for whom, with which words.

It shows the days as they are counted, before holidays move any of them.
"""

from dataclasses import dataclass

from bot.rules.ageing import PaymentClass
from bot.rules.strategy_file import Action, Anchor, Step, Strategy

MARKS = {
    Action.MESSAGE: "m",
    Action.TASK: "t",
    Action.NOTICE: "n",
    Action.REVIEW: "r",
    Action.ESCALATION: "e",
    Action.HANDOFF: "h",
}
"""One letter an action in the strips; the first of these wins where several fall on one day."""

FIRST_DAY, LAST_DAY = -7, 105


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One enabled step. `days` as people count them: "T-1", "T", "DPD 5, 9, … 29"."""

    days: str
    at: str
    valid: str
    classes: tuple[PaymentClass, ...]
    products: tuple[str, ...]
    except_products: tuple[str, ...]
    action: Action
    what: str
    step: str


def calendar_rows(strategy: Strategy, anchor: Anchor = Anchor.DUE) -> list[CalendarRow]:
    """Steps of one anchor by their first day and hour."""
    steps = [step for step in strategy.enabled_steps if step.anchor is anchor]
    return [_row(step) for step in sorted(steps, key=lambda step: (step.first_day, step.at))]


def strip(
    strategy: Strategy, payment_class: PaymentClass, first: int = FIRST_DAY, last: int = LAST_DAY
) -> str:
    """One character a day from `first` to `last`: a mark of `MARKS`, or "." where nothing is."""
    ranks = list(MARKS)
    days: dict[int, Action] = {}
    for step in strategy.enabled_steps:
        meant = not step.classes or payment_class in step.classes
        if step.anchor is Anchor.DUE and meant and not step.products:
            for day in step.days(first, last):
                best = min(days.get(day, step.action), step.action, key=ranks.index)
                days[day] = best
    return "".join(MARKS[days[day]] if day in days else "." for day in range(first, last + 1))


def _row(step: Step) -> CalendarRow:
    return CalendarRow(
        days=_days(step),
        at=f"{step.at:%H:%M}",
        valid=_valid(step.valid_days),
        classes=step.classes or tuple(PaymentClass),
        products=step.products,
        except_products=step.except_products,
        action=step.action,
        what=step.script or step.about or "",
        step=step.id,
    )


def _days(step: Step) -> str:
    if step.every is None:
        return _day(step, step.first_day)
    numbers = [step.first_day + step.every.days * count for count in (0, 1)]
    shown = f"{_day(step, numbers[0])}, {numbers[1]}, …"
    if step.every.last is None:
        return shown
    *_, last = step.days(step.first_day, step.every.last)
    return f"{shown} {last}"


def _day(step: Step, day: int) -> str:
    if day <= 0 or step.anchor is not Anchor.DUE:
        return "T" if day == 0 else f"T{day:+d}"
    return f"DPD {day}"


def _valid(days: int) -> str:
    if days == 0:
        return "same day"
    return "1 day" if days == 1 else f"{days} days"
