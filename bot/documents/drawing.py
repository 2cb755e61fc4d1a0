"""Pictures as PNG, drawn by Typst with the one font that lies beside this file.

What is drawn comes as text and numbers in the reader's language; the same content gives the same
bytes on every machine and is drawn once. It takes some hundredths of a second, so callers on the
event loop use a thread.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

_HERE = Path(__file__).parent
_KEPT = 64
SHARP = 144.0
"""Pixels an inch: sharp on a telephone, some tens of kilobytes."""


def png(template: str, content: Mapping[str, Any], ppi: float = SHARP) -> bytes:
    """`template`: the name of a `.typ` file beside this one; `content`: what it reads as JSON.

    Raises FileNotFoundError for a template that is not there.
    """
    return _drawn(template, json.dumps(content, ensure_ascii=False, sort_keys=True), ppi)


@lru_cache(maxsize=_KEPT)
def _drawn(template: str, content: str, ppi: float) -> bytes:
    file = _HERE / f"{template}.typ"
    if file.parent != _HERE or not file.is_file():
        raise FileNotFoundError(file)
    compiler = typst.Compiler(
        input=str(file), font_paths=[str(_HERE / "fonts")], ignore_system_fonts=True
    )
    made = compiler.compile(format="png", ppi=ppi, sys_inputs={"content": content})
    assert isinstance(made, bytes), "a picture is one page"
    return made
