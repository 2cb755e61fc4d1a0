"""A line of facts is read strictly: whatever is wrong with it is named by its key."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.commands.decide_line import read_line
from bot.commands.json_lines import BadLine
from bot.rules.contact_policy import decide
from storage.records import Decision

AT = "2026-11-23T10:00:00+08:00"
LINE: dict[str, Any] = {"id": "x", "at": AT, "kind": "overdue", "borrower": {"country": "CN"}}


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T02:00:00Z",
        "2026-11-23t02:00:00z",
        "2026-11-23T10:00:00+08:00",
        "2026-11-22T21:00:00.000-05:00",
        "2026-11-23T02:00:00-00:00",
    ],
)
def test_a_time_may_be_written_in_every_form_of_rfc_3339(text: str) -> None:
    facts, _ = read_line(LINE | {"at": text})
    assert facts.at == datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_a_hold_may_end_when_nobody_lives_to_see_it_and_a_past_may_be_long_gone() -> None:
    ages = {"start": "0001-01-01T00:00:00Z", "end": "9999-12-31T23:59:59Z"}
    long_ago = {"at": "0001-01-01T00:00:00Z", "kind": "overdue", "by": "bot"}
    decision = decide(
        *read_line(
            LINE
            | {"holds": [{"kind": "dispute"} | ages], "history": [long_ago] * 9}
            | {"chat": {"borrower_wrote_at": ages["start"], "person_wrote_at": ages["start"]}}
        )
    )
    assert decision == Decision("defer", None, ("dispute",))


def test_a_balance_may_be_dated_ahead_by_a_file_that_carries_only_a_day() -> None:
    facts, _ = read_line(LINE | {"balance": {"due": "0.01", "as_of": "2026-11-24T00:00:00Z"}})
    assert facts.something_due
    assert facts.balance_as_of == datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"at": "2026-11-23T10:00:00"}, "at"),
        ({"at": "2026-11-23"}, "at"),
        ({"at": "2026-02-30T10:00:00Z"}, "at"),
        ({"at": "2026-11-23T10:00Z"}, "at"),
        ({"at": "9999-11-23T10:00:00Z"}, "at"),
        ({"at": 1795399200}, "at"),
        ({"kind": "reminder"}, "kind"),
        ({"borrower": {}}, "borrower.country"),
        ({"borrower": {"country": "UK"}}, "borrower.country"),
        ({"borrower": {"country": "cn"}}, "borrower.country"),
        ({"borrower": {"country": "CN", "timezone": "Asia/Nowhere"}}, "borrower.timezone"),
        ({"borrower": {"country": "CN", "timezone": "+08:00"}}, "borrower.timezone"),
        ({"borrower": {"country": "CN", "timezone": "../zone.tab"}}, "borrower.timezone"),
        ({"borrower": {"country": "BV"}}, "borrower.timezone"),
        ({"borrower": {"country": "CN", "verified": 1}}, "borrower.verified"),
        ({"borrower": {"country": "CN", "verified": "true"}}, "borrower.verified"),
        (
            {"borrower": {"country": "CN", "wishes": {"hours": "18:00-10:00"}}},
            "borrower.wishes.hours",
        ),
        (
            {"borrower": {"country": "CN", "wishes": {"max_per_week": -1}}},
            "borrower.wishes.max_per_week",
        ),
        (
            {"borrower": {"country": "CN", "wishes": {"max_per_week": 1.5}}},
            "borrower.wishes.max_per_week",
        ),
        ({"chat": {"owner": "me"}}, "chat.owner"),
        ({"chat": {"borrower_wrote_at": "2026-11-23T10:00:01+08:00"}}, "chat.borrower_wrote_at"),
        ({"holds": [{"kind": "holiday", "start": AT}]}, "holds[0].kind"),
        ({"holds": [{"kind": "dispute"}]}, "holds[0].start"),
        (
            {"holds": [{"kind": "dispute", "start": AT, "end": "2026-11-22T10:00:00Z"}]},
            "holds[0].end",
        ),
        ({"holds": {}}, "holds"),
        ({"promise_open": "no"}, "promise_open"),
        ({"balance": {"due": 1200}}, "balance.due"),
        ({"balance": {"due": "1,200.00"}}, "balance.due"),
        ({"balance": {"due": "1e3"}}, "balance.due"),
        ({"balance": {"due": "NaN"}}, "balance.due"),
        ({"script": {"guard": "fine"}}, "script.guard"),
        (
            {"history": [{"at": "2026-11-23T11:00:00+08:00", "kind": "overdue", "by": "bot"}]},
            "history[0].at",
        ),
        ({"history": [{"at": AT, "kind": "mail", "by": "bot"}]}, "history[0].kind"),
        ({"policy": {"preset": "fr"}}, "policy.preset"),
        ({"policy": {"tighten": {"cap_month": 3}}}, "policy.tighten.cap_month"),
        ({"policy": {"tighten": {"cap_day": True}}}, "policy.tighten.cap_day"),
    ],
)
def test_a_bad_fact_is_named(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(BadLine) as refused:
        read_line(LINE | changes)
    assert str(refused.value).startswith(f"{key}: ")
