"""A message in parts, so that kind words around a threat do not make it sound kind.

The scorer weighs a message as a whole: among three friendly lines one bad one is a quarter of what
it hears. So each sentence is heard alone as well. What says little alone, or leans on what stands
before it ("... Will you call my boss? No."), stays with its neighbour.
"""

import re

from scripts_library.tone_patterns import excuses

_SENTENCE = re.compile(
    r"[^。！？!?\n.]*(?:[。！？!?\n]+[”」』\"']?|\.(?!\s|$)[^。！？!?\n.]*|\.\s*|$)"
)
_LEAST = 14
"""What a part has to say to stand alone: a Chinese character says as much as three letters."""
_MOST = 90
"""Sentences that say more are heard in pieces too, from comma to comma."""
_COMMA = re.compile(r"[,，;；、…~～]+(?!\d)\s*|—+|\s-\s")

Part = tuple[int, int]
"""Half-open, in code points of the text."""


def sentences(text: str) -> list[Part]:
    """Every sentence or line, one after the other; the whole text if there is none."""
    spans = [match.span() for match in _SENTENCE.finditer(text) if match.group().strip()]
    return spans or [(0, len(text))]


def parts(text: str) -> list[Part]:
    """What is worth hearing alone, or nothing when that is the whole text."""
    found = _joined(text, sentences(text))
    pieces = [piece for part in found for piece in _pieces(text, part)]
    if len(found) == 1:
        return pieces
    return [*found, *pieces]


def _pieces(text: str, part: Part) -> list[Part]:
    """A long sentence between its commas, each piece long enough to say something."""
    start, end = part
    if _said(text[start:end]) <= _MOST:
        return []
    stops = [match.end() for match in _COMMA.finditer(text, start, end)]
    pieces: list[Part] = []
    for stop in (*stops, end):
        if stop == end or _said(text[start:stop]) >= _MOST // 2:
            pieces.append((start, stop))
            start = stop
    return pieces if len(pieces) > 1 else []


def _joined(text: str, spans: list[Part]) -> list[Part]:
    found: list[Part] = []
    for start, end in spans:
        if found and (_slight(text, found[-1]) or _leans_back(text[start:end])):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    if len(found) > 1 and _slight(text, found[-1]):
        _, end = found.pop()
        found[-1] = (found[-1][0], end)
    return found


def _slight(text: str, part: Part) -> bool:
    return _said(text[part[0] : part[1]].strip()) < _LEAST


def _leans_back(sentence: str) -> bool:
    return excuses()["leans_back"].match(sentence.lstrip().lower()) is not None


def _said(text: str) -> int:
    return len(text) + 2 * sum("\u3400" <= char <= "\u9fff" for char in text)
