"""Changing words: the next message is the new text; it is checked and saved as a draft at once."""

from typing import Any

from bot.services import asking
from bot.services.saying import Manner
from bot.services.scripts import drafting
from bot.services.scripts.drafting import Opened
from bot.telegram.admin import review
from bot.telegram.admin.asked import button, language_name, named
from bot.telegram.talk import StaffHandler, StaffTalk
from scripts_library.errors import UnreadableScript
from scripts_library.script import body_of
from storage.records import VersionId

TEXT = "script_text"
"""The question an admin's chat is open for."""
_LONGEST_PART = 3000


async def edit(talk: StaffTalk, args: str) -> None:
    """`/scripts edit reminder.early en`: shows the text to copy and waits for the new one."""
    asked = named(talk, args)
    opened = await drafting.open_text(talk.tx, talk.office, talk.actor, asked.key, asked.language)
    await _wait_for_text(talk, opened)
    text = opened.text
    parts = _parts(_words(opened))
    values = {
        "script": text.key,
        "language_name": language_name(talk, text.language),
        "number": opened.draft.version_id if opened.draft else None,
        "label": text.is_label,
        "words": parts[0],
    }
    rows = [[button(talk, "cancel", "cancel")]]
    await talk.tell(talk.reader, "scripts.edit", values, rows if len(parts) == 1 else ())
    for part in parts[1:]:
        last = part is parts[-1]
        await talk.tell(talk.reader, "scripts.edit_more", {"words": part}, rows if last else ())


async def given(talk: StaffTalk) -> bool:
    """Plain words: the new text, if one is waited for. False: they are something else."""
    question = await asking.asked(talk.tx, talk.reader.chat_id)
    if question is None or question.name != TEXT or talk.incoming.media is not None:
        return False
    data = question.data
    seen = None if data["draft"] is None else (VersionId(data["draft"]), int(data["revision"]))
    checked = await drafting.write(
        talk.tx, talk.office, talk.actor, data["key"], data["language"], talk.incoming.text,
        seen=seen, now=talk.now,
    )  # fmt: skip
    version = checked.version
    await _remember(talk, version.key, version.language, version.version_id, version.revision)
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


def _parts(words: str) -> list[str]:
    """As many messages as it takes, cut between lines."""
    parts = [""]
    for row in words.split("\n"):
        if len(parts[-1]) + len(row) > _LONGEST_PART:
            parts.append("")
        parts[-1] += f"{row}\n"
    return [part.strip("\n")[:_LONGEST_PART] for part in parts]


async def _wait_for_text(talk: StaffTalk, opened: Opened) -> None:
    draft = opened.draft
    await _remember(
        talk,
        opened.text.key,
        opened.text.language,
        draft.version_id if draft else None,
        draft.revision if draft else None,
    )


async def _remember(
    talk: StaffTalk, key: str, language: str, draft: int | None, revision: int | None
) -> None:
    data: dict[str, Any] = {
        "key": key, "language": language, "draft": draft, "revision": revision,
    }  # fmt: skip
    await asking.ask(talk.tx, talk.reader.chat_id, TEXT, data, talk.now)


VERBS: dict[str, StaffHandler] = {"edit": edit, "cancel": cancel}
