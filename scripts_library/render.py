"""A script and the facts of one borrower become the text Telegram is given.

Values are typed and every declared one must be there: a message with a hole is not sent, it is
reported. What a person typed somewhere (a name, a note) can neither bring markup nor turn the
line around: values are escaped, and invisible and direction characters are taken out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import lru_cache
from html import unescape
from typing import Any

from liquid.exceptions import LiquidError, UndefinedError

from scripts_library.errors import BrokenScript, MissingValue, TooLong, WrongValue
from scripts_library.formats import Formats
from scripts_library.liquid_room import DateText
from scripts_library.script import LENGTHS, Script
from scripts_library.variables import Kind, Variable


@dataclass(frozen=True, slots=True)
class Button:
    """A button's stable name ("pay") and its label in the reader's language."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """What to send: `text` (HTML unless the script is a toast or label) and rows of buttons."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()


def render(script: Script, values: Mapping[str, Any], *, zone: tzinfo | None = None) -> Rendered:
    """Say `script` with `values`; only declared variables reach the body, others are ignored.

    Money is anything with `major` and `currency`; datetimes are aware and shown in `zone`.
    Raises MissingValue, WrongValue, TooLong or BrokenScript.
    """
    bound = _values_of(script).bind(values, zone)
    try:
        text = script.said.render(bound)
    except UndefinedError as error:
        raise BrokenScript(
            script.key, script.language.tag, f"undeclared: {error.args[0]}"
        ) from None
    except (LiquidError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise BrokenScript(
            script.key, script.language.tag, f"{type(error).__name__}: {error.args[:1]}"
        ) from None
    text = _tidy(text)
    longest = LENGTHS[script.limit]
    if 2 * len(text) > longest:  # a sign counts for two at most
        length = shown_length(text) if script.html else utf16_length(text)
        if length > longest:
            raise TooLong(script.key, script.language.tag, length, longest)
    if not text:
        raise BrokenScript(script.key, script.language.tag, "nothing left to say")
    return Rendered(text, _buttons(script))


_TAG = re.compile(r"<[^<>]*>")


def shown_length(html: str) -> int:
    """Length of an HTML text as Telegram counts it: UTF-16 units, tags gone, entities decoded."""
    return utf16_length(plain_text(html))


def plain_text(html: str) -> str:
    """What a reader sees of an HTML text."""
    return unescape(_TAG.sub("", html))


def utf16_length(text: str) -> int:
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le")) // 2


def _tidy(text: str) -> str:
    """Tags on lines of their own leave blanks behind; nobody should see them."""
    if " \n" in text or "\t" in text:
        text = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()


@lru_cache(maxsize=2_048)
def _buttons(script: Script) -> tuple[tuple[Button, ...], ...]:
    labels = script.language.labels
    return tuple(
        tuple(Button(name, labels.get(f"button.{name}", name)) for name in row)
        for row in script.buttons
    )


_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_SPACES = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """One line without control, zero-width or direction characters."""
    if text.isprintable() and "  " not in text:  # nothing that has no place in a line
        return text.strip()
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip()


def clean_paragraph(text: str) -> str:
    """The same with its line breaks kept."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n")).strip()


class _Nothing(list[Any]):
    """An absent list: empty to `size` and `for`, and false to `if`, as an absent value is."""

    def __liquid__(self) -> None:
        return None


_NOTHING = _Nothing()


_Way = Callable[[Any, tzinfo | None], Any]
"""Turns a given value into what the body sees, for a reader in a zone."""


class _Values:
    """How each declared variable of a script is checked and written; found once for a script."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._formats: Formats = script.language.formats
        self._date_texts = lru_cache(maxsize=1_024)(self._date_text)
        self._ways = [(name, self._way(one, name)) for name, one in script.variables.items()]

    def bind(self, values: Mapping[str, Any], zone: tzinfo | None) -> dict[str, Any]:
        return {name: way(values.get(name), zone) for name, way in self._ways}

    def _way(self, variable: Variable, name: str) -> _Way:
        one = self._one(variable, name)
        if not variable.many:
            return one

        def some(value: Any, zone: tzinfo | None) -> Any:
            if value is None:
                return self._absent(variable, name)
            if isinstance(value, str) or not isinstance(value, Sequence):
                raise self._wrong(name, variable.type, value)
            return [one(entry, zone) for entry in value] or self._absent(variable, name)

        return some

    def _one(self, variable: Variable, name: str) -> _Way:
        if variable.kind is Kind.RECORD:
            return self._record(variable, name)
        write: _Way = getattr(self, _WRITERS[variable.kind])

        def way(value: Any, zone: tzinfo | None) -> Any:
            if value is None:
                return self._absent(variable, name)
            bound = write(value, zone)
            if bound is None:
                raise self._wrong(name, str(variable.kind), value)
            return self._absent(variable, name) if bound == "" else bound

        return way

    def _record(self, variable: Variable, name: str) -> _Way:
        ways = [(one.name, self._way(one, f"{name}.{one.name}")) for one in variable.fields]

        def way(value: Any, zone: tzinfo | None) -> Any:
            if value is None:
                return self._absent(variable, name)
            if isinstance(value, Mapping):
                return {field: way(value.get(field), zone) for field, way in ways}
            return {field: way(getattr(value, field, None), zone) for field, way in ways}

        return way

    def _absent(self, variable: Variable, name: str) -> Any:
        if not variable.optional:
            raise MissingValue(self._script.key, self._script.language.tag, name)
        return _NOTHING if variable.many else None

    def _wrong(self, name: str, expected: str, value: Any) -> WrongValue:
        return WrongValue(
            self._script.key, self._script.language.tag, name, expected, type(value).__name__
        )

    def _text(self, value: Any, _zone: tzinfo | None) -> str | None:
        return clean_text(value) if isinstance(value, str) else None

    def _paragraph(self, value: Any, _zone: tzinfo | None) -> str | None:
        return clean_paragraph(value) if isinstance(value, str) else None

    def _money(self, value: Any, _zone: tzinfo | None) -> str | None:
        major, currency = getattr(value, "major", None), getattr(value, "currency", None)
        if not isinstance(major, Decimal) or not isinstance(currency, str):
            return None
        return self._formats.amount(major, currency)

    def _date(self, value: Any, _zone: tzinfo | None) -> str | None:
        if not isinstance(value, date) or isinstance(value, datetime):
            return None
        return self._date_texts(value)

    def _date_text(self, day: date) -> DateText:
        written = DateText(self._formats.day(day))
        written.day = day
        return written

    def _moment(self, value: Any, zone: tzinfo | None) -> str | None:
        if not isinstance(value, datetime) or value.tzinfo is None or zone is None:
            return None
        return self._formats.moment(value, zone)

    def _time(self, value: Any, _zone: tzinfo | None) -> str | None:
        return self._formats.clock(value) if isinstance(value, time) else None

    def _number(self, value: Any, _zone: tzinfo | None) -> int | Decimal | None:
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            return None
        return value

    def _flag(self, value: Any, _zone: tzinfo | None) -> bool | None:
        return value if isinstance(value, bool) else None


_WRITERS: Mapping[Kind, str] = {
    Kind.TEXT: "_text",
    Kind.PARAGRAPH: "_paragraph",
    Kind.MONEY: "_money",
    Kind.DATE: "_date",
    Kind.DATETIME: "_moment",
    Kind.TIME: "_time",
    Kind.NUMBER: "_number",
    Kind.FLAG: "_flag",
}


@lru_cache(maxsize=2_048)
def _values_of(script: Script) -> _Values:
    return _Values(script)
