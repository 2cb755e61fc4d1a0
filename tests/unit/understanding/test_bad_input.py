"""Whatever arrives, a reading comes back, quickly, and with spans inside the message."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot.understanding
from bot.understanding import Understanding, understand

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def read(text: str, language: str | None = None) -> Understanding:
    return understand(text, now=NOW, timezone="Asia/Shanghai", language=language)


HOSTILE = [
    "",
    " ",
    "\x00\x07\u200b",
    "😭😭😭",
    "好" * 10_000,
    "a" * 4096,
    "1" * 4096,
    "1," * 2048,
    "还" * 4096,
    "周五还" * 1365,
    "i will not " * 372,
    "(" * 4096,
    '"' * 4096,
    "<b>" * 1365,
    "500 on friday " * 292,
    "1/2 " * 1024,
    "如果周五可以吗?" * 512,
    "\ud83d",
    "<script>alert(1)</script>",
    "नमस्ते, मुझे समझ नहीं आया",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_gets_an_answer_like_any_other(text: str) -> None:
    assert read(text).intents


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_any_text_has_spans_inside_itself(text: str) -> None:
    reading = read(text)
    assert 0 <= reading.confidence <= 1
    for span in reading.spans:
        assert 0 <= span.start < span.end <= len(text)


def test_spans_point_at_the_words_as_they_were_typed() -> None:
    text = "拜託 週 五 還５００元"
    spans = {span.what: text[span.start : span.end] for span in read(text).spans}
    assert spans["amount"] == "５００元"


def test_a_cry_for_help_at_the_end_of_a_long_message_is_heard() -> None:
    assert read("今天天气不错。" * 1500 + "我不想活了").main == "crisis"


def test_the_known_language_is_used_for_a_message_without_words() -> None:
    assert read("500", language="zh-Hant").language == "zh-Hant"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("周五还500", "zh-Hans"),
        ("週五還500", "zh-Hant"),
        ("聽日還500蚊", "yue"),
        ("I'll pay Friday", "en"),
        ("我friday还500", "mixed"),
        ("заплачу завтра", "ru"),
        ("pago mañana", "es"),
        ("आज नहीं", "other"),
    ],
)
def test_the_language_of_a_message_is_named(text: str, language: str) -> None:
    assert read(text).language == language


@pytest.mark.parametrize(
    "text", ["ＳＴＯＰ", "s t o p", "S.T.O.P", "st\u200bop", "<b>stop</b>", "stpo", "STOP!!!"]
)
def test_a_stop_in_disguise_is_a_stop(text: str) -> None:
    assert "stop" in read(text).intents


@pytest.mark.parametrize(
    "text", ["自 杀", "自*杀", "我 不 想 活 了", "zi sha", "kil myself", "想自鲨"]
)
def test_a_crisis_in_disguise_is_a_crisis(text: str) -> None:
    assert read(text).main == "crisis"


def test_more_than_is_owed_is_read_with_less_confidence() -> None:
    plain = understand("周五还5000", now=NOW, timezone="Asia/Shanghai")
    beyond = understand("周五还5000", now=NOW, timezone="Asia/Shanghai", balance="1200.00")
    assert beyond.promise == plain.promise
    assert beyond.confidence < plain.confidence


def test_a_crisis_amid_every_word_we_know_is_heard() -> None:
    """A crowded text is searched in fewer places, but not for danger to life."""
    folder = Path(bot.understanding.__file__).parent / "lexicon"
    words = re.findall("[\u3400-\u9fff]{2,}", (folder / "stop.yaml").read_text("utf-8"))
    crowd = ",".join(words)[:1900]
    assert "crisis" in read(f"{crowd}。我不想活了。{crowd}").intents


def test_no_gap_stands_under_a_repetition() -> None:
    """A gap that may repeat makes the time of a long message explode."""
    folder = Path(bot.understanding.__file__).parent
    files = [*folder.glob("lexicon/*.yaml"), *folder.glob("grammar/*.yaml")]
    repeated = re.compile(r"\([^()]*(~|\.\{0,\d+\})[^()]*\)[*+]")
    assert len(files) > 10
    assert [
        f"{file.name}:{number}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if repeated.search(line)
    ] == []
