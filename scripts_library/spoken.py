"""All that a body can say, whatever its conditions decide.

A preview shows one way through a text. Words that only appear for a borrower three months late, or
between two entries of a list, are words all the same: the guard reads this.
"""

import re

_COMMENT = re.compile(r"\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_OUTPUT = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_LIQUID = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_NAME = re.compile(r"[\w.]*")


def spoken(body: str) -> str:
    """Every branch one after the other, values as `{{ name }}`, then all quoted words."""
    said = _COMMENT.sub("", body)
    quoted = [
        first or second
        for liquid in _LIQUID.findall(said)
        for first, second in _QUOTED.findall(liquid)
    ]
    text = _OUTPUT.sub(_printed, _TAG.sub("", said))
    return "\n".join([text, *(words for words in quoted if words.strip())])


def _printed(output: re.Match[str]) -> str:
    """A value by its name; quoted words as they are, joined to what stands around them."""
    inside = output[1].strip()
    quoted = _QUOTED.match(inside)
    if quoted is not None:
        return quoted[1] or quoted[2] or ""
    name = _NAME.match(inside)
    return "{{ " + (name[0] if name else "") + " }}"
