"""`remindful policy show`: what applies in a country, and why."""

import json
from pathlib import Path

import pytest

from bot.commands.policy import show
from bot.errors import InputRefused, SettingsWrong


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("CONTACT_POLICY", "DEFAULT_COUNTRY"):
        monkeypatch.delenv(name, raising=False)


def test_each_limit_is_shown_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    show("US")
    said = capsys.readouterr().out
    assert "preset us: United States" in said
    assert "hours                   08:00-21:00  12 CFR 1006.6(b)(1)" in said
    assert "calls_tried_per_week    7            12 CFR 1006.14" in said
    assert "hold for hardship       30 days" in said


def test_programs_get_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    show("GB", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["hours"] == "08:00-20:00"
    assert told["calls_tried_per_week"] is None
    assert told["holds"]["breathing_space"] == {"kind": "legal", "days": 60}
    assert told["records_years"] == 6


def test_without_a_country_the_deployments_own_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEFAULT_COUNTRY", "IN")
    show()
    assert capsys.readouterr().out.startswith("Contact policy for IN\n")


def test_the_policy_of_the_deployment_is_merged_in_and_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mybank.yaml").write_text(
        'preset: mybank\ntitle: My bank\nhours: "09:00-21:00"\ncap_week: 2\n'
        "sources:\n  hours: Board\n  cap_week: Board decision 7\n"
    )
    monkeypatch.setenv("CONTACT_POLICY", "mybank.yaml")
    show("GB", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["hours"] == "09:00-20:00"
    assert told["cap_week"] == 2
    assert set(told["sources"]["hours"]) == {"gb", "mybank"}
    assert told["sources"]["cap_week"] == {"mybank": "Board decision 7"}


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(InputRefused, match="UK"):
        show("UK")


def test_a_policy_that_cannot_be_used_is_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONTACT_POLICY", "nowhere.yaml")
    with pytest.raises(SettingsWrong, match=r"CONTACT_POLICY: nowhere\.yaml"):
        show("CN")
