"""One plain form of whatever was typed: small letters, half width, simplified, no invisible signs.

Every lexicon and grammar reads the plain form only, so nobody escapes them by full-width letters,
traditional characters, zero-width spaces or s p a c i n g. Each plain character remembers where
it stood in the message, because findings are reported in the message's own code points.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bot.understanding import tables

MOST_CHARACTERS = 4096
"""A longer message keeps its beginning and its end; a cry for help often stands last."""
KEPT_AT_THE_END = 1024

_SENTENCE_END = ";\n\r\u2028\u2029\u3002\uff1b\u2026"
_COMMA = "\uff0c\u3001\ufe50\ufe51"
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'"}
_QUOTES |= dict.fromkeys("\u201c\u201d\u300c\u300d\u300e\u300f\u300a\u300b\u00ab\u00bb", '"')
_LAUGHING = dict.fromkeys(
    "\U0001f600\U0001f602\U0001f603\U0001f604\U0001f605\U0001f606\U0001f639\U0001f923", " haha "
)
_DASHES = dict.fromkeys("~\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u301c\uff5e", "-")

_TAG = re.compile(r"</?[a-z][^<>]{0,60}>")
_SPACES = re.compile(r" {2,}")
_CJK = "\u3400-\u9fff"
_SPACED_OUT = re.compile(
    rf"(?<![{_CJK}])(?<![{_CJK}] )[{_CJK}](?:[ *_~.,\-+|/][{_CJK}])+(?![{_CJK}])"
)
_LETTERS_SPACED_OUT = re.compile(r"(?<![a-z'])[a-z](?:[ .*_-][a-z]){3,}(?![a-z'])")
_SEPARATOR = re.compile(r"[ *_~.,\-+|/]")
_STARRED = re.compile(rf"(?<=[{_CJK}])[*_~+|^]+(?=[{_CJK}])")
_FIGURE_APART = re.compile(
    r"(?<=[0-9]) (?=[\u53f7\u65e5\u4e07\u5343\u767e\u5757\u5143](?!\u7801))"
    r"|(?<![0-9][0-9])(?<=[0-9]) (?=[\u5929\u6708\u671f](?![\u5e95\u521d\u4e2d\u672b]))"
    r"|(?<=\u6708) (?=[0-9]{1,2} ?[\u53f7\u65e5])|(?<=[0-9]) (?=[wk](?![a-z]))"
)
"""A figure and its unit apart: of a day, a month, an amount, or `1.2 w`."""
_WORD = re.compile(r"[a-z][a-z0-9]*(?:'[a-z]+)*'?|(?<![a-z0-9])2[mn][a-z]{2,6}")


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` is the plain form; character i came from message[starts[i]:ends[i]]."""

    text: str
    starts: list[int]
    ends: list[int]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The half-open stretch of the message that plain[start:end] was read from."""
        if start >= end:
            return (0, 0)
        return self.starts[start], self.ends[end - 1]


def normalise(message: str) -> Plain:
    plain = _characters(message)
    if "<" in plain.text:
        plain = _rewrite(plain, _TAG, lambda match: " ")
    plain = _rewrite(plain, _SPACED_OUT, lambda match: _SEPARATOR.sub("", match.group()))
    plain = _rewrite(plain, _LETTERS_SPACED_OUT, lambda match: _SEPARATOR.sub("", match.group()))
    plain = _rewrite(plain, _STARRED, lambda match: "")
    plain = _rewrite(plain, _FIGURE_APART, lambda match: "")
    if not plain.text.isascii():
        cantonese, words = tables.cantonese()
        plain = _rewrite(plain, cantonese, lambda match: words[match.group()])
    plain = _rewrite(plain, _WORD, _usual_spelling)
    pinyin, phrases = tables.pinyin()
    plain = _rewrite(plain, pinyin, lambda match: phrases[match.group().replace(" ", "")])
    return _rewrite(plain, _SPACES, lambda match: " ")


def _usual_spelling(match: re.Match[str]) -> str | None:
    word = match.group()
    return tables.spellings().get(word.strip("'")) or tables.nearest_word(word)


def _characters(message: str) -> Plain:
    """Character by character: width, case, script, punctuation; signs without meaning go."""
    positions = range(len(message))
    if len(message) > MOST_CHARACTERS:
        head = MOST_CHARACTERS - KEPT_AT_THE_END
        positions_kept = [*positions[:head], *positions[len(message) - KEPT_AT_THE_END :]]
    else:
        positions_kept = list(positions)
    text: list[str] = []
    starts: list[int] = []
    for position in positions_kept:
        for character in _plain_character(message[position]):
            text.append(character)
            starts.append(position)
    return Plain("".join(text), starts, [position + 1 for position in starts])


@cache
def _plain_character(character: str) -> str:
    code = ord(character)
    if "a" <= character <= "z" or "0" <= character <= "9" or character == " ":
        return character
    if character in _SENTENCE_END:
        return "."
    if character in _COMMA:
        return ","
    if character in _QUOTES:
        return _QUOTES[character]
    if character in _DASHES:
        return "-"
    if character in _LAUGHING:
        return _LAUGHING[character]
    if 0x3400 <= code <= 0x9FFF:
        return tables.simplified().get(character, character)
    if code < 0x80 and code >= 0x20:
        return character.lower()
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me", "Cn", "Co", "Cs"):
        return ""
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if category in ("So", "Sk") and not unicodedata.decomposition(character):
        return " "
    folded = unicodedata.normalize("NFKC", character).lower()
    if 0xC0 <= code < 0x250:
        folded = unicodedata.normalize("NFD", folded)
        folded = "".join(one for one in folded if not unicodedata.combining(one))
    if folded != character and len(folded) <= 4:
        return "".join(_plain_character(one) if one != character else one for one in folded)
    return folded[:4]


def _rewrite(
    plain: Plain, pattern: re.Pattern[str], written: Callable[[re.Match[str]], str | None]
) -> Plain:
    """Put another wording in the place of each match; None leaves it. Origins follow."""
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in pattern.finditer(plain.text):
        words = written(match)
        if words is None or words == match.group():
            continue
        begin, end = match.span()
        text += (plain.text[done:begin], words)
        starts += plain.starts[done:begin]
        ends += plain.ends[done:begin]
        first, last = plain.origin(begin, end)
        starts += [first] * len(words)
        ends += [last] * len(words)
        done = end
    if not done:
        return plain
    text.append(plain.text[done:])
    starts += plain.starts[done:]
    ends += plain.ends[done:]
    return Plain("".join(text), starts, ends)
