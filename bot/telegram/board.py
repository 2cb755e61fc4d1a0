"""The board group: its only door is the Take button. Whatever else is said there is not for us."""

from bot.telegram.collector.queue import take
from bot.telegram.talk import StaffTalk


async def serve(talk: StaffTalk) -> None:
    """A press on the board's own group; other groups hear nothing."""
    incoming = talk.incoming
    if incoming.chat_id != talk.office.board_chat_id or incoming.data is None:
        return
    name, _, args = incoming.data.partition(":")
    if name == "take":
        await take(talk, args)
