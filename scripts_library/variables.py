"""What a script may know: its declared variables, their types, and what an example looks like.

One name means one thing in the whole library: `variables.yaml` says which type it has. A script
lists the names it uses, and may declare one of its own with the same keys in its front matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """A variable's type as written in front matter, `list of ...` apart."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    NUMBER = "number"
    FLAG = "flag"
    RECORD = "records"


LIST_OF = "list of "


@dataclass(frozen=True, slots=True)
class Variable:
    """One declared variable.

    `many` = a list of `kind`; `fields` = the fields of a record. An `optional` one may be absent
    (it is then nil in the body); any other without a value withholds the message. `longest` is
    the realistic most: characters of a text, entries of a list. `examples` are by language as
    written in YAML, "" standing for every language.
    """

    name: str
    kind: Kind
    many: bool = False
    optional: bool = False
    meaning: str = ""
    longest: int | None = None
    examples: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple["Variable", ...] = ()

    @property
    def type(self) -> str:
        return f"{LIST_OF}{self.kind}" if self.many else str(self.kind)

    def example(self, language: str) -> Any:
        """The example as YAML gave it, or None."""
        return in_language(self.examples, language)


def in_language(given: Any, language: str) -> Any:
    """What a mapping of language folders has for one: its own, a near one's, or everybody's ("").

    Anything but a mapping is the same in every language.
    """
    if not isinstance(given, Mapping):
        return given
    primary = language.partition("-")[0]
    near = next((value for tag, value in given.items() if tag.partition("-")[0] == primary), None)
    return given.get(language, near if near is not None else given.get(""))


class BadDeclaration(ValueError):
    """A declaration nobody can use; `value` is the part that is wrong."""

    def __init__(self, reason: str, value: object) -> None:
        self.value = str(value)
        super().__init__(reason)


RESERVED = frozenset(
    {
        "limit", "offset", "reversed", "in", "and", "or", "not", "contains", "true", "false",
        "nil", "null", "empty", "blank", "cols", "with", "for", "as", "forloop",
    }
)  # fmt: skip
"""Words Liquid keeps for itself; a variable of that name could not be used."""
_KEYS = {"type", "meaning", "example", "optional", "longest", "fields"}


def declared(name: str, given: object) -> Variable:
    """A variable from its YAML mapping (or from the bare type as a string).

    Raises BadDeclaration.
    """
    if isinstance(given, str):
        given = {"type": given}
    if not name.isidentifier():
        raise BadDeclaration("a variable's name is letters, digits and _", name)
    if name in RESERVED:
        raise BadDeclaration(f"{name!r} is a word of Liquid; choose another name", name)
    if not isinstance(given, dict):
        raise BadDeclaration(f"variable {name!r} needs a type", given)
    if unknown := sorted(set(given) - _KEYS):
        raise BadDeclaration(f"variable {name!r} has unknown keys", ", ".join(unknown))
    kind, many = _type(name, given.get("type"))
    fields = given.get("fields") or {}
    if (kind is Kind.RECORD) != bool(fields):
        raise BadDeclaration(f"variable {name!r}: records have fields, nothing else has", fields)
    longest = given.get("longest")
    if longest is not None and not (isinstance(longest, int) and longest > 0):
        raise BadDeclaration(f"variable {name!r}: `longest` is a whole number above 0", longest)
    return Variable(
        name=name,
        kind=kind,
        many=many,
        optional=bool(given.get("optional", False)),
        meaning=str(given.get("meaning", "")),
        longest=longest,
        examples=_examples(kind, many, given.get("example")),
        fields=tuple(declared(key, value) for key, value in fields.items()),
    )


def _type(name: str, given: object) -> tuple[Kind, bool]:
    text = given if isinstance(given, str) else ""
    many = text.startswith(LIST_OF)
    try:
        kind = Kind(text.removeprefix(LIST_OF))
    except ValueError:
        raise BadDeclaration(f"variable {name!r} has an unknown type", given) from None
    if kind is Kind.RECORD and not many:
        raise BadDeclaration(f"variable {name!r}: write `list of records`", given)
    return kind, many


def _examples(kind: Kind, many: bool, given: object) -> Mapping[str, Any]:
    """A mapping is one example per language; money's own mapping has the key `major`."""
    if given is None:
        return {}
    by_language = isinstance(given, dict) and not (kind is Kind.MONEY and "major" in given)
    if by_language and isinstance(given, dict):
        return given
    return {"": given}
