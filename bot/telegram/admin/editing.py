"""Changing words: the next message is the new text; it is checked and saved as a draft at once."""

from typing import Any

from bot.services.saying import Manner
from bot.services.scripts import drafting, texts
from bot.services.scripts.drafting import Opened
from bot.services.scripts.texts import Text
from bot.telegram.admin import review
from bot.telegram.admin.asked import (
    LONGEST_PART,
    button,
    in_parts,
    is_number,
    language_name,
    named,
    pressed,
)
from bot.telegram.talk import StaffHandler, StaffTalk
from scripts_library.errors import UnreadableScript
from scripts_library.source import body_of
from storage.records import ScriptVersion, VersionId

TEXT = "script_text"
"""The question an admin's chat is open for."""
_ALL = "all"


async def edit(talk: StaffTalk, args: str) -> None:
    """`/scripts edit reminder.early en`: shows the text to copy and waits for the new one.

    Of several wordings one is named, or all are changed together.
    """
    asked = named(talk, args)
    opened = await drafting.open_text(talk.tx, talk.office, talk.actor, asked.key, asked.language)
    text = opened.text
    known = texts.wordings(opened.source, text)
    wanted = _by_number(list(known), asked.rest[0]) if asked.rest else None
    if len(known) > 1 and wanted != _ALL and wanted not in known:
        await _ask_which(talk, opened, list(known))
        return
    wording = wanted if len(known) > 1 and wanted in known else None
    await _remember(talk, text, opened.draft, wording)
    parts = in_parts(known[wording] if wording else _words(opened), LONGEST_PART)
    values = {
        "script": text.key,
        "language_name": language_name(talk, text.language),
        "number": opened.draft.version_id if opened.draft else None,
        "label": text.is_label,
        "variant": wording,
        "words": parts[0],
    }
    rows = [[button(talk, "cancel", "cancel")]]
    await talk.tell(talk.reader, "scripts.edit", values, rows if len(parts) == 1 else ())
    for part in parts[1:]:
        last = part is parts[-1]
        await talk.tell(talk.reader, "scripts.edit_more", {"words": part}, rows if last else ())


async def given(talk: StaffTalk) -> bool:
    """Plain words: the new text, if one is waited for. False: they are something else."""
    question = await talk.asked()
    if question is None or question.name != TEXT or talk.incoming.media is not None:
        return False
    data = question.data
    seen = None if data["draft"] is None else (VersionId(data["draft"]), int(data["revision"]))
    wording: str | None = data["wording"]
    checked = await drafting.write(
        talk.tx, talk.office, talk.actor, data["key"], data["language"], talk.incoming.text,
        seen=seen, now=talk.now, wording=wording,
    )  # fmt: skip
    await _remember(talk, checked.text, checked.version, wording)
    await review.show_version(talk, checked, manner=Manner(reply_to=talk.incoming.message_id))
    return True


async def cancel(talk: StaffTalk, _args: str) -> None:
    """`/scripts cancel`: what is written next is no script."""
    await talk.show("scripts.cancelled", {}, [[button(talk, "script_home")]])


def _words(opened: Opened) -> str:
    if opened.text.is_label:
        return opened.source
    try:
        return body_of(opened.source)
    except UnreadableScript:  # a draft whose front matter was broken is mended as a whole
        return opened.source


def _by_number(names: list[str], given: str) -> str:
    """Buttons count, because a long key and a long name do not fit behind one together."""
    if is_number(given) and 0 < int(given) <= len(names):
        return names[int(given) - 1]
    return given


async def _ask_which(talk: StaffTalk, opened: Opened, names: list[str]) -> None:
    text = opened.text
    here = (text.key, text.language)
    label = talk.label("button.script_wording")
    rows = [
        [pressed(f"{label} {name}", "edit", *here, number)]
        for number, name in enumerate(names, start=1)
    ]
    rows.append([button(talk, "script_all", "edit", *here, _ALL)])
    rows.append([button(talk, "back", "show", *here)])
    values = {
        "script": text.key,
        "language_name": language_name(talk, text.language),
        "names": names,
    }
    await talk.show("scripts.which_wording", values, rows)


async def _remember(
    talk: StaffTalk, text: Text, draft: ScriptVersion | None, wording: str | None
) -> None:
    data: dict[str, Any] = {
        "key": text.key,
        "language": text.language,
        "draft": draft.version_id if draft else None,
        "revision": draft.revision if draft else None,
        "wording": wording,
    }
    await talk.ask(TEXT, data)


VERBS: dict[str, StaffHandler] = {"edit": edit, "cancel": cancel}
