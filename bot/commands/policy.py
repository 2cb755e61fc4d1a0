"""`remindful policy show`: the contact rules in force for a country, each with its source.

Example: remindful policy show GB --json
"""

import json
from collections.abc import Iterator
from typing import Any

import typer

from bot.errors import InputRefused, SettingsWrong
from bot.rules.contact_limits import UNLIMITED, ContactPolicy, Hours
from bot.rules.data_file import DataFileRefused
from bot.rules.presets import Preset, duties_for, policy_for, preset_from, presets_for
from bot.rules.zones import known_countries
from bot.settings import load


def show(country: str | None = None, as_json: bool = False) -> None:
    """Print the policy for `country`, by default DEFAULT_COUNTRY, with CONTACT_POLICY merged in.

    Raises InputRefused for an unknown country and SettingsWrong for an unusable CONTACT_POLICY.
    """
    settings = load()
    country = country or settings.default_country
    if country not in known_countries():
        raise InputRefused(f"{country}: no country; give an ISO 3166 code of two letters, like GB")
    try:
        joining = [preset_from(settings.contact_policy)] if settings.contact_policy else []
    except DataFileRefused as refused:
        raise SettingsWrong([f"CONTACT_POLICY: {line}" for line in refused.findings]) from None
    told = _told(country, joining)
    typer.echo(json.dumps(told, indent=2) if as_json else "\n".join(_lines(told)))


def _told(country: str, joining: list[Preset]) -> dict[str, Any]:
    presets = presets_for(country, *joining)
    policy, duties = policy_for(country, *joining), duties_for(country, *joining)
    limits = {name: _limit(policy, name) for name in ContactPolicy.__slots__}
    return {
        "country": country,
        "presets": {preset.name: preset.title for preset in presets},
        **limits,
        "holds": {
            reason: {"kind": term.kind.value, "days": term.days}
            for reason, term in duties.holds.items()
        },
        "complaint_answer_days": duties.complaint_answer_days,
        "records_years": duties.records_years,
        "notes": [note for preset in presets for note in preset.notes],
        "sources": {
            name: _sources(name, policy, presets)
            for name, limit in limits.items()
            if limit is not None
        },
    }


def _limit(policy: ContactPolicy, name: str) -> Any:
    """As told: hours as text, None where there is no limit."""
    value = getattr(policy, name)
    if isinstance(value, bool):
        return value
    if isinstance(value, Hours):
        return str(value)
    return None if value in (0, UNLIMITED) else value


def _sources(name: str, policy: ContactPolicy, presets: tuple[Preset, ...]) -> dict[str, str]:
    """By preset, where a limit comes from; of several presets those that are the strictest."""
    return {
        preset.name: preset.sources[name]
        for preset in presets
        if name in preset.sources and _binds(getattr(preset.policy, name), getattr(policy, name))
    }


def _binds(own: Any, merged: Any) -> bool:
    if isinstance(own, Hours):
        return bool(own.opens == merged.opens or own.closes == merged.closes)
    return bool(own == merged)


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield f"Contact policy for {told['country']}"
    for name, title in told["presets"].items():
        yield f"  preset {name}: {title}"
    yield ""
    for name, sources in told["sources"].items():
        value = told[name]
        shown = ("no", "yes")[value] if isinstance(value, bool) else value
        why = "; ".join(sources.values())
        yield f"{name:<24}{shown:<13}{why}"
    yield ""
    for reason, term in told["holds"].items():
        lasts = "until lifted" if term["days"] is None else f"{term['days']} days"
        yield f"hold for {reason:<15}{lasts:<13}{term['kind']}"
    yield f"complaints answered in  {told['complaint_answer_days']} days"
    yield f"records kept for        {told['records_years']} years"
    yield ""
    yield from told["notes"]
