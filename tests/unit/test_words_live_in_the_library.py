"""Nothing the bot says is a Python literal, and every key that Python names is in the library."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.rules.plan import PlanRule
from bot.rules.promise import PromiseRefusal
from bot.rules.waiver import WaiverRefusal
from bot.services.digests import BIRTH_DATE, ID_LAST4
from bot.telegram.borrower import door
from bot.telegram.borrower.identity import NOT_ME
from scripts_library.library import default_library
from scripts_library.script import Audience

BOT = Path(__file__).parents[2] / "bot"
FILES = sorted(BOT.rglob("*.py"))
LIBRARY = default_library()
LANGUAGES = [tag for tag in LIBRARY.languages if not LIBRARY.language(tag).partial]
_HAN = re.compile(r"[\u3401-\u4dbf\u4e00-\u9ffe\uf900-\ufaff]")
"""The first and the last of the block stand in Python as the ends of ranges."""
_KEY = re.compile(r"[a-z][a-z_]*\.[a-z0-9_]+")
_SPEAKING = ("text", "caption")
_NO_WORDS = ("record", "_record", "_facts_changed")
"""Calls whose texts are names of acts for the audit."""
_QUESTIONS = {"case.reply", "case.confirm", "case.album"}
"""Names of what a collector's chat may be asked for, never said."""


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for file in FILES:
        yield file, ast.parse(file.read_text(encoding="utf-8"))


def _where(file: Path, node: ast.AST) -> str:
    return f"{file.relative_to(BOT.parent)}:{getattr(node, 'lineno', '?')}"


def _is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_there_is_something_to_look_at() -> None:
    assert len(FILES) > 100
    assert len(LANGUAGES) >= 2


def test_no_python_string_is_written_in_chinese() -> None:
    found = [
        f"{_where(file, node)} {node.value!r}"
        for file, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _HAN.search(node.value)
    ]
    assert not found


def test_no_message_gets_its_text_from_a_literal() -> None:
    found = []
    for file, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                pairs = [
                    (key.value, value)
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)
                ]
            elif isinstance(node, ast.Call):
                pairs = [(word.arg, word.value) for word in node.keywords]
            else:
                continue
            found += [
                f"{_where(file, value)} {value.value!r}"
                for name, value in pairs
                if name in _SPEAKING and isinstance(value, ast.Constant) and value.value
            ]
    assert not found


def _literal_keys() -> Iterator[tuple[str, str]]:
    """Every text that looks like a key of one of the library's families, and where it stands."""
    families = {key.partition(".")[0] for key in LIBRARY.keys}
    for file, tree in _trees():
        if "understanding" in file.parts:
            continue  # its findings look the same: "hardship.sure"
        codes = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            or (isinstance(node, ast.Call) and _named(node) in _NO_WORDS)
            for part in ast.walk(node)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in codes
                and node.value not in _QUESTIONS
                and _KEY.fullmatch(node.value)
                and node.value.partition(".")[0] in families | {"button", "toast", "answer"}
            ):
                yield node.value, _where(file, node)


def test_every_key_in_the_code_is_said_in_every_language() -> None:
    missing = []
    keys = list(_literal_keys())
    for key, where in keys:
        labels = LIBRARY.labels_of(key)
        scripts = LIBRARY.by_key.get(key, {})
        missing += [
            f"{where} {key} ({tag})" for tag in LANGUAGES if tag not in labels | dict(scripts)
        ]
    assert len(keys) > 100
    assert not missing


def test_every_choice_has_a_label_in_every_language() -> None:
    missing = []
    for file, tree in _trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or _named(node) != "choice":
                continue
            names = [arg.value for arg in node.args if isinstance(arg, ast.Constant)][:1]
            missing += [
                f"{_where(file, node)} button.{name} ({tag})"
                for name in names
                for tag in LANGUAGES
                if tag not in LIBRARY.labels_of(f"button.{name}")
            ]
    assert not missing


@pytest.mark.parametrize(
    "key",
    [
        *(f"promise.refused_{reason}" for reason in PromiseRefusal),
        *(f"plan.refused_{rule}" for rule in PlanRule),
        *(f"waiver.refused_{reason}" for reason in WaiverRefusal),
        *(f"identity.ask_{asks}" for asks in (ID_LAST4, BIRTH_DATE)),
    ],
)
def test_keys_made_at_run_time_are_said_in_every_language(key: str) -> None:
    assert set(LANGUAGES) <= set(LIBRARY.by_key[key])


def test_every_button_of_a_borrowers_script_does_something() -> None:
    known = {*door.PRESSES, NOT_ME}
    idle = [
        f"{script.path}: {name}"
        for by_language in LIBRARY.by_key.values()
        for script in by_language.values()
        if script.audience is Audience.BORROWER
        for row in script.buttons
        for name in row
        if name not in known
    ]
    assert not idle


def test_every_command_of_the_contract_is_served() -> None:
    assert set(door.COMMANDS) >= {
        "start", "menu", "balance", "pay", "promise", "plan", "paid", "human", "dispute",
        "hardship", "complaint", "stop", "resume", "language", "privacy", "help",
    }  # fmt: skip
