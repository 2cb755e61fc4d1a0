"""The conventions for days, phrase by phrase, as a borrower would be held to them."""

from datetime import UTC, date, datetime

import pytest

from bot.understanding import understand

TUESDAY = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def first_day(text: str, zone: str = "Asia/Shanghai") -> date | None:
    reading = understand(text, now=TUESDAY, timezone=zone)
    slots = reading.promise or reading.proposed
    assert slots, f"no day was read from {text!r}: {reading}"
    return slots[0].date


DAYS = {
    # so many days from another day; the day before, once more; a figure apart from its unit
    "15号前三天还": "2026-12-12",
    "元旦后两天还": "2027-01-03",
    "20号后五天还": "2026-12-25",
    "three days before christmas i'll pay": "2026-12-22",
    "two weeks after the 10th, 40": "2026-12-24",
    "three weeks from this friday i can clear it": "2026-12-18",
    "the day before chinese new year's eve i'll pay": "2027-02-04",
    "等周六我哥把钱给我,我当天还三千": "2026-11-28",
    "dad sends it thursday, you get 50 that same day": "2026-11-26",
    "15 号之前还 1.2w": "2026-12-15",
    "i'll get it to you the friday after next": "2026-12-11",
    "not today not tomorrow, thursday": "2026-11-26",
    "月底最后那个周六还": "2026-11-28",
    "520那天还": "2027-05-20",
    "i'll pay before the year's out": "2026-12-31",
    # feasts that fall on a weekday of a month
    "母亲节那天还": "2027-05-09",
    "father's day i'll pay": "2027-06-20",
    "paying on memorial day": "2027-05-31",
    "mlk day, i'll pay it then": "2027-01-18",
    "presidents' day i will pay": "2027-02-15",
    # hours are today, a range is its last day, a day of income is not the day of paying
    "晚上回家就还": "2026-11-24",
    "will transfer by 5pm": "2026-11-24",
    "20到25号之间还": "2026-11-25",
    "12月18号19号左右给你": "2026-12-19",
    "i'll pay between the 10th and 15th": "2026-12-15",
    "我29号领工资 30号给你": "2026-11-30",
    "money comes in on wednesday, you'll get it thursday": "2026-11-26",
    "周四周五我都可以 就周五吧": "2026-11-27",
    "16号太紧了 23号吧": "2026-12-23",
    "余下月底还": "2026-11-30",
    "两百五两个月后还": "2027-01-24",
    "first friday in february, i'll pay": "2027-02-05",
    "今天还": "2026-11-24",
    "今晚转给你": "2026-11-24",
    "明天还500": "2026-11-25",
    "明早还": "2026-11-25",
    "后天还": "2026-11-26",
    "大后天还": "2026-11-27",
    "周二还": "2026-12-01",
    "周三还": "2026-11-25",
    "星期天还": "2026-11-29",
    "礼拜一还": "2026-11-30",
    "这周五还": "2026-11-27",
    "本周日还": "2026-11-29",
    "下周五还": "2026-12-04",
    "下周一还": "2026-11-30",
    "下星期天还": "2026-12-06",
    "下下周一还": "2026-12-07",
    "下下个星期五还": "2026-12-11",
    "周末还": "2026-11-28",
    "下周末还": "2026-12-05",
    "15号还": "2026-12-15",
    "24号还": "2026-12-24",
    "25号还": "2026-11-25",
    "二十八号还": "2026-11-28",
    "31号还": "2026-12-31",
    "下个月5号还": "2026-12-05",
    "下月十号还": "2026-12-10",
    "12月5号还": "2026-12-05",
    "3月15日还": "2027-03-15",
    "十二月二十号还": "2026-12-20",
    "明年1月5号还": "2027-01-05",
    "2027年2月3日还": "2027-02-03",
    "2027-02-03还": "2027-02-03",
    "12/05还": "2026-12-05",
    "12.5号还": "2026-12-05",
    "月底还": "2026-11-30",
    "这个月底还": "2026-11-30",
    "下个月底还": "2026-12-31",
    "12月底还": "2026-12-31",
    "年底还": "2026-12-31",
    "下个月中还": "2026-12-15",
    "下月初还": "2026-12-01",
    "月初还": "2026-12-01",
    "三天后还": "2026-11-27",
    "3天内还": "2026-11-27",
    "再过两天还": "2026-11-26",
    "一周内还": "2026-12-01",
    "两个星期后还": "2026-12-08",
    "半个月后还": "2026-12-09",
    "半个月内还": "2026-12-09",
    "一个月后还": "2026-12-24",
    "两个月内还": "2027-01-24",
    "本周内还": "2026-11-29",
    "这个月内还": "2026-11-30",
    "20号之前还": "2026-12-20",
    "周五前还": "2026-11-27",
    "最晚周五还": "2026-11-27",
    "每月10号还300": "2026-12-10",
    "每周五还100": "2026-11-27",
    "元旦还": "2027-01-01",
    "春节前还": "2027-02-06",
    "除夕还": "2027-02-05",
    "圣诞节还": "2026-12-25",
    "冬至还": "2026-12-22",
    "腊月二十三还": "2027-01-30",
    "农历正月十五还": "2027-02-20",
    "腊八那天还": "2027-01-15",
    "不是周四,是周五还": "2026-11-27",
    "周四不行,周五还": "2026-11-27",
    "周四...说错了,周五还": "2026-11-27",
    "上周五没还,这周五还": "2026-11-27",
    "从周四改到周五还": "2026-11-27",
    "週五還": "2026-11-27",
    "聽日還": "2026-11-25",
    "下個禮拜五還": "2026-12-04",
    "月尾還": "2026-11-30",
    "mingtian huan": "2026-11-25",
    "24小时内还": "2026-11-25",
    "I'll pay today": "2026-11-24",
    "paying tonight": "2026-11-24",
    "I'll pay now": "2026-11-24",
    "will pay tmrw": "2026-11-25",
    "i'll pay tommorow": "2026-11-25",
    "I'll pay the day after tomorrow": "2026-11-26",
    "I'll pay Tuesday": "2026-12-01",
    "I'll pay on Friday": "2026-11-27",
    "will pay this friday": "2026-11-27",
    "I'll pay this coming Friday": "2026-11-27",
    "I'll pay next Friday": "2026-12-04",
    "I'll pay next Monday": "2026-11-30",
    "I'll pay Friday next week": "2026-12-04",
    "next week on Friday I'll pay": "2026-12-04",
    "I'll pay a week from Friday": "2026-12-04",
    "I'll pay Friday week": "2026-12-04",
    "I'll pay this weekend": "2026-11-28",
    "I'll pay next weekend": "2026-12-05",
    "I'll pay on the 15th": "2026-12-15",
    "I'll pay by the 25th": "2026-11-25",
    "I'll pay on the twenty-first": "2026-12-21",
    "I'll pay on the 5th of next month": "2026-12-05",
    "I'll pay December 5": "2026-12-05",
    "I'll pay 5 December": "2026-12-05",
    "I'll pay on 3rd Jan": "2027-01-03",
    "I'll pay Friday 27 November": "2026-11-27",
    "I'll pay Friday the 27th": "2026-11-27",
    "I'll pay on May 6th 2027": "2027-05-06",
    "I'll pay on 2027-02-03": "2027-02-03",
    "I'll pay at the end of the month": "2026-11-30",
    "will pay by month end": "2026-11-30",
    "I'll pay by the end of next month": "2026-12-31",
    "I'll pay at the end of December": "2026-12-31",
    "I'll pay by the end of the year": "2026-12-31",
    "I'll pay mid December": "2026-12-15",
    "I'll pay on the first of next month": "2026-12-01",
    "I'll pay in 3 days": "2026-11-27",
    "I'll pay within two weeks": "2026-12-08",
    "I'll pay in a fortnight": "2026-12-08",
    "I'll pay in a month": "2026-12-24",
    "I'll pay in half a month": "2026-12-09",
    "I'll pay in a week": "2026-12-01",
    "I'll pay 10 days from now": "2026-12-04",
    "I'll pay by the end of the week": "2026-11-29",
    "I'll pay before the 20th": "2026-12-20",
    "I'll pay every Friday": "2026-11-27",
    "not Friday, Saturday I'll pay": "2026-11-28",
    "sorry not friday, i'll pay saturday": "2026-11-28",
    "I'll pay Thursday, sorry I mean Friday": "2026-11-27",
    "can't do Thursday, will pay Friday": "2026-11-27",
    "I'll pay on Christmas Eve": "2026-12-24",
    "I'll pay the day after Christmas": "2026-12-26",
    "I'll pay on the Monday after Christmas": "2026-12-28",
    "I'll pay on Easter Monday": "2027-03-29",
    "I'll pay a week today": "2026-12-01",
    "I'll pay this time next week": "2026-12-01",
    "I'll pay on Friday after this one": "2026-12-04",
    "I'll pay on the last Friday of December": "2026-12-25",
    "I'll pay on 15.12.2026": "2026-12-15",
    "I'll pay before the year is out": "2026-12-31",
    "圣诞前一天还": "2026-12-24",
    "元月十五号还": "2027-01-15",
    "三个星期后的周一还": "2026-12-14",
    "下个月最后一个周五还": "2026-12-25",
    "下周三周四还": "2026-12-03",
    "过了今天就还": "2026-11-25",
    "I'll pay by Chinese New Year": "2027-02-06",
    "заплачу завтра": "2026-11-25",
    "заплачу в пятницу": "2026-11-27",
    "pago el viernes": "2026-11-27",
    "pago mañana": "2026-11-25",
    "八月十五还 阴历的": "2027-09-15",
    "不用等到月底 我周五就还": "2026-11-27",
    "从周五起再过一周还": "2026-12-04",
    "十五天 还三千": "2026-12-09",
    "monday fortnight": "2026-12-14",
    "three days and it's yours": "2026-11-27",
    "my boss is away this weekend so i pay on monday": "2026-11-30",
    "full settlement by 31/12, i'm not carrying this over": "2026-12-31",
}


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_a_day_is_read_as_the_conventions_say(text: str, day: str) -> None:
    assert first_day(text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    [
        "发工资就还",
        "下周还",
        "下个月还",
        "过几天还",
        "尽快还",
        "I'll pay on payday",
        "I'll pay when I get paid",
        "I'll pay next week",
        "I'll pay as soon as possible",
        "I'll pay in a few days",
    ],
)
def test_a_time_without_a_day_stays_open(text: str) -> None:
    assert first_day(text) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("50 this friday and 50 the friday after", ["2026-11-27", "2026-12-04"]),
        ("70 on the 4th, then 70 a week later", ["2026-12-04", "2026-12-11"]),
        ("后天三百 再过一周又三百", ["2026-11-26", "2026-12-03"]),
        ("下周三或周五各还500", ["2026-12-02", "2026-12-04"]),
    ],
)
def test_a_day_is_counted_from_the_one_named_before_it(text: str, days: list[str]) -> None:
    reading = understand(text, now=TUESDAY, timezone="Asia/Shanghai")
    assert [str(slot.date) for slot in reading.promise] == days


@pytest.mark.parametrize(
    "text", ["出了初九 就是12月15号那天还", "the 15th, which is a tuesday, 60"]
)
def test_a_day_named_again_is_one_day(text: str) -> None:
    reading = understand(text, now=TUESDAY, timezone="Asia/Shanghai")
    assert [slot.date for slot in reading.promise] == [date(2026, 12, 15)]


def test_a_second_day_of_a_month_named_before_stays_in_it() -> None:
    text = "下月1号还1000，15号再还1500"
    promised = understand(text, now=TUESDAY, timezone="Asia/Shanghai").promise
    assert [slot.date for slot in promised] == [date(2026, 12, 1), date(2026, 12, 15)]


def test_a_known_payday_is_used() -> None:
    reading = understand("发工资就还", now=TUESDAY, timezone="Asia/Shanghai", payday=10)
    assert reading.promise[0].date == date(2026, 12, 10)


def test_today_is_the_borrowers_day_not_the_servers() -> None:
    late = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    reading = understand("明天还", now=late, timezone="Asia/Shanghai")
    assert reading.promise[0].date == date(2026, 11, 26)


def test_a_day_that_does_not_exist_is_not_made_up() -> None:
    reading = understand("2月31日还500", now=TUESDAY, timezone="Asia/Shanghai")
    assert [slot.date for slot in reading.promise] == [None]


def test_a_numeric_date_in_english_keeps_its_second_reading() -> None:
    reading = understand("I'll pay 500 on 12/05", now=TUESDAY, timezone="Europe/London")
    days = {reading.promise[0].date, *reading.other_dates}
    assert days == {date(2026, 12, 5), date(2027, 5, 12)}
