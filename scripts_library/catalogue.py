"""The catalogue: a page of everything the bot says, made from the files and never by hand.

    remindful scripts catalogue > docs/catalogue.md

Borrowers' messages are shown as they look with a made-up borrower; what colleagues see is listed.
"""

from collections.abc import Iterator
from datetime import UTC, date
from itertools import groupby

from scripts_library.library import Library
from scripts_library.render import plain_text, render
from scripts_library.samples import fitting_sample, sample_values
from scripts_library.script import Audience, Script

_TODAY = date(2026, 11, 22)
_MOTHER_TONGUE = "en"


def catalogue(library: Library) -> str:
    """The page as Markdown."""
    return "\n".join(_page(library)) + "\n"


def _page(library: Library) -> Iterator[str]:
    yield "# What the bot says"
    yield ""
    yield (
        "Made by `remindful scripts catalogue` from the files of `scripts_library/`; change those, "
        "not this page. How to is in [Scripts](scripts.md)."
    )
    yield ""
    languages = ", ".join(f"{one.name} (`{tag}`)" for tag, one in library.by_tag.items())
    count = len(library.keys)
    wordings = sum(len(one.wordings) for some in library.by_key.values() for one in some.values())
    yield f"{count} scripts in {languages}; {wordings} texts with all wordings."
    said = [_shown(library, key) for key in library.keys]
    yield from _to_borrowers(library, [one for one in said if one.audience is Audience.BORROWER])
    yield from _to_staff([one for one in said if one.audience is not Audience.BORROWER])


def _shown(library: Library, key: str) -> Script:
    return library.script(key, _MOTHER_TONGUE)


def _to_borrowers(library: Library, scripts: list[Script]) -> Iterator[str]:
    yield ""
    yield "## To borrowers"
    for family, some in groupby(scripts, key=lambda one: one.family):
        yield ""
        yield f"### {family}"
        for script in some:
            yield ""
            yield f"#### `{script.key}`"
            yield ""
            yield f"{script.purpose}. {_facts(script)}"
            for tag in _written(library):
                twin = library.by_key[script.key].get(tag)
                if twin is not None:
                    yield from _texts(twin)


def _written(library: Library) -> Iterator[str]:
    """Languages somebody writes; one that is made from a near one shows nothing new."""
    for tag, language in library.by_tag.items():
        source = language.fallback or ""
        if source.partition("-")[0] != tag.partition("-")[0]:
            yield tag


def _facts(script: Script) -> str:
    facts = [f"Kind: {script.kind}" if script.kind else ""]
    facts.append(f"stage: {script.stage}" if script.stage else "")
    facts.append("neutral" if script.neutral else "")
    if script.variables:
        names = ", ".join(f"`{name}`" for name in script.variables)
        facts.append(f"values: {names}")
    if script.buttons:
        names = ", ".join(f"`{name}`" for row in script.buttons for name in row)
        facts.append(f"buttons: {names}")
    told = "; ".join(fact for fact in facts if fact)
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def _texts(script: Script) -> Iterator[str]:
    for wording in script.wordings:
        values = sample_values(wording, fitting_sample(wording), _TODAY)
        said = render(wording, values, zone=UTC)
        text = plain_text(said.text) if wording.html else said.text
        which = f", wording `{wording.variant}`" if len(script.wordings) > 1 else ""
        yield ""
        yield f"{script.language.name}{which}:"
        yield ""
        yield "```text"
        yield text
        yield "```"


def _to_staff(scripts: list[Script]) -> Iterator[str]:
    yield ""
    yield "## To colleagues"
    yield ""
    yield "| Script | For | What it is for |"
    yield "|---|---|---|"
    for script in scripts:
        yield f"| `{script.key}` | {script.audience} | {script.purpose} |"
