"""What a message looks like once it is sent, to the bot and to the person."""

import pytest
from aiogram.types import (
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    LinkPreviewOptions,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from simulator.html_text import parse_html
from tests.simulator.stage import ANNA, CARL, MING, Stage


async def test_a_sent_message_comes_back_and_stands_in_the_chat(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "Hello")
    assert message.from_user is not None
    assert message.from_user.id == stage.bot.id
    assert (message.chat.id, message.chat.type, message.chat.first_name) == (
        ANNA,
        "private",
        "Anna",
    )
    seen = (await stage.seen(ANNA, ANNA))[-1]
    assert seen["message_id"] == message.message_id
    assert seen["sim"]["outgoing"] is True
    assert seen["sim"]["sender_name"] == "Remindful"


async def test_messages_are_dated_by_the_stages_clock(stage: Stage) -> None:
    before = await stage.bot.send_message(ANNA, "today")
    await stage.post("/clock", {"advance_s": 86_400})
    after = await stage.bot.send_message(ANNA, "tomorrow")
    assert 86_400 <= (after.date - before.date).total_seconds() < 86_410


async def test_private_chats_share_one_counter_and_supergroups_have_their_own(
    stage: Stage,
) -> None:
    first = await stage.bot.send_message(ANNA, "1")
    second = await stage.bot.send_message(MING, "2")
    in_group = await stage.bot.send_message(stage.board, "3")
    assert second.message_id == first.message_id + 1
    assert in_group.message_id < first.message_id


async def test_4096_characters_go_counted_after_the_markup(stage: Stage) -> None:
    text = "<b>" + "还" * 4000 + "</b>" + "x" * 95 + "&amp;"
    message = await stage.bot.send_message(ANNA, text, parse_mode="HTML")
    assert message.text is not None
    assert len(message.text) == 4096


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b>b", "ab", [("bold", 0, 1)]),
        ("<strong>a</strong><em>b</em>", "ab", [("bold", 0, 1), ("italic", 1, 1)]),
        (
            "<u>a</u><s>b</s><del>c</del>",
            "abc",
            [("underline", 0, 1), ("strikethrough", 1, 1), ("strikethrough", 2, 1)],
        ),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("\U0001f600<b>x</b>", "\U0001f600x", [("bold", 2, 1)]),
        ("您<b>好</b>", "您好", [("bold", 1, 1)]),
        ("<b></b>x", "x", []),
        ("<b>x</>", "x", [("bold", 0, 1)]),
        ("<B CLASS=x>a</b >", "a", [("bold", 0, 1)]),
        ("a &lt; b &amp; c &quot;d&quot; &gt;", 'a < b & c "d" >', []),
        ("&copy; &nbsp; &", "&copy; &nbsp; &", []),
        ("&#8364;&#x20AC;&#0;", "€€&#0;", []),
        ("<code>x</code>", "x", [("code", 0, 1)]),
        ("<tg-spoiler>x</tg-spoiler>", "x", [("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<blockquote>x</blockquote>", "x", [("blockquote", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
    ],
)
def test_html_becomes_text_and_entities(
    source: str, text: str, entities: list[tuple[str, int, int]]
) -> None:
    plain, found = parse_html(source)
    assert plain == text
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in found] == entities


def test_links_keep_only_addresses_that_telegram_takes() -> None:
    assert parse_html('<a href="https://example.org/a?b=1&amp;c=2">x</a>')[1][0]["url"] == (
        "https://example.org/a?b=1&c=2"
    )
    assert parse_html("<a href='example.org'>x</a>")[1][0]["url"] == "http://example.org/"
    assert parse_html('<a href="javascript:alert(1)">x</a>') == ("x", [])


def test_code_in_a_block_names_its_language_once() -> None:
    for source in (
        '<pre><code class="language-python">x</code></pre>',
        '<code class="language-python"><pre>x</pre></code>',
    ):
        [entity] = parse_html(source)[1]
        assert (entity["type"], entity["language"]) == ("pre", "python")


async def test_a_mention_by_number_names_a_person_of_the_stage(stage: Stage) -> None:
    text = f'<a href="tg://user?id={MING}">him</a> <a href="tg://user?id=5">nobody</a>'
    message = await stage.bot.send_message(ANNA, text, parse_mode="HTML")
    assert message.entities is not None
    [mention] = message.entities
    assert mention.user is not None
    assert mention.user.first_name == "李明"


async def test_the_page_gets_safe_html(stage: Stage) -> None:
    await stage.bot.send_message(
        ANNA, "<b>1 &lt; 2</b>\n<a href='https://example.org/?a=&quot;'>pay</a>", parse_mode="HTML"
    )
    seen = (await stage.seen(ANNA, ANNA))[-1]
    assert seen["sim"]["html"] == (
        "<strong>1 &lt; 2</strong><br>"
        '<a href="https://example.org/?a=&quot;" target="_blank" rel="noopener noreferrer">pay</a>'
    )


async def test_entities_may_be_given_instead_of_markup(stage: Stage) -> None:
    entities = [
        MessageEntity(type="bold", offset=0, length=2),
        MessageEntity(type="hashtag", offset=3, length=2),
    ]
    message = await stage.bot.send_message(ANNA, "Hi you", entities=entities)
    assert message.entities is not None
    assert [(entity.type, entity.length) for entity in message.entities] == [("bold", 2)]


async def test_edges_are_trimmed_and_entities_move_along(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "  \n<b> Hi</b> you \n", parse_mode="HTML")
    assert message.text == "Hi you"
    assert message.entities is not None
    assert (message.entities[0].offset, message.entities[0].length) == (0, 2)


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("see /balance now", "bot_command", "/balance"),
        ("/start@remindful_demo_bot", "bot_command", "/start@remindful_demo_bot"),
        ("see https://example.org/a.", "url", "https://example.org/a"),
        ("write to help@example.org", "email", "help@example.org"),
        ("ask @anna_w today", "mention", "@anna_w"),
        ("topic #loan7", "hashtag", "#loan7"),
        ("call +49 30 1234567", "phone_number", "+49 30 1234567"),
    ],
)
async def test_telegram_finds_links_and_commands_by_itself(
    stage: Stage, text: str, kind: str, found: str
) -> None:
    message = await stage.bot.send_message(ANNA, text)
    assert message.entities is not None
    [entity] = message.entities
    assert (entity.type, entity.extract_from(text)) == (kind, found)


@pytest.mark.parametrize("text", ["1/2 of it", "a#b", "12.05.2026", "1,200.00", "50 %"])
async def test_plain_numbers_and_fractions_are_no_entities(stage: Stage, text: str) -> None:
    assert (await stage.bot.send_message(ANNA, text)).entities is None


async def test_a_reply_carries_what_it_answers(stage: Stage) -> None:
    number = await stage.says(ANNA, "What do I owe?")
    message = await stage.bot.send_message(
        ANNA, "1,200.00", reply_parameters=ReplyParameters(message_id=number, quote="I owe")
    )
    assert message.reply_to_message is not None
    assert message.reply_to_message.text == "What do I owe?"
    assert message.quote is not None
    assert message.quote.position == 8


async def test_a_reply_to_nothing_may_go_without(stage: Stage) -> None:
    parameters = ReplyParameters(message_id=999_999, allow_sending_without_reply=True)
    message = await stage.bot.send_message(ANNA, "x", reply_parameters=parameters)
    assert message.reply_to_message is None


async def test_inline_buttons_travel_with_the_message(stage: Stage) -> None:
    rows = [
        [InlineKeyboardButton(text="还款", callback_data="还" * 21 + "x")],
        [InlineKeyboardButton(text="Site", url="https://example.org")],
    ]
    markup = InlineKeyboardMarkup(inline_keyboard=rows)
    message = await stage.bot.send_message(ANNA, "x", reply_markup=markup)
    assert message.reply_markup is not None
    assert message.reply_markup.model_dump() == markup.model_dump()
    seen = (await stage.seen(ANNA, ANNA))[-1]
    assert seen["reply_markup"]["inline_keyboard"][0][0]["text"] == "还款"


@pytest.mark.parametrize(
    ("markup", "key"),
    [
        (ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Balance")]]), "keyboard"),
        (ReplyKeyboardRemove(), "remove_keyboard"),
        (ForceReply(input_field_placeholder="Amount"), "force_reply"),
    ],
)
async def test_other_keyboards_show_in_the_app_but_not_in_the_message(
    stage: Stage, markup: ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply, key: str
) -> None:
    message = await stage.bot.send_message(ANNA, "x", reply_markup=markup)
    assert message.reply_markup is None
    assert key in (await stage.seen(ANNA, ANNA))[-1]["sim"]["keyboard"]


async def test_options_are_kept(stage: Stage) -> None:
    message = await stage.bot.send_message(
        ANNA,
        "https://example.org",
        protect_content=True,
        disable_notification=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    assert message.has_protected_content is True
    assert message.link_preview_options is not None
    assert message.link_preview_options.is_disabled is True


async def test_typing_shows_on_the_page(stage: Stage) -> None:
    async with stage.page.get(f"/sim/events?viewer={ANNA}") as stream:
        await stream.content.readuntil(b"\n\n")
        assert await stage.bot.send_chat_action(ANNA, "typing") is True
        event = (await stream.content.readuntil(b"\n\n")).decode()
    assert event.startswith("event: action\n")
    assert '"typing"' in event


async def test_a_location_is_sent(stage: Stage) -> None:
    message = await stage.bot.send_location(ANNA, latitude=52.5, longitude=13.4)
    assert message.location is not None
    assert (message.location.latitude, message.location.longitude) == (52.5, 13.4)


async def test_a_group_hears_the_bot_and_counts_as_unread(stage: Stage) -> None:
    await stage.bot.send_message(stage.board, "A case is waiting")
    chats = {chat["chat_id"]: chat for chat in await stage.get(f"/sim/people/{CARL}/chats")}
    assert chats[stage.board]["last_message"]["text"] == "A case is waiting"
    assert chats[stage.board]["unread"] == 1
