from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scripts_library.errors import BrokenScript, MissingValue, TooLong, WrongValue
from scripts_library.formats import Amount
from scripts_library.library import Library
from scripts_library.render import clean_text, render, shown_length
from tests.unit.scripts.conftest import Desk

CNY = Amount(Decimal("1200"), "CNY")


def test_a_reminder_names_amount_date_and_way_to_pay_in_both_languages(
    library: Library, facts: dict[str, Any]
) -> None:
    english = render(library.script("reminder.early", "en"), facts).text
    chinese = render(library.script("reminder.early", "zh-Hans"), facts).text
    assert "$1,200.00, due on 17 November 2026, 5 days ago" in english
    assert "Together: $1,200.00 and CN¥350.50." in english
    assert "应还 US$1,200.00，2026年11月17日到期，已过 5 天" in chinese
    assert "合计 US$1,200.00、¥350.50。" in chinese


def test_one_day_is_not_one_days(library: Library, facts: dict[str, Any]) -> None:
    assert "1 day ago" in render(library.script("reminder.early", "en"), facts).text


def test_a_missing_value_raises_instead_of_leaving_a_hole(
    library: Library, facts: dict[str, Any]
) -> None:
    del facts["loans"][1]["pay_to"]
    with pytest.raises(MissingValue) as raised:
        render(library.script("reminder.early", "en"), facts)
    assert raised.value.variable == "loans.pay_to"


@pytest.mark.parametrize("empty", [None, "", "   ", "\u200b"])
def test_an_empty_name_counts_as_missing(desk: Desk, empty: str | None) -> None:
    script = desk.draft("Hello {{ name }}", "variables: [name]")
    with pytest.raises(MissingValue):
        render(script, {"name": empty})


def test_a_list_without_entries_counts_as_missing(library: Library, facts: dict[str, Any]) -> None:
    with pytest.raises(MissingValue):
        render(library.script("reminder.early", "en"), {**facts, "loans": []})


def test_an_optional_value_may_be_absent(library: Library) -> None:
    values = {"name": "Maria", "amount": CNY}
    text = render(library.script("thanks.payment", "en"), values).text
    assert "remains" not in text


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("amount: money", 12),
        ("amount: money", "12.00"),
        ("day: date", datetime(2026, 1, 1, tzinfo=UTC)),
        ("count: number", True),
        ("count: number", "3"),
        ("many: list of text", "abc"),
        ("at: time", "09:00"),
        ("text: text", 3),
    ],
)
def test_a_value_of_another_type_is_refused(desk: Desk, variable: str, value: object) -> None:
    name = variable.partition(":")[0]
    script = desk.draft("x", f"variables: [{{own_{variable}}}]")
    with pytest.raises(WrongValue) as raised:
        render(script, {f"own_{name}": value})
    assert raised.value.variable == f"own_{name}"


def test_a_moment_is_shown_in_the_readers_zone_and_needs_one(desk: Desk) -> None:
    script = desk.draft("{{ opens_at }}", "variables: [opens_at]")
    moment = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    shown = render(script, {"opens_at": moment}, zone=ZoneInfo("Asia/Shanghai")).text
    assert shown == "23 November, 09:00"
    assert render(script, {"opens_at": moment}, zone=UTC).text == "23 November, 01:00"
    with pytest.raises(WrongValue):
        render(script, {"opens_at": moment})
    with pytest.raises(WrongValue):
        render(script, {"opens_at": moment.replace(tzinfo=None)}, zone=UTC)


def test_dates_have_a_short_form_and_a_weekday(desk: Desk) -> None:
    script = desk.draft("{{ date | weekday }}, {{ date | short }}", "variables: [date]")
    assert render(script, {"date": date(2026, 11, 25)}).text == "Wednesday, 25 November"


def test_a_time_and_a_number_are_plain(desk: Desk) -> None:
    script = desk.draft("{{ at }} {{ n }}", "variables: [{at: time}, {n: number}]")
    assert render(script, {"at": time(9, 5), "n": 12}).text == "09:05 12"


@pytest.mark.parametrize(
    ("amount", "language", "shown"),
    [
        (Amount(Decimal("0.05"), "USD"), "en", "$0.05"),
        (Amount(Decimal("-3"), "USD"), "en", "-$3.00"),
        (Amount(Decimal("12000"), "JPY"), "zh-Hans", "JP¥12,000"),
        (Amount(Decimal("1.234"), "KWD"), "en", "KWD\u00a01.234"),
        (Amount(Decimal("99999999.99"), "CNY"), "zh-Hans", "¥99,999,999.99"),
    ],
)
def test_money_has_its_currencys_own_decimals(
    library: Library, amount: Amount, language: str, shown: str
) -> None:
    assert library.language(language).formats.money(amount) == shown


def test_anything_with_major_units_and_a_currency_is_money(desk: Desk) -> None:
    @dataclass
    class Coin:
        major: Decimal
        currency: str

    script = desk.draft("{{ amount }}", "variables: [amount]")
    assert render(script, {"amount": Coin(Decimal(2), "USD")}).text == "$2.00"


def test_markup_in_a_name_arrives_as_letters(desk: Desk) -> None:
    script = desk.draft("<b>Hello {{ name }}</b>", "variables: [name]")
    text = render(script, {"name": "<a href='x'>Bob</a> & co"}).text
    assert text == "<b>Hello &lt;a href=&#39;x&#39;&gt;Bob&lt;/a&gt; &amp; co</b>"


def test_a_name_cannot_turn_the_line_around_or_break_it() -> None:
    assert clean_text("An\u202en\u200ba\n\u2066x\u00a0y") == "Anna x y"


def test_only_declared_values_reach_the_body(desk: Desk) -> None:
    script = desk.draft("{{ secret }}", "variables: [name]")
    with pytest.raises(BrokenScript):
        render(script, {"name": "Ann", "secret": "4111"})


def test_a_text_longer_than_telegram_takes_is_not_sent(desk: Desk) -> None:
    script = desk.draft("{{ name }}", "variables: [name]\nlimit: caption")
    assert len(render(script, {"name": "x" * 1024}).text) == 1024
    with pytest.raises(TooLong) as raised:
        render(script, {"name": "x" * 1025})
    assert (raised.value.length, raised.value.limit) == (1025, 1024)


def test_tags_and_entities_do_not_count_towards_the_length(desk: Desk) -> None:
    assert shown_length("<b>a</b> &lt; &amp; 😀") == len("a < & ") + 2
    script = desk.draft("<b>{{ name }}</b>", "variables: [name]\nlimit: caption")
    assert render(script, {"name": "&" * 1024}).text.startswith("<b>&amp;")


def test_a_toast_is_plain_text(desk: Desk) -> None:
    script = desk.draft("Hello {{ name }}", "variables: [name]\nlimit: toast")
    assert render(script, {"name": "A & B"}).text == "Hello A & B"


def test_lines_that_tags_left_empty_disappear(desk: Desk) -> None:
    body = "One\n\n{% if name %}\n{% endif %}\n\n\nTwo   \n"
    assert render(desk.draft(body, "variables: [name]"), {"name": "x"}).text == "One\n\nTwo"


def test_buttons_come_in_rows_with_labels_of_the_language(library: Library) -> None:
    said = render(library.script("stop.done", "zh-Hans"), {})
    assert [[button.name for button in row] for row in said.buttons] == [["resume", "human"]]
    assert said.buttons[0][0].label == library.label("button.resume", "zh-Hans")


def test_an_absent_list_is_neither_there_nor_looped_over(desk: Desk) -> None:
    body = "x{% if remaining %}yes{% endif %}{% for one in remaining %}{{ one }}{% endfor %}"
    assert render(desk.draft(body, "variables: [remaining]"), {}).text == "x"
    size = "{% if remaining.size > 0 %}yes{% else %}none{% endif %}"
    assert render(desk.draft(size, "variables: [remaining]"), {}).text == "none"
