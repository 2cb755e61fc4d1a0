"""The picture of a plan's progress, for borrowers whose plan has something to show.

Its caption says the same in words, so nothing is lost where a picture cannot be seen or drawn.
"""

from dataclasses import dataclass
from typing import Any

from bot.rules.plan_standing import InstalmentStanding, PlanStanding
from bot.services.office import Office
from bot.services.situation import Situation
from scripts_library.render import render
from storage.records import Money, Plan

_MOST_PARTS = 12
"""More circles than this are too small to read; then the bar and the words have to do."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Drawn when it leaves, off the event loop, and never kept in the database."""

    template: str
    content: dict[str, Any]

    def as_payload(self) -> dict[str, Any]:
        return {"picture": {"template": self.template, "content": self.content}}


def plan_with_progress(situation: Situation) -> tuple[Plan, PlanStanding] | None:
    """The plan under way once something of it is paid; before that a picture helps nobody."""
    return next(
        (
            (plan, standing)
            for plan, standing in situation.plans
            if plan == situation.active_plan and standing.paid
        ),
        None,
    )


def progress_values(plan: Plan, standing: PlanStanding) -> dict[str, Any]:
    """Under the names that the scripts `progress.*` use."""
    currency = plan.balance.currency
    upcoming = standing.next_instalment
    return {
        "paid_parts": sum(1 for part in _counted(standing) if not part.unpaid),
        "all_parts": len(_counted(standing)),
        "paid": standing.paid,
        "in_all": standing.paid + standing.left,
        "left": standing.left,
        "next_part": Money(upcoming.unpaid, currency) if upcoming else None,
        "next_part_date": upcoming.due_date if upcoming else None,
    }


def progress(
    situation: Situation, office: Office, language: str, plan: Plan, standing: PlanStanding
) -> Picture:
    """How many parts are paid, how much of the money, and what comes next."""
    values = progress_values(plan, standing)

    def said(name: str) -> str:
        script = office.library.script(f"progress.{name}", language)
        return render(script, values, zone=situation.zone).text

    formats = office.library.language(language).formats
    upcoming = standing.next_instalment
    parts = standing.instalments if len(standing.instalments) <= _MOST_PARTS else ()
    return Picture(
        "progress",
        {
            "language": language,
            "sender": office.lender,
            "counted": said("counted"),
            "money": said("money"),
            "left": said("left"),
            "share": values["paid"].minor / max(values["in_all"].minor, 1),
            "next": said("next") if upcoming else "",
            "parts": [
                {
                    "number": part.number,
                    "state": _state(part, upcoming),
                    "day": formats.short_day(part.due_date),
                    "amount": formats.money(
                        Money(part.unpaid or part.amount, plan.balance.currency)
                    ),
                }
                for part in parts
            ],
        },
    )


def _counted(standing: PlanStanding) -> list[InstalmentStanding]:
    """A part that moved to the end counts there, once."""
    return [part for part in standing.instalments if not part.moved]


def _state(part: InstalmentStanding, upcoming: InstalmentStanding | None) -> str:
    if part.moved:
        return "moved"
    if not part.unpaid:
        return "paid"
    return "next" if part is upcoming else "open"
