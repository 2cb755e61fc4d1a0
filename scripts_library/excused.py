"""When a phrase that would break a rule does not: denied, cited, forbidden, or warned against.

"We will never call your employer" and "call your employer" differ by what stands around the words.
Each excuse looks no further than it must: a denial in the same clause, a citation in the same
sentence, because "I am not threatening you, but …" must not slip through.
"""

import re
from collections.abc import Iterable, Iterator

from scripts_library.reading import View
from scripts_library.tone_patterns import Pattern, Present, excuses, patterns


def excused(pattern: Pattern, match: re.Match[str], view: View, kind: str) -> bool:
    """Whether the words around a match take it back."""
    if pattern.unless_text is not None and pattern.unless_text.search(view.text):
        return True
    start, end = match.span()
    left, right = view.sentence(start, end)
    sentence = view.text[left:right]
    if pattern.unless is not None and pattern.unless.search(sentence):
        return True
    if not pattern.keeps_negation and _denied(view, start, end, inside=pattern.denied_inside):
        return True
    if pattern.quotable:
        if set(pattern.rules) & _NAMEABLE and excuses()["named"].search(sentence):
            return True
        if excuses()["warned"].search(sentence) or excuses()["forbidden"].match(sentence.lstrip()):
            return True
        return _cited(view, start, end, sentence)
    return False


def findings(views: Iterable[View], kind: str) -> Iterator[tuple[Pattern, tuple[int, int]]]:
    """What patterns find and nothing takes back, with half-open spans of the original text."""
    for view in views:
        present = Present(view)
        for pattern in patterns():
            if pattern.kind is not None and pattern.kind != kind:
                continue
            for match in pattern.matches(view, present):
                if match.end() > match.start() and not excused(pattern, match, view, kind):
                    yield pattern, view.span(match.start(), match.end())


def speaks_of_words(view: View) -> bool:
    """Whether a text is about what somebody said: reported, warned against, or forbidden."""
    table = excuses()
    return (
        table["reported"].search(view.text) is not None
        or table["warned"].search(view.text) is not None
        or table["forbidden"].match(view.text.lstrip()) is not None
    )


def blocking_patterns(views: Iterable[View], kind: str) -> set[Pattern]:
    return {pattern for pattern, _ in findings(views, kind) if pattern.level == "block"}


_NAMEABLE = frozenset({"insult", "threat"})
"""Rules whose words are also names of films, shops and families."""
_REACH = 26
_REACH_LATIN = 60


def _denied(view: View, start: int, end: int, *, inside: bool) -> bool:
    """A "not" of the sender's before the words in their clause, or right after them."""
    left, _ = view.clause(end - 1 if inside else start, end)
    reach = _REACH if view.has_chinese else _REACH_LATIN
    head = view.text[max(left, start - reach) : end if inside else start]
    table = excuses()
    sneaky = table["sneaky"].search(view.text[max(left, start - reach - 8) : end])
    if sneaky is None and table["negated"].search(head):
        return True
    _, sentence_end = view.sentence(start, end)
    return table["denied_after"].match(view.text[end:sentence_end]) is not None


_QUOTES = re.compile(r"[“「『\"《‹«]([^”」』\"》›»]{1,80})[”」』\"》›»]")


def _cited(view: View, start: int, end: int, sentence: str) -> bool:
    table = excuses()
    if table["reported"].search(sentence):
        return True
    for quoted in _QUOTES.finditer(view.text):
        if quoted.start() <= start and end <= quoted.end():
            return table["about_words"].search(view.text) is not None
    return False
