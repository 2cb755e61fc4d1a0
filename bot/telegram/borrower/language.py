"""Choosing the language: every folder of the library is offered under its own name."""

from dataclasses import replace

from bot.services import preferences
from bot.services.saying import Choice
from bot.telegram.borrower import home
from bot.telegram.talk import BorrowerTalk, Handler


async def choose(talk: BorrowerTalk, wanted: str) -> None:
    """`/language en` or the button sets it; without one the languages are offered."""
    library = talk.office.library
    if wanted in library.languages:
        await set_language(talk, wanted)
        return
    rows = [[Choice(library.language(tag).name, f"language:{tag}")] for tag in library.languages]
    await talk.show("language.choose", {}, [*rows, [talk.choice("menu")]])


async def set_language(talk: BorrowerTalk, tag: str) -> None:
    await preferences.set_language(talk.tx, talk.actor, talk.incoming.telegram_id, tag, talk.now)
    talk.reader = replace(talk.reader, language=tag)
    talk.notice("toast.language_set")
    await home.show(talk, "")


COMMANDS: dict[str, Handler] = {"language": choose}
PRESSES: dict[str, Handler] = {"language": choose}
