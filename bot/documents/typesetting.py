"""Sheets as PDF and PNG, set by Typst with the one font that lies beside this file.

The same sheet gives the same bytes on every machine: no font of the system is used and the time of
day does not enter. It takes some hundredths of a second, so callers on the event loop use a thread.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

_HERE = Path(__file__).parent
_KEPT = 64


def pdf(sheet: dict[str, Any]) -> bytes:
    """`sheet`: what `as_json` of a sheet or a record gives."""
    return _set(_template(sheet), json.dumps(sheet, ensure_ascii=False, sort_keys=True))


def pages(sheet: dict[str, Any], ppi: float = 96.0) -> list[bytes]:
    """Each page as a PNG, to be looked at."""
    made = _compiler(_template(sheet)).compile(
        format="png", ppi=ppi, sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False)}
    )
    return made if isinstance(made, list) else [made or b""]


@lru_cache(maxsize=_KEPT)
def _set(template: str, sheet: str) -> bytes:
    made = _compiler(template).compile(format="pdf", timestamp=0, sys_inputs={"sheet": sheet})
    assert isinstance(made, bytes), "a PDF is one file"
    return made


def _template(sheet: dict[str, Any]) -> str:
    """The file beside this one that sets it."""
    return "record.typ" if sheet.get("template") == "record" else "sheet.typ"


def _compiler(template: str) -> typst.Compiler:
    """A new one each time: they are cheap, and no two threads share one."""
    return typst.Compiler(
        input=str(_HERE / template), font_paths=[str(_HERE / "fonts")], ignore_system_fonts=True
    )
