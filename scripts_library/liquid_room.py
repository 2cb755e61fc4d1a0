"""The small Liquid that scripts are written in: a few tags, a few filters, and hard limits.

Admins edit these texts, so the body may choose and repeat but never build: no assign, no capture,
no filter that can lengthen a text, no include. What is left cannot loop for long, grow without
bound or reach anything but the variables it was given.
"""

from collections.abc import Callable
from typing import Any

from liquid import Environment, StrictUndefined
from liquid.builtin.content import Literal
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output
from liquid.builtin.tags.case_tag import CaseTag
from liquid.builtin.tags.comment_tag import CommentTag
from liquid.builtin.tags.for_tag import BreakTag, ContinueTag, ForTag
from liquid.builtin.tags.if_tag import IfTag
from liquid.builtin.tags.unless_tag import UnlessTag
from liquid.exceptions import FilterArgumentError

from scripts_library.formats import Formats

TAGS = (
    Literal,
    Output,
    Illegal,
    IfTag,
    UnlessTag,
    CaseTag,
    ForTag,
    BreakTag,
    ContinueTag,
    CommentTag,
)


class DateText(str):
    """A date already written in full, which still knows the day for `short` and `weekday`."""

    __slots__ = ("day",)
    day: Any


class Room(Environment):
    """Liquid with limits; one per language because filters write in that language."""

    block_nesting_limit = 8
    context_depth_limit = 12
    loop_iteration_limit = 400
    local_namespace_limit = 10_000
    output_stream_limit = 40_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Ours alone, whatever `extra` says."""
        for tag in TAGS:
            self.add_tag(tag)


def room(formats: Formats, *, html: bool) -> Room:
    """An environment for one language; with `html` every value is escaped for parse_mode HTML."""
    environment = Room(undefined=StrictUndefined, autoescape=html, strict_filters=True)

    def short(value: Any) -> str:
        return formats.short_day(_day(value, "short"))

    def weekday(value: Any) -> str:
        return formats.weekday(_day(value, "weekday"))

    def days(value: Any) -> str:
        if not isinstance(value, int):
            raise FilterArgumentError("days: needs a number", token=None)
        return formats.days(value)

    def join(value: Any, separator: str = ", ") -> str:
        if not isinstance(value, list):
            raise FilterArgumentError("join: needs a list", token=None)
        return str(separator).join(str(entry) for entry in value)

    def size(value: Any) -> int:
        if not isinstance(value, list):
            raise FilterArgumentError("size: needs a list", token=None)
        return len(value)

    filters: dict[str, Callable[..., Any]] = {
        "short": short,
        "weekday": weekday,
        "days": days,
        "join": join,
        "size": size,
    }
    for name, function in filters.items():
        environment.add_filter(name, function)
    return environment


def _day(value: Any, name: str) -> Any:
    if not isinstance(value, DateText):
        raise FilterArgumentError(f"{name}: needs a date", token=None)
    return value.day
