"""Reading a YAML file of rules so strictly that an admin sees every mistake with its line.

Plain YAML loading forgets where a value stood and lets a key given twice pass. Here the file is
checked against a pydantic model, and each finding names file, line, key and what is wrong.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import InputRefused

_Model = TypeVar("_Model", bound=BaseModel)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DataFileRefused(InputRefused):
    """`findings`: one line each, "file:line: key: what is wrong"."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("\n".join(findings))
        self.findings = findings


Place = tuple[int | str, ...]
"""Where a value stands in a file: keys and list positions from the top."""


def read_data_file(
    text: str,
    source: str,
    model: type[_Model],
    faults: Callable[[_Model], Iterable[tuple[Place, str]]] | None = None,
) -> _Model:
    """Check `text`, a file called `source`, against `model`; raises DataFileRefused.

    `faults` then finds what no single value shows: the place of each fault and what is wrong.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
        values = yaml.load(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataFileRefused([f"{source}:{line}: not YAML: {error.problem}"]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise DataFileRefused([f"{source}:1: not YAML: {error}"]) from None
    findings = [
        f"{source}:{line}: {key}: given twice; keep one" for line, key in _given_twice(root)
    ]
    try:
        read = model.model_validate(values, strict=True)
    except ValidationError as error:
        findings += [
            f"{source}:{_line(root, fault['loc'])}: {_path(fault['loc'])}: {_said(fault['msg'])}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
    if not findings and faults is not None:
        findings += [
            f"{source}:{_line(root, place)}: {_path(place)}: {said}" for place, said in faults(read)
        ]
    if findings:
        raise DataFileRefused(findings)
    return read


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


def _path(place: Place) -> str:
    return ".".join(str(step) for step in place) or "file"


def _given_twice(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(key.value)
            yield from _given_twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _given_twice(item)


def _line(node: yaml.Node | None, place: Place) -> int:
    """The line of the value at `place`, or of the nearest thing around it."""
    line = node.start_mark.line + 1 if node else 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == step), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line
