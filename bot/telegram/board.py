"""The board group: its door is the Take button, and who comes and goes is noted.

Whatever else is said there is not for us.
"""

from bot.services import board_group
from bot.services.cases import board as lines
from bot.telegram.collector.queue import take
from bot.telegram.talk import StaffTalk, Talk
from storage.board_members import Standing
from storage.records import Actor


async def serve(talk: StaffTalk) -> None:
    """A press on the board's own group; other groups hear nothing."""
    incoming = talk.incoming
    if incoming.data is None or not await lines.is_board(talk.tx, talk.office, incoming.chat_id):
        return
    name, _, args = incoming.data.partition(":")
    if name == "take":
        await take(talk, args)


async def people_moved(talk: Talk) -> None:
    """Somebody came to the group or left it, or was taken out by who looks after it."""
    chat_id = talk.incoming.chat_id
    if not await lines.is_board(talk.tx, talk.office, chat_id):
        return
    # Who looks after a group need not be one of us, and may be anonymous there.
    actor = talk.actor if isinstance(talk, StaffTalk) else Actor.system()
    for one in talk.incoming.moves:
        standing = Standing(chat_id, one.present, one.at or talk.now)
        move = board_group.came if one.present else board_group.left
        await move(talk.tx, talk.office, actor, one.telegram_id, standing, talk.now)
