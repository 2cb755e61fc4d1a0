"""Answering JSON Lines from standard input, one line at a time, whatever arrives.

Other programs pipe facts or texts in and read answers in the same order. A line that cannot be
used gets an answer too, `{"id", "line", "error"}`, and the next one is read: one bad record in a
million must not cost the other answers. Memory stays bounded by the longest line accepted.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import IO, Any

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes. A longer line is refused without being kept."""

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class BadLine(ValueError):
    """What is wrong with a line, said so that its sender can mend it."""


def answer_lines(
    answer: Answer, *, source: IO[bytes] | None = None, sink: IO[bytes] | None = None
) -> int:
    """Answer every line of `source` (standard input) on `sink`; returns the exit code, 0 or 1.

    `answer` gets the object of a line and returns its answer, to which the same `id` is added; it
    raises BadLine for what it refuses. Blank lines are skipped; `line` counts them, from 1.
    """
    source = source or sys.stdin.buffer
    sink = sink or sys.stdout.buffer
    bad = False
    try:
        for number, line in enumerate(_lines(source, sink), start=1):
            if line is not None and not line.strip():
                continue
            said, good = _answer(answer, number, line)
            bad = bad or not good
            sink.write(_encoded(said))
        sink.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return int(bad)


def _lines(source: IO[bytes], sink: IO[bytes]) -> Iterator[bytes | None]:
    """Lines without their end; None for one that is too long.

    What was answered is flushed before each wait for more, so that a program that sends one line
    and waits for its answer gets it, while a long file is written in large pieces.
    """
    read: Callable[[int], bytes] = getattr(source, "read1", source.read)
    pending = bytearray()
    skipping = False
    while True:
        sink.flush()
        piece = read(65_536)
        if not piece:
            break
        *ended, rest = piece.split(b"\n")
        for end in ended:
            pending += end
            yield None if skipping or len(pending) > LONGEST_LINE else bytes(pending)
            pending.clear()
            skipping = False
        pending += rest
        if len(pending) > LONGEST_LINE:
            pending.clear()
            skipping = True
    if pending or skipping:
        yield None if skipping else bytes(pending)


def _answer(answer: Answer, number: int, line: bytes | None) -> tuple[dict[str, Any], bool]:
    """The answer to one line, and whether it is a good one."""
    name: str | int | None = None
    try:
        given, faults = _read(line, number)
        name = _name(given, faults)
        if faults:
            raise BadLine("; ".join(faults))
        return {"id": name} | answer(given), True
    except BadLine as bad:
        reason = str(bad)
    except RecursionError:
        reason = "nested too deeply"
    except Exception as fault:  # one line must never cost the answers to the others
        traceback.print_exc()
        reason = f"could not be answered ({type(fault).__name__}); the trace is on standard error"
    return {"id": name, "line": number, "error": reason}, False


def _read(line: bytes | None, number: int) -> tuple[dict[str, Any], list[str]]:
    """The object of a line, and what JSON's grammar lets pass but we do not."""
    if line is None:
        raise BadLine(f"longer than {LONGEST_LINE} bytes")
    faults: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for name, value in pairs:
            if name in seen:
                faults.append(f"{name}: given twice")
            seen[name] = value
        return seen

    def constant(name: str) -> None:
        faults.append(f"{name} is no number in JSON")

    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        given = json.loads(text, object_pairs_hook=once, parse_constant=constant)
    except UnicodeDecodeError as error:
        raise BadLine(f"not UTF-8: byte {error.start + 1} of the line") from None
    except json.JSONDecodeError as error:
        raise BadLine(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except ValueError as error:  # a whole number of thousands of digits
        raise BadLine(f"not JSON: {error}") from None
    if not isinstance(given, dict):
        raise BadLine("not a JSON object")
    return given, faults


def _name(given: dict[str, Any], faults: list[str]) -> str | int | None:
    name = given.get("id")
    if "id: given twice" in faults:
        return None
    if isinstance(name, str) or (isinstance(name, int) and not isinstance(name, bool)):
        return name
    missing = "id" not in given
    faults.insert(0, "id: missing" if missing else "id: must be a text or a whole number")
    return None


_LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""Legal inside JSON, but many readers would break the line there."""


def _encoded(said: dict[str, Any]) -> bytes:
    try:
        return json.dumps(said, ensure_ascii=False).translate(_LINE_ENDS).encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can carry and UTF-8 cannot
        return json.dumps(said).encode() + b"\n"
