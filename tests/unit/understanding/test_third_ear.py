"""What a day or a sum is for, where the grammar alone takes it for something else."""

from datetime import UTC, datetime

import pytest

from bot.understanding import understand
from bot.understanding.lexicon import Lexicon
from bot.understanding.pattern import read_pattern
from bot.understanding.purpose import STANCES, purposes
from bot.understanding.reading import by_grammar
from bot.understanding.second_thoughts import reconsidered, ruled
from bot.understanding.surroundings import Surroundings

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)  # a Tuesday, noon in Shanghai


def promised(text: str) -> list[tuple[str | None, str | None]]:
    reading = understand(text, now=NOW, timezone="Asia/Shanghai")
    return [(slot.date and slot.date.isoformat(), slot.amount) for slot in reading.promise]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # money for others and from others stands beside the payment
        ("school fees first (16,000), then you people on the 5th with 6,500",
         [("2026-12-05", "6500.00")]),
        ("the car needed brakes, 360 gone, but yours is safe. 190 on the 12th",
         [("2026-12-12", "190.00")]),
        ("I owe Tom 50 and gran 80 and you lot 240. you lot first!! tomorrow",
         [("2026-11-25", "240.00")]),
        ("退货退回来三百五，加上手头的凑够五百，今晚转给你们", [("2026-11-24", "500.00")]),
        ("还完信用卡再还你们，信用卡1200，你们700，都是周三", [("2026-11-25", "700.00")]),
        # the same sum on two days
        ("a hundred today, a hundred on the 15th",
         [("2026-11-24", "100.00"), ("2026-12-15", "100.00")]),
        ("300 on the 15th, 300 month end", [("2026-12-15", "300.00"), ("2026-11-30", "300.00")]),
    ],
)  # fmt: skip
def test_only_the_payment_is_promised(
    text: str, expected: list[tuple[str | None, str | None]]
) -> None:
    assert sorted(promised(text), key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("五百", "500.00"), ("600块吧", "600.00"), ("500", "500.00"), ("a thousand", "1000.00")],
)
def test_an_answer_of_nothing_but_a_sum_is_that_sum(text: str, amount: str) -> None:
    assert promised(text) == [(None, amount)]


def test_what_is_shown_is_what_is_promised() -> None:
    text = "the car needed brakes, 360 gone, but yours is safe. 190 on the 12th"
    shown = understand(text, now=NOW, timezone="Asia/Shanghai").spans
    assert [text[one.start : one.end] for one in shown] == ["190", "the 12th"]


@pytest.mark.parametrize(
    "text",
    [
        # quoted, passed on, denied, refused, paid; and a day beside what needs a person
        "你们说周五前还500",
        "Dear customer, please pay 500 by Friday",
        "i can't do 100 on friday",
        "I refuse to pay the 500 on Friday",
        "paid 500 this morning",
        "chemo begins on Thursday, I cannot pay any more",
        "下周三手术，千万保佑",
    ],
)
def test_no_ear_promises_what_the_grammar_forbids(text: str) -> None:
    assert promised(text) == []


def test_a_promise_without_a_day_and_a_sum_is_one() -> None:
    assert promised("收到，我会按约定把钱打过去") == [(None, None)]


def test_more_days_and_sums_than_an_answer_has_are_left_to_the_grammar() -> None:
    text = ", ".join(f"{day} December {day * 10}" for day in range(1, 10))
    read = by_grammar(text, now=NOW, timezone="UTC")
    assert len(read.figures) > 12
    again = reconsidered(
        read.said, read.plain.text, read.found, read.figures, read.heard, sensitive=False
    )
    assert again is read.said


def test_the_shares_of_a_figure_are_those_of_every_stance_and_make_one() -> None:
    read = by_grammar("rent of 950 first, then 200 to you on Friday", now=NOW, timezone="UTC")
    surroundings = Surroundings(read.plain.text, read.figures, read.found)
    words = [ruled(one, read.said) for one in read.figures]
    for shares in purposes(read.figures, surroundings, words, read.heard()):
        assert set(shares) == set(STANCES)
        assert sum(shares.values()) == pytest.approx(1)


def test_what_stands_around_is_told_by_its_side_and_clause() -> None:
    read = by_grammar("rent takes 950. you get 200 on friday", now=NOW, timezone="UTC")
    first, second, day = read.figures
    surroundings = Surroundings(read.plain.text, read.figures, read.found)
    assert {"sL0=takes", "sLc:rent", "sRf:you get"} <= set(surroundings.of(first))
    assert {"sL0=get", "sR0=on", "sLf:<sum> takes"} <= set(surroundings.of(second))
    assert "dLc:<sum>" in set(surroundings.of(day))


def test_a_lexicon_finds_before_and_while_somebody_compiles_it() -> None:
    lexicon = Lexicon([read_pattern(f"greeting.{word}", word, {}) for word in ("hello", "hi")])
    assert lexicon.find("hello you").has("greeting.hello")
    handfuls = lexicon.compiling()
    assert list(lexicon.compiling()) == []
    assert lexicon.find("hi there").has("greeting.hi")
    assert list(handfuls) == [None]
