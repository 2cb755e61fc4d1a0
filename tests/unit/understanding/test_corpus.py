"""The labelled corpus as a floor: no change may make understanding worse unnoticed.

The floors lie a little under what was measured when they were last raised. The sealed part is
measured here as well, by its figures alone; nobody tunes on its lines. The part that was sealed
before it is open by now, and stays apart with the floors it had. Strangers are authors who never
saw the product: the weights learn from what they wrote, but for what was kept of the first three
and the newest inboxes, which are measured and not learnt from. What the third ear was weighed by
(`weighed`) is nearly all about paying, and harder than what people write on most days.
"""

import json
from itertools import combinations
from pathlib import Path

import pytest

from bot.understanding.evaluate import Example, figures, read_examples, report, wilson

CORPUS = Path(__file__).parents[2] / "corpora" / "understanding"

FLOORS = {
    "sealed": {
        "handoff recall": 0.975,
        "crisis handed over": 0.975,
        "stop named": 0.92,
        "no false handoff": 0.97,
        "promise date exact": 0.93,
        "promise amount exact": 0.92,
        "no false promise": 0.985,
        "main intent": 0.91,
    },
    "once_sealed": {
        "handoff recall": 0.98,
        "crisis handed over": 1.0,
        "stop named": 0.96,
        "no false handoff": 0.98,
        "promise date exact": 0.97,
        "promise amount exact": 0.965,
        "no false promise": 0.99,
        "instalments exact": 0.97,
        "main intent": 0.96,
    },
    "strangers": {
        "handoff recall": 0.985,
        "crisis handed over": 0.985,
        "stop named": 0.96,
        "no false handoff": 0.95,
        "promise date exact": 0.9,
        "promise amount exact": 0.895,
        "no false promise": 0.975,
        "instalments exact": 0.95,
        "main intent": 0.925,
    },
    "more_strangers": {
        "handoff recall": 0.99,
        "crisis handed over": 0.99,
        "stop named": 0.975,
        "no false handoff": 0.975,
        "promise date exact": 0.915,
        "promise amount exact": 0.91,
        "no false promise": 0.975,
        "instalments exact": 0.915,
        "main intent": 0.91,
    },
    "later_strangers": {
        "handoff recall": 0.98,
        "stop named": 0.9,
        "no false handoff": 0.89,
        "promise date exact": 0.86,
        "promise amount exact": 0.87,
        "promise date not wrong": 0.96,
        "promise amount not wrong": 0.965,
        "no false promise": 0.955,
        "instalments exact": 0.83,
        "main intent": 0.81,
    },
    "inboxes": {
        "handoff recall": 0.99,
        "crisis handed over": 0.99,
        "stop named": 0.985,
        "no false handoff": 0.98,
        "promise date exact": 0.97,
        "promise amount exact": 0.965,
        "promise date not wrong": 0.99,
        "promise amount not wrong": 0.99,
        "no false promise": 0.99,
        "instalments exact": 0.97,
        "main intent": 0.97,
    },
    "inboxes_kept": {
        "handoff recall": 0.99,
        "crisis handed over": 0.985,
        "stop named": 0.97,
        "no false handoff": 0.945,
        "promise date exact": 0.92,
        "promise amount exact": 0.92,
        "promise date not wrong": 0.985,
        "promise amount not wrong": 0.975,
        "no false promise": 0.985,
        "instalments exact": 0.95,
        "main intent": 0.93,
    },
    "weighed": {
        "handoff recall": 0.98,
        "crisis handed over": 0.98,
        "no false handoff": 0.965,
        "promise date exact": 0.9,
        "promise amount exact": 0.895,
        "no false promise": 0.96,
        "instalments exact": 0.94,
        "main intent": 0.93,
    },
    "strangers_kept": {
        "handoff recall": 0.985,
        "crisis handed over": 0.98,
        "stop named": 0.96,
        "no false handoff": 0.865,
        "promise date exact": 0.93,
        "promise amount exact": 0.94,
        "no false promise": 0.965,
        "instalments exact": 0.9,
        "main intent": 0.87,
    },
    "dev": {"handoff recall": 0.99, "crisis handed over": 1.0, "no false promise": 0.99},
}


def _lines(part: str) -> list[str]:
    return (CORPUS / f"{part}.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("part", FLOORS)
def test_understanding_is_no_worse_than_it_was(part: str) -> None:
    measured = figures(read_examples((CORPUS / f"{part}.jsonl").read_bytes()))
    low = {
        name: measured[name]
        for name, floor in FLOORS[part].items()
        if measured[name][0] < floor * measured[name][1]
    }
    assert low == {}


def test_no_idea_is_in_two_parts() -> None:
    ideas = [{json.loads(line)["idea"] for line in _lines(part)} for part in FLOORS]
    for one, other in combinations(ideas, 2):
        assert not one & other


def test_the_report_names_figures_intents_languages_and_calibration() -> None:
    lines = (CORPUS / "dev.jsonl").read_bytes().splitlines()[:40]
    told = report(read_examples(b"\n".join(lines)))
    for part in ("handoff recall", "precision", "by language", "confidence said", "latency"):
        assert part in told


def test_the_interval_of_a_perfect_score_is_not_a_point() -> None:
    low, high = wilson(100, 100)
    assert high == 1.0
    assert 0.96 < low < 0.97
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_line_without_a_key_is_named() -> None:
    with pytest.raises(ValueError, match="line 2"):
        read_examples(
            b'{"text":"a","now":"2026-11-24T00:00:00Z","timezone":"UTC","expected":{}}\n{}\n'
        )


def test_a_correction_that_names_the_intent_alone_is_judged_by_it() -> None:
    example = Example(
        text="这不是我的账",
        now=read_examples(
            b'{"text":"a","now":"2026-11-24T00:00:00Z","timezone":"UTC","expected":{}}'
        )[0].now,
        timezone="Asia/Shanghai",
        expected={"intents": ["dispute"]},
    )
    assert figures([example])["main intent"] == (1, 1)
