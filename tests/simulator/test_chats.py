"""Groups, who is in them, what the bot hears there; the bot itself, its commands and topics."""

from typing import Any

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeUnion,
    ChatMemberAdministrator,
    ChatMemberMember,
    ChatMemberOwner,
)

from tests.simulator.stage import ANNA, CARL, MING, Stage


async def test_the_bot_knows_itself(stage: Stage) -> None:
    me = await stage.bot.get_me()
    assert (me.id, me.username, me.is_bot) == (stage.bot.id, "remindful_demo_bot", True)
    assert me.can_read_all_group_messages is False


async def test_the_bots_shown_name_can_be_changed(stage: Stage) -> None:
    await stage.post("/sim/bot", {"first_name": "Demo Bank"})
    assert (await stage.bot.get_me()).first_name == "Demo Bank"
    assert (await stage.get("/sim/bot"))["first_name"] == "Demo Bank"


async def test_close_works_ten_minutes_after_the_start(stage: Stage) -> None:
    await stage.post("/clock", {"advance_s": 600})
    assert await stage.bot.close() is True


async def test_logging_out_is_answered(stage: Stage) -> None:
    assert await stage.bot.log_out() is True


async def test_a_chat_is_described_in_full(stage: Stage) -> None:
    private, group = await stage.bot.get_chat(ANNA), await stage.bot.get_chat(stage.board)
    assert (private.type, private.first_name, private.last_name) == ("private", "Anna", "Weber")
    assert (group.type, group.title) == ("supergroup", "Board")


async def test_a_new_group_tells_the_bot_twice(stage: Stage) -> None:
    await stage.post("/sim/groups", {"title": "Team", "type": "group", "members": [CARL]})
    standing, notice = await stage.updates()
    assert standing.my_chat_member is not None
    assert standing.my_chat_member.new_chat_member.status == "member"
    assert notice.message is not None
    assert notice.message.group_chat_created is True


async def test_members_have_their_standing(stage: Stage) -> None:
    assert isinstance(await stage.bot.get_chat_member(stage.board, CARL), ChatMemberOwner)
    assert isinstance(await stage.bot.get_chat_member(stage.board, ANNA), ChatMemberMember)
    assert (await stage.bot.get_chat_member(stage.board, MING)).status == "left"
    assert await stage.bot.get_chat_member_count(stage.board) == 3
    await stage.post(f"/sim/groups/{stage.board}/bot", {"status": "administrator"})
    itself = await stage.bot.get_chat_member(stage.board, stage.bot.id)
    assert isinstance(itself, ChatMemberAdministrator)
    [owner] = await stage.bot.get_chat_administrators(stage.board)
    assert owner.user.id == CARL


async def hears(stage: Stage, text: str, **more: Any) -> bool:
    await stage.says(CARL, text, chat=stage.board, **more)
    return len(await stage.updates()) == 1


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("just talking", False),
        ("@remindful_demo_bot hello", False),
        ("/queue", True),
        ("/queue@remindful_demo_bot", True),
        ("/queue@another_bot", False),
        ("see /queue", False),
    ],
)
async def test_in_a_group_the_bot_hears_commands_meant_for_it(
    stage: Stage, text: str, heard: bool
) -> None:
    assert await hears(stage, text) is heard


async def test_in_a_group_the_bot_hears_answers_to_itself(stage: Stage) -> None:
    message = await stage.bot.send_message(stage.board, "Who takes this?")
    assert await hears(stage, "me", reply_to=message.message_id)
    number = await stage.says(ANNA, "not me", chat=stage.board)
    assert not await hears(stage, "why?", reply_to=number)


async def test_an_administrator_and_a_bot_without_privacy_hear_all(stage: Stage) -> None:
    await stage.post("/sim/settings", {"reads_all_group_messages": True})
    assert await hears(stage, "just talking")
    await stage.post("/sim/settings", {"reads_all_group_messages": False})
    await stage.post(f"/sim/groups/{stage.board}/bot", {"status": "administrator"})
    await stage.updates()
    assert await hears(stage, "just talking")


async def test_joining_and_leaving_are_noticed(stage: Stage) -> None:
    await stage.post(f"/sim/groups/{stage.board}/members", {"telegram_id": MING})
    await stage.delete(f"/sim/groups/{stage.board}/members/{MING}")
    joined, left = await stage.updates()
    assert joined.message is not None
    assert joined.message.new_chat_members is not None
    assert joined.message.new_chat_members[0].id == MING
    assert left.message is not None
    assert left.message.left_chat_member is not None
    assert left.message.left_chat_member.id == MING


async def test_an_administrator_is_told_who_left_and_who_was_taken_out(stage: Stage) -> None:
    group = f"/sim/groups/{stage.board}"
    await stage.post(f"{group}/bot", {"status": "administrator"})
    await stage.bot.get_updates(timeout=0, allowed_updates=["chat_member"])
    await stage.delete(f"{group}/members/{ANNA}?by={CARL}")
    await stage.post(f"{group}/members", {"telegram_id": ANNA})
    await stage.delete(f"{group}/members/{ANNA}")
    told = [one.chat_member for one in await stage.updates() if one.chat_member is not None]
    assert [
        (one.from_user.id, one.old_chat_member.status, one.new_chat_member.status) for one in told
    ] == [(CARL, "member", "kicked"), (ANNA, "kicked", "member"), (ANNA, "member", "left")]
    assert {one.new_chat_member.user.id for one in told} == {ANNA}


async def test_an_upgraded_group_says_where_it_went(stage: Stage) -> None:
    made = await stage.post("/sim/groups", {"title": "Team", "type": "group", "members": [CARL]})
    await stage.updates()
    new = await stage.post(f"/sim/groups/{made['chat_id']}/migrate")
    went, came = await stage.updates()
    assert went.message is not None
    assert came.message is not None
    assert went.message.migrate_to_chat_id == new["chat_id"]
    assert came.message.migrate_from_chat_id == made["chat_id"]
    assert (await stage.bot.send_message(new["chat_id"], "here")).chat.id == new["chat_id"]


async def test_being_thrown_out_is_noticed_and_silence_follows(stage: Stage) -> None:
    await stage.post(f"/sim/groups/{stage.board}/bot", {"status": "kicked"})
    [update] = await stage.updates()
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    assert not await hears(stage, "/queue")


async def test_the_bot_can_leave(stage: Stage) -> None:
    assert await stage.bot.leave_chat(stage.board) is True
    assert not await hears(stage, "/queue")


@pytest.mark.parametrize("blocked", [True, False], ids=["blocking", "unblocking"])
async def test_blocking_and_unblocking_reach_the_bot(stage: Stage, blocked: bool) -> None:
    if not blocked:
        await stage.post(f"/sim/people/{ANNA}/block", {"blocked": True})
        await stage.updates()
    await stage.post(f"/sim/people/{ANNA}/block", {"blocked": blocked})
    await stage.post(f"/sim/people/{ANNA}/block", {"blocked": blocked})
    [update] = await stage.updates()
    assert update.my_chat_member is not None
    before, after = update.my_chat_member.old_chat_member, update.my_chat_member.new_chat_member
    assert [before.status, after.status] == (
        ["member", "kicked"] if blocked else ["kicked", "member"]
    )


async def names(stage: Stage, person: int, chat: int | None = None) -> list[str]:
    path = f"/sim/commands?telegram_id={person}&chat_id={chat or person}"
    return [command["command"] for command in await stage.get(path)]


async def set_commands(
    stage: Stage, name: str, scope: BotCommandScopeUnion | None = None, language: str | None = None
) -> None:
    commands = [BotCommand(command=name, description="x")]
    await stage.bot.set_my_commands(commands, scope=scope, language_code=language)


async def test_a_person_sees_the_commands_of_the_narrowest_scope_and_language(
    stage: Stage,
) -> None:
    await set_commands(stage, "default")
    assert await names(stage, ANNA) == ["default"]
    await set_commands(stage, "private", BotCommandScopeAllPrivateChats())
    await set_commands(stage, "chinese", BotCommandScopeAllPrivateChats(), "zh")
    await set_commands(stage, "annas", BotCommandScopeChat(chat_id=ANNA))
    assert await names(stage, ANNA) == ["annas"]
    assert await names(stage, MING) == ["chinese"]
    assert await names(stage, CARL) == ["private"]
    assert await names(stage, CARL, stage.board) == ["default"]


async def test_commands_are_read_back_and_deleted(stage: Stage) -> None:
    await set_commands(stage, "pay", language="zh")
    assert await stage.bot.get_my_commands() == []
    [command] = await stage.bot.get_my_commands(language_code="zh")
    assert command.command == "pay"
    await stage.bot.delete_my_commands(language_code="zh")
    assert await stage.bot.get_my_commands(language_code="zh") == []


async def test_a_forum_has_topics(stage: Stage) -> None:
    forum = await stage.post(
        "/sim/groups",
        {"title": "Cases", "members": [CARL], "is_forum": True, "bot_is_admin": True},
    )
    chat = forum["chat_id"]
    topic = await stage.bot.create_forum_topic(chat, "Case 7")
    message = await stage.bot.send_message(chat, "x", message_thread_id=topic.message_thread_id)
    assert message.is_topic_message is True
    await stage.updates()
    await stage.says(CARL, "mine", chat=chat, message_thread_id=topic.message_thread_id)
    [update] = await stage.updates()
    assert update.message is not None
    assert update.message.message_thread_id == topic.message_thread_id
    await stage.bot.edit_forum_topic(chat, topic.message_thread_id, name="Case 8")
    await stage.bot.close_forum_topic(chat, topic.message_thread_id)
    await stage.bot.reopen_forum_topic(chat, topic.message_thread_id)
    await stage.bot.delete_forum_topic(chat, topic.message_thread_id)
    assert [shown.get("text") for shown in await stage.seen(chat, CARL)] == [None]


async def test_private_chats_have_topics_when_the_bot_has_them_on(stage: Stage) -> None:
    await stage.post("/sim/settings", {"topics_in_private": True})
    assert (await stage.bot.get_me()).has_topics_enabled is True
    topic = await stage.bot.create_forum_topic(CARL, "Case 7")
    message = await stage.bot.send_message(CARL, "x", message_thread_id=topic.message_thread_id)
    assert message.message_thread_id == topic.message_thread_id
    await stage.updates()
    await stage.says(CARL, "mine", message_thread_id=topic.message_thread_id)
    await stage.says(CARL, "no, mine", reply_to=message.message_id)
    other = await stage.bot.create_forum_topic(CARL, "Case 8")
    elsewhere = {"reply_to": message.message_id, "message_thread_id": other.message_thread_id}
    await stage.says(CARL, "that one, I mean", **elsewhere)
    within, answer, across = [update.message for update in await stage.updates()]
    assert within is not None
    assert within.message_thread_id == topic.message_thread_id
    assert within.reply_to_message is not None  # the notice, as for everything in a topic
    assert within.reply_to_message.forum_topic_created is not None
    assert answer is not None
    assert answer.message_thread_id == topic.message_thread_id
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.text == "x"
    assert across is not None
    assert across.message_thread_id == other.message_thread_id
    assert across.external_reply is not None
    assert across.reply_to_message is None


async def test_a_topic_of_a_private_chat_is_deleted_by_its_person_and_never_closed(
    stage: Stage,
) -> None:
    await stage.post("/sim/settings", {"topics_in_private": True})
    topic = await stage.bot.create_forum_topic(CARL, "Case 7")
    with pytest.raises(TelegramBadRequest, match="the chat is not a forum"):
        await stage.bot.close_forum_topic(CARL, topic.message_thread_id)
    await stage.delete(f"/sim/people/{CARL}/chats/{CARL}/topics/{topic.message_thread_id}")
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await stage.bot.send_message(CARL, "x", message_thread_id=topic.message_thread_id)
    with pytest.raises(TelegramBadRequest, match="TOPIC_ID_INVALID"):
        await stage.bot.edit_forum_topic(CARL, topic.message_thread_id, name="Case 8")


async def test_when_the_bot_turns_its_topics_off_those_of_private_chats_are_not_there(
    stage: Stage,
) -> None:
    await stage.post("/sim/settings", {"topics_in_private": True})
    topic = await stage.bot.create_forum_topic(CARL, "Case 7")
    await stage.post("/sim/settings", {"topics_in_private": False})
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await stage.bot.send_message(CARL, "x", message_thread_id=topic.message_thread_id)
    with pytest.raises(TelegramBadRequest, match="the chat is not a forum"):
        await stage.bot.create_forum_topic(CARL, "Case 8")
