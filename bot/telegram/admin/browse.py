"""Looking around: groups, a search, one text, its history and what came of it."""

from typing import Any

from bot.errors import Refusal
from bot.services.saying import Choice
from bot.services.scripts import browsing, eyes, figures, telling
from bot.services.scripts.browsing import GROUPS, Standing
from bot.services.scripts.texts import source_of
from bot.telegram.admin.asked import (
    button,
    is_number,
    language_name,
    may_change,
    named,
    pressed,
)
from bot.telegram.talk import StaffHandler, StaffTalk
from scripts_library.examples import example_values
from scripts_library.render import plain_text, render
from storage.records import ScriptVersion

_PAGE = 5
_LONGEST_WORDS = 1500
_SHOWN_VERSIONS = 12
_FITS = 45
"""Bytes of a search, of the 64 that a button sends."""


async def home(talk: StaffTalk, _args: str = "") -> None:
    """`/scripts`."""
    drafts = await browsing.waiting(talk.tx)
    groups = [pressed(talk.label(f"group.{name}"), "list", name) for name in GROUPS]
    rows = [groups[at : at + 2] for at in range(0, len(groups), 2)]
    rows.append([button(talk, "script_waiting", "waiting")])
    values = {
        "waiting_count": len([one for one in drafts if one.submitted_at is not None]),
        "drafts_count": len([one for one in drafts if one.submitted_at is None]),
        "four_eyes": await eyes.are_needed(talk.tx),
        "edits": may_change(talk),
    }
    await talk.show("scripts.home", values, rows)


async def list_(talk: StaffTalk, args: str) -> None:
    """`/scripts list answers 2`: a group, page by page."""
    name, _, page = args.partition(" ")
    keys = browsing.group(talk.office.files, name)
    await _page(talk, keys, page, "list", name)


async def find(talk: StaffTalk, args: str) -> None:
    """`/scripts find first payment`, or anything that is no other word of `/scripts`."""
    if not args:
        raise Refusal("scripts.how")
    wanted, _, page = args.rpartition(" ")
    if not (wanted and is_number(page)):
        wanted, page = args, ""
    keys = browsing.search(talk.office.library, wanted)
    if not keys:
        raise Refusal("scripts.nothing_found", wanted=wanted[:60])
    await _page(talk, keys, page, "find", _short(wanted))


async def show(talk: StaffTalk, args: str) -> None:
    """`/scripts reminder.early en`."""
    asked = named(talk, args)
    found = await browsing.standing(talk.tx, talk.office, asked.key, asked.language, talk.now)
    await talk.show("scripts.shown", await _shown(talk, found), _rows(talk, found))


async def history(talk: StaffTalk, args: str) -> None:
    """`/scripts history reminder.early en`."""
    asked = named(talk, args)
    versions = await browsing.history(talk.tx, talk.office, asked.key, asked.language)
    records = [await _version(talk, one) for one in versions[:_SHOWN_VERSIONS]]
    rows = [
        [pressed(f"#{one.version_id}", "draft", one.version_id) for one in versions[:_PAGE]],
        [button(talk, "back", "show", asked.key, asked.language)],
    ]
    values = {
        "script": asked.key,
        "language_name": language_name(talk, asked.language),
        "versions": records,
    }
    await talk.show("scripts.history", values, [row for row in rows if row])


async def waiting(talk: StaffTalk, _args: str) -> None:
    """`/scripts waiting`: what is to be reviewed and what is being written."""
    versions = (await browsing.waiting(talk.tx))[:_PAGE]
    rows = [[pressed(f"#{one.version_id} {one.key}", "draft", one.version_id)] for one in versions]
    rows.append([button(talk, "script_home")])
    records = [await _version(talk, one) for one in versions]
    await talk.show("scripts.waiting", {"versions": records}, rows)


async def numbers(talk: StaffTalk, args: str) -> None:
    """`/scripts figures reminder.early`."""
    asked = named(talk, args)
    found = await figures.of_script(talk.tx, talk.office, asked.key, talk.now)
    records = [
        {
            "language_name": language_name(talk, one.language),
            "variant": one.variant,
            "number": one.version,
            "delivered": figures.told(one.delivered),
            "answered": figures.told(one.answered),
            "promised": figures.told(one.promised),
            "paid": figures.told(one.paid),
            "complained": figures.told(one.complained),
        }
        for one in found[:_PAGE]
    ]
    rows = [[button(talk, "back", "show", asked.key, asked.language)]]
    await talk.show("scripts.figures", {"script": asked.key, "figures": records}, rows)


async def _page(talk: StaffTalk, keys: list[str], page: str, *asks: str) -> None:
    last = max((len(keys) - 1) // _PAGE, 0)
    number = min(max(int(page) - 1, 0), last) if is_number(page) else 0
    shown = keys[number * _PAGE : (number + 1) * _PAGE]
    rows = [[pressed(_button_name(talk, key), "show", key)] for key in shown]
    turns = []
    if number > 0:
        turns.append(pressed("◀", *asks, number))
    turns.append(button(talk, "script_home"))
    if number < last:
        turns.append(pressed("▶", *asks, number + 2))
    entries = [{"script": key, "purpose": _purpose(talk, key)} for key in shown]
    values = {"entries": entries, "page": number + 1, "pages": last + 1}
    await talk.show("scripts.list", values, [*rows, turns])


def _short(wanted: str) -> str:
    """What fits behind a button together with a page."""
    return wanted.encode()[:_FITS].decode(errors="ignore").strip()


def _button_name(talk: StaffTalk, key: str) -> str:
    """A label is found by what it says, a script by its name."""
    labels = talk.office.library.labels_of(key)
    return labels.get(talk.reader.language, key) if labels else key


def _purpose(talk: StaffTalk, key: str) -> str:
    """In the reader's language where a script has it; of a label what it says."""
    library = talk.office.library
    if key not in library.by_key:
        return library.label(key, talk.reader.language)
    return library.script(key, talk.reader.language).purpose


async def _shown(talk: StaffTalk, found: Standing) -> dict[str, Any]:
    text, said = found.text, found.said
    library = talk.office.library
    values: dict[str, Any] = {
        "script": text.key,
        "language_name": language_name(talk, text.language),
        "purpose": None if text.is_label else _purpose(talk, text.key),
        "number": said.version_id if said else None,
        "since": said.effective_from if said else None,
        "who": await telling.named(talk.tx, talk.office, said.written_by) if said else None,
        "draft_number": found.draft.version_id if found.draft else None,
        "next_number": found.to_come[-1].version_id if found.to_come else None,
        "next_from": found.to_come[-1].effective_from if found.to_come else None,
    }
    if text.is_label:
        return values | {"words": source_of(library, text)}
    script = library.by_key[text.key][text.language]
    shown = plain_text(render(script, example_values(script), zone=talk.reader.zone).text)
    return values | {
        "kind": talk.label(f"kind.{script.kind}") if script.kind else None,
        "audience": talk.label(f"audience.{script.audience}"),
        "variants": len(script.wordings),
        "words": shown[:_LONGEST_WORDS],
    }


def _rows(talk: StaffTalk, found: Standing) -> list[list[Choice]]:
    text = found.text
    here = (text.key, text.language)
    rows = [[button(talk, "script_history", "history", *here)]]
    if not text.is_label:
        rows[0].insert(0, button(talk, "script_preview", "preview", *here))
        rows[0].append(button(talk, "script_figures", "figures", *here))
    if may_change(talk):
        changes = []
        if found.draft is None:
            changes.append(button(talk, "script_edit", "edit", *here))
        newest = found.to_come[-1] if found.to_come else found.said
        if newest is not None:
            changes.append(button(talk, "script_roll_back", "roll_back", newest.version_id))
        if changes:
            rows.append(changes)
    if found.draft is not None:
        number = found.draft.version_id
        rows.append([button(talk, "script_look", "draft", number)])
    others = [
        pressed(language.name, "show", text.key, tag)
        for tag, language in talk.office.files.by_tag.items()
        if tag != text.language
    ]
    return [*rows, others, [button(talk, "script_home")]]


async def _version(talk: StaffTalk, one: ScriptVersion) -> dict[str, Any]:
    return {
        "number": one.version_id,
        "script": one.key,
        "language_name": language_name(talk, one.language),
        "state": talk.label(f"version_state.{one.state}"),
        "who": await telling.named(talk.tx, talk.office, one.written_by, talk.reader.language),
        "at": one.written_at,
        "why": one.why[:120] or None,
    }


VERBS: dict[str, StaffHandler] = {
    "": home,
    "list": list_,
    "find": find,
    "show": show,
    "history": history,
    "waiting": waiting,
    "figures": numbers,
}
