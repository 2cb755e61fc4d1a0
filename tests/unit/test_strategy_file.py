import json
from pathlib import Path

import pytest

from bot.commands import strategy as command
from bot.rules.ageing import PaymentClass
from bot.rules.contact_limits import ContactPolicy
from bot.rules.data_file import DataFileRefused
from bot.rules.presets import policy_for
from bot.rules.strategy_calendar import calendar_rows, strip
from bot.rules.strategy_check import check_strategy
from bot.rules.strategy_file import Anchor, Strategy, default_strategy, read_strategy
from tests.unit.strategy_texts import HEAD, POLICY, SCRIPTS, STEP


def file(*steps: dict[str, object], head: str = HEAD) -> str:
    return f"{head}steps:\n" + "".join(f"  - {json.dumps(STEP | step)}\n" for step in steps)


def faults(text: str) -> list[str]:
    with pytest.raises(DataFileRefused) as refused:
        read_strategy(text, "mine.yaml")
    return refused.value.findings


def findings(*steps: dict[str, object], policy: ContactPolicy = POLICY) -> list[str]:
    return check_strategy(file(*steps), "mine.yaml", scripts=SCRIPTS, policy=policy)


# --- Form -------------------------------------------------------------------------------------


def test_a_strategy_with_one_step_is_enough() -> None:
    assert isinstance(read_strategy(file({}), "mine.yaml"), Strategy)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("first: 1}", "first: 0}", "mine.yaml:5: stages.after: overlaps today"),
        ("first: 1}", "first: 3}", "mine.yaml:5: stages.after: leaves a gap after today: day 1 to"),
        ("first: 1}", "first: 1, last: 9}", "mine.yaml:5: stages.after: the latest stage has to"),
        ("{last: -1}", "{first: -9, last: -1}", "mine.yaml:3: stages.before: the earliest stage"),
        ("{last: -1}", "{}", "mine.yaml:4: stages.today: overlaps before"),
        ("last: 0}", "last: -2}", "mine.yaml:4: stages.today: ends on day -2, before it begins"),
        ("first: 1}", "first: x}", "mine.yaml:5: stages.after.first: "),
    ],
)
def test_stages_that_overlap_or_leave_gaps_are_refused_with_their_line(
    old: str, new: str, expected: str
) -> None:
    [found] = faults(file({}, head=HEAD.replace(old, new)))
    assert found.startswith(expected)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"at": 600}, 'steps.0.at: write a time of day in quotes, such as "10:00"'),
        ({"at": "25:00"}, "steps.0.at: write a time"),
        ({"day": None}, "steps.0: give either day or every"),
        ({"every": {"first": 1, "days": 2}}, "steps.0: give either day or every"),
        ({"day": None, "every": {"first": 5, "last": 4, "days": 1}}, "last (4) lies before"),
        ({"day": None, "every": {"first": 5, "days": 0}}, "steps.0.every.days: "),
        ({"script": None}, "steps.0: a message or notice has a script"),
        ({"action": "task"}, "steps.0: a message or notice has a script"),
        ({"about": "call"}, "says what it is about, nothing else"),
        ({"action": "threat"}, "steps.0.action: one of message, task"),
        ({"classes": ["D"]}, "steps.0.classes.0: one of A, B, C, new"),
        ({"stages": ["later"]}, "steps.0.stages: no stage later; there are before, today, after"),
        ({"stages": ["today"]}, "steps.0.day: day 1 is after, not today"),
        ({"anchor": "promise", "classes": ["A"]}, "are for steps about a due date"),
        ({"anchor": "broken_promise", "weekends": "before"}, "before it has come to pass"),
        ({"anchor": "missed_instalment", "day": -1}, "before it has come to pass"),
        ({"holidays": "skip"}, "steps.0.holidays: one of before, after, stay"),
        ({"valid_days": -1}, "steps.0.valid_days: "),
        ({"id": "Not So"}, "steps.0.id: "),
        ({"colour": "red"}, "steps.0.colour: "),
    ],
)
def test_a_wrong_step_is_refused_with_its_line(step: dict[str, object], expected: str) -> None:
    [found] = faults(file(step))
    assert found.startswith("mine.yaml:9: ")
    assert expected in found


def test_a_repeated_step_must_stay_inside_its_stage() -> None:
    every = {"day": None, "every": {"first": -3, "last": 1, "days": 2}, "stages": ["before"]}
    [found] = faults(file(every))
    assert found == "mine.yaml:9: steps.0.every: day 1 is after, not before"


def test_two_steps_cannot_share_an_id() -> None:
    [found] = faults(file({}, {"day": 2}))
    assert found.startswith("mine.yaml:10: steps.1.id: first is the id of an earlier step")


def test_every_fault_is_told_at_once() -> None:
    assert len(faults(file({"at": 600}, {"id": "b", "action": "threat"}))) == 2


# --- Words and caps ---------------------------------------------------------------------------


def test_our_own_strategy_has_nothing_wrong_in_any_of_our_countries() -> None:
    text = (Path(command.__file__).parents[1] / "rules/strategies/default.yaml").read_text("utf-8")
    for country in ("CN", "US", "GB", "IN", "FR"):
        policy = policy_for(country)
        assert check_strategy(text, "default.yaml", scripts=None, policy=policy) == []


def test_a_script_nobody_wrote_is_named() -> None:
    [found] = findings({"script": "reminder.nowhere"})
    assert found == "mine.yaml:9: steps.0.script: no script reminder.nowhere"


def test_thanks_need_words_too() -> None:
    text = file({}).replace("thanks.cleared", "thanks.nothing")
    [found] = check_strategy(text, "mine.yaml", scripts=SCRIPTS, policy=POLICY)
    assert found == "mine.yaml:7: thanks.cleared: no script thanks.nothing"


def test_a_step_outside_the_hours_never_gets_through() -> None:
    [found] = findings({"at": "22:00", "valid_days": 0})
    assert "first can never go to class A, B, C, new" in found
    assert findings({"at": "22:00", "valid_days": 1}) == []


def test_a_step_that_the_weekly_cap_always_crowds_out_is_named() -> None:
    every_day = [{"id": f"day_{-n}", "day": n, "valid_days": 0} for n in range(-4, 0)]
    crowded = [*every_day, {"id": "today", "day": 0, "valid_days": 0}]
    [found] = findings(*crowded)
    assert found.startswith("mine.yaml:13: steps.4.id: today can never go")
    assert findings(*crowded, policy=ContactPolicy()) == []


def test_a_class_that_a_step_never_reaches_is_named_alone() -> None:
    rival = {"id": "rival", "classes": ["C"], "day": 1, "priority": 90}
    [found] = findings({}, rival)
    assert found.startswith("mine.yaml:9: steps.0.id: first can never go to class C:")


def test_a_step_longer_before_than_a_month_is_nothing_for_monthly_loans() -> None:
    [found] = findings({"id": "early_bird", "day": -40})
    assert "early_bird can never go to monthly loans of class A, B, C, new" in found
    assert findings({"id": "early_bird", "day": -25}) == []


def test_steps_that_are_off_are_not_judged() -> None:
    assert findings({"at": "22:00", "valid_days": 0, "enabled": False}) == []


def test_a_task_asks_nobodys_caps() -> None:
    task = {"id": "call", "action": "task", "script": None, "about": "call", "at": "22:00"}
    assert findings({}, task) == []


# --- The calendar -----------------------------------------------------------------------------


def test_the_calendar_shows_days_as_people_count_them() -> None:
    days = {row.step: row.days for row in calendar_rows(default_strategy())}
    assert days["two_days_before"] == "T-2"
    assert days["due_day_morning"] == "T"
    assert days["first_late"] == "DPD 1"
    assert days["early"] == "DPD 5, 9, … 29"
    assert days["late"] == "DPD 91, 98, …"
    assert "statement" not in days


def test_a_strip_has_a_character_for_every_day() -> None:
    assert strip(default_strategy(), PaymentClass.C, -7, 9) == ".....mmmm.t.m...m"
    assert strip(default_strategy(), PaymentClass.A, -7, 9) == "......mmm.t.m...m"


# --- The commands -----------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("STRATEGY", "CONTACT_POLICY", "DEFAULT_COUNTRY"):
        monkeypatch.delenv(name, raising=False)


def test_check_ends_with_1_when_it_found_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(file({"script": "reminder.nowhere"}), "utf-8")
    with pytest.raises(SystemExit) as left:
        command.check(wrong)
    assert left.value.code == 1
    assert capsys.readouterr().out == f"{wrong}:9: steps.0.script: no script reminder.nowhere\n"


def test_check_reads_the_strategy_of_the_deployment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(file({}), "utf-8")
    monkeypatch.setenv("STRATEGY", str(mine))
    with pytest.raises(SystemExit) as left:
        command.check(as_json=True)
    assert left.value.code == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(mine), "findings": []}


def test_the_calendar_is_drawn_for_people_and_for_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    command.calendar()
    drawn = capsys.readouterr().out
    assert "DPD 5, 9, … 29" in drawn
    assert "C     .....mmmm.t.m" in drawn
    command.calendar(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert {step["anchor"] for step in told["steps"]} == set(Anchor)
    assert told["strips"]["C"].startswith(".....mmmm")
