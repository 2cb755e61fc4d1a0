"""A message as the guard reads it: the same letters for whoever wrote them how.

Full width, accents, traditional characters, look-alike letters, zero-width characters and
separators stuffed into words are undone here, once, so that patterns can be written plainly.
Every letter keeps the place it came from: findings point into the text as it was given.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import yaml

_TONE = Path(__file__).parent / "tone"


@dataclass(frozen=True)
class View:
    """One normalised spelling of a message; letter i stood at `origins[i]` of the original."""

    text: str
    origins: tuple[int, ...]
    original_length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Half-open span of the original for a half-open span of this view."""
        if start >= end:
            return (0, 0)
        return self.origins[start], min(self.origins[end - 1] + 1, self.original_length)

    @cached_property
    def has_chinese(self) -> bool:
        return _CJK.search(self.text) is not None

    @cached_property
    def has_latin(self) -> bool:
        return _LATIN.search(self.text) is not None

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The sentence around a span of this view."""
        return _around(self._sentence_ends, start, end, len(self.text))

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The clause around a span of this view: commas and dashes end it too."""
        return _around(self._clause_ends, start, end, len(self.text))

    def clauses(self) -> Iterator[tuple[int, int]]:
        """Every clause, one after the other."""
        left = 0
        for right in (*self._clause_ends, len(self.text)):
            if right > left:
                yield left, right
            left = right

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [match.end() for match in _SENTENCE_END.finditer(self.text)]

    @cached_property
    def _clause_ends(self) -> list[int]:
        return [match.end() for match in _CLAUSE_END.finditer(self.text)]


_CJK = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[a-z]")
_SENTENCE_END = re.compile(
    r"[。!?\n]+[”」』\"']?|(?<!\bmr)(?<!\bms)(?<!\bmrs)(?<!\bdr)(?<!\bno)\.(?=\s|$)", re.ASCII
)
_CLAUSE_END = re.compile(
    r"[。!?\n,;:：、…]+(?!\d)(?!\s*(?:your|his|her) [a-z]+ n?or\b)|\.(?=\s|$)|—+|--+| - ", re.ASCII
)
"""Not the comma of a list: "I won't call your boss, your mum or anyone" is one clause."""
_MARKS = frozenset(',!?:;、。“”"')
_FILLERS = frozenset(" .*_-/|~·•'`^+=#&%@$丨。")
_PLACEHOLDER = re.compile(r"\{\{?\s*([A-Za-z_][\w.]*)[^{}]*\}?\}")
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\b\.?\s+((?:[A-Z][a-z-]+\s+){0,2}[A-Z][a-z-]+)")
"""A name after its title, whatever it would mean as a word: Mrs Crook, Mr Killer."""
_OWN = ("agent", "collector", "staff_", "my_", "personal")


def read(text: str) -> list[View]:
    """The views of a message: the plain one, then others where somebody plays with letters."""
    letters = _without_fillers(_normalised(text))
    plain = _view(letters, len(text))
    unleeted = _unleeted(letters)
    others = (unleeted, _spelled_out(unleeted or letters))
    return [plain, *(_view(other, len(text)) for other in others if other is not None)]


def is_traditional(text: str) -> bool:
    """Whether a Chinese text is written in traditional characters rather than simplified ones.

    Many simplified characters are written in traditional texts too, hardly any the other way round.
    """
    table = _simplified()
    simple = _only_simplified()
    traditional = sum(char in table for char in text)
    return traditional > 0 and traditional * 3 >= sum(char in simple for char in text)


@cache
def _only_simplified() -> frozenset[str]:
    table = _simplified()
    return frozenset(table.values()) - table.keys()


def _view(letters: list[tuple[str, int]], length: int) -> View:
    return View("".join(c for c, _ in letters), tuple(i for _, i in letters), length)


def _around(ends: list[int], start: int, end: int, length: int) -> tuple[int, int]:
    left, right = 0, length
    for stop in ends:
        if stop <= start:
            left = stop
        elif stop >= end:
            right = stop
            break
    return left, right


def _normalised(text: str) -> list[tuple[str, int]]:
    letters: list[tuple[str, int]] = []
    position = 0
    for start, end, own in _names(text):
        if start < position:
            continue
        _normalise_into(letters, text, position, start)
        letters.extend((letter, start) for letter in ("{agent" if own else "{x"))
        letters.append(("}", end - 1))
        position = end
    _normalise_into(letters, text, position, len(text))
    return letters


def _names(text: str) -> list[tuple[int, int, bool]]:
    """Where names stand: placeholders, of which some are the sender's own, and titled names."""
    found = [
        (*match.span(), match.group(1).lower().startswith(_OWN))
        for match in _PLACEHOLDER.finditer(text)
    ]
    found.extend((*match.span(1), False) for match in _TITLED.finditer(text))
    return sorted(found)


def _normalise_into(letters: list[tuple[str, int]], text: str, start: int, end: int) -> None:
    table = _letters()
    for position in range(start, end):
        char = text[position]
        read_as = table.get(char) or _normal_form(char)
        letters.extend((letter, position) for letter in read_as)


@cache
def _normal_form(char: str) -> str:
    """What one code point reads as; nothing for what cannot be seen."""
    if char.isspace():
        return "\n" if char in "\n\r\u2028\u2029" else " "
    folded = unicodedata.normalize("NFKD", char)
    seen = "".join(c for c in folded if unicodedata.category(c) not in ("Mn", "Cf", "Cc", "Me"))
    table = _letters()
    return "".join(table.get(c, c) for c in seen.lower())


@cache
def _letters() -> dict[str, str]:
    """Look-alikes and traditional characters, by code point."""
    return {**_simplified(), **_spellings()["look_alikes"]}


@cache
def _simplified() -> dict[str, str]:
    rows = (_TONE / "traditional.txt").read_text(encoding="utf-8").splitlines()
    flat = "".join(row for row in rows if not row.startswith("#"))
    return {flat[i]: flat[i + 1] for i in range(0, len(flat) - 1, 2)}


@cache
def _spellings() -> dict[str, dict[str, str]]:
    given: dict[str, dict[str, str]] = yaml.load(
        (_TONE / "spellings.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    return given


def _without_fillers(letters: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Spaces and marks between two Chinese characters separate nothing; runs of spaces are one."""
    kept: list[tuple[str, int]] = []
    index, count = 0, len(letters)
    while index < count:
        char = letters[index][0]
        if char not in _FILLERS and not _is_picture(char):
            kept.append(letters[index])
            index += 1
            continue
        end = index
        while end < count and (letters[end][0] in _FILLERS or _is_picture(letters[end][0])):
            end += 1
        run = letters[index:end]
        inside = bool(kept) and end < count and _joins(kept[-1][0], letters[end][0])
        spoken = any(_is_picture(c) or c == "。" for c, _ in run)
        if not inside or spoken:
            kept.extend(_one_space(run))
        index = end
    return kept


def _one_space(run: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    before = ""
    for char, position in run:
        if not (char == " " and before == " "):
            yield char, position
        before = char


def _joins(before: str, after: str) -> bool:
    """Whether Chinese writing puts nothing between these two."""
    if _chinese(before):
        return _chinese(after) or after in _MARKS
    return before in _MARKS and _chinese(after)


def _chinese(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _is_picture(char: str) -> bool:
    return char >= "\U0001f000" or "\u2600" <= char <= "\u27bf"


_SPACED = re.compile(r"(?<![a-z0-9])(?:[a-z0-9@$][ .*_\-]){2,}[a-z0-9@$](?![a-z0-9])")
_LEET = re.compile(r"(?<![a-z0-9@$])[a-z]*[a-z][0134578@$!][a-z0134578@$!]*(?![a-z0-9])")
_DIGITS = str.maketrans("0134578@$!", "oieastbasi")
_CENSORED = re.compile(r"(?<=[a-z])[*#.\-_](?=[a-z])")


def _unleeted(letters: list[tuple[str, int]]) -> list[tuple[str, int]] | None:
    text = "".join(c for c, _ in letters)
    changed = False
    out = list(letters)
    for match in _LEET.finditer(text):
        for i in range(match.start(), match.end()):
            out[i] = (out[i][0].translate(_DIGITS), out[i][1])
        changed = True
    drop: set[int] = set()
    for match in _SPACED.finditer(text):
        for i in range(match.start(), match.end()):
            out[i] = (out[i][0].translate(_DIGITS), out[i][1])
        drop.update(range(match.start() + 1, match.end(), 2))
    for match in _CENSORED.finditer(text):
        drop.add(match.start())
    if not changed and not drop:
        return None
    return [letter for i, letter in enumerate(out) if i not in drop]


def _spelled_out(letters: list[tuple[str, int]]) -> list[tuple[str, int]] | None:
    """Pinyin and homophones of words that matter, replaced by the words themselves."""
    text = "".join(c for c, _ in letters)
    out: list[tuple[str, int]] = []
    last = 0
    for match in _sound_pattern().finditer(text):
        word = match.lastgroup or ""
        meant = _sounds()[word]
        if match.group() == meant:
            continue
        out.extend(letters[last : match.start()])
        places = [letters[match.start()][1], *[letters[match.end() - 1][1]] * (len(meant) - 1)]
        out.extend(zip(meant, places, strict=True))
        last = match.end()
    if not last:
        return None
    return [*out, *letters[last:]]


@cache
def _sounds() -> dict[str, str]:
    return {f"w{i}": word for i, word in enumerate(_spellings()["sounds"])}


@cache
def _sound_pattern() -> re.Pattern[str]:
    parts = []
    for name, word in _sounds().items():
        syllables = _spellings()["sounds"][word].split()
        choices = []
        for char, sound in zip(word, syllables, strict=True):
            latin, _, same = sound.partition(":")
            choices.append(f"(?:[{char}{same}]|{latin})")
        parts.append(f"(?P<{name}>(?<![a-z])" + r"[ .*\-_]?".join(choices) + "(?![a-z]))")
    return re.compile("|".join(parts))
