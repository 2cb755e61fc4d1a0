"""A case held out to a colleague: yes or no, and asking a colleague oneself."""

from bot.services.cases import offering, passing
from bot.services.saying import Choice, Manner
from bot.telegram.collector.queue import number
from bot.telegram.talk import StaffHandler, StaffTalk
from storage.records import CaseId, StaffId, WorkId

_ASKED_AT_ONCE = 6


async def accept(talk: StaffTalk, args: str) -> None:
    """`/accept`, `/accept 12`, and the button."""
    await passing.accept(talk.tx, talk.office, talk.member, _number(args), talk.now)
    talk.notice("toast.taken")


async def decline(talk: StaffTalk, args: str) -> None:
    """`/decline`, `/decline 12`, and the button."""
    offer = await offering.decline(talk.tx, talk.office, talk.member, _number(args), talk.now)
    talk.notice("toast.declined")
    await talk.show("offer.declined", {"case_number": offer.work_id})


async def pass_to(talk: StaffTalk, case_id: CaseId, text: str) -> None:
    """`/transfer @Dana knows the fees`: a name, then a note."""
    colleague, note = await passing.named(talk.tx, talk.member, text)
    await passing.ask(
        talk.tx, talk.office, talk.member, case_id, colleague.staff_id, note, talk.now
    )


async def pass_on(talk: StaffTalk, args: str) -> None:
    """The button: whom to ask, and with a colleague chosen, ask them."""
    which, _, who = args.partition(":")
    case_id = CaseId(number(which))
    if who:
        await passing.ask(
            talk.tx, talk.office, talk.member, case_id, StaffId(number(who)), "", talk.now
        )
        talk.notice("toast.done")
        return
    rows = [
        [Choice(one.name, f"pass_on:{case_id}:{one.staff_id}")]
        for one in (await passing.colleagues(talk.tx, talk.member))[:_ASKED_AT_ONCE]
    ]
    rows.append([Choice(talk.label("button.back_to_queue"), f"transfer:{case_id}")])
    await talk.tell(talk.reader, "transfer.how", {}, rows, manner=Manner(case_id=case_id))


def _number(args: str) -> WorkId | None:
    return number(args) if args.strip() else None


COMMANDS: dict[str, StaffHandler] = {"accept": accept, "decline": decline}
PRESSES: dict[str, StaffHandler] = {"accept": accept, "decline": decline, "pass_on": pass_on}
