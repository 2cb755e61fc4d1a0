"""Choosing the language: every folder of the library is offered under its own name."""

from dataclasses import replace

from bot.services import preferences
from bot.services.saying import Choice
from bot.telegram.borrower import home
from bot.telegram.talk import BorrowerTalk, Handler
from bot.understanding import language_spoken


async def choose(talk: BorrowerTalk, wanted: str) -> None:
    """`/language en` or the button sets it; without one the languages are offered."""
    library = talk.office.library
    tag = _named(talk, wanted)
    if tag is not None:
        await set_language(talk, tag)
        return
    rows = [[Choice(library.language(tag).name, f"language:{tag}")] for tag in library.languages]
    await talk.show("language.choose", {}, [*rows, [talk.choice("menu")]])


async def set_language(talk: BorrowerTalk, tag: str) -> None:
    await preferences.set_language(talk.tx, talk.actor, talk.incoming.telegram_id, tag, talk.now)
    talk.reader = replace(talk.reader, language=tag)
    talk.notice("toast.language_set")
    await home.show(talk, "")


async def follow(talk: BorrowerTalk, text: str) -> None:
    """Whoever goes on in another language we speak is answered in it from now on.

    A word or two ("ok", "hi") switches nothing.
    """
    spoken = language_spoken(text)
    if spoken is None or spoken.partition("-")[0] == talk.reader.language.partition("-")[0]:
        return
    base = spoken.partition("-")[0]
    tags = [tag for tag in talk.office.library.languages if tag.partition("-")[0] == base]
    if tags:
        tag = spoken if spoken in tags else tags[0]
        await preferences.set_language(
            talk.tx, talk.actor, talk.incoming.telegram_id, tag, talk.now
        )
        talk.reader = replace(talk.reader, language=tag)


def _named(talk: BorrowerTalk, wanted: str) -> str | None:
    """The language that was meant: by its tag ("zh-CN"), or by the name it has itself."""
    library = talk.office.library
    folded = wanted.strip().casefold()
    for tag in library.languages:
        language = library.language(tag)
        if folded in {tag.casefold(), language.name.casefold(), *language.also}:
            return tag
    return None


COMMANDS: dict[str, Handler] = {"language": choose}
PRESSES: dict[str, Handler] = {"language": choose}
