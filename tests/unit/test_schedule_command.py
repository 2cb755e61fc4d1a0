import json
import subprocess
import sys
from typing import Any

import pytest

from bot.commands.json_lines import BadLine
from bot.commands.schedule import answer, schedule

PROPOSAL: dict[str, Any] = {
    "id": "p1",
    "balance": "1000.00",
    "currency": "CNY",
    "today": "2026-11-22",
    "frequency": "monthly",
    "instalments": 3,
    "country": "CN",
}
RUN = """
import sys
from bot.commands.schedule import schedule
try:
    schedule()
finally:
    heavy = {"aiogram", "fastapi", "starlette", "sqlalchemy"} & set(sys.modules)
    assert not heavy, heavy
"""


def asked(**changes: Any) -> dict[str, Any]:
    return answer({name: value for name, value in (PROPOSAL | changes).items() if value != ...})


def fault(**changes: Any) -> str:
    with pytest.raises(BadLine) as refused:
        asked(**changes)
    return str(refused.value)


def test_a_plan_is_told_in_full() -> None:
    assert asked() == {
        "instalments": [
            {"number": 1, "due_date": "2026-12-07", "amount": "333.33"},
            {"number": 2, "due_date": "2027-01-06", "amount": "333.33"},
            {"number": 3, "due_date": "2027-02-11", "amount": "333.34"},
        ],
        "approval": "automatic",
    }


def test_refusals_tell_limit_and_given_in_their_own_form() -> None:
    assert asked(first_date="2026-11-23", instalments=1000) == {
        "refused": [
            {"rule": "least_instalment", "limit": "20.00", "given": "1.00"},
            {"rule": "first_payment_earliest", "limit": "2026-11-25", "given": "2026-11-23"},
            {"rule": "most_months", "limit": 60, "given": 999},
        ]
    }


def test_amounts_have_the_decimals_of_their_currency() -> None:
    yen = asked(balance="1000", currency="JPY", country="JP")
    assert [part["amount"] for part in yen["instalments"]] == ["333", "333", "334"]
    dinars = asked(balance="1000", currency="KWD")
    assert [part["amount"] for part in dinars["instalments"]] == ["333.333", "333.333", "333.334"]


def test_a_policy_key_replaces_the_default() -> None:
    policy = {"least_amount": "400.00", "least_percent": 40, "most_months": 1}
    assert asked(policy=policy) == {
        "refused": [
            {"rule": "least_instalment", "limit": "400.00", "given": "333.33"},
            {"rule": "most_months", "limit": 1, "given": 2},
        ]
    }
    assert asked(policy={"automatic_months": 1})["approval"] == "review"
    assert asked(policy={"automatic_months": 0, "review_months": 1})["approval"] == "person"
    down = {"down_payment": "200.00", "instalments": 6}
    assert asked(**down)["approval"] == "automatic"
    assert asked(**down, policy={"down_percent": "20.01"})["approval"] == "review"
    assert asked(first_date="2026-11-22", policy={"first_days_min": 0})["approval"] == "automatic"
    late = {"first_date": "2026-12-22", "policy": {"first_days_max": 30}}
    assert asked(**late)["approval"] == "automatic"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"balance": 1000}, "balance: "),
        ({"balance": "-1"}, "balance: "),
        ({"balance": "1e3"}, "balance: "),
        ({"balance": "0.00"}, "balance: must be above zero"),
        ({"balance": "10.001"}, "balance: more than 2 decimals"),
        ({"balance": "10000000000.01"}, "balance: more than 10000000000.00"),
        ({"currency": "XYZ"}, "currency: "),
        ({"country": "UK"}, "country: "),
        ({"country": "cn"}, "country: "),
        ({"today": "2026-02-29"}, "today: no such day"),
        ({"today": "22.11.2026"}, "today: a date"),
        ({"today": 20261122}, "today: a date"),
        ({"today": "0001-01-01"}, "today: between"),
        ({"first_date": "2026-11-25T00:00"}, "first_date: "),
        ({"frequency": "daily"}, "frequency: one of"),
        ({"frequency": "weekly", "policy": {"frequencies": ["monthly"]}}, "frequency: the policy"),
        ({"instalments": 0}, "instalments: "),
        ({"instalments": 2.5}, "instalments: "),
        ({"instalments": "3"}, "instalments: "),
        ({"instalments": True}, "instalments: "),
        ({"instalments": ...}, "instalments, affordable: give exactly one"),
        ({"affordable": "100.00"}, "instalments, affordable: give exactly one"),
        ({"instalments": ..., "affordable": "0"}, "affordable: must be above zero"),
        ({"down_payment": "1000.00"}, "down_payment: must be less"),
        ({"payday": 15}, "payday: goes with"),
        ({"frequency": "payday"}, "payday: goes with"),
        ({"frequency": "payday", "payday": 32}, "payday: "),
        ({"frequency": "payday", "payday": 3, "first_date": "2026-12-01"}, "first_date: "),
        ({"colour": "red"}, "colour: unknown key"),
        ({"policy": {"colour": "red"}}, "policy.colour: unknown key"),
        ({"policy": {"most_months": -1}}, "policy.most_months: "),
        ({"policy": {"least_amount": "many"}}, "policy.least_amount: "),
        ({"policy": {"down_percent": 101}}, "policy.down_percent: "),
        ({"policy": {"frequencies": []}}, "policy.frequencies: "),
        ({"policy": {"first_days_min": 20}}, "policy.first_days_max: "),
        ({"balance": ...}, "balance: missing"),
        ({"country": ...}, "country: missing"),
    ],
)
def test_a_bad_value_is_an_error_that_names_its_key(changes: dict[str, Any], said: str) -> None:
    assert said in fault(**changes)


def test_every_fault_of_a_line_is_told() -> None:
    said = fault(balance="x", today="y", frequency="z")
    assert all(f"{key}: " in said for key in ("balance", "today", "frequency"))


def test_the_schema_lists_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        schedule(schema=True)
    assert left.value.code == 0
    schema = json.loads(capsys.readouterr().out)
    assert set(schema["properties"]) == {
        *PROPOSAL, "affordable", "down_payment", "first_date", "payday", "policy",
    }  # fmt: skip
    assert schema["additionalProperties"] is False


def test_the_command_answers_in_order_and_says_with_its_exit_code_that_a_line_was_bad() -> None:
    good = json.dumps(PROPOSAL, ensure_ascii=False)
    refused = json.dumps(PROPOSAL | {"id": 7, "instalments": 99})
    ran = subprocess.run(
        [sys.executable, "-c", RUN],
        input=f"{good}\n\n{{broken\n{refused}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    first, second, third = map(json.loads, ran.stdout.splitlines())
    assert first == {"id": "p1"} | asked()
    assert (second["id"], second["line"]) == (None, 3)
    assert third["id"] == 7
    assert [one["rule"] for one in third["refused"]] == ["least_instalment", "most_months"]
    assert ran.returncode == 1
