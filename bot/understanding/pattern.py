"""The small language of the lexicons, turned into regular expressions that cannot run away.

A pattern is a regular expression with three conveniences: `(a|b)` never captures, `{name}` stands
for a shared word list, and `~` is a gap of a few characters that stays inside a sentence (`~~` a
longer one that may cross a comma). Gaps are bounded, so time stays linear. Each pattern also yields
the literal keys of which one must stand in a message before the expression is tried at all.
"""

import re
from dataclasses import dataclass, field

GAP = r"[^.!?,]{0,8}"
LONG_GAP = r"[^.!?]{0,28}"
_MOST_KEYS = 240

_MACRO = re.compile(r"\{([a-z_]+)\}")
_OPENING = re.compile(r"\((?!\?)")
_PLAIN = re.compile(r"[^\\()\[.~^$|?*+{]+")
_WORD_STARTS = r"(?:(?<![a-z])|(?![a-z]))"
_WORD_ENDS = r"(?:(?![a-z])|(?<![a-z]))"


class WrongPattern(ValueError):
    """A pattern of a data file cannot be read."""


@dataclass(slots=True)
class Pattern:
    """One pattern: its label, the keys that must occur, and the expression, compiled when used."""

    label: str
    source: str
    keys: frozenset[str]
    _compiled: re.Pattern[str] | None = field(default=None, repr=False)

    @property
    def anchored(self) -> bool:
        """It may look for the end of the whole text, which the end of a stretch is not."""
        return "$" in self.source

    def expression(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.source)
        return self._compiled


def read_pattern(label: str, written: str, words: dict[str, str]) -> Pattern:
    """Raises WrongPattern for an unknown word list or a malformed expression."""
    spelt = _with_words(written, words)
    try:
        keys = _Keys(spelt).of_all()
    except (IndexError, ValueError) as error:
        raise WrongPattern(f"{label}: {written!r}: {error}") from None
    source = spelt.replace("~~", LONG_GAP).replace("~", GAP)
    source = _OPENING.sub("(?:", source.replace(r"\(", "\\x28"))
    return Pattern(label, _bounded(source), keys)


def _with_words(written: str, words: dict[str, str]) -> str:
    for _ in range(4):
        if "{" not in written:
            break
        try:
            written = _MACRO.sub(lambda match: f"({words[match.group(1)]})", written)
        except KeyError as error:
            raise WrongPattern(f"{written!r}: no word list {error}") from None
    return written


def _bounded(source: str) -> str:
    """Latin words are found whole; Chinese has no word ends to look for."""
    starts = "" if _is_cjk(source[0]) else _WORD_STARTS
    ends = "" if _is_cjk(source[-1]) else _WORD_ENDS
    alternatives = f"(?:{source})" if "|" in source else source
    return f"{starts}{alternatives}{ends}"


def _is_cjk(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


class _Keys:
    """Finds literals one of which every match contains; no keys means none could be named."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0

    def of_all(self) -> frozenset[str]:
        keys = self._alternatives()
        if self._at < len(self._source):
            raise ValueError(f"unbalanced at {self._at}")
        return keys or frozenset()

    def _alternatives(self) -> frozenset[str] | None:
        found: set[str] = set()
        possible = True
        while True:
            keys = self._sequence()
            if keys is None:
                possible = False
            else:
                found |= keys
            if self._at >= len(self._source) or self._source[self._at] != "|":
                break
            self._at += 1
        return frozenset(found) if possible and len(found) <= _MOST_KEYS else None

    def _sequence(self) -> frozenset[str] | None:
        candidates: list[frozenset[str]] = []
        run = ""
        while self._at < len(self._source) and self._source[self._at] not in "|)":
            literal, keys = self._item()
            optional, repeated = self._quantifier()
            if repeated and len(literal) > 1:  # it is the last sign that may be absent
                run, literal = run + literal[:-1], literal[-1]
            if literal and not optional:
                run += literal
                if not repeated:
                    continue
            if run:
                candidates.append(frozenset({run}))
                run = ""
            if keys and not optional:
                candidates.append(keys)
        if run:
            candidates.append(frozenset({run}))
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        return max(candidates, key=_strength)

    def _item(self) -> tuple[str, frozenset[str] | None]:
        """(the literal signs, or the keys of the group) that stand next."""
        plain = _PLAIN.match(self._source, self._at)
        if plain is not None:
            self._at = plain.end()
            return plain.group(), None
        sign = self._source[self._at]
        self._at += 1
        if sign == "(":
            looking = self._skip_group_head()
            keys = self._alternatives()
            if self._source[self._at] != ")":
                raise ValueError("unclosed group")
            self._at += 1
            return "", None if looking else keys
        if sign == "[":
            self._at = self._source.index("]", self._at + 1) + 1
            return "", None
        if sign == "\\":
            sign = self._source[self._at]
            self._at += 1
            return ("", None) if sign.isalpha() else (sign, None)
        if sign in ".~^$":
            return "", None
        return sign, None

    def _skip_group_head(self) -> bool:
        """Steps over (?: and the like; True for a look-around, which names nothing present."""
        if self._source[self._at] != "?":
            return False
        head = re.compile(r"\?(:|P<\w+>|<?[=!])").match(self._source, self._at)
        if head is None:
            raise ValueError("unknown group")
        self._at = head.end()
        return head.group(1)[-1] in "=!"

    def _quantifier(self) -> tuple[bool, bool]:
        """(may be absent, is repeated) for the item just read."""
        if self._at >= len(self._source):
            return False, False
        sign = self._source[self._at]
        if sign in "?*+":
            self._at += 1
            return sign in "?*", True
        if sign == "{":
            end = self._source.index("}", self._at)
            least = self._source[self._at + 1 : end].split(",")[0]
            self._at = end + 1
            return least in ("", "0"), True
        return False, False


def _strength(keys: frozenset[str]) -> tuple[float, int]:
    """Longer keys are rarer."""
    return min(map(weight, keys)), -len(keys)


def weight(key: str) -> int:
    """How much a key tells: its letters, of which a Chinese character is worth three."""
    return len(key) if key.isascii() else sum(3 if _is_cjk(sign) else 1 for sign in key)
