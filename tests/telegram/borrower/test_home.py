"""What a borrower sees of their debt: home, balance, how to pay; in their language and figures."""

from datetime import date

from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown, Owed

TODAY = date(2026, 11, 22)


async def test_home_says_what_is_due_how_late_and_what_next(maria: Client) -> None:
    await maria.says("/menu")

    home = maria.hears("Maria Lopez", "Due now: CN¥1,200.00", "5 days", "21 November 2026")
    assert list(home.buttons) == [
        "How to pay", "My balance", "Name a date", "Pay in parts", "I have paid",
        "Talk to a person", "More",
    ]  # fmt: skip


async def test_home_in_chinese_writes_figures_the_chinese_way(town: LendingTown) -> None:
    fang = await town.client("王芳", owes=[LATE], language="zh-Hans")

    await fang.says("/menu")

    home = fang.hears("王芳，您好", "现在应还 ¥1,200.00", "5 天", "2026年11月21日")
    assert "找人工" in home.buttons


async def test_due_today_is_not_called_late(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("300.00", due=TODAY)])

    await maria.says("/menu")

    assert "oldest" not in maria.hears("Due now: CN¥300.00").text


async def test_before_the_due_date_home_names_the_day(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("300.00", due=date(2026, 12, 1))])

    await maria.says("/menu")

    maria.hears("Nothing is due at the moment", "Next payment day: 1 December 2026")


async def test_nothing_owed_offers_nothing_to_pay(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("0", due=date(2026, 11, 17), outstanding="0")])

    await maria.says("/menu")

    home = maria.hears("nothing for you to pay")
    assert "How to pay" not in home.buttons
    assert "Talk to a person" in home.buttons


async def test_somebody_without_a_loan_is_served_too(town: LendingTown) -> None:
    for language, none in (("en", "no loan on your name"), ("zh-Hans", "您名下现在没有贷款")):
        guest = await town.client("Ana Silva", language=language)
        await guest.says("/menu")
        await guest.says("/balance")
        guest.hears(none)
        await guest.says("/pay")
        await guest.says("/paid")
        await guest.says("/promise 2026-12-01 5")
        await guest.says("/plan 3")
        assert len(guest.new) == 1


async def test_the_balance_shows_every_loan_by_component(town: LendingTown) -> None:
    maria = await town.client(
        owes=[
            Owed("1100.00", due=date(2026, 11, 17), interest="80.00", penalty="20.00", fees="5.50",
                 product="Home loan", outstanding="9605.50"),
            Owed("1180.00", due=date(2026, 12, 17), product="Home loan", outstanding="9605.50"),
            Owed("75.50", due=date(2026, 11, 20), loan="2", currency="USD", product="Study loan"),
        ]
    )  # fmt: skip

    await maria.says("/balance")

    maria.hears(
        "Home loan", "Due now: CN¥1,205.50", "principal CN¥1,100.00", "interest CN¥80.00",
        "late charges CN¥20.00", "fees CN¥5.50", "Next: CN¥1,180.00 on 17 December 2026",
        "Left in all: CN¥9,605.50", "Study loan", "Due now: $75.50",
        "Due now together: CN¥1,205.50 and $75.50",
    )  # fmt: skip


async def test_home_adds_up_by_currency_and_never_across(town: LendingTown) -> None:
    maria = await town.client(
        owes=[
            LATE,
            Owed("300.00", due=date(2026, 11, 20), loan="2"),
            Owed("75.50", due=date(2026, 11, 20), loan="3", currency="USD"),
            Owed("9000", due=date(2026, 11, 20), loan="4", currency="JPY"),
        ]
    )

    await maria.says("/menu")

    maria.hears("CN¥1,500.00 and $75.50 and ¥9,000")


async def test_money_paid_in_advance_is_shown_as_kept(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("100.00", due=date(2026, 11, 17), outstanding="900.00")])
    town.later(days=1)
    await maria.pays("150.00")

    await maria.says("/balance")

    maria.hears("Due now: CN¥0.00", "CN¥50.00 paid in advance")


async def test_how_to_pay_names_the_official_way_and_warns_of_others(maria: Client) -> None:
    await maria.says("/pay")

    maria.hears("CN¥1,200.00", "the Payments page of our app", "L-B-1-1", "never ask you to send")


async def test_before_the_day_how_to_pay_names_the_next_amount_only(town: LendingTown) -> None:
    maria = await town.client(
        owes=[
            Owed("100.00", due=date(2026, 12, 1), outstanding="300.00"),
            Owed("100.00", due=date(2027, 1, 1), outstanding="300.00"),
            Owed("100.00", due=date(2027, 2, 1), outstanding="300.00"),
        ]
    )

    await maria.says("/pay")

    assert "300" not in maria.hears("CN¥100.00").text


async def test_many_loans_still_fit_into_a_message(town: LendingTown) -> None:
    product = "A loan for the improvement of a home with a rather long name"
    maria = await town.client(
        owes=[
            Owed("123456.78", due=date(2026, 11, number), loan=str(number), product=product,
                 pay_to="the Payments page of our app, or the account in your contract " * 3,
                 interest="12.34", penalty="5.67", fees="8.90")
            for number in range(1, 21)
        ]
    )  # fmt: skip

    await maria.says("/balance")
    maria.hears("And 14 more", "Due now together")
    await maria.says("/pay")
    maria.hears("And 14 more")
    await maria.says("/menu")
    maria.hears("CN¥2,469,673.80")


async def test_markup_in_a_name_is_only_text(town: LendingTown) -> None:
    maria = await town.client("<b>Maria</b> & {{ Co }}", owes=[LATE])

    await maria.says("/menu")

    maria.hears("<b>Maria</b> & {{ Co }}")


async def test_an_unknown_zone_is_served_by_the_countrys_first(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE], timezone="")

    await maria.says("/menu")

    maria.hears("CN¥1,200.00")


async def test_a_press_redraws_the_screen_it_was_on(maria: Client) -> None:
    await maria.says("/menu")
    home = maria.last

    await maria.taps("My balance")
    assert maria.hears("Your balance").message_id == home.message_id
    await maria.taps("Main menu")

    assert maria.hears("Maria Lopez").message_id == home.message_id


async def test_every_screen_has_a_way_back(maria: Client) -> None:
    for command in (
        "/balance", "/pay", "/promise", "/promise 2026-11-25", "/promise 2026-11-25 500", "/plan",
        "/plan 3", "/language", "/privacy", "/help", "/whatever",
    ):  # fmt: skip
        await maria.says(command)
        shown = maria.new[-1]
        assert {"Main menu", "Back"} & set(shown.buttons), command
    await maria.says("/menu")
    await maria.taps("More")
    assert "Main menu" in maria.last.buttons


async def test_what_is_needed_rarely_hides_behind_more(maria: Client) -> None:
    await maria.says("/menu")
    await maria.taps("More")

    shown = maria.hears("What else do you need?")
    assert list(shown.buttons) == [
        "Something is wrong", "I am struggling", "Complain", "Stop messages", "Language",
        "Privacy", "Main menu",
    ]  # fmt: skip


async def test_the_language_changes_at_once_and_stays(maria: Client) -> None:
    await maria.says("/language")
    await maria.taps("简体中文")
    maria.hears("您好", "¥1,200.00")
    assert maria.toast == "语言已切换。"

    await maria.says("/balance")

    maria.hears("您的账目")


async def test_a_language_can_be_typed(maria: Client) -> None:
    for wanted in ("zh-Hans", "zh", "ZH-CN", "简体中文"):
        await maria.says(f"/language {wanted}")
        maria.hears("您好")
        await maria.says("/language english")
        maria.hears("Hello")


async def test_a_language_we_do_not_speak_gets_the_choice(maria: Client) -> None:
    await maria.says("/language Klingon")

    assert list(maria.hears("choose a language").buttons) == [
        "简体中文",
        "English",
        "繁體中文",
        "Main menu",
    ]


async def test_privacy_says_how_long_things_are_kept(maria: Client) -> None:
    await maria.says("/privacy")

    maria.hears("5 years", "never told")


async def test_a_button_typed_as_words_is_pressed(maria: Client) -> None:
    await maria.says("how to pay")
    maria.hears("official ways")
    await maria.says("Main menu")

    maria.hears("Maria Lopez")


async def test_a_button_typed_in_another_language_is_pressed_in_that_language(
    maria: Client,
) -> None:
    await maria.says("怎么还款")

    maria.hears("我们不会请您把钱转给个人")


async def test_unknown_commands_get_a_short_answer(maria: Client) -> None:
    for text in ("/foo", "/BALANCE_SHEET", "/帮助", "/promise_day", "/not_me"):
        await maria.says(text)
        maria.hears("do not know that command")


async def test_commands_work_in_any_case_and_with_the_bots_name(maria: Client) -> None:
    await maria.says("/BALANCE@remindful_bot")
    maria.hears("Your balance")
    await maria.says("/promise\n2026-11-25 500")

    maria.hears("CN¥500.00", "25 November 2026")


async def test_a_button_nobody_knows_shows_how_things_stand(maria: Client) -> None:
    for data in ("gone", "promise_day_old:1", "::", "close:7", "\N{COLLISION SYMBOL}", "x" * 64):
        await maria.says("/balance")
        await maria.presses(data)

        maria.hears("Maria Lopez")
        assert maria.toast.startswith("That button was from an old message")


_NONSENSE = (
    "promise_yes:2026-11-25:abc:CNY", "promise_yes:", "promise_yes:2026-11-25:99:XXX",
    "promise_yes:yesterday:100:CNY", "promise_day:tomorrow", "promise_day:2026-02-30",
    "promise_amount:2026-11-25:much", "promise_amount::", "promise_days:-6", "promise_days:999",
    "promise_days:x:y", "promise_other:", "plan_parts:0", "plan_parts:x", "plan_yes:", "plan_no:x",
    "plan_yes:999999999999999999999999", "plan_parts:99999999999999", "language:", "back:1",
    "promise_yes:2026-11-25:99999999999999999999999999:CNY",
)  # fmt: skip


async def test_a_button_with_nonsense_in_it_gets_an_answer(maria: Client) -> None:
    for data in _NONSENSE:
        await maria.says("/menu")
        await maria.presses(data)

        assert len(maria.new) == 1, data
        assert maria.new[0].buttons, data


async def test_what_the_bot_started_is_never_redrawn(town: LendingTown) -> None:
    """A reminder is something the borrower may want to keep."""
    maria = await town.client(owes=[Owed("300.00", due=date(2026, 11, 24))])
    await town.until("2026-11-23T12:30")
    reminder = maria.hears("CN¥300.00", "/stop")
    said = reminder.text

    await maria.taps("How to pay")

    assert maria.hears("official ways").message_id != reminder.message_id
    assert reminder.text == said


async def test_a_confirmation_stays_in_the_chat(maria: Client) -> None:
    await maria.says("/promise 2026-11-25 500")
    await maria.taps("Confirm")
    noted = maria.hears("it is noted")

    await maria.taps("Main menu")

    assert maria.hears("Maria Lopez").message_id != noted.message_id
    assert "it is noted" in noted.text


async def test_help_lists_what_can_be_done(maria: Client) -> None:
    await maria.says("/help")

    maria.hears("/balance", "/promise", "/plan", "/human", "/stop")


async def test_staff_and_others_cannot_see_a_borrowers_debt(town: LendingTown) -> None:
    await town.client("Maria Lopez", owes=[LATE])
    collector = await town.staff("Lin")

    await collector.says("/balance")

    collector.does_not_see("Maria")
