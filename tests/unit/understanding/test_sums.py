"""The conventions for amounts and numbers of instalments, phrase by phrase."""

from datetime import UTC, datetime

import pytest

from bot.understanding import Understanding, understand

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def read(text: str) -> Understanding:
    return understand(text, now=NOW, timezone="Asia/Shanghai")


AMOUNTS = {
    "周五还500": "500.00",
    "周五还500块": "500.00",
    "周五还五百": "500.00",
    "周五还两千五": "2500.00",
    "周五还一千零五十": "1050.00",
    "周五还1.5k": "1500.00",
    "周五还3w": "30000.00",
    "周五还12万3": "123000.00",
    "周五还一千五六": "1500.00",
    "周五还1/3": "33%",
    "two fifty on friday": "250.00",
    "I can do sixty on friday": "60.00",
    "周五还一万二": "12000.00",
    "周五还一万零五百": "10500.00",
    "周五还伍佰元整": "500.00",
    "周五还１２００元": "1200.00",
    "周五还1,200.50元": "1200.50",
    "周五还¥300": "300.00",
    "周五还三百八": "380.00",
    "周五还八十块": "80.00",
    "周五还20块": "20.00",
    "周五还全部": "full",
    "周五还清": "full",
    "周五把剩下的还了": "full",
    "周五还一半": "half",
    "周五还三成": "30%",
    "周五还30%": "30%",
    "周五还百分之二十": "20%",
    "周五还三分之一": "33%",
    "周五还四分之一": "25%",
    "周五还四五百": "400.00",
    "周五还400到500": "400.00",
    "周五还几百块": None,
    "周五还个最低还款": None,
    "周五下午3点前还500": "500.00",
    "周五还500,卡尾号1234": "500.00",
    "I'll pay 500 on Friday": "500.00",
    "I'll pay $1,200.50 on Friday": "1200.50",
    "I'll pay 1.5k on Friday": "1500.00",
    "I'll pay two hundred on Friday": "200.00",
    "I'll pay five hundred and fifty on Friday": "550.00",
    "I'll pay two thousand five hundred on Friday": "2500.00",
    "I'll pay fifty quid on Friday": "50.00",
    "I'll pay 2 grand on Friday": "2000.00",
    "I'll pay in full on Friday": "full",
    "I'll pay the rest on Friday": "full",
    "I'll pay half on Friday": "half",
    "I'll pay a third on Friday": "33%",
    "I'll pay 20% on Friday": "20%",
    "I'll pay 100-150 on Friday": "100.00",
    "I'll pay between 100 and 150 on Friday": "100.00",
    "I'll pay a few hundred on Friday": None,
    "I'll pay the minimum payment on Friday": None,
    "I'll pay 500 by 10am Friday": "500.00",
    "周五还两嚿水": "200.00",
    "周五还六百六十六块六": "666.60",
    "周五还一千到一千五": "1000.00",
    "fri RM1k": "1000.00",
    "friday 8,000/=": "8000.00",
    "friday i pay twenty two hundred and fifty": "2250.00",
    "twenty five percent on friday": "25%",
    "周五全数奉还": "full",
    "周五把账清了": "full",
    "后天一次清": "full",
    "周五付清500": "500.00",
}


@pytest.mark.parametrize(("text", "amount"), AMOUNTS.items())
def test_a_sum_is_read_as_the_conventions_say(text: str, amount: str | None) -> None:
    slots = read(text).promise
    assert [slot.amount for slot in slots] == [amount]


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("周五还500,剩下的月底还", ["500.00", "full"]),
        ("周五500,下周五500", ["500.00", "500.00"]),
        ("500 on Friday and the rest at the end of the month", ["500.00", "full"]),
        ("周五和下周一各还500", ["500.00", "500.00"]),
        ("95 this Friday and the same the Friday after", ["95.00", "95.00"]),
    ],
)
def test_several_days_keep_their_own_sums(text: str, amounts: list[str]) -> None:
    assert [slot.amount for slot in read(text).promise] == amounts


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("能分6期吗", 6),
        ("可以分六期还吗", 6),
        ("想分半年还", 6),
        ("分一年可以吗", 12),
        ("分三个月还", 3),
        ("can I pay in 6 instalments", 6),
        ("can we split it into three payments", 3),
        ("spread it over six months please", 6),
        ("can i pay over a year", 12),
        ("could I split it into four", 4),
        ("over three months please", 3),
        ("不要分6期 分9期", 9),
        ("剩下那4期能不能打包成2期还", 2),
        ("可以拆成一年慢慢还吗", 12),
        ("摊成半年行不", 6),
        ("想 stretch 成 18 期", 18),
        ("有没有 12 months 的分期", 12),
        ("要不分五回吧", 5),
        ("首付两千 剩下的六期", 6),
        ("would you consider 24 months", 24),
        ("I'd like half a year, monthly instalments please", 6),
        ("三次付清可以不，每次九百", 3),
        ("我每月给三百五，还十个月，您看中不中", 10),
        ("一年半慢慢还行吗", 18),
        ("帮我摊成一年可以吧，每个月缴", 12),
        ("can we do it twice, instead of once", 2),
        ("能不能按季还，四个季度", 4),
        ("是不是能分十二个月", 12),
        ("could this be done in thirds", 3),
        ("R250 x 6, would that do", 6),
        ("a dozen payments, one a month, please?", 12),
        ("8 fortnightly payments of 65?", 8),
        ("Can I spread the whole thing over a year and a half", 18),
        ("можно разбить на шесть платежей?", 6),
        ("I'll pay in 3 days", None),
        ("60 goes out tuesday", None),
        ("两个星期内还清", None),
        ("按时还了十八期", None),
        ("第三期什么时候还", None),
        ("还剩3期", None),
        ("when is the third instalment due", None),
        ("I have 3 instalments left", None),
        ("周五还500", None),
    ],
)
def test_only_a_wished_number_of_instalments_counts(text: str, number: int | None) -> None:
    assert read(text).instalments == number
