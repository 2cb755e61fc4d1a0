"""Presets as data: what they say, how they merge, and how a wrong file is refused."""

from datetime import date
from pathlib import Path

import pytest

from bot.rules.contact_limits import UNLIMITED, ContactPolicy, Hours
from bot.rules.data_file import DataFileRefused
from bot.rules.presets import (
    PACKAGED,
    duties_for,
    packaged,
    policy_for,
    preset_from,
    presets_for,
    read_preset,
)
from bot.rules.public_holidays import public_holidays
from storage.records import HoldKind, Wishes

MINIMAL = """\
preset: mybank
title: My bank
hours: "09:00-20:00"
sources:
  hours: Board decision of 3 March
"""


def refused(text: str) -> str:
    with pytest.raises(DataFileRefused) as caught:
        read_preset(text, "mybank.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("country", "hours"),
    [
        ("DE", "08:00-21:00"),
        ("CN", "08:00-21:00"),
        ("US", "08:00-21:00"),
        ("GB", "08:00-20:00"),
        ("IN", "08:00-19:00"),
    ],
)
def test_each_country_has_its_hours(country: str, hours: str) -> None:
    assert str(policy_for(country).hours) == hours


def test_a_country_without_a_preset_has_the_default() -> None:
    assert policy_for("DE") == ContactPolicy(
        hours=Hours.parse("08:00-21:00"),
        cap_day=1,
        cap_week=4,
        cap_overdue=3,
        quiet_borrower_hours=24,
        quiet_person_hours=48,
        balance_hours=36,
        calls_answered_per_day=3,
        calls_tried_per_day=6,
    )


def test_the_plan_rule_is_chinas_alone_and_the_weekly_calls_are_the_uss() -> None:
    assert [name for name in PACKAGED if packaged(name).policy.kept_plan_stops_all] == ["cn"]
    limited = [n for n in PACKAGED if packaged(n).policy.calls_tried_per_week < UNLIMITED]
    assert limited == ["us"]
    assert policy_for("US").calls_tried_per_week == 7
    assert policy_for("US").quiet_after_talk_hours == 168


@pytest.mark.parametrize("name", PACKAGED)
def test_a_preset_is_found_by_its_country(name: str) -> None:
    preset = packaged(name)
    assert preset.name == name
    if preset.country:
        assert presets_for(preset.country) == (preset,)


def test_an_explicit_preset_joins_that_of_the_country() -> None:
    assert str(policy_for("IN", "gb").hours) == "08:00-19:00"
    assert str(policy_for("US", "gb").hours) == "08:00-20:00"
    assert policy_for("GB", "us").calls_tried_per_week == 7


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        policy_for("FR", "fr")


def test_tightening_narrows_and_a_value_that_would_loosen_is_ignored() -> None:
    tighten = ContactPolicy(
        hours=Hours.parse("06:00-18:00"), cap_day=9, cap_week=2, quiet_borrower_hours=1
    )
    policy = policy_for("CN", tighten=tighten)
    assert str(policy.hours) == "08:00-18:00"
    assert (policy.cap_day, policy.cap_week, policy.quiet_borrower_hours) == (1, 2, 24)


def test_wishes_narrow_hours_and_lower_the_week() -> None:
    policy = policy_for("CN", wishes=Wishes("10:00-23:00", 2))
    assert str(policy.hours) == "10:00-21:00"
    assert policy.cap_week == 2
    assert policy_for("CN", wishes=Wishes(max_per_week=9)).cap_week == 4


def test_the_longer_hold_the_earlier_answer_and_the_longest_archive_count() -> None:
    both = duties_for("GB", "us")
    assert both.holds["breathing_space"].days == 60
    assert both.holds["breathing_space"].kind is HoldKind.LEGAL
    assert both.holds["dispute"].days is None
    assert (both.complaint_answer_days, both.records_years) == (15, 6)
    assert duties_for("GB").complaint_answer_days == 56


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [("10:00-18:00", 600, 1080), ("00:00-24:00", 0, 1440), ("20:15-23:59", 1215, 1439)],
)
def test_hours_are_read(text: str, opens: int, closes: int) -> None:
    assert Hours.parse(text) == Hours(opens, closes)


@pytest.mark.parametrize(
    "text",
    [
        "18:00-10:00",
        "10:00-10:00",
        "22:00-00:00",
        "10-18",
        "10:00–18:00",
        "25:00-26:00",
        "8:00-9:00",
        "10:00-18:60",
        " 10:00-18:00",
        "10:00-18:00\n",
        "24:00-24:00",
        "１0:00-18:00",
        "",
    ],
)
def test_hours_over_midnight_or_in_another_form_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        Hours.parse(text)


# --- files -----------------------------------------------------------------------------------


def test_a_deployment_file_says_only_what_it_changes() -> None:
    preset = read_preset(MINIMAL, "mybank.yaml")
    assert str(preset.policy.hours) == "09:00-20:00"
    assert preset.policy.cap_week == 4
    assert preset.sources["hours"] == "Board decision of 3 March"
    assert str(policy_for("IN", preset).hours) == "09:00-19:00"


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (('"09:00-20:00"', '"20:00-09:00"'), 3, "hours: hours must end later"),
        (('"09:00-20:00"', "9"), 3, "hours: "),
        (("title: My bank", "title: My bank\ncap_day: 0"), 3, "cap_day: "),
        (("title: My bank", "title: My bank\ncap_day: '1'"), 3, "cap_day: "),
        (("title: My bank", "title: My bank\ncap_dya: 1"), 3, "cap_dya: "),
        (("title: My bank", "title: My bank\ncountry: UK"), 3, "country: an ISO 3166 code"),
        (("title: My bank", "title: My bank\ntitle: Again"), 3, "title: given twice"),
        (("title: My bank", "title: My bank\ncap_day: 1"), 1, "no source for cap_day"),
        (("hours: Board", "cap_day: Board"), 1, "no source for hours"),
        (("preset: mybank", "preset: [my, bank"), 2, "not YAML"),
        (("title: My bank\n", ""), 1, "title: "),
    ],
)
def test_a_wrong_file_is_refused_with_the_line_that_is_wrong(
    change: tuple[str, str], line: int, says: str
) -> None:
    text = refused(MINIMAL.replace(*change))
    assert text.startswith(f"mybank.yaml:{line}: "), text
    assert says in text


def test_every_mistake_of_a_file_is_named_at_once() -> None:
    text = refused(MINIMAL.replace("title: My bank", "title: 3\ncap_day: 0\ncap_week: x"))
    assert [line.split(": ")[1] for line in text.splitlines()] == ["title", "cap_day", "cap_week"]


def test_hours_outside_those_of_every_country_are_refused() -> None:
    text = refused(MINIMAL.replace("09:00-20:00", "05:00-07:00"))
    assert "05:00-07:00 lies outside 08:00-21:00" in text


def test_holds_of_a_file_are_checked_too() -> None:
    holds = 'holds:\n  strike:\n    kind: hardship\n    days: "ten"\nsources:\n  holds: Board'
    text = refused(MINIMAL.replace("sources:", holds))
    assert text.startswith("mybank.yaml:7: holds.strike.days: ")


def test_a_deployment_names_a_packaged_preset_or_a_file(tmp_path: Path) -> None:
    assert preset_from("gb") is packaged("gb")
    file = tmp_path / "mybank.yaml"
    file.write_text(MINIMAL, "utf-8")
    assert preset_from(str(file)).name == "mybank"
    with pytest.raises(DataFileRefused, match="cannot be read"):
        preset_from(str(tmp_path / "none.yaml"))


# --- holidays --------------------------------------------------------------------------------


def test_observed_days_are_holidays_and_a_country_without_a_calendar_has_none() -> None:
    assert date(2026, 7, 3) in public_holidays("US", 2026)  # the 4th is a Saturday
    assert public_holidays("XX", 2026) == frozenset()


def test_years_nobody_knows_the_holidays_of_pass_without_a_warning() -> None:
    assert public_holidays("IN", 2090) is not None
