"""A draft on its way: what it changes, what is wrong with it, the second look, and the way back."""

from bot.services.saying import PLAINLY, Choice, Manner
from bot.services.scripts import browsing, drafting, eyes, reviewing, telling, texts
from bot.services.scripts.drafting import Checked
from bot.telegram.admin.asked import (
    LONGEST_PART,
    button,
    in_parts,
    language_name,
    may_change,
    moment,
    numbered,
)
from bot.telegram.talk import StaffHandler, StaffTalk
from storage.records import VersionState

_SHOWN_FINDINGS = 3
_LONGEST_DIFFERENCE = 1000


async def draft(talk: StaffTalk, args: str) -> None:
    """`/scripts draft 12`: any version, with what it changed."""
    await show_version(talk, await _look(talk, args))


async def difference(talk: StaffTalk, args: str) -> None:
    """`/scripts difference 12`: all of it, in as many messages as it takes."""
    version = await browsing.version(talk.tx, numbered(args).version_id)
    change = await browsing.difference(talk.tx, talk.office, version)
    rows = [[button(talk, "back", "draft", version.version_id)]]
    parts = in_parts(change.told, LONGEST_PART)
    for number, part in enumerate(parts, start=1):
        words = {"words": part or "="}
        await talk.tell(
            talk.reader, "scripts.edit_more", words, rows if number == len(parts) else ()
        )


async def submit(talk: StaffTalk, args: str) -> None:
    """`/scripts submit 12 clearer date`: the other admins are asked to look."""
    asked = numbered(args)
    checked = await drafting.submit(
        talk.tx, talk.office, talk.actor, asked.version_id, asked.revision, asked.rest, talk.now
    )
    await show_version(talk, checked)


async def approve(talk: StaffTalk, args: str) -> None:
    """`/scripts approve 12`, or with a day or moment from which it is said."""
    asked = numbered(args)
    version = await reviewing.approve(
        talk.tx, talk.office, talk.actor, asked.version_id, asked.revision, talk.now,
        effective_from=moment(asked.rest, talk.reader.zone),
    )  # fmt: skip
    begins = version.effective_from
    values = {
        "number": version.version_id,
        "script": version.key,
        "language_name": language_name(talk, version.language),
        "effective_from": begins if begins and begins > talk.now else None,
    }
    rows = [
        [button(talk, "script_show", "show", version.key, version.language)],
        [button(talk, "script_roll_back", "roll_back", version.version_id)],
    ]
    await talk.show("scripts.live", values, rows)


async def send_back(talk: StaffTalk, args: str) -> None:
    """`/scripts return 12 the date is missing`."""
    asked = numbered(args)
    await reviewing.send_back(
        talk.tx, talk.office, talk.actor, asked.version_id, asked.revision, asked.rest, talk.now
    )
    await show_version(talk, await _look(talk, str(asked.version_id)))


async def discard(talk: StaffTalk, args: str) -> None:
    """`/scripts discard 12`."""
    version = await drafting.discard(talk.tx, talk.actor, numbered(args).version_id, talk.now)
    rows = [[button(talk, "script_show", "show", version.key, version.language)]]
    await talk.show("scripts.discarded", {"number": version.version_id}, rows)


async def roll_back(talk: StaffTalk, args: str) -> None:
    """`/scripts roll_back 12`, and why if you like: what was said before is said again."""
    asked = numbered(args)
    done = await reviewing.roll_back(
        talk.tx, talk.office, talk.actor, asked.version_id, talk.now, asked.rest
    )
    version = done.version
    rows = [[button(talk, "script_show", "show", version.key, version.language)]]
    values = {
        "number": version.version_id,
        "script": version.key,
        "language_name": language_name(talk, version.language),
        "back_to": done.back_to.version_id if done.back_to else None,
    }
    await talk.show("scripts.rolled_back", values, rows)


async def four_eyes(talk: StaffTalk, args: str) -> None:
    """`/scripts eyes on|off`; without a word it says how it is."""
    if args in ("on", "off"):
        await eyes.set_needed(talk.tx, talk.office, talk.actor, args == "on", talk.now)
    needed = await eyes.are_needed(talk.tx)
    rows = [[button(talk, "script_home")]]
    if may_change(talk):
        name = "off" if needed else "on"
        rows.insert(0, [button(talk, f"script_eyes_{name}", "eyes", name)])
    await talk.show("scripts.eyes", {"needed": needed}, rows)


async def show_version(talk: StaffTalk, checked: Checked, *, manner: Manner = PLAINLY) -> None:
    """One version: its state, its difference, its findings and what can be done with it now."""
    version = checked.version
    is_open = version.state in (VersionState.DRAFT, VersionState.IN_REVIEW)
    findings = checked.findings if is_open else ()
    change = await browsing.difference(talk.tx, talk.office, version)
    shown = in_parts(change.told, _LONGEST_DIFFERENCE)
    values = {
        "number": version.version_id,
        "script": version.key,
        "language_name": language_name(talk, version.language),
        "state": talk.label(f"version_state.{version.state}"),
        "who": await _named(talk, version.written_by),
        "at": version.written_at,
        "approved_by": await _named(talk, version.published_by),
        "approved_at": version.published_at,
        "effective_from": version.effective_from,
        "retired_who": await _named(talk, version.retired_by),
        "retired_at": version.retired_at,
        "retired_why": version.retired_why[:100] or None,
        "why": version.why[:300] or None,
        "difference": shown[0] or None,
        "more_lines": len(shown) > 1,
        "gone": list(change.gone),
        "added": list(change.added),
        "findings": texts.found_values(findings[:_SHOWN_FINDINGS], version.source),
        "faults": not checked.may_go_on and is_open,
        "more": max(len(findings) - _SHOWN_FINDINGS, 0),
    }
    rows = _rows(talk, checked)
    if len(shown) > 1:
        whole = button(talk, "script_difference", "difference", version.version_id)
        rows[0].append(whole)
    await talk.show("scripts.draft", values, rows, manner=manner)


def _rows(talk: StaffTalk, checked: Checked) -> list[list[Choice]]:
    version = checked.version
    number, seen = version.version_id, f"@{version.revision}"
    preview = button(talk, "script_preview", "preview", number)
    back = button(talk, "script_show", "show", version.key, version.language)
    edit = button(talk, "script_edit", "edit", version.key, version.language)
    discard_ = button(talk, "script_discard", "discard", number)
    rows: list[list[Choice]] = [[preview]]
    if may_change(talk):
        match version.state:
            case VersionState.DRAFT if checked.may_go_on:
                rows.append([edit, button(talk, "script_submit", "submit", number, seen)])
                rows.append([discard_])
            case VersionState.DRAFT:
                rows.append([edit, discard_])
            case VersionState.IN_REVIEW:
                rows.append([button(talk, "script_return", "return", number, seen), edit])
                rows.append([button(talk, "script_approve", "approve", number, seen)])
            case VersionState.PUBLISHED:
                rows.append([button(talk, "script_roll_back", "roll_back", number)])
    return [*rows, [back]]


async def _look(talk: StaffTalk, args: str) -> Checked:
    return await drafting.look(talk.tx, talk.office, numbered(args).version_id)


async def _named(talk: StaffTalk, actor: str | None) -> str | None:
    if actor is None:
        return None
    return await telling.named(talk.tx, talk.office, actor, talk.reader.language)


VERBS: dict[str, StaffHandler] = {
    "draft": draft,
    "difference": difference,
    "submit": submit,
    "approve": approve,
    "return": send_back,
    "discard": discard,
    "roll_back": roll_back,
    "eyes": four_eyes,
}
