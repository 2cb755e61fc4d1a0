import json
from pathlib import Path

import pytest

from bot.commands.scripts import check, every, export, render
from bot.errors import InputRefused
from scripts_library.library import Library


def test_a_clean_library_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    check()
    assert capsys.readouterr().out == ""


def test_every_script_is_listed_with_its_languages(
    capsys: pytest.CaptureFixture[str], library: Library
) -> None:
    every(as_json=True)
    rows = json.loads(capsys.readouterr().out)
    assert [row["key"] for row in rows] == list(library.keys)
    assert all(set(row["languages"]) == set(library.languages) for row in rows)


def test_a_script_is_shown_with_example_values(capsys: pytest.CaptureFixture[str]) -> None:
    render("reminder.early", "zh", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["language"] == "zh-Hans"
    assert "王芳" in told["text"]
    assert told["buttons"][0][0]["name"] == "pay"


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(InputRefused, match="no script"):
        render("no.such", "en")


def test_exported_words_load_again_and_nothing_is_overwritten(
    tmp_path: Path, library: Library
) -> None:
    export(tmp_path / "words")
    again = Library.load(tmp_path / "words")
    assert again.keys == library.keys
    with pytest.raises(InputRefused):
        export(tmp_path / "words")
