"""The gate in front of everything: what must reach a person, and what must not."""

from datetime import UTC, datetime

import pytest

from bot.understanding import Understanding, understand

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def read(text: str) -> Understanding:
    return understand(text, now=NOW, timezone="Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我不想活了", "crisis"),
        ("我 不 想 活 了", "crisis"),
        ("bu xiang huo le", "crisis"),
        ("I dont want to live anymore", "crisis"),
        ("别再给我发短信了", "stop"),
        ("唔好再打俾我", "stop"),
        ("請不要再傳訊息給我", "stop"),
        ("s t o p", "stop"),
        ("ＳＴＯＰ", "stop"),
        ("你们打错了", "wrong_person"),
        ("This isn't him", "wrong_person"),
        ("我没借过钱", "dispute"),
        ("I never took out this loan", "dispute"),
        ("转人工", "human"),
        ("股票爆仓 倾家荡产了", "hardship"),
        ("got the car running in the garage", "crisis"),
        ("I want to talk to a human", "human"),
        ("took too many, feeling sleepy", "crisis"),
        ("pack it in with the messages", "stop"),
        ("怎么才能不收到这些", "stop"),
        ("账早平了,你们系统没更新", "dispute"),
        ("can't put the heating on as it is", "hardship"),
        ("cancel reminders", "stop"),
        ("把嘴闭上", "stop"),
        ("有事发邮件,别用这个软件", "stop"),
        ("no voicemails at my job", "stop"),
        ("敬请停止一切形式的催告通知", "stop"),
        ("上课时段请勿来电，手机连着投影", "stop"),
        ("不要再寄「缴款通知」給我爸", "stop"),
        ("她在同学群里跟大家一一道别，谁能找到她", "crisis"),
        ("捱唔落去喇", "crisis"),
        ("上次那位姓林的先生讲得清楚，能请他来跟我说吗", "human"),
        ("我乱被人填了个紧急联系人，我不是担保人", "wrong_person"),
        ("新申請的門號，這位吳太太是誰", "wrong_person"),
        ("我在坐牢 家姐代覆", "hardship"),
        ("转rg", "human"),
        ("拒付", "refusal"),
        ("求你救我一命 他要杀我", "crisis"),
        ("楼上又在吵架 我也不想活了", "crisis"),
        ("just off a night shift and I want to end it all", "crisis"),
        ("my will is in the kitchen drawer", "crisis"),
        ("numero equivocado amigo", "wrong_person"),
    ],
)
def test_words_that_need_a_person_are_named_and_handed_over(text: str, intent: str) -> None:
    reading = read(text)
    assert reading.main == intent
    assert reading.handoff


@pytest.mark.parametrize(
    "text",
    [
        "累死了,周五还",
        "罚息滚到多少了",
        "放心一分都不会少你们的，月底还",
        "考上警校了，以后家里出个警察",
        "发错了，本来要发给我同事的",
        "同事今天离职，群里跟大家道别，有点舍不得",
        "空调坏了，办公室要出人命了",
        "点球大战看得我心脏病都犯了",
        "提醒被我删了，再发一次",
        "晚上好，吃饭了没",
        "my phone died, will pay friday",
        "太感谢了 救我一命 要不是提醒我真忘了",
        "这个是机器人吗",
        "hey there, anyone around",
        "不用转接真人 我自己看就好",
        "don't stop the reminders",
        "别催了 我周五还",
        "手机没电死机了,刚看到",
        "my son killed it at the match today",
        "my friend got sacked, poor thing",
        "三天后还110",
        "can i pay with a different card",
        "no",
        "text me later, in a meeting",
        "I'll call you back in ten minutes",
        "got a new phone, just setting it up",
        "is this a real person",
        "一会儿给你回电话",
        "tried turning it off and on again",
        "police helicopter overhead, can't hear a thing",
        "晚上好,打扰了",
        "热到快往生了 冷气坏了",
        "stop stressing haha, Friday, all of it",
        "下周日还 999.9 元",
        "我可没让你停 照常发就行",
        "唔使催啦 拜六一定找數",
        "想跟你们商量一下分六个月还",
        "去年病了拖过，现在早好了，周五还800",
    ],
)
def test_idioms_and_negated_triggers_are_not_handed_over(text: str) -> None:
    assert not read(text).handoff


@pytest.mark.parametrize(
    "text",
    [
        "周六转你们两百，家里都交代好了，以后世上没有我这个人了",
        "80块周五还，之后我就什么都不管了，钥匙给我妹了",
        "100 on thursday and then i am done with everything, my brother knows where the keys are",
    ],
)
def test_a_promise_hides_no_danger_to_life(text: str) -> None:
    reading = read(text)
    assert reading.handoff
    assert "crisis" in reading.intents
