"""Variants and the hold-out: who is in which group, what they get, and which files are refused."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from bot.commands import strategy as command
from bot.errors import InputRefused
from bot.rules.ageing import PaymentClass
from bot.rules.experiment import HELD_OUT, PLACES, USUAL, place_of
from bot.rules.presets import policy_for
from bot.rules.strategy import Outlook, enters, outlook
from bot.rules.strategy_calendar import calendar_rows, strip
from bot.rules.strategy_check import check_strategy
from bot.rules.strategy_file import Strategy, default_strategy, read_strategy
from bot.rules.strategy_group import as_shown, as_text, group_names, groups_of, strategy_for
from storage.records import Borrower, BorrowerFacts, BorrowerId, DueItem, Loan, LoanId
from tests.unit.strategy_texts import HEAD, POLICY, SCRIPTS, STEP

MANY = 100_000
REFS = [f"B-{number}" for number in range(2_000)]
DUE = date(2026, 7, 15)
DEFAULT = Path("bot/rules/strategies/default.yaml").read_text("utf-8")
LETTER = STEP | {"id": "letter", "day": 45, "action": "notice", "script": "notice.arrears"}
CALL = {"id": "call", "day": 3, "at": "09:00", "valid_days": 1, "action": "task", "about": "call"}
SECOND = STEP | {"id": "second", "day": 5}
GENTLE = {"name": "gentle", "share": 20, "without": ["second"]}


def file(
    *variants: dict[str, Any],
    hold_out: dict[str, Any] | None = None,
    steps: tuple[dict[str, Any], ...] = (),
    more: tuple[dict[str, Any], ...] = (),
) -> str:
    """Line 9 is the first step, variants follow from line 15 on."""
    rows = [STEP, SECOND, CALL, LETTER, *steps]
    text = HEAD + "steps:\n" + "".join(f"  - {json.dumps(row)}\n" for row in rows)
    if hold_out:
        text += f"hold_out: {json.dumps(hold_out)}\n"
    trials = [{"name": "fewer", "variants": [*variants]}, *more] if variants else [*more]
    if trials:
        text += "experiments:\n" + "".join(f"  - {json.dumps(one)}\n" for one in trials)
    return text


def read(*variants: dict[str, Any], **how: Any) -> Strategy:
    return read_strategy(file(*variants, **how), "mine.yaml")


def findings(*variants: dict[str, Any], **how: Any) -> list[str]:
    return check_strategy(file(*variants, **how), "mine.yaml", scripts=SCRIPTS, policy=POLICY)


def owing(ref: str, *, product: str = "card", due: date = DUE) -> BorrowerFacts:
    loan = Loan(
        loan_id=LoanId(1), loan_ref="L-1", product=product, currency="CNY", outstanding=100,
        pay_to="", as_of=due - timedelta(days=30), items=(DueItem(due, 100, 0, 0, 0),),
    )  # fmt: skip
    borrower = Borrower(BorrowerId(1), ref, "", "en", "CN", "Asia/Shanghai", consent_at=None)
    return BorrowerFacts(borrower, loans=(loan,))


def on(day: int, hour: int = 12) -> datetime:
    """That many days after the due date; `hour` in Shanghai."""
    return datetime(2026, 7, 15, hour - 8, tzinfo=UTC) + timedelta(days=day)


def seen(strategy: Strategy, ref: str, day: int) -> Outlook:
    return outlook(strategy, owing(ref), on(day))


def somebody(strategy: Strategy, group: str) -> str:
    return next(one for one in REFS if group in dict(groups_of(strategy, one)).values())


# --- Who is in which group --------------------------------------------------------------------


def test_a_place_is_the_published_hash_and_never_changes() -> None:
    assert [place_of("fewer", ref) for ref in ("B-1", "B-2", "\u5f20-3")] == [8961, 5081, 5083]
    digest = sha256(b"fewer:B-1").hexdigest()
    assert place_of("fewer", "B-1") == int(digest[:16], 16) * PLACES // 2**64


@pytest.mark.parametrize(("name", "first", "share"), [("one", 0, 500), ("two", 3_000, 2_050)])
def test_shares_are_what_the_file_says_within_chance(name: str, first: int, share: int) -> None:
    found = sum(first <= place_of(name, f"B-{one}") < first + share for one in range(MANY))
    expected = MANY * share / PLACES
    assert abs(found - expected) < 4 * sqrt(expected * (1 - share / PLACES))


def test_two_experiments_are_independent() -> None:
    refs = (f"B-{one}" for one in range(20_000))
    table = Counter((place_of("one", ref) < 3_000, place_of("two", ref) < 4_000) for ref in refs)
    both = 20_000 * 0.3 * 0.4
    assert abs(table[True, True] - both) < 4 * sqrt(both * 0.88)


@pytest.mark.parametrize("grown", ["gentle", "firm", "soft", HELD_OUT])
def test_who_is_in_no_group_that_grows_stays_where_they_are(grown: str) -> None:
    def grouped(more: str | None) -> dict[str, str]:
        shares = {"gentle": 20, "firm": 15, "soft": 10, HELD_OUT: 5}
        if more:
            shares[more] += 7
        begins = {"gentle": 0, "firm": 30, "soft": 60.5}
        variants = [
            {"name": name, "share": shares[name], "from": at, "without": ["second"]}
            for name, at in begins.items()
        ]
        strategy = read(*variants, hold_out={"name": "nobody", "share": shares[HELD_OUT]})
        return {ref: groups_of(strategy, ref)[-1][1] for ref in REFS}

    before, after = grouped(None), grouped(grown)
    moved = {ref for ref in REFS if before[ref] != after[ref]}
    assert moved
    assert {after[ref] for ref in moved} == {grown}
    if grown != HELD_OUT:
        assert {before[ref] for ref in moved} == {USUAL}


def test_whoever_is_held_out_is_in_no_other_experiment() -> None:
    strategy = read(GENTLE, hold_out={"name": "nobody", "share": 10})
    found = Counter(groups_of(strategy, ref) for ref in REFS)
    assert set(found) == {
        (("nobody", HELD_OUT),),
        (("nobody", USUAL), ("fewer", "gentle")),
        (("nobody", USUAL), ("fewer", USUAL)),
    }
    assert as_text((("nobody", USUAL), ("fewer", "gentle"))) == "nobody=usual fewer=gentle"


def test_without_experiments_everybody_gets_the_very_strategy_of_the_file() -> None:
    strategy = default_strategy()
    assert strategy_for(strategy, "B-1") is strategy
    assert groups_of(strategy, "B-1") == ()


# --- What they get ----------------------------------------------------------------------------


def test_a_variant_leaves_steps_out_replaces_and_adds_them() -> None:
    later = SECOND | {"day": 8}
    extra = STEP | {"id": "extra", "day": 12}
    strategy = read({"name": "gentle", "share": 50, "without": ["first"], "steps": [later, extra]})
    mine, usual = somebody(strategy, "gentle"), somebody(strategy, USUAL)

    def days(ref: str) -> dict[str, int]:
        got = [(one.step.id, day) for day in range(20) for one in seen(strategy, ref, day).due]
        return dict(reversed(got))

    assert days(usual) == {"first": 1, "second": 5, "call": 3}
    assert days(mine) == {"call": 3, "second": 8, "extra": 12}


def test_one_group_is_one_strategy() -> None:
    strategy = read(GENTLE)
    assert len({id(strategy_for(strategy, ref)) for ref in REFS}) == 2


def test_the_held_out_get_no_reminder_and_all_else() -> None:
    strategy = read(hold_out={"name": "nobody", "share": 10})
    held, usual = somebody(strategy, HELD_OUT), somebody(strategy, USUAL)
    for day in range(60):
        theirs, others = seen(strategy, held, day), seen(strategy, usual, day)
        assert [one.step for one in (*theirs.due, *theirs.held_out)] == [
            one.step for one in others.due
        ]
        assert all(one.step.id in {"first", "second"} for one in theirs.held_out)
        assert theirs.next_at == others.next_at
    assert [one.step.id for one in seen(strategy, held, 45).due] == ["letter"]
    assert [one.step.id for one in seen(strategy, held, 3).due] == ["call"]


def test_what_has_to_be_sent_goes_to_the_held_out_even_beside_something_more_urgent() -> None:
    duty = STEP | {"id": "duty", "script": "notice.arrears", "required": True, "priority": 1}
    strategy = read(hold_out={"name": "nobody", "share": 10}, steps=(duty,))
    for group in (HELD_OUT, USUAL):
        due = seen(strategy, somebody(strategy, group), 1).due
        assert [one.step.id for one in due] == ["duty"], "one message a day, and this has to go"


def test_the_default_strategy_holds_out_reminders_alone() -> None:
    text = DEFAULT + "\nhold_out: {name: nobody, share: 10}\n"
    strategy = read_strategy(text, "mine.yaml")
    mine = strategy_for(strategy, somebody(strategy, HELD_OUT))
    held = {one.id for one in mine.steps if one.is_reminder}
    assert held == {
        "statement", "two_days_before", "day_before", "due_day_morning", "due_day_afternoon",
        "first_late", "early", "middle", "late",
    }  # fmt: skip
    assert mine.holds_out


def test_everybody_enters_at_the_same_moment_whatever_group_they_are_in() -> None:
    """Else those who paid before a group's own first step would be missing from that group."""
    earlier = STEP | {"id": "eager", "day": -3}
    strategy = read(
        {"name": "gentle", "share": 30, "without": ["first", "second"]},
        {"name": "eager", "share": 30, "from": 40, "steps": [earlier]},
        hold_out={"name": "nobody", "share": 10},
    )
    groups = [somebody(strategy, one) for one in ("gentle", "eager", USUAL, HELD_OUT)]
    for day in range(-5, 8):
        asked = [enters(strategy, owing(ref), on(day)) for ref in groups]
        assert len({(bool(one.due), one.next_at) for one in asked}) == 1
        assert bool(asked[0].due) is (day in {-3, 1, 3, 5})


# --- Products ---------------------------------------------------------------------------------


def test_a_product_can_have_a_strategy_of_its_own() -> None:
    text = (
        HEAD
        + "steps:\n"
        + "".join(
            f"  - {json.dumps(row)}\n"
            for row in (
                STEP | {"except_products": ["business"]},
                SECOND | {"products": ["business"]},
                STEP | {"id": "both", "day": 9},
            )
        )
    )
    strategy = read_strategy(text, "mine.yaml")

    def heard(*products: str) -> list[str]:
        loans = [owing("B-1", product=one).loans[0] for one in products]
        facts = replace(owing("B-1"), loans=tuple(loans))
        return [one.step.id for day in range(20) for one in outlook(strategy, facts, on(day)).due]

    assert heard("card") == ["first", "both"]
    assert heard("business") == ["second", "both"]
    assert heard("card", "business") == ["first", "second", "both"]
    assert check_strategy(text, "mine.yaml", scripts=SCRIPTS, policy=POLICY) == []


def test_steps_of_different_products_do_not_stand_in_each_others_way() -> None:
    rival = STEP | {"id": "rival", "products": ["business"], "priority": 90}
    alone = STEP | {"id": "alone", "products": ["card"], "priority": 1}
    assert findings(steps=(rival,)) == []
    [found] = findings(steps=(alone,))
    assert "alone can never go to class A, B, C, new" in found, "`first` is for all products"


# --- Files that are refused -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ({"share": 0}, "experiments.0.variants.0.share: 0 % is nobody"),
        ({"share": 101}, "variants.0.share: a percentage from 0 to 100"),
        ({"share": float("nan")}, "variants.0.share: a percentage from 0 to 100"),
        ({"share": True}, "variants.0.share: a percentage"),
        ({"share": 0.005}, "variants.0.share: a percentage with at most two decimals"),
        ({"share": 60, "from": 50}, "variants.0.share: from 50 it ends at 110, over 100"),
        ({"without": []}, "variants.0: changes nothing"),
        ({"without": ["third"]}, "without.0: there is no step third to leave out"),
        ({"without": ["letter"]}, "without.0: letter is a notice, which is the same for everybody"),
        ({"steps": [LETTER | {"day": 60}]}, "steps.0.id: letter is a notice"),
        ({"steps": [LETTER | {"id": "more"}]}, "steps.0: more is a notice"),
        ({"steps": [SECOND]}, "steps.0.id: second is left out above"),
        ({"steps": [CALL, CALL]}, "steps.1.id: call is the id of an earlier step"),
        ({"steps": [CALL | {"stages": ["never"]}]}, "steps.0.stages: no stage never"),
        ({"steps": [CALL | {"stages": ["today"]}]}, "steps.0.day: day 3 is after, not today"),
        ({"steps": [CALL | {"day": "x"}]}, "experiments.0.variants.0.steps.0.day: "),
        ({"name": USUAL}, "variants.0.name: usual is the name of another group"),
        ({"name": HELD_OUT}, "variants.0.name: held_out is the name of another group"),
        ({"name": "Not So"}, "variants.0.name: "),
        ({"strategy": "other"}, "variants.0.strategy: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_variant_is_refused_with_its_line(variant: dict[str, Any], expected: str) -> None:
    found = findings(GENTLE | variant)
    assert len(found) == 1
    assert found[0].startswith("mine.yaml:14: ")
    assert expected in found[0]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({}, "variants.1.share: say from which percent on, so that one can grow alone: `from: 20`"),
        ({"from": 10}, "variants.1.share: shares places with gentle"),
        ({"from": 20, "name": "gentle"}, "variants.1.name: gentle is the name of another group"),
        ({"from": 20}, None),
    ],
)
def test_two_variants_need_places_of_their_own(
    second: dict[str, Any], expected: str | None
) -> None:
    found = findings(GENTLE, GENTLE | {"name": "firm"} | second)
    assert (expected is None and not found) or (expected is not None and expected in found[0])


def test_a_variant_beside_one_that_takes_everybody_has_no_room() -> None:
    found = findings(GENTLE | {"share": 100}, GENTLE | {"name": "firm"})
    assert any(one.endswith("so that one can grow alone: no room is left") for one in found)


def test_shares_over_a_hundred_are_refused() -> None:
    three = [GENTLE | {"name": f"v{n}", "share": 40, "from": 40 * n} for n in range(3)]
    found = findings(*three)
    assert any("variants: the shares are 120 in all, over 100" in one for one in found)


def test_two_experiments_have_names_and_steps_of_their_own() -> None:
    again = {"name": "fewer", "variants": [GENTLE | {"name": "other", "without": ["first"]}]}
    [found] = findings(GENTLE, more=(again,))
    assert "experiments.1.name: fewer is taken, and would have the same people" in found
    assert (
        "experiments.0.name: nobody is taken"
        in findings(more=(again | {"name": "nobody"},), hold_out={"name": "nobody", "share": 5})[0]
    )
    same = {"name": "others", "variants": [GENTLE | {"name": "other"}]}
    [found] = findings(GENTLE, more=(same,))
    assert "experiments.1.variants.0: second is changed by fewer too" in found


def test_a_hold_out_that_would_swallow_a_letter_is_refused() -> None:
    plain = STEP | {"id": "plain", "day": 9, "script": "notice.arrears"}
    [found] = findings(hold_out={"name": "nobody", "share": 5}, steps=(plain,))
    assert found.startswith("mine.yaml:13: steps.4.script: the hold-out would never get notice.arr")
    assert (
        findings(hold_out={"name": "nobody", "share": 5}, steps=(plain | {"required": True},)) == []
    )
    assert findings(steps=(plain,)) == []


def test_a_hold_out_of_everybody_is_refused() -> None:
    [found] = findings(hold_out={"name": "nobody", "share": 100})
    assert "hold_out.share: holds everybody out" in found


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (LETTER | {"id": "x", "required": True}, "required is for messages about a due date"),
        (STEP | {"id": "x", "products": ["a"], "except_products": ["b"]}, "give either products"),
        (STEP | {"id": "x", "anchor": "promise", "except_products": ["b"]}, "about a due date"),
    ],
)
def test_a_step_that_contradicts_itself_is_refused(step: dict[str, Any], expected: str) -> None:
    [found] = findings(steps=(step,))
    assert found.startswith("mine.yaml:13: steps.4: ")
    assert expected in found


def test_what_a_variant_says_is_checked_for_words_and_caps_too() -> None:
    [found] = findings(GENTLE | {"steps": [STEP | {"id": "x", "day": 9, "script": "a.b"}]})
    assert found == "mine.yaml:14: experiments.0.variants.0.steps.0.script: no script a.b"
    [found] = findings(GENTLE | {"steps": [STEP | {"id": "x", "at": "22:00", "valid_days": 0}]})
    assert "in gentle: x can never go to class A, B, C, new" in found
    [found] = findings(GENTLE | {"steps": [STEP | {"id": "x", "priority": 90}]})
    assert found.startswith(
        "mine.yaml:14: experiments.0.variants.0.name: in gentle: first can never"
    )


# --- What is shown ----------------------------------------------------------------------------


def test_a_calendar_shows_one_group_or_one_product() -> None:
    text = (
        DEFAULT
        + """
hold_out: {name: nobody, share: 5}
experiments:
  - name: fewer
    variants:
      - {name: gentle, share: 20, without: [early]}
"""
    )
    strategy = read_strategy(text, "mine.yaml")
    assert group_names(strategy) == (USUAL, HELD_OUT, "gentle")
    assert strip(as_shown(strategy), PaymentClass.C, -7, 9) == ".....mmmm.t.m...m"
    assert strip(as_shown(strategy, "gentle"), PaymentClass.C, -7, 9) == ".....mmmm.t......"
    held = as_shown(strategy, HELD_OUT)
    assert strip(held, PaymentClass.C, -7, 9) == "..........t......"
    assert {row.step for row in calendar_rows(held)} >= {"call", "formal_notice", "to_head"}
    assert as_shown(strategy, "gentle", "card").strategy == "default, gentle, card"


def test_the_example_on_the_page_is_a_strategy_without_faults() -> None:
    page = Path("docs/experiments.md").read_text("utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    text = DEFAULT + example
    assert check_strategy(text, "mine.yaml", scripts=None, policy=policy_for("CN")) == []
    assert group_names(read_strategy(text, "mine.yaml")) == (
        USUAL, HELD_OUT, "weekly", "later_call"
    )  # fmt: skip


def test_the_commands_show_a_variant_and_name_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("STRATEGY", "CONTACT_POLICY", "DEFAULT_COUNTRY"):
        monkeypatch.delenv(name, raising=False)
    mine = tmp_path / "mine.yaml"
    mine.write_text(file(GENTLE), "utf-8")
    command.calendar(mine, as_json=True, variant="gentle")
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [one["step"] for one in steps] == ["first", "call", "letter"]
    command.table(mine, "CN", variant="gentle")
    assert "DPD 5" not in capsys.readouterr().out
    with pytest.raises(InputRefused, match="no variant firm; there are usual, gentle"):
        command.table(mine, "CN", variant="firm")
