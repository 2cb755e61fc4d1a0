from collections.abc import Callable
from pathlib import Path

import pytest

from scripts_library.errors import UnknownScript, UnreadableScript
from scripts_library.help_lines import help_lines
from scripts_library.library import Library

Write = Callable[[dict[str, str]], Path]
HELLO = "---\nkey: {key}\npurpose: p\naudience: borrower\n---\nHello\n"


@pytest.mark.parametrize(
    ("tag", "folder"),
    [
        ("zh-Hans", "zh-Hans"),
        ("zh-hans-cn", "zh-Hans"),
        ("zh_CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("yue", "zh-Hant"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_every_language_tag_is_served_by_a_folder(
    library: Library, tag: str | None, folder: str
) -> None:
    assert library.resolve_language(tag) == folder


def test_a_language_folder_is_all_it_takes_to_add_a_language(small_library: Write) -> None:
    home = small_library(
        {
            "en/hello.md": HELLO.format(key="hello"),
            "en/only/here.md": HELLO.format(key="only.here"),
            "en/buttons.yaml": "button.pay: Pay\nbutton.back: Back\n",
            "sw/language.yaml": "name: Kiswahili\nlocale: sw\npartial: true\n",
            "sw/hello.md": HELLO.format(key="hello").replace("Hello", "Habari"),
            "sw/buttons.yaml": "button.pay: Lipa\n",
        }
    )
    library = Library.load(home)
    assert set(library.languages) == {"en", "sw"}
    assert library.script("hello", "sw-KE").body == "Habari"
    assert library.script("only.here", "sw").language.tag == "en"
    assert library.label("button.pay", "sw") == "Lipa"
    assert library.label("button.back", "sw") == "Back"
    assert library.labels_of("button.pay") == {"en": "Pay", "sw": "Lipa"}


def test_an_unknown_key_is_a_typed_error(library: Library) -> None:
    with pytest.raises(UnknownScript):
        library.script("no.such", "en")
    with pytest.raises(UnknownScript):
        library.label("button.no_such", "en")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("Hello", 1, "no front matter"),
        ("---\nkey: a\n", 1, "no end"),
        ("---\nkey: [a\n---\nx", 3, "not YAML"),
        ("---\nkey: a\nkey: a\n---\nx", 3, "twice"),
        (HELLO.format(key="b"), 2, "place says 'a'"),
        (HELLO.format(key="a").replace("borrower", "martian"), 4, "no such value"),
        (HELLO.format(key="a").replace("purpose: p", "porpoise: p"), 3, "unknown key"),
        (HELLO.format(key="a").replace("Hello", " "), 6, "body is empty"),
        (HELLO.format(key="a").replace("Hello", "Hi\n{% if %}"), 7, "not Liquid"),
    ],
)
def test_a_file_that_cannot_be_read_names_its_line(
    small_library: Write, text: str, line: int, says: str
) -> None:
    home = small_library({"en/a.md": text})
    with pytest.raises(UnreadableScript) as raised:
        Library.load(home)
    assert says in raised.value.reason
    assert (raised.value.path, raised.value.line) == ("words/en/a.md", line)


def test_a_variable_means_the_same_everywhere(small_library: Write) -> None:
    matter = HELLO.format(key="a").replace("audience", "variables: [{name: money}]\naudience")
    with pytest.raises(UnreadableScript, match="everywhere else"):
        Library.load(small_library({"en/a.md": matter}))


@pytest.mark.parametrize("word", ["limit", "in", "and", "forloop"])
def test_a_variable_may_not_be_called_as_liquid_calls_its_own(
    small_library: Write, word: str
) -> None:
    matter = HELLO.format(key="a").replace("audience", f"variables: [{{{word}: text}}]\naudience")
    with pytest.raises(UnreadableScript, match="Liquid"):
        Library.load(small_library({"en/a.md": matter}))


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("country", ["CN", "US", "GB", "IN", "TW", "HK", "XX", None])
def test_every_country_has_a_line_to_call(country: str | None, language: str) -> None:
    lines = help_lines(country, language)
    assert lines
    assert all(any(character.isdigit() for character in line) for line in lines)
