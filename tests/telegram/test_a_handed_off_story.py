"""One story from the angry message to the bot's first word afterwards, in both languages."""

from tests.telegram.conversation import BOARD, Town


async def test_an_angry_message_ends_in_a_calm_conversation(town_on_both: Town) -> None:
    town = town_on_both
    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    await lin.says("/shift on")

    # too much
    await anna.says("I have had enough, let me talk to a human being")
    anna.sees("A colleague will be with you", "3 to 15 minutes")
    assert "#1, asks for a person" in town.chats[BOARD][0]

    # somebody takes it
    await lin.taps("Take", chat=BOARD)
    brief = lin.sees("#1 Anna Berg (B1, English)", "CN¥500.00", "5 days past due")
    assert list(brief.buttons) == ["Reply", "Set aside", "Pass on", "Give back", "Close"]
    anna.sees("Hello, I am Lin and I will take it from here")
    angry = lin.sees("I have had enough")

    # a note first, then an answer
    await lin.says("long history, be patient")
    await lin.says("I am sorry this went back and forth. What happened?", reply_to=angry)
    lin.sees("Sent to Anna Berg (#1)")
    await anna.says("I paid on Monday and you still write")
    await anna.sends("document", "slip.pdf", "the slip")
    slip = lin.sees("the slip")
    await lin.says("Thank you, I see it. We will book it today.", reply_to=slip)

    # the end
    await anna.says("Thank you")
    await lin.says("/close info_given")
    assert town.chats[BOARD][0].text == "#1 is done"
    await anna.says("/menu")
    anna.sees("Anna Berg", "CN¥500.00")

    assert [one.text for one in anna.chat if "Greenfield" not in one][1:5] == [
        "Hello, I am Lin and I will take it from here. I have read what you wrote, so you need "
        "not repeat it.",
        "I am sorry this went back and forth. What happened?",
        "Thank you, I see it. We will book it today.",
        "Lin has finished here. Thank you for your time. Write whenever you need something; for a "
        "person, send /human.\n\nHow was this conversation for you, from 1 (poor) to 5 (good)? One "
        "tap is enough.",
    ]
    anna.does_not_see("long history")


async def test_the_same_story_in_chinese(town_on_both: Town) -> None:
    town = town_on_both
    fang = await town.borrower("B1", "王芳", language="zh-Hans")
    lin = await town.staff("小林", language="zh-Hans")
    await lin.says("/shift on")

    await fang.says("说了几遍都不对，我要找人工")
    fang.sees("正在请同事过来", "3 到 15 分钟")
    assert town.chats[BOARD][0].text == "#1，要找人工，简体中文，11月23日 10:00 起等待"

    await lin.taps("接手", chat=BOARD)
    assert lin.toast == "已归您，详情在和机器人的私聊里。"
    lin.sees("#1 王芳（B1，简体中文）", "现在应还：¥500.00", "已过期 5 天")
    fang.sees("我是小林")
    angry = lin.sees("我要找人工")

    await lin.says("先别催，听她说")
    lin.sees("已记入 #1 的备注")
    await lin.says("给您添麻烦了，您说说是怎么回事？", reply_to=angry)
    lin.sees("已发给 王芳（#1）")
    await fang.says("我周一就还了，怎么还在发")
    question = lin.sees("我周一就还了")
    await lin.says("明白了，我去核实一下，今天给您回复。", reply_to=question)
    await fang.says("谢谢")
    await lin.says("/close info_given")
    lin.sees("#1 王芳 已结束：已说明情况")

    assert fang.last.text == (
        "小林这边先结束了，谢谢您抽时间。后面有事随时发消息，需要人工就发 /human。\n\n"
        "这次沟通您觉得怎么样？1 是不好，5 是很好，点一下就行。"
    )
    fang.does_not_see("先别催")
    await fang.says("/menu")
    fang.sees("王芳", "¥500.00")
