import json
from pathlib import Path

import pytest

from bot.commands.scripts import (
    catalogue,
    check,
    every,
    export,
    four_eyes,
    import_,
    render,
)
from bot.errors import InputRefused
from scripts_library.library import Library


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of its own, where no database is yet."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def _with_database() -> None:
    four_eyes(None)


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
    with pytest.raises(InputRefused, match="is not empty"):
        export(tmp_path / "words")
    export(tmp_path / "words", again=True)
    (tmp_path / "empty").mkdir()
    export(tmp_path / "empty")


def test_looking_at_words_makes_no_database(tmp_path: Path) -> None:
    render("stop.done", "en")
    every()
    check()
    assert list(tmp_path.iterdir()) == []


def test_a_made_up_borrower_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    render("reminder.early", "en", sample="three_loans")
    assert "Grace Mwangi" in capsys.readouterr().out
    with pytest.raises(InputRefused, match="three_loans"):
        render("reminder.early", "en", sample="nobody")


@pytest.mark.usefixtures("_with_database")
def test_a_changed_folder_is_said_and_exported_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _export_with(tmp_path, "Done.", "All right.")
    import_(tmp_path / "words", "kinder", review=False)
    assert "#1 stop.done (en) is said now" in capsys.readouterr().out
    render("stop.done", "en", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["text"].startswith("All right.")
    assert told["version"] == 1
    export(tmp_path / "again")
    assert "All right." in (tmp_path / "again" / "en" / "stop" / "done.md").read_text()
    import_(tmp_path / "words", "", review=False)
    assert "nothing differs" in capsys.readouterr().out


@pytest.mark.usefixtures("_with_database")
def test_a_folder_may_wait_for_an_admin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _export_with(tmp_path, "Done.", "All right.")
    import_(tmp_path / "words", "", review=True)
    assert "waits for a review" in capsys.readouterr().out
    render("stop.done", "en")
    assert capsys.readouterr().out.startswith("Done.")
    with pytest.raises(InputRefused, match="draft #1 is open"):
        import_(tmp_path / "words", "", review=True)


@pytest.mark.usefixtures("_with_database")
def test_a_folder_with_one_fault_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _export_with(tmp_path, "Done.", "All right.")
    file = tmp_path / "words" / "en" / "stop" / "resumed.md"
    file.write_text(file.read_text().replace("{% if", "").replace("---\nMess", "---\n{{ x }} Mess"))
    with pytest.raises(SystemExit) as left:
        import_(tmp_path / "words", "", review=False)
    assert left.value.code == 1
    assert "not a declared variable [x]" in capsys.readouterr().out
    render("stop.done", "en")
    assert capsys.readouterr().out.startswith("Done.")


def test_an_import_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="is no directory"):
        import_(tmp_path / "nowhere", "", review=False)


@pytest.mark.usefixtures("_with_database")
def test_a_language_that_nothing_is_written_in_is_refused() -> None:
    with pytest.raises(InputRefused, match=r"nothing is written in 'eng'; one of .*zh-Hans"):
        render("home.now", "eng")


@pytest.mark.parametrize(
    ("tag", "language"), [("en-GB", "en"), ("zh", "zh-Hans"), ("zh-HK", "zh-Hant")]
)
def test_a_regions_tag_is_served_by_its_language(
    capsys: pytest.CaptureFixture[str], tag: str, language: str
) -> None:
    render("home.now", tag, as_json=True)
    assert json.loads(capsys.readouterr().out)["language"] == language


def test_a_real_borrower_has_to_be_known() -> None:
    with pytest.raises(InputRefused, match="no borrower has this reference"):
        render("reminder.early", "en", borrower="B-404")


def test_four_eyes_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    four_eyes(None)
    four_eyes(False)
    four_eyes(None, as_json=True)
    four_eyes(True)
    assert capsys.readouterr().out.splitlines() == [
        "a second admin approves",
        "one admin is enough",
        '{"four_eyes": false}',
        "a second admin approves",
    ]


def test_the_catalogue_page_is_in_step_with_the_files(
    capsys: pytest.CaptureFixture[str],
) -> None:
    catalogue()
    page = Path(__file__).parents[3] / "docs" / "catalogue.md"
    assert page.read_text(encoding="utf-8") == capsys.readouterr().out, (
        "remindful scripts catalogue > docs/catalogue.md"
    )


def _export_with(folder: Path, old: str, new: str) -> None:
    export(folder / "words")
    file = folder / "words" / "en" / "stop" / "done.md"
    file.write_text(file.read_text().replace(old, new))
