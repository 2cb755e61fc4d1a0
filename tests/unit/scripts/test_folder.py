"""Words as a folder: written, changed in an editor, read back; nothing else slips in."""

from dataclasses import replace
from pathlib import Path

import pytest

from scripts_library.folder import Change, read_folder, write_folder
from scripts_library.library import Library
from scripts_library.script import parse_script


@pytest.fixture
def folder(library: Library, tmp_path: Path) -> Path:
    write_folder(library, tmp_path / "words")
    return tmp_path / "words"


def test_what_was_just_written_changes_nothing(library: Library, folder: Path) -> None:
    assert read_folder(folder, library, library) == ([], [])


def test_published_texts_and_labels_are_written_over_the_files(
    library: Library, tmp_path: Path
) -> None:
    source = library.script("stop.done", "en").source.replace("Done.", "All right.")
    script = parse_script(source, library.language("en"), library.variables)
    labels = {"en": {"button.pay": "Ways: all # of them", "button.yes": "No", "button.no": "-"}}
    said = library.over([replace(script, version=7)], labels)
    write_folder(said, tmp_path / "words")
    again = Library.load(tmp_path / "words")
    assert again.script("stop.done", "en").body.startswith("All right.")
    assert [again.label(key, "en") for key in labels["en"]] == list(labels["en"].values())
    assert read_folder(tmp_path / "words", library, said) == ([], [])
    changes, findings = read_folder(tmp_path / "words", library, library)
    assert {one.key for one in changes} == {"stop.done", *labels["en"]}
    assert findings == []


def test_a_changed_file_and_a_changed_label_are_changes(library: Library, folder: Path) -> None:
    file = folder / "en" / "stop" / "done.md"
    file.write_text(file.read_text().replace("Done.", "All right."))
    labels = folder / "en" / "buttons.yaml"
    labels.write_text(labels.read_text().replace("How to pay", "Ways to pay"))
    changes, findings = read_folder(folder, library, library)
    assert findings == []
    assert Change("button.pay", "en", "Ways to pay") in changes
    assert [(one.key, one.language) for one in changes] == [
        ("stop.done", "en"),
        ("button.pay", "en"),
    ]


def test_twins_that_change_together_are_in_step(library: Library, folder: Path) -> None:
    for tag in library.languages:
        file = folder / tag / "stop" / "done.md"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("[[resume, human]]", "[[resume]]"), encoding="utf-8")
    changes, findings = read_folder(folder, library, library)
    assert len(changes) == len(library.languages)
    assert findings == []


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("variables.yaml", "name: text\n", "belongs to the program"),
        ("en/language.yaml", "name: English\nlocale: en\n", "belongs to the program"),
        ("sw/language.yaml", "name: Kiswahili\nlocale: sw\n", "a language the program does not"),
        ("en/stop/new.md", "x", "nobody says this"),
        ("en/stop/done.md", "x", "no front matter"),
        ("en/stop/done.md", "\udcff", "not UTF-8"),
        ("en/buttons.yaml", "[", "is not `key: value` lines"),
        ("en/buttons.yaml", "button.fly: Fly\n", "nobody says this"),
        (
            "en/buttons.yaml",
            "button.pay: Pay or the police will arrest you\n",
            "the guard says block",
        ),
        ("en/buttons.yaml", "answer.yes: aye\n", "is listened to"),
    ],
)
def test_a_folder_with_a_fault_says_where(
    library: Library, folder: Path, path: str, text: str, reason: str
) -> None:
    file = folder / path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    _, findings = read_folder(folder, library, library)
    assert any(reason in one.reason for one in findings), findings
    assert all(one.file.startswith(path[:2]) for one in findings)


def test_another_folder_is_no_folder_of_words(library: Library, tmp_path: Path) -> None:
    _, findings = read_folder(tmp_path, library, library)
    assert [one.reason for one in findings] == ["is no folder of words"]
