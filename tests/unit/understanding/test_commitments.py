"""Promise, proposal, payment or nothing: what a message binds its writer to."""

from datetime import UTC, datetime

import pytest

from bot.understanding import Understanding, understand

TUESDAY = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
FRIDAY = "2026-11-27"


def read(text: str) -> Understanding:
    return understand(text, now=TUESDAY, timezone="Asia/Shanghai")


def slots(text: str, which: str) -> list[tuple[str | None, str | None]]:
    return [(slot["date"], slot["amount"]) for slot in read(text).as_answer()[which]]


PROMISES = {
    "I can do 50 this week and 50 next week": [(None, "50.00"), (None, "50.00")],
    "600 in total: 200 friday, 400 on the 30th": [(FRIDAY, "200.00"), ("2026-11-30", "400.00")],
    "$60 on the 27th and the 30th": [(FRIDAY, "60.00"), ("2026-11-30", "60.00")],
    "25号27号分别还1000": [("2026-11-25", "1000.00"), (FRIDAY, "1000.00")],
    "欠的总共3200 我27号一次性还清": [(FRIDAY, "full")],
    "一万二下周五还": [("2026-12-04", "12000.00")],
    "这周不赶趟了 周五呗": [(FRIDAY, None)],
    "chill, friday": [(FRIDAY, None)],
    "等年终奖金下来就还": [(None, None)],
    "周五还500": [(FRIDAY, "500.00")],
    "500周五给你": [(FRIDAY, "500.00")],
    "周五 500": [(FRIDAY, "500.00")],
    "周五吧": [(FRIDAY, None)],
    "我周四还,不,周五吧": [(FRIDAY, None)],
    "won't be thursday but i can do friday, 60": [(FRIDAY, "60.00")],
    "今天手头没有,周五有,还800": [(FRIDAY, "800.00")],
    "27号发工资27号还,2400": [(FRIDAY, "2400.00")],
    "我跟你保证周五一定到账500": [(FRIDAY, "500.00")],
    "前天忘了,周五补上500": [(FRIDAY, "500.00")],
    "昨天没还是因为加班,周五还500": [(FRIDAY, "500.00")],
    "我这个月实在紧张,周五先还500,剩下的月底一次结清": [
        (FRIDAY, "500.00"),
        ("2026-11-30", "full"),
    ],
    "今天先转200,余款周五": [("2026-11-24", "200.00"), (FRIDAY, "full")],
    "我让我姐周五帮我转500": [(FRIDAY, "500.00")],
    "已经还了500,剩下的周五还清": [(FRIDAY, "full")],
    "还款的事我记着呢,周五处理": [(FRIDAY, None)],
    "周五我会还500,请问怎么还?": [(FRIDAY, "500.00")],
    "我一定会还的": [(None, None)],
    "I'll pay 500 on Friday. What's the account number?": [(FRIDAY, "500.00")],
    "Sorry for the delay. 500 will be with you on Friday": [(FRIDAY, "500.00")],
    "I will pay, I promise": [(None, None)],
    "200 today and the rest on Friday": [("2026-11-24", "200.00"), (FRIDAY, "full")],
    "I paid 200 yesterday and I'll pay 300 on Friday": [(FRIDAY, "300.00")],
    "my brother will pay 500 for me on Friday": [(FRIDAY, "500.00")],
    "Couldn't pay last Friday but will pay 500 this Friday": [(FRIDAY, "500.00")],
    "Yes, Friday works, 500": [(FRIDAY, "500.00")],
    "Friday's fine, I'll send 500": [(FRIDAY, "500.00")],
    "payment of 500 coming friday": [(FRIDAY, "500.00")],
    "put me down for 500 on friday": [(FRIDAY, "500.00")],
    "you can take 500 on Friday": [(FRIDAY, "500.00")],
    "once I get paid on Friday I'll send 500": [(FRIDAY, "500.00")],
    "等周五工资到了马上还500": [(FRIDAY, "500.00")],
    "我周五发工资,到时候还500": [(FRIDAY, "500.00")],
    "周五之前我会把500转过去": [(FRIDAY, "500.00")],
    "最迟周五,500": [(FRIDAY, "500.00")],
    "那就周五吧,还500": [(FRIDAY, "500.00")],
    "好的,周五还500": [(FRIDAY, "500.00")],
    "可以的,我周五还500": [(FRIDAY, "500.00")],
    "没问题,周五500": [(FRIDAY, "500.00")],
    "周五之前肯定给你转过去,别催": [(FRIDAY, None)],
    "我先还2000,剩下3000周五还": [(None, "2000.00"), (FRIDAY, "3000.00")],
    "I said Thursday but it'll have to be Friday": [(FRIDAY, None)],
}


@pytest.mark.parametrize(("text", "expected"), PROMISES.items())
def test_a_commitment_is_a_promise(
    text: str, expected: list[tuple[str | None, str | None]]
) -> None:
    assert slots(text, "promise") == expected
    assert not read(text).handoff


PROPOSALS = {
    "先缴500,周五,这样可以吗": [(FRIDAY, "500.00")],
    "能不能给我拖到周五嘛": [(FRIDAY, None)],
    "每月四百块行吗": [(None, "400.00")],
    "if my boss pays me you can have 60 on friday": [(FRIDAY, "60.00")],
    "周五还500行吗": [(FRIDAY, "500.00")],
    "我周五还500,可以吗?": [(FRIDAY, "500.00")],
    "能不能周五先还500": [(FRIDAY, "500.00")],
    "周五还500,您看行不行": [(FRIDAY, "500.00")],
    "可能周五能还500": [(FRIDAY, "500.00")],
    "我尽量周五还500": [(FRIDAY, "500.00")],
    "如果周五发工资我就还500": [(FRIDAY, "500.00")],
    "你们把利息免了我周五就还500": [(FRIDAY, "500.00")],
    "can I pay 500 on Friday": [(FRIDAY, "500.00")],
    "I could pay 500 on Friday?": [(FRIDAY, "500.00")],
    "I'll pay 500 on Friday, is that ok?": [(FRIDAY, "500.00")],
    "how about 500 on Friday": [(FRIDAY, "500.00")],
    "maybe 500 on Friday": [(FRIDAY, "500.00")],
    "I might be able to pay 500 on Friday": [(FRIDAY, "500.00")],
    "I'll try to pay 500 on Friday": [(FRIDAY, "500.00")],
    "if my salary comes I'll pay 500 on Friday": [(FRIDAY, "500.00")],
    "waive the late fee and I'll pay 500 on Friday": [(FRIDAY, "500.00")],
    "would you accept 500 on Friday": [(FRIDAY, "500.00")],
    "周四不行,周五还500可以吗": [(FRIDAY, "500.00")],
    "周四改周五行吗": [(FRIDAY, None)],
    "我每个月只能还800,分12期": [(None, "800.00")],
}


@pytest.mark.parametrize(("text", "expected"), PROPOSALS.items())
def test_a_question_a_condition_or_a_hope_is_only_proposed(
    text: str, expected: list[tuple[str | None, str | None]]
) -> None:
    assert slots(text, "promise") == []
    assert slots(text, "proposed") == expected


@pytest.mark.parametrize(
    "text",
    [
        "周五还不了",
        "这周五不行",
        "can't do Friday",
        "Friday is no good for me",
        "昨天还了500",
        "I paid 500 yesterday",
        "我朋友周五还我500",
        "my friend pays me back 500 on Friday",
        "周五我不会还的",
        "I won't pay on Friday",
        "你们说周五前还500",
        'your message says "please pay 500 by Friday"',
        "尊敬的客户,请您于周五前还款500元",
        "Dear customer, please pay 500 by Friday",
        "周五还的话利息是多少",
        "how much would it be if I pay on Friday?",
        "周五见",
        "你们周五上班吗",
        "are you open on Friday?",
        "I was going to pay Friday but I lost my job",
        "I need to borrow 500 more",
        "没借过,别找我",
        "我没钱",
    ],
)
def test_nothing_is_promised(text: str) -> None:
    assert slots(text, "promise") == []


def test_money_sent_is_paid_and_its_past_day_is_left_out() -> None:
    assert slots("昨天还了500", "paid") == [(None, "500.00")]
    assert slots("I paid 500 yesterday", "paid") == [(None, "500.00")]


def test_money_sent_to_a_wrong_account_needs_a_person() -> None:
    for text in ("transfer 错人了，五百", "入错咗去第二个户口 五百蚊 点算"):
        assert read(text).handoff
        assert slots(text, "paid") == [(None, "500.00")]
    assert read("我把钱转错账户了").handoff
    assert read("I sent the money to the wrong account").handoff


def test_a_day_that_does_not_suit_is_neither_a_promise_nor_sensitive() -> None:
    reading = read("周五不行")
    assert not reading.promise
    assert not reading.handoff


def test_a_light_excuse_beside_a_promise_needs_nobody() -> None:
    assert read("最近手头有点紧,周五还500").intents == ("promise",)


def test_a_serious_cause_beside_a_promise_needs_a_person() -> None:
    reading = read("我失业了,周五先还500")
    assert reading.handoff
    assert set(reading.intents) == {"hardship", "promise"}
    assert reading.promise


def test_stop_and_promise_are_both_heard() -> None:
    reading = read("stop texting me, I'll pay Friday")
    assert reading.intents == ("stop", "promise")
    assert reading.handoff
    assert read("don't nag me, I'll pay Friday").intents == ("promise",)


@pytest.mark.parametrize(
    "text", ["i'm gonna do something stupid tonight", "no point paying, i won't be here by friday"]
)
def test_a_cry_with_a_day_in_it_is_no_promise(text: str) -> None:
    assert read(text).main == "crisis"
    assert slots(text, "promise") == []


@pytest.mark.parametrize(
    "text", ["客户欠我5万,下周给", "明天房东来收1800房租", "my nan's 90 today"]
)
def test_what_others_give_and_what_is_no_money_is_no_promise(text: str) -> None:
    assert slots(text, "promise") == []


def test_a_sum_after_what_was_paid_is_paid_too() -> None:
    assert slots("转过去了啊,一千二", "paid") == [(None, "1200.00")]
    assert slots("转过去了啊,一千二", "promise") == []


def test_a_question_about_the_rest_leaves_the_first_part_open_too() -> None:
    assert slots("周五先还200,其余分三期可以吗", "promise") == []


def test_a_question_about_the_rest_alone_leaves_the_first_part_promised() -> None:
    assert slots("周五先付2000 剩下的可以拆三期吗", "promise") == [(FRIDAY, "2000.00")]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("分十二个月还 每个月5号 每次1500 可以签协议", [("2026-12-05", "1500.00")]),
        ("Pay 2 times lah, Friday 500 first, can?", [(FRIDAY, "500.00")]),
        ("周五还两千 批不批", [(FRIDAY, "2000.00")]),
        ("ok if i pay 300 friday? or can or not", [(FRIDAY, "300.00")]),
        ("能不能晚点 三天后还", [(FRIDAY, None)]),
    ],
)
def test_days_and_sums_beside_a_wish_for_terms_are_offered(
    text: str, offered: list[tuple[str | None, str | None]]
) -> None:
    assert slots(text, "promise") == []
    assert slots(text, "proposed") == offered


@pytest.mark.parametrize(
    "text",
    [
        "已经付了",
        "paid already",
        "还过了呀",
        "扣款成功了，还在提醒",
        "款项已汇出，请查收",
        "以匯款 末四碼 1234",
        "前天就缴了，还催",
        "9号就还掉了，系统怎么还显示",
    ],
)
def test_a_payment_told_without_its_sum_is_still_one(text: str) -> None:
    assert slots(text, "paid") == [(None, None)]


@pytest.mark.parametrize(
    "text", ["我12号转的话几号能显示到账", "周五之前还要多收利息吗", "which account number for 5k"]
)
def test_a_fact_that_is_asked_for_is_neither_promised_nor_offered(text: str) -> None:
    assert slots(text, "promise") == []
    assert slots(text, "proposed") == []


def test_a_day_to_come_beside_words_of_paying_is_no_payment_made() -> None:
    assert slots("国庆节之前把剩下的都还了", "promise") == [("2027-10-01", "full")]
    assert slots("国庆节之前把剩下的都还了", "paid") == []


def test_what_is_taken_back_is_replaced_by_what_follows() -> None:
    assert slots("明天还600 哦不 800", "promise") == [("2026-11-25", "800.00")]


def test_a_day_and_a_sum_side_by_side_answer_beside_small_talk() -> None:
    assert slots("手机快没电了 长话短说 周五 1200", "promise") == [(FRIDAY, "1200.00")]


def test_the_day_of_a_condition_is_not_the_day_of_payment() -> None:
    text = "若甲方于12月15日前付款，我方可于12月18日支付5万元"
    assert slots(text, "proposed") == [("2026-12-18", "50000.00")]


@pytest.mark.parametrize(
    "text",
    [
        "打错了",
        "you've got the wrong guy",
        "12378我打过了 没人接",
        "paid the rent, gave the dog to my sister, nothing left to do",
        "如果我昨天还了 利息还算吗",
        "过了六年时效了",
        "我昨天还了书",
        "老板昨天还了我三千",
        "准备转了",
        "扣款成功后会通知我吗",
    ],
)
def test_words_of_a_payment_that_tell_of_something_else_are_none(text: str) -> None:
    assert slots(text, "paid") == []


def test_beside_trouble_today_alone_is_no_promise_and_a_sum_with_it_is() -> None:
    assert slots("my wife passed away last week, I can't deal with this now", "promise") == []
    assert slots("my solicitor is handling this now", "promise") == []
    assert slots("lost my job but can pay 50 today", "promise") == [("2026-11-24", "50.00")]


def test_the_days_that_lead_to_another_are_not_promised() -> None:
    text = "monday is the dentist, tuesday I travel, so wednesday, 200"
    assert slots(text, "promise") == [("2026-11-25", "200.00")]


def test_what_is_agreed_to_is_promised_with_its_first_day() -> None:
    assert slots("ok agreed, 4 payments of 50, first one on friday", "promise") == [
        (FRIDAY, "50.00")
    ]
    assert slots("就按三期可以吗 每月5号", "promise") == []


def test_what_never_happens_is_a_refusal() -> None:
    assert read("等太阳打西边出来再说").main == "refusal"
    assert slots("太阳打西边出来了 老板发钱了 周五还500", "promise") == [(FRIDAY, "500.00")]


def test_days_named_loosely_leave_the_day_beside_them_as_it_is() -> None:
    assert slots("忙死了这几天 周五给你转", "promise") == [(FRIDAY, None)]
    assert slots("maybe friday, not sure yet", "proposed") == [(FRIDAY, None)]
