"""The statement and the plan as papers to keep, and a plan's progress as a picture."""

from bot.services import papers, pictures
from bot.services.papers import Paper
from bot.services.saying import Manner
from bot.telegram.talk import BorrowerTalk, Handler


async def statement(talk: BorrowerTalk, _args: str) -> None:
    situation = await talk.situation()
    if not situation.facts.loans:
        await talk.show("balance.now", {"as_of": None})
        return
    await _send(talk, papers.statement(situation, talk.office, talk.reader.language))


async def plan_paper(talk: BorrowerTalk, _args: str) -> None:
    """The plan that is under way."""
    situation = await talk.situation()
    found = next((pair for pair in situation.plans if pair[0] == situation.active_plan), None)
    if found is None:
        await talk.show("paper.no_plan", {}, [[talk.choice("plan"), talk.choice("menu")]])
        return
    await _send(talk, papers.plan_paper(situation, talk.office, talk.reader.language, *found))


async def progress(talk: BorrowerTalk, _args: str) -> None:
    """A message of its own: Telegram cannot turn a text into a picture, and home stays home."""
    situation = await talk.situation()
    found = pictures.plan_with_progress(situation)
    if found is None:
        await talk.show("progress.none", {}, [[talk.choice("menu")]])
        return
    drawn = pictures.progress(situation, talk.office, talk.reader.language, *found)
    await talk.tell(
        talk.reader, "progress.shown", pictures.progress_values(*found),
        manner=Manner(kept=True), file=drawn,
    )  # fmt: skip


async def _send(talk: BorrowerTalk, paper: Paper) -> None:
    await talk.tell(talk.reader, "paper.sent", {}, file=paper)


COMMANDS: dict[str, Handler] = {"progress": progress}
PRESSES: dict[str, Handler] = {
    "statement": statement,
    "plan_paper": plan_paper,
    "progress": progress,
}
