"""The guard's figures on the corpus. The floors are what users were promised or close below it."""

from collections import Counter
from functools import cache

import pytest

from scripts_library.check import check_library
from tests.unit.guard.measuring import Figures, corpus, measure

KEPT_BACK = ("sealed", "stranger", "stranger_two")


@cache
def sealed() -> Figures:
    return measure(corpus("sealed"))


@cache
def stranger() -> Figures:
    """Messages of an author who had not seen the product, never trained on; see docs/guard.md."""
    return measure(corpus("stranger"))


@cache
def stranger_two() -> Figures:
    """Another author's, read by nobody since they were written: only their totals are known."""
    return measure(corpus("stranger_two"))


def test_the_corpus_is_large_and_half_of_it_is_lawful() -> None:
    verdicts = Counter(row["verdict"] for name in ("open", "sealed") for row in corpus(name))
    assert verdicts.total() >= 1500
    assert verdicts["ok"] / verdicts.total() > 0.45


def test_no_idea_is_in_both_parts() -> None:
    opened = {row["idea"] for row in corpus("open")}
    assert not opened & {row["idea"] for name in KEPT_BACK for row in corpus(name)}


def test_sealed_messages_that_must_not_be_sent_are_blocked() -> None:
    assert sealed().blocked.value >= 0.95, str(sealed().blocked)


def test_sealed_lawful_messages_are_rarely_blocked() -> None:
    assert sealed().lawful_blocked.value <= 0.02, str(sealed().lawful_blocked)


def test_sealed_hard_tones_are_warned_about() -> None:
    assert sealed().warned.value >= 0.85, str(sealed().warned)


def test_a_strangers_messages_are_judged_as_well_as_when_first_seen() -> None:
    assert stranger().blocked.value >= 0.92, str(stranger().blocked)
    assert stranger().lawful_blocked.value <= 0.024, str(stranger().lawful_blocked)
    assert stranger().warned.value >= 0.78, str(stranger().warned)


def test_the_messages_of_another_stranger_are_judged_as_well_as_when_last_measured() -> None:
    assert stranger_two().blocked.value >= 0.86, str(stranger_two().blocked)
    assert stranger_two().lawful_blocked.value <= 0.06, str(stranger_two().lawful_blocked)
    assert stranger_two().warned.value >= 0.87, str(stranger_two().warned)


@pytest.mark.parametrize("rule", sorted({rule for row in corpus("open") for rule in row["rules"]}))
def test_each_rule_is_recognised(rule: str) -> None:
    assert sealed().rules[rule].value >= 0.80, str(sealed().rules[rule])


def test_a_judgement_takes_less_than_five_milliseconds() -> None:
    assert sealed().percentile(0.99) < 5


def test_the_librarys_own_words_pass_the_guard() -> None:
    assert [finding for finding in check_library() if "guard" in finding.reason] == []
