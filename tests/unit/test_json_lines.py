"""Whatever is piped in, every line gets its answer, in order, and nothing stops the reading."""

import io
import json
import os
import threading
from typing import Any

import pytest

from bot.commands.json_lines import LONGEST_LINE, BadLine, answer_lines


def echo(given: dict[str, Any]) -> dict[str, Any]:
    if "refuse" in given:
        raise BadLine(given["refuse"])
    if "fail" in given:
        raise KeyError("a fault of ours")
    return {"said": given.get("say")}


def run(source: bytes) -> tuple[int, list[dict[str, Any]]]:
    sink = io.BytesIO()
    code = answer_lines(echo, source=io.BytesIO(source), sink=sink)
    return code, [json.loads(line) for line in sink.getvalue().splitlines()]


def error_of(line: bytes) -> dict[str, Any]:
    code, answers = run(b'{"id": 1}\n' + line + b'\n{"id": 3}\n')
    assert code == 1
    assert [answers[0]["id"], answers[2]["id"]] == [1, 3]
    assert set(answers[1]) == {"id", "line", "error"}
    assert answers[1]["line"] == 2
    return answers[1]


def test_answers_come_in_order_with_the_same_id_and_exit_0() -> None:
    code, answers = run(b'{"id": "b", "say": 1}\n{"id": "a", "say": 2}\n{"id": 7}')
    assert code == 0
    assert answers == [{"id": "b", "said": 1}, {"id": "a", "said": 2}, {"id": 7, "said": None}]


def test_nothing_in_nothing_out() -> None:
    assert run(b"") == (0, [])


def test_blank_lines_are_skipped_but_counted() -> None:
    code, answers = run(b'\n  \r\n{"id": 1}\r\nx\n')
    assert code == 1
    assert answers[0] == {"id": 1, "said": None}
    assert answers[1]["line"] == 4


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert run(b'\xef\xbb\xbf{"id": 1}\n')[0] == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"oops", "not JSON"),
        (b'{"id": 2', "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'"\xff"', "not UTF-8: byte 2"),
        (b'\xef\xbb\xbf{"id": 2}', "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"say": 1}', "id: missing"),
        (b'{"id": 1.5}', "id: must be a text or a whole number"),
        (b'{"id": null}', "id: must be a text or a whole number"),
        (b'{"id": true}', "id: must be a text or a whole number"),
        (b'{"id": 1, "id": 2}', "id: given twice"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "not JSON"),
    ],
)
def test_a_line_that_cannot_be_read_is_answered_without_an_id(line: bytes, reason: str) -> None:
    answer = error_of(line)
    assert answer["id"] is None
    assert answer["error"].startswith(reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "x", "refuse": "too small"}', "too small"),
        (b'{"id": "x", "say": 1, "say": 2}', "say: given twice"),
        (b'{"id": "x", "say": {"a": 1, "a": 2}}', "a: given twice"),
        (b'{"id": "x", "say": NaN}', "NaN is no number"),
        (b'{"id": "x", "say": [-Infinity]}', "-Infinity is no number"),
    ],
)
def test_a_line_that_is_refused_keeps_its_id(line: bytes, reason: str) -> None:
    answer = error_of(line)
    assert answer["id"] == "x"
    assert answer["error"].startswith(reason)


def test_a_fault_of_ours_costs_one_answer_and_leaves_a_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = error_of(b'{"id": "x", "fail": 1}')
    assert answer["id"] == "x"
    assert "KeyError" in answer["error"]
    assert "a fault of ours" in capsys.readouterr().err


def test_a_line_too_long_to_keep_is_refused_and_the_next_one_is_answered() -> None:
    huge = b'{"id": 2, "say": "' + b"x" * (LONGEST_LINE * 2) + b'"}'
    assert "longer than" in error_of(huge)["error"]


def test_a_last_line_too_long_to_keep_is_refused_too() -> None:
    code, answers = run(b"x" * (LONGEST_LINE + 70_000))
    assert code == 1
    assert "longer than" in answers[0]["error"]


def test_a_line_of_just_the_longest_length_is_answered() -> None:
    frame = b'{"id": 2, "say": ""}'
    line = frame[:-2] + b"x" * (LONGEST_LINE - len(frame)) + frame[-2:]
    assert run(line + b"\n")[0] == 0


def test_every_line_cut_at_any_byte_is_still_answered() -> None:
    class Dripping(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            return super().read1(1)

    sink = io.BytesIO()
    source = Dripping('{"id": "é"}\n{"id": 2}\n\n{"id": 3}'.encode())
    assert answer_lines(echo, source=source, sink=sink) == 0
    assert [json.loads(line)["id"] for line in sink.getvalue().splitlines()] == ["é", 2, 3]


def test_answers_keep_every_character_and_one_line_each() -> None:
    said = "好 é \u2028 \u0085 \n"
    sink = io.BytesIO()
    lines = [json.dumps({"id": said}), '{"id": "half \\ud83d"}']
    answer_lines(echo, source=io.BytesIO("\n".join(lines).encode()), sink=sink)
    text = sink.getvalue().decode()
    assert "好" in text
    answers = [json.loads(line) for line in text.splitlines()]
    assert [answer["id"] for answer in answers] == [said, "half \ud83d"]


def test_a_program_that_waits_for_each_answer_gets_it() -> None:
    ask, asked = os.pipe()
    answer, answered = os.pipe()
    with (
        os.fdopen(ask, "rb") as source,
        os.fdopen(asked, "wb", buffering=0) as questions,
        os.fdopen(answer, "rb") as answers,
        os.fdopen(answered, "wb") as sink,
    ):
        working = threading.Thread(
            target=answer_lines, args=(echo,), kwargs={"source": source, "sink": sink}
        )
        working.start()
        for number in range(3):
            questions.write(b'{"id": %d}\n' % number)
            assert json.loads(answers.readline())["id"] == number
        questions.close()
        working.join(timeout=5)
        assert not working.is_alive()
