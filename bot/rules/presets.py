"""The contact policy of a country or a deployment, as data with its sources.

A preset is a YAML file: what it says nothing about it takes from the preset "default". The one of
the borrower's country always applies; others join it, and the strictest of each term counts, so a
deployment can tighten and never loosen. Duties that are no limits (how long a hold lasts when it
is made, how soon a complaint is answered, how long records are kept) are merged beside them.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from bot.rules.contact_limits import ContactPolicy, strictest_of, wished
from bot.rules.data_file import DataFileRefused, read_data_file
from bot.rules.preset_file import PresetFile
from storage.records import HoldKind, Wishes

PACKAGED = ("default", "cn", "us", "gb", "in")

_FOLDER = files("bot.rules") / "presets"


@dataclass(frozen=True, slots=True)
class HoldTerm:
    """How a hold made for one reason begins: its kind, and the days until it ends by itself."""

    kind: HoldKind
    days: int | None
    """None: until a person lifts it."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What applies beside the limits: holds by reason, the clock of a complaint, the archive.

    `refusal_is_stop`: whoever refuses to pay in writing is not written to any more.
    """

    holds: dict[str, HoldTerm]
    complaint_answer_days: int
    records_years: int
    refusal_is_stop: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """One preset, complete. `sources`: where each of its terms comes from."""

    name: str
    title: str
    country: str | None
    policy: ContactPolicy
    duties: Duties
    notes: tuple[str, ...]
    sources: dict[str, str]


def policy_for(
    country: str,
    *presets: str | Preset,
    tighten: ContactPolicy | None = None,
    wishes: Wishes | None = None,
) -> ContactPolicy:
    """The one policy for a borrower: country, `presets`, `tighten` and wishes, strictest of all.

    `presets` are names of packaged ones or ones read by `read_preset`; raises ValueError for an
    unknown name or unreadable wishes. Should the result leave no hour or no message, nothing is
    ever allowed.
    """
    parts = [preset.policy for preset in presets_for(country, *presets)]
    if tighten is not None:
        parts.append(tighten)
    if wishes is not None:
        parts.append(_wished(wishes))
    return _merged(tuple(parts))


def duties_for(country: str, *presets: str | Preset) -> Duties:
    """For a borrower in `country`: the longer hold, the earlier answer, the longest archive."""
    applying = [preset.duties for preset in presets_for(country, *presets)]
    holds: dict[str, HoldTerm] = {}
    for duties in applying:
        for reason, term in duties.holds.items():
            holds[reason] = _longer(holds.get(reason, term), term)
    return Duties(
        holds,
        complaint_answer_days=min(duties.complaint_answer_days for duties in applying),
        records_years=max(duties.records_years for duties in applying),
        refusal_is_stop=any(duties.refusal_is_stop for duties in applying),
    )


def presets_for(country: str, *presets: str | Preset) -> tuple[Preset, ...]:
    """The preset of the country (or the default), then the others, each once."""
    applying = [packaged(_name_for(country))]
    for preset in presets:
        one = packaged(preset) if isinstance(preset, str) else preset
        if one not in applying:
            applying.append(one)
    return tuple(applying)


@cache
def packaged(name: str) -> Preset:
    """A preset that comes with the product; ValueError for any other name."""
    if name not in PACKAGED:
        raise ValueError(f"unknown preset {name!r}; known: {', '.join(PACKAGED)}")
    file = _FOLDER / f"{name}.yaml"
    return read_preset(file.read_text("utf-8"), file.name)


def preset_from(name_or_path: str) -> Preset:
    """The preset a deployment names: a packaged one, or the file at a path.

    Raises DataFileRefused, also for a file that cannot be read.
    """
    if name_or_path in PACKAGED:
        return packaged(name_or_path)
    try:
        text = Path(name_or_path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = f"name one of {', '.join(PACKAGED)} or a file"
        raise DataFileRefused([f"{name_or_path}: cannot be read ({error}); {known}"]) from None
    return read_preset(text, name_or_path)


def read_preset(text: str, source: str) -> Preset:
    """Read a preset from the YAML `text` of the file `source`; raises DataFileRefused."""
    file = read_data_file(text, source, PresetFile)
    if file.preset == "default":
        return Preset(
            name=file.preset,
            title=file.title,
            country=None,
            policy=file.policy,
            duties=_duties(file, Duties({}, 0, 0)),
            notes=tuple(file.notes),
            sources=file.sources,
        )
    default = packaged("default")
    policy = strictest_of(default.policy, file.policy)
    if policy.hours.empty:
        outside = f"{file.hours} lies outside {default.policy.hours}; let them overlap"
        raise DataFileRefused([f"{source}: hours: {outside}"])
    return Preset(
        name=file.preset,
        title=file.title,
        country=file.country,
        policy=policy,
        duties=_duties(file, default.duties),
        notes=tuple(file.notes),
        sources=default.sources | file.sources,
    )


def _duties(file: PresetFile, base: Duties) -> Duties:
    holds = {
        reason: HoldTerm(HoldKind(term.kind), term.days) for reason, term in file.holds.items()
    }
    return Duties(
        holds=base.holds | holds,
        complaint_answer_days=file.complaint_answer_days or base.complaint_answer_days,
        records_years=file.records_years or base.records_years,
        refusal_is_stop=file.refusal_is_stop or base.refusal_is_stop,
    )


def _longer(a: HoldTerm, b: HoldTerm) -> HoldTerm:
    if a.days is None or (b.days is not None and b.days <= a.days):
        return a
    return b


def _name_for(country: str) -> str:
    """A packaged preset of a country is named after it."""
    name = country.lower()
    return name if name in PACKAGED else "default"


_wished = lru_cache(maxsize=4_096)(wished)


@lru_cache(maxsize=4_096)
def _merged(policies: tuple[ContactPolicy, ...]) -> ContactPolicy:
    return strictest_of(*policies)
