"""The days that were agreed, as a file for the borrower's own calendar."""

from bot.services.calendar_file import NAME, Day, calendar_file
from bot.services.saying import Attached
from bot.services.situation import Situation
from bot.telegram.talk import BorrowerTalk, Handler


async def calendar(talk: BorrowerTalk, _args: str) -> None:
    """The open promise, and what is still to come of a plan."""
    days = _days(await talk.situation())
    if not days:
        await talk.show("calendar.nothing", {}, [[talk.choice("promise"), talk.choice("plan")]])
        return
    title = talk.label("calendar.title")
    file = Attached(NAME, calendar_file(title, days, talk.now))
    await talk.tell(talk.reader, "calendar.file", {"title": title}, file=file)


def _days(situation: Situation) -> list[Day]:
    days = []
    if situation.open_promise is not None:
        promise = situation.open_promise
        days.append(Day(f"promise-{promise.promise_id}", promise.due_date))
    for plan, standing in situation.plans:
        if plan == situation.active_plan:
            days += [
                Day(f"plan-{plan.plan_id}-{part.number}", part.due_date)
                for part in standing.instalments
                if part.unpaid
            ]
    return days


COMMANDS: dict[str, Handler] = {}
PRESSES: dict[str, Handler] = {"calendar": calendar}
