"""What is kept about a borrower, why and for how long."""

from bot.rules.presets import duties_for
from bot.telegram.talk import BorrowerTalk, Handler


async def privacy(talk: BorrowerTalk, _args: str) -> None:
    duties = duties_for(talk.borrower.country, *talk.office.presets)
    values = {"years": duties.records_years}
    await talk.show("privacy.note", values, [[talk.choice("menu"), talk.choice("human")]])


COMMANDS: dict[str, Handler] = {"privacy": privacy}
PRESSES: dict[str, Handler] = {"privacy": privacy}
