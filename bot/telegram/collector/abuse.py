"""`/abuse`: the borrower is abusive; remind, then restate, then end the talk."""

from bot.services.cases import abuse as steps
from bot.telegram.collector.answering import tell_verdict
from bot.telegram.collector.meant import case_meant
from bot.telegram.talk import StaffHandler, StaffTalk


async def abuse(talk: StaffTalk, _args: str) -> None:
    asked_in = talk.incoming.message_id
    spoken = await steps.answer(
        talk.tx,
        talk.office,
        talk.member,
        await case_meant(talk),
        talk.now,
        unique_key=talk.key(),
        asked_in=asked_in,
    )
    if spoken is not None:
        await tell_verdict(talk, spoken, asked_in)


COMMANDS: dict[str, StaffHandler] = {"abuse": abuse}
PRESSES: dict[str, StaffHandler] = {}
