"""`/find REF`: a borrower by the lender's reference, for those who may see them."""

from bot.errors import Refusal
from bot.services.cases import finding, supervising
from bot.services.saying import Choice
from bot.telegram.collector import team
from bot.telegram.talk import StaffHandler, StaffTalk


async def find(talk: StaffTalk, args: str) -> None:
    """`/find REF`; who leads also finds cases by number ("#12") and by a part of the name."""
    wanted = args.strip()
    if not wanted:
        raise Refusal("find.how")
    if wanted.startswith("#"):
        await team.case(talk, wanted)
        return
    if not finding.sees_everyone(talk.member) or await finding.is_known(talk.tx, wanted):
        values = await finding.find(talk.tx, talk.office, talk.member, wanted, talk.now)
        await talk.show("find.found", values)
    if not finding.sees_everyone(talk.member):
        return
    cases, numbers = await supervising.search(talk.tx, talk.office, talk.member, wanted, talk.now)
    if not numbers and not await finding.is_known(talk.tx, wanted):
        raise Refusal("find.none")
    if numbers:
        row = [Choice(f"#{one}", f"case:{one}") for one in numbers]
        await talk.tell(talk.reader, "find.cases", cases, [row])


COMMANDS: dict[str, StaffHandler] = {"find": find}
PRESSES: dict[str, StaffHandler] = {}
