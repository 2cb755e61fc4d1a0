"""Days and sums beside a promise that are no part of it: errands, wages, others' bills."""

from datetime import UTC, datetime

import pytest

from bot.understanding import understand

MONDAY = datetime(2026, 11, 23, 3, tzinfo=UTC)


def promised(text: str) -> list[tuple[str | None, str | None]]:
    reading = understand(text, now=MONDAY, timezone="Asia/Shanghai")
    return [(str(one.date) if one.date else None, one.amount) for one in reading.promise]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # what is done on another day
        ("dentist tuesday but i'll send 40 thursday", [("2026-11-26", "40.00")]),
        ("back from holiday on the 10th, I'll pay 200 on the 12th", [("2026-12-12", "200.00")]),
        ("周六婚礼 周一还500", [("2026-11-30", "500.00")]),
        ("周六吧 今天孩子家长会走不开", [("2026-11-28", None)]),
        ("周四拿去干洗，顺便把两百还了", [("2026-11-26", "200.00")]),
        ("今天就聊到这，周四转你六百", [("2026-11-26", "600.00")]),
        # words that hold a sum, a verb or a condition and are none
        ("下周三手术，千万保佑", []),
        ("我弟说月底打一万一千给你们", [("2026-11-30", "11000.00")]),
        ("今天冷死了 宿舍还停电", []),
        ("周四转正", []),
        ("周三还没定", []),
        ("月底汇报，转眼就年底", []),
        ("周日音乐节门票一千八", []),
        ("公司十号发三千补贴", []),
        ("明天不还我是你孙子", [("2026-11-24", None)]),
        ("一月第三个周五转四百", [("2027-01-15", "400.00")]),
        ("从下周起每周三转两百", [("2026-12-02", "200.00")]),
        ("明天交报告，后天还愿", []),
        ("昨天卸了四百箱货，周五还三百", [("2026-11-27", "300.00")]),
        ("给娃交完夏令营两千二，后天转你六百", [("2026-11-25", "600.00")]),
        ("水费交过了，这边周五转300", [("2026-11-27", "300.00")]),
        ("工资六千，25号还两千", [("2026-11-25", "2000.00")]),
        ("我不会拖到周日的，周五就转800", [("2026-11-27", "800.00")]),
        ("今天干了半天活，周四转200", [("2026-11-26", "200.00")]),
        ("下周三把余下的全结清", [("2026-12-02", "full")]),
        ("后天银行一开门就去办", [("2026-11-25", None)]),
        ("那我今晚就还了，300", [("2026-11-23", "300.00")]),
        # paid on a day of the month gone by
        ("我2号就还了", []),
        ("上午就给你们转过去了，查一下", []),
        ("微信转过去的，五百", []),
        ("我同你们讲我跟你说，周五转九百", [("2026-11-27", "900.00")]),
        ("周五还六百五一分不少", [("2026-11-27", "650.00")]),
        ("每月8号转四百，从下个月开始", [("2026-12-08", "400.00")]),
        ("拿到年终就转你八百", [(None, "800.00")]),
        ("我没有钱还你", []),
        ("周六要attend婚礼 Monday transfer 1000", [("2026-11-30", "1000.00")]),
        # money that comes before it is passed on
        ("I will receive my bonus on December 15, and on the 16th I'm paying in full",
         [("2026-12-16", "full")]),
        ("公司每月10号发工资，我第二天还2000", [("2026-12-11", "2000.00")]),
        ("发工资第二天还500", [(None, "500.00")]),
        ("水费昨天交了，你们的周五还三百", [("2026-11-27", "300.00")]),
        ("老板昨天还了我三千，今天转你们两千", [("2026-11-23", "2000.00")]),
        # money of others
        ("My aunt lent us 300, which is her problem; yours goes out Tuesday, 150.",
         [("2026-11-24", "150.00")]),
        ("车子年审花了800 下周一还你们一千五", [("2026-11-30", "1500.00")]),
        ("招行的8号还 花呗的10号还 你们这6000下周三还", [("2026-12-02", "6000.00")]),
        ("I dont owe 300, I owe 120 and I will pay 120 on Friday", [("2026-11-27", "120.00")]),
        # said twice, and really twice
        ("$35, not 53, i typed it wrong. sending $35", [(None, "35.00")]),
        ("50 this week and 50 next week", [(None, "50.00"), (None, "50.00")]),
        ("500就下周一,剩下500下下周一", [("2026-11-30", "500.00"), ("2026-12-07", "500.00")]),
        # what is left open is the rest
        ("200 on Monday, after that we'll see", [("2026-11-30", "200.00")]),
        ("周六还三千五，房东那边的周日再说", [("2026-11-28", "3500.00")]),
        # moved over, not paid already
        ("礼拜五先给三百，礼拜天把剩下的都打过去",
         [("2026-11-27", "300.00"), ("2026-11-29", "full")]),
        # the last money of a sale, what a feast or a shop took
        ("周五还八百,卖货的尾款", [("2026-11-27", "800.00")]),
        ("周五把尾款付清", [("2026-11-27", "full")]),
        ("外甥满月给他包了666红包,明天还你300", [("2026-11-24", "300.00")]),
        ("had to buy new boots for 90, so friday it is", [("2026-11-27", None)]),
        # an answer, not money
        ("周五给你答复吧我再想想", []),
        ("I'll let you know by Wednesday what I can manage", []),
    ],
)  # fmt: skip
def test_only_what_is_promised_is_read(
    text: str, expected: list[tuple[str | None, str | None]]
) -> None:
    assert promised(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "我得了癌症 今天还你200",
        "刚做完化疗，周五还500",
        "I have cancer, will pay 200 today",
        "having chemo tuesday but i'll send 40 thursday",
    ],
)
def test_a_grave_illness_reaches_a_person_beside_any_promise(text: str) -> None:
    reading = understand(text, now=MONDAY, timezone="Asia/Shanghai")
    assert reading.handoff
    assert set(reading.intents) == {"hardship", "promise"}
