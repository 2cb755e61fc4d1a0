"""The board group: its only door is the Take button. Whatever else is said there is not for us."""

from bot.services.cases import board as lines
from bot.telegram.collector.queue import take
from bot.telegram.talk import StaffTalk


async def serve(talk: StaffTalk) -> None:
    """A press on the board's own group; other groups hear nothing."""
    incoming = talk.incoming
    if incoming.data is None or not await lines.is_board(talk.tx, talk.office, incoming.chat_id):
        return
    name, _, args = incoming.data.partition(":")
    if name == "take":
        await take(talk, args)
