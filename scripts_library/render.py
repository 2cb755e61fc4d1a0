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
    bound = _Values(script, zone).bind(values)
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


_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
_GAP = re.compile(r"\n{3,}")


def _tidy(text: str) -> str:
    """Tags on lines of their own leave blanks behind; nobody should see them."""
    if " \n" in text or "\t" in text:
        text = _TRAILING.sub("", text)
    if "\n\n\n" in text:
        text = _GAP.sub("\n\n", text)
    return text.strip()


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
    if text.isalnum():
        return text
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip()


def clean_paragraph(text: str) -> str:
    """The same with its line breaks kept."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n")).strip()


class _Nothing(list[Any]):
    """An absent list: empty to `size` and `for`, and false to `if`, as an absent value is."""

    def __liquid__(self) -> None:
        return None


_NOTHING = _Nothing()


class _Values:
    """Turns typed values into what the body sees, checking each against its declaration."""

    def __init__(self, script: Script, zone: tzinfo | None) -> None:
        self.script = script
        self.formats: Formats = script.language.formats
        self.zone = zone

    def bind(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._variable(variable, values.get(name), name)
            for name, variable in self.script.variables.items()
        }

    def _variable(self, variable: Variable, value: Any, name: str) -> Any:
        if value is None or (variable.many and not isinstance(value, str) and not len(value)):
            return self._absent(variable, name)
        if not variable.many:
            return self._one(variable, value, name)
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self._wrong(name, variable.type, value)
        return [self._one(variable, entry, name) for entry in value]

    def _absent(self, variable: Variable, name: str) -> Any:
        if not variable.optional:
            raise MissingValue(self.script.key, self.script.language.tag, name)
        return _NOTHING if variable.many else None

    def _one(self, variable: Variable, value: Any, name: str) -> Any:
        if variable.kind is Kind.RECORD:
            return self._record(variable, value, name)
        bound = _BINDERS[variable.kind](self, value)
        if bound is None:
            raise self._wrong(name, str(variable.kind), value)
        if bound == "":
            return self._absent(variable, name)
        return bound

    def _record(self, variable: Variable, value: Any, name: str) -> dict[str, Any]:
        if isinstance(value, Mapping):
            take: Callable[[str], Any] = value.get
        else:

            def take(field: str) -> Any:
                return getattr(value, field, None)

        return {
            field.name: self._variable(field, take(field.name), f"{name}.{field.name}")
            for field in variable.fields
        }

    def _wrong(self, name: str, expected: str, value: Any) -> WrongValue:
        return WrongValue(
            self.script.key, self.script.language.tag, name, expected, type(value).__name__
        )

    def _text(self, value: Any) -> str | None:
        return clean_text(value) if isinstance(value, str) else None

    def _paragraph(self, value: Any) -> str | None:
        return clean_paragraph(value) if isinstance(value, str) else None

    def _money(self, value: Any) -> str | None:
        currency = getattr(value, "currency", None)
        if not isinstance(getattr(value, "major", None), Decimal) or not isinstance(currency, str):
            return None
        return self.formats.money(value)

    def _date(self, value: Any) -> str | None:
        if not isinstance(value, date) or isinstance(value, datetime):
            return None
        written = DateText(self.formats.day(value))
        written.day = value
        return written

    def _moment(self, value: Any) -> str | None:
        if not isinstance(value, datetime) or value.tzinfo is None or self.zone is None:
            return None
        return self.formats.moment(value, self.zone)

    def _time(self, value: Any) -> str | None:
        return self.formats.clock(value) if isinstance(value, time) else None

    def _number(self, value: Any) -> int | Decimal | None:
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            return None
        return value

    def _flag(self, value: Any) -> bool | None:
        return value if isinstance(value, bool) else None


_BINDERS: Mapping[Kind, Callable[[_Values, Any], Any]] = {
    Kind.TEXT: _Values._text,
    Kind.PARAGRAPH: _Values._paragraph,
    Kind.MONEY: _Values._money,
    Kind.DATE: _Values._date,
    Kind.DATETIME: _Values._moment,
    Kind.TIME: _Values._time,
    Kind.NUMBER: _Values._number,
    Kind.FLAG: _Values._flag,
}
