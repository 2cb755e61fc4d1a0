"""Several wordings of one message, and texts that try to be more than a message."""

import pytest

from scripts_library.check import check_source
from scripts_library.errors import UnreadableScript
from scripts_library.script import LONGEST_SOURCE, parse_script
from scripts_library.source import with_wording, wordings_of
from tests.unit.scripts.conftest import Desk

TWO = "Hello {{ name }}\n\n--- variant warm\n\nDear {{ name }}"


def test_each_wording_has_a_name_its_text_and_its_line(desk: Desk) -> None:
    script = desk.draft(TWO, "variables: [name]")
    assert [(one.variant, one.body, one.lines["body"]) for one in script.wordings] == [
        ("a", "Hello {{ name }}", 7),
        ("warm", "Dear {{ name }}", 11),
    ]


def test_a_message_keeps_its_wording_and_different_messages_differ(desk: Desk) -> None:
    script = desk.draft(TWO, "variables: [name]")
    chosen = [script.wording_for(f"message {n}").variant for n in range(400)]
    assert chosen == [script.wording_for(f"message {n}").variant for n in range(400)]
    assert 140 < chosen.count("warm") < 260


@pytest.mark.parametrize("name", ["a", "Warm", "x" * 17, "9"])
def test_a_wording_needs_a_name_of_its_own(desk: Desk, name: str) -> None:
    with pytest.raises(UnreadableScript, match="name for another wording"):
        desk.draft(f"Hello\n--- variant {name}\nHi")


def test_every_wording_is_checked(desk: Desk) -> None:
    body = "Hello\n--- variant b\nHello\n{{ nmae }}"
    findings = check_source(desk.source(body), desk.library, "en")
    assert [(one.value, one.line) for one in findings] == [("nmae", 10)]


@pytest.mark.parametrize(
    ("matter", "body", "reason"),
    [
        ("", "x" * LONGEST_SOURCE, "characters"),
        ("buttons: " + "[" * 9_000, "x", "too deep"),
        ("buttons:\n  " + "- " * 5_000, "x", "too deep"),
        ("variables: &v [name]\nbuttons: [*v]", "x", "an alias"),
        ("", "{% if true %}" * 900, "not Liquid"),
        ("", "{% if true " + "and true " * 1_200 + "%}x{% endif %}", "not Liquid"),
        ("", "Hello\n--- variant b\n \n", "the body is empty"),
    ],
)
def test_a_text_that_is_no_message_is_refused_at_once(
    desk: Desk, matter: str, body: str, reason: str
) -> None:
    language = desk.library.language("en")
    with pytest.raises(UnreadableScript, match=reason):
        parse_script(desk.source(body, matter), language, desk.library.variables)


def test_one_wording_can_be_said_otherwise_and_the_others_stay(desk: Desk) -> None:
    source = desk.source(TWO, "variables: [name]")
    changed = with_wording(source, "warm", "Good day {{ name }}")
    assert wordings_of(changed) == {"a": "Hello {{ name }}", "warm": "Good day {{ name }}"}
    again = with_wording(changed, "a", "Hi {{ name }}\n")
    assert wordings_of(again) == {"a": "Hi {{ name }}", "warm": "Good day {{ name }}"}
    assert again.startswith(source.partition("Hello")[0])
