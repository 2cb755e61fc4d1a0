"""`remindful decide` as another program meets it: bytes in, bytes out, an exit code."""

import json
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest

pytestmark = pytest.mark.process

DECIDE = [sys.executable, "-m", "bot", "decide"]
SCHEMA = [*DECIDE, "--schema"]

AT = "2026-11-23T10:00:00+08:00"


def run(*lines: dict[str, Any] | str) -> tuple[int, list[dict[str, Any]], str]:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    done = subprocess.run(DECIDE, input=text.encode(), capture_output=True, timeout=60, check=False)
    return (
        done.returncode,
        [json.loads(line) for line in done.stdout.splitlines()],
        done.stderr.decode(),
    )


def line(name: str, kind: str = "overdue", **changes: Any) -> dict[str, Any]:
    given = {"id": name, "at": AT, "kind": kind, "borrower": {"country": "CN"}}
    return given | changes


def answer(**changes: Any) -> dict[str, Any]:
    code, answers, errors = run(line("one", **changes))
    assert (code, errors) == (0, "")
    return answers[0]


def test_many_lines_are_answered_in_order_and_a_bad_one_stops_nobody() -> None:
    code, answers, errors = run(
        line("goes"),
        line("night", at="2026-11-23T06:00:00+08:00"),
        "not json",
        line("stopped", borrower={"country": "CN", "stopped": True}),
        line("typo", promise="yes"),
        line("last", kind="safety"),
    )
    assert code == 1
    assert errors == ""
    assert answers == [
        {"id": "goes", "decision": "allow", "until": None, "rules": []},
        {"id": "night", "decision": "defer", "until": "2026-11-23T02:00:00Z", "rules": ["hours"]},
        {"id": None, "line": 3, "error": "not JSON: Expecting value at character 1"},
        {"id": "stopped", "decision": "deny", "until": None, "rules": ["opt_out"]},
        {"id": "typo", "line": 5, "error": "promise: unknown key"},
        {"id": "last", "decision": "allow", "until": None, "rules": []},
    ]


def test_a_no_is_an_answer_and_no_failure() -> None:
    assert answer(already_sent=True)["decision"] == "deny"


def test_every_fact_reaches_its_rule() -> None:
    yesterday, today = "2026-11-22T20:00:00+08:00", "2026-11-23T09:00:00+08:00"
    cases: list[tuple[str, dict[str, Any]]] = [
        ("private_chat", {"chat": {"private": False}}),
        ("private_chat", {"borrower": {"country": "CN", "reachable": False}}),
        ("identity", {"borrower": {"country": "CN", "verified": False}}),
        ("consent", {"borrower": {"country": "CN", "consent": False}}),
        ("opt_out", {"borrower": {"country": "CN", "stopped": True}}),
        ("legal_hold", {"holds": [{"kind": "frozen", "start": yesterday, "end": None}]}),
        ("dispute", {"holds": [{"kind": "dispute", "start": yesterday}]}),
        ("complaint", {"holds": [{"kind": "complaint", "start": yesterday, "end": None}]}),
        ("hardship", {"holds": [{"kind": "hardship", "start": yesterday, "end": None}]}),
        ("person_owns_chat", {"chat": {"owner": "nobody"}}),
        ("promise_open", {"promise_open": True}),
        ("plan_kept", {"plan_kept": True}),
        ("balance_stale", {"balance": {"as_of": "2026-11-21T21:59:59+08:00"}}),
        ("balance_zero", {"balance": {"due": "0.00"}}),
        ("balance_zero", {"balance": {"due": "-3.10"}}),
        ("script", {"script": {"published": False}}),
        ("script", {"script": {"guard": "block"}}),
        ("hours", {"borrower": {"country": "CN", "wishes": {"hours": "11:00-12:00"}}}),
        ("hours", {"borrower": {"country": "CN", "timezone": "Europe/Paris"}}),
        ("hours", {"policy": {"tighten": {"hours": "11:00-12:00"}}}),
        ("holiday", {"at": "2026-10-01T12:00:00+08:00"}),
        ("quiet_borrower", {"chat": {"borrower_wrote_at": yesterday}}),
        ("quiet_person", {"chat": {"person_wrote_at": yesterday}}),
        ("cap_day", {"history": [{"at": today, "kind": "staff", "by": "person"}]}),
        ("cap_week", {"borrower": {"country": "CN", "wishes": {"max_per_week": 0}}}),
        ("cap_overdue", {"policy": {"tighten": {"cap_overdue": 0}}}),
        (
            "cap_call",
            {
                "kind": "call",
                "policy": {"preset": "us"},
                "history": [
                    {"at": yesterday, "kind": "call", "by": "person", "outcome": "answered"}
                ],
            },
        ),
        ("duplicate", {"already_sent": True}),
    ]
    code, answers, _ = run(*(line(rule, **changes) for rule, changes in cases))
    assert code == 0
    assert [told["rules"] for told in answers] == [[told["id"]] for told in answers]
    assert len(answers) == len(cases)


def test_facts_left_out_and_facts_given_as_their_defaults_are_the_same() -> None:
    spelt_out = answer(
        borrower={
            "country": "CN",
            "timezone": None,
            "verified": True,
            "consent": True,
            "stopped": False,
            "reachable": True,
            "wishes": {},
        },
        chat={"private": True, "owner": "bot", "answered": True},
        holds=[],
        promise_open=False,
        plan_kept=False,
        balance={},
        script={"published": True, "guard": "ok", "neutral": False},
        already_sent=False,
        history=[],
        policy={},
    )
    assert spelt_out == answer()


def test_every_fault_of_a_line_is_named_at_once() -> None:
    code, answers, _ = run(line("x", kind="x", at="now", extra=1))
    assert code == 1
    assert [fault.split(":")[0] for fault in answers[0]["error"].split("; ")] == [
        "at",
        "kind",
        "extra",
    ]


def test_the_schema_of_a_line_is_printed() -> None:
    done = subprocess.run(SCHEMA, capture_output=True, timeout=60, check=True)
    schema = json.loads(done.stdout)
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"id", "at", "kind", "borrower"}
    assert set(schema["properties"]) == set(line("x")) | {
        "chat",
        "holds",
        "promise_open",
        "plan_kept",
        "balance",
        "script",
        "already_sent",
        "history",
        "policy",
    }


def test_it_starts_without_telegram_the_web_framework_or_the_database() -> None:
    heavy = ("aiogram", "aiohttp", "fastapi", "starlette", "sqlalchemy", "uvicorn", "apscheduler")
    script = (
        "import sys\n"
        "from bot.cli import main\n"
        "sys.argv = ['remindful', 'decide']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(line("x")).encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["decision"] == "allow"
    assert done.stderr.decode().strip() == "[]"


def test_a_reader_that_leaves_early_is_no_crash() -> None:
    few = (json.dumps(line("x")) + "\n").encode() * 100  # less than a pipe holds
    pipe = subprocess.PIPE
    with subprocess.Popen(DECIDE, stdin=pipe, stdout=pipe, stderr=pipe) as working:
        assert working.stdin
        assert working.stdout
        assert working.stderr
        working.stdin.write(few)
        working.stdin.flush()
        working.stdout.readline()
        working.stdout.close()
        with suppress(BrokenPipeError):
            working.stdin.write(few * 100)
            working.stdin.close()
        assert working.stderr.read() == b""
        assert working.wait(timeout=30) == 1


def test_thousands_of_lines_are_answered_in_order() -> None:
    code, answers, _ = run(*(line(str(number)) for number in range(3_000)))
    assert code == 0
    assert [told["id"] for told in answers] == [str(number) for number in range(3_000)]
