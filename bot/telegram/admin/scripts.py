"""`/scripts`: one command for all that is done with words; every button sends what can be typed.

`/scripts approve 12` and the button Approve under draft 12 are the same text on the same way.
"""

from bot.services.scripts.previewing import INERT
from bot.telegram.admin import browse, editing, preview, review
from bot.telegram.admin.asked import PRESS
from bot.telegram.talk import StaffHandler, StaffTalk

_MODULES = (browse, editing, preview, review)

VERBS: dict[str, StaffHandler] = {}
for _module in _MODULES:
    VERBS.update(_module.VERBS)


async def scripts(talk: StaffTalk, args: str) -> None:
    """The first word says what to do; a key shows the text, anything else is looked for."""
    verb, _, rest = args.strip().partition(" ")
    await _no_longer_waiting(talk)
    handler = VERBS.get(verb.lower())
    if handler is not None:
        await handler(talk, rest.strip())
    elif _is_key(talk, verb.lower()):
        await browse.show(talk, args.strip())
    else:
        await browse.find(talk, args.strip())


def _is_key(talk: StaffTalk, word: str) -> bool:
    files = talk.office.files
    return word in files.by_key or bool(files.labels_of(word))


async def given(talk: StaffTalk) -> bool:
    """Plain words in a chat of staff: a script's new text, if one is waited for."""
    return await editing.given(talk)


async def _no_longer_waiting(talk: StaffTalk) -> None:
    """Whoever asks for something else is done writing."""
    question = await talk.asked()
    if question is not None and question.name == editing.TEXT:
        await talk.done()


COMMANDS: dict[str, StaffHandler] = {"scripts": scripts}
PRESSES: dict[str, StaffHandler] = {PRESS: scripts, INERT: preview.inert}
