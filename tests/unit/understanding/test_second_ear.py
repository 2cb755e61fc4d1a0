"""The second ear: words it never met, loud against small talk, silent against a lone word."""

from datetime import UTC, datetime

import pytest

from bot.understanding import Understanding, understand
from bot.understanding.hunch import hunch
from bot.understanding.notions import notion_grams


def _read(text: str) -> Understanding:
    return understand(text, now=datetime(2026, 11, 24, 4, tzinfo=UTC), timezone="Asia/Shanghai")


def test_an_illness_and_a_relative_are_heard_together_in_both_languages() -> None:
    english, chinese = notion_grams("my husband has leukaemia"), notion_grams("老公得了白血病")
    assert "family>illness" in {*english} & {*chinese}


def test_a_word_with_another_ending_is_about_the_same() -> None:
    assert {"c:illness"} <= {*notion_grams("migraines")} & {*notion_grams("migraine")}


def test_words_of_no_notion_say_so() -> None:
    assert list(notion_grams("lorem ipsum")) == ["c:none"]


@pytest.mark.parametrize("text", ["", "a", "啊", "?", "x" * 4096])
def test_anything_has_a_share_between_nothing_and_one(text: str) -> None:
    assert 0.0 <= hunch(text).doubt <= 1.0


@pytest.mark.parametrize(
    "text",
    [
        "suing season is on netflix, so good",
        "got sacked from my fantasy league lol",
        "派出所办身份证排队",
    ],
)
def test_a_word_of_trouble_in_a_message_without_any_calls_nobody(text: str) -> None:
    assert not _read(text).handoff


@pytest.mark.parametrize("text", ["feel like ending things", "胃里全是药", "不想活了哈哈"])
def test_silence_never_outweighs_danger_to_life(text: str) -> None:
    assert _read(text).handoff


def test_a_message_of_known_words_alone_is_english() -> None:
    assert _read("credit cards maxed, overdraft maxed, nothing").language == "en"


def test_a_question_in_words_no_pattern_knows_is_still_named_for_what_it_is() -> None:
    reading = _read("那个 俺还欠几个子儿")
    assert reading.main == "balance"
    assert not reading.handoff
