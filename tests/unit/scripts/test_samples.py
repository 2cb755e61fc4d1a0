"""Made-up borrowers: every script can be looked at with each of them, in each language."""

from datetime import UTC, date

import pytest

from scripts_library.library import Library
from scripts_library.markup import markup_faults
from scripts_library.render import render
from scripts_library.samples import fitting_sample, sample_values, samples

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("name", samples())
def test_every_script_can_be_previewed_with_every_sample(library: Library, name: str) -> None:
    for by_language in library.by_key.values():
        for script in by_language.values():
            for wording in script.wordings:
                values = sample_values(wording, samples()[name], TODAY)
                text = render(wording, values, zone=UTC).text
                assert not script.html or markup_faults(text) == []


def test_every_stage_and_the_odd_cases_are_there() -> None:
    assert list(samples()) == [
        "pre_due", "due_today", "early", "middle", "late",
        "long_name", "zero_cents", "few_cents", "three_loans", "other_currency",
    ]  # fmt: skip


def test_three_loans_are_three_lines_and_a_sum_for_each_currency(library: Library) -> None:
    script = library.script("reminder.middle", "en")
    text = render(script, sample_values(script, samples()["three_loans"], TODAY)).text
    assert text.count("How to pay:") == 3
    assert "Together: $2,531.60 and €275.00." in text


def test_a_preview_counts_from_the_day_it_is_made(library: Library) -> None:
    script = library.script("reminder.early", "en")
    text = render(script, sample_values(script, samples()["early"], TODAY)).text
    assert "due on 17 November 2026, 5 days ago" in text


def test_a_script_is_first_shown_to_somebody_of_its_stage(library: Library) -> None:
    assert fitting_sample(library.script("reminder.late", "en")).name == "late"
    assert fitting_sample(library.script("promise.confirm", "en")).name == "early"
