"""`/find REF`: a borrower by the lender's reference, for those who may see them."""

from bot.errors import Refusal
from bot.services.cases import finding
from bot.telegram.talk import StaffHandler, StaffTalk


async def find(talk: StaffTalk, args: str) -> None:
    if not args:
        raise Refusal("find.how")
    values = await finding.find(talk.tx, talk.office, talk.member, args, talk.now)
    await talk.show("find.found", values)


COMMANDS: dict[str, StaffHandler] = {"find": find}
PRESSES: dict[str, StaffHandler] = {}
