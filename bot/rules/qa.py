"""Which closed conversations are checked, and on what: sampling.yaml, and a lot nobody can draw.

The lot hangs on the number of the case alone, so it falls the same way however often it is asked.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from bot.rules.data_file import read_data_file
from storage.records import CaseId

FULLY, PARTLY, NOT = 2, 1, 0
"""Marks; a criterion that did not come up has none."""

_PARTS = 10_000


class QaPolicy(BaseModel):
    """See sampling.yaml for what each means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    percent: Annotated[int, Field(ge=0, le=100)]
    due_days: PositiveInt
    complaint_days: PositiveInt
    criteria: Annotated[list[str], Field(min_length=1, max_length=12)]


@cache
def qa_policy() -> QaPolicy:
    """What sampling.yaml says."""
    text = files("bot.rules").joinpath("sampling.yaml").read_text(encoding="utf-8")
    return read_data_file(text, "sampling.yaml", QaPolicy)


def is_drawn(case_id: CaseId, percent: int) -> bool:
    """Whether the lot falls on a case when `percent` of them are checked."""
    number = int.from_bytes(sha256(f"qa:{case_id}".encode()).digest()[:8], "big")
    return number % _PARTS < percent * _PARTS // 100


def points_percent(marks: list[int]) -> int:
    """The points of a card in percent of what was to be had; 100 when nothing came up."""
    return 100 if not marks else round(100 * sum(marks) / (FULLY * len(marks)))
