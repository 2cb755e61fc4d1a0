"""A script as its reader will see it, one made-up borrower after the other."""

from bot.services.saying import Choice
from bot.services.scripts import browsing, previewing
from bot.services.scripts.previewing import INERT, Preview
from bot.telegram.admin.asked import Named, button, is_number, named, numbered, pressed
from bot.telegram.talk import StaffHandler, StaffTalk
from scripts_library.errors import RenderError
from scripts_library.examples import BadExample
from scripts_library.samples import samples
from scripts_library.script import Script
from storage.records import VersionId


async def preview(talk: StaffTalk, args: str) -> None:
    """`/scripts preview reminder.early en three_loans`, or `/scripts preview 12`."""
    script, here, rest = await _meant(talk, args)
    try:
        shown = previewing.preview(
            script, _sample(rest[:1]), _wording(rest[1:2]), talk.now, talk.reader.zone
        )
    except (RenderError, BadExample) as error:
        raise previewing.fault_of(error) from None
    edit = talk.incoming.message_id if talk.incoming.query_id else None
    await previewing.show(
        talk.tx, talk.reader.chat_id, shown, _rows(talk, here, shown),
        unique_key=talk.key(), now=talk.now, edit=edit,
    )  # fmt: skip


async def inert(talk: StaffTalk, _args: str) -> None:
    """A button of the message that is only shown."""
    talk.notice("toast.script_shown")


async def _meant(talk: StaffTalk, args: str) -> tuple[Script, tuple[object, ...], list[str]]:
    """The script, how it is named again behind a button, and what else was asked for."""
    head, _, rest = args.strip().partition(" ")
    if is_number(head.removeprefix("#")):
        number: VersionId = numbered(head).version_id
        version = await browsing.version(talk.tx, number)
        return previewing.script_in(talk.office, version), (number,), rest.split()
    asked: Named = named(talk, args)
    script = previewing.script_of(talk.office, asked.key, asked.language)
    return script, (asked.key, asked.language), list(asked.rest)


def _sample(words: list[str]) -> int | None:
    """By number as buttons have it, or by name as people type it."""
    known = list(samples())
    word = words[0] if words else ""
    if is_number(word):
        return int(word)
    return known.index(word) if word in known else None


def _wording(words: list[str]) -> int:
    return int(words[0]) if words and is_number(words[0]) else 0


def _rows(talk: StaffTalk, here: tuple[object, ...], shown: Preview) -> list[list[dict[str, str]]]:
    following = (shown.number + 1) % shown.of
    next_one = talk.label(f"sample.{list(samples())[following]}")
    turns = [pressed(f"{next_one} ▶", "preview", *here, following, shown.wording)]
    if shown.wordings > 1:
        wording = (shown.wording + 1) % shown.wordings
        label = f"{talk.label('button.script_wording')} {wording + 1}/{shown.wordings}"
        turns.append(pressed(label, "preview", *here, shown.number, wording))
    who = Choice(talk.label(f"sample.{shown.sample.name}"), INERT)
    back = button(talk, "back", "show" if len(here) > 1 else "draft", *here)
    return [
        [{"text": one.label, "data": one.data} for one in row] for row in ([who], turns, [back])
    ]


VERBS: dict[str, StaffHandler] = {"preview": preview}
