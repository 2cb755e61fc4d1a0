"""The question that comes before any word about a debt."""

from datetime import date

import pytest
from sqlalchemy import update

from storage.records import WorkKind
from storage.schema import borrowers
from tests.telegram.lending import Client, LendingTown, Owed

OWES = (Owed("1200.00", due=date(2026, 11, 17)),)
A_DEBT = ("1,200", "Home loan", "due", "owe", "pay", "loan")


@pytest.fixture
async def maria(town: LendingTown) -> Client:
    """She has opened her link and is asked for her digits, `1234`."""
    client = await town.client("Maria Lopez", owes=OWES, known=False)
    await client.opens_link()
    return client


@pytest.mark.parametrize("answer", ["１２３４", " 1 2 3 4 ", "12-34\n"])
async def test_the_digits_count_however_they_are_written(maria: Client, answer: str) -> None:
    await maria.says(answer)
    maria.hears("Maria Lopez")


@pytest.mark.parametrize("answer", ["123x", "１２３ｘ"])
async def test_a_last_x_counts_in_either_case(town: LendingTown, answer: str) -> None:
    client = await town.client("Ana Silva", owes=OWES, digits="123X", known=False)
    await client.opens_link()

    await client.says(answer)

    client.hears("Ana Silva")


async def test_a_wrong_answer_says_how_many_tries_are_left(maria: Client) -> None:
    await maria.says("0000")
    maria.hears("2 tries are left")
    await maria.says("1111")
    maria.hears("one try is left")
    await maria.says("1234")

    maria.hears("Maria Lopez")


async def test_three_wrong_answers_cost_an_hour(town: LendingTown, maria: Client) -> None:
    for wrong in ("0000", "1111", "2222"):
        await maria.says(wrong)
    maria.hears("no more tries for now", "22 November, 13:00")
    town.later(minutes=59, seconds=58)
    await maria.says("1234")
    maria.hears("no more tries for now")

    await maria.says("1234")

    maria.hears("Maria Lopez")


async def test_after_the_hour_three_more_wrong_answers_bring_a_person(
    town: LendingTown, maria: Client
) -> None:
    for wrong in ("0000", "1111", "2222"):
        await maria.says(wrong)
    town.later(hours=1)
    for wrong in ("3333", "4444"):
        await maria.says(wrong)
    maria.hears("one try is left")

    await maria.says("5555")

    maria.hears("A colleague will reach you")
    [review] = await town.tasks(maria, WorkKind.REVIEW)
    assert review.note == "identity_failed"
    await maria.says("1234")
    maria.hears("please open the link")  # the account is closed
    maria.never_heard("CN¥")


async def test_a_second_link_does_not_give_new_tries(town: LendingTown, maria: Client) -> None:
    for wrong in ("0000", "1111", "2222"):
        await maria.says(wrong)
    other = Client(town, maria.ref, 4100, "Somebody", "en", [])

    await other.says(f"/start {await maria.link()}")

    other.hears("no more tries for now")


async def test_tries_are_forgotten_after_a_day(town: LendingTown, maria: Client) -> None:
    for wrong in ("0000", "1111"):
        await maria.says(wrong)
    town.later(hours=24)

    await maria.says("2222")

    maria.hears("2 tries are left")


async def test_what_cannot_be_the_answer_costs_no_try(maria: Client) -> None:
    for words in ("what is this?", "12", "12345", "110101199003071234", "hello?", "你好"):
        await maria.says(words)
        maria.hears("last four characters")
    for wrong in ("0000", "1111"):
        await maria.says(wrong)

    maria.hears("one try is left")


async def test_commands_before_identity_say_nothing_about_a_debt(maria: Client) -> None:
    for command in (
        "/balance", "/menu", "/pay", "/promise 2026-12-01 500", "/plan 3", "/paid", "/human",
        "/help", "/language en", "/resume", "/dispute", "/start", "/whatever",
    ):  # fmt: skip
        await maria.says(command)

        said = maria.hears("last four characters")
        assert not [word for word in A_DEBT if word in said.text], command


async def test_a_photo_instead_of_digits_is_answered_with_the_question(maria: Client) -> None:
    await maria.sends("photo", "an-id-card")
    maria.hears("last four characters", "never the whole number")
    await maria.sends("voice", "a-voice")
    maria.hears("last four characters")

    await maria.sends("photo", "an-id-card", "1234")

    maria.hears("Maria Lopez")


async def test_digits_corrected_in_place_count(maria: Client) -> None:
    number = await maria.says("0000")
    maria.hears("2 tries are left")

    await maria.edits(number, "1234")

    maria.hears("Maria Lopez")


async def test_without_digits_the_birth_date_is_asked(town: LendingTown) -> None:
    client = await town.client("Ana Silva", owes=OWES, birth_date="1990-05-20", known=False)
    async with town.storage.transaction() as tx:
        await tx.execute(update(borrowers).values(id_last4_hmac=None))
    await client.opens_link()
    client.hears("date of birth")
    await client.says("1991-05-20")
    client.hears("2 tries are left")
    await client.says("20 May")
    client.hears("date of birth")  # no date, so no try

    await client.says("１９９０年5月20日")

    client.hears("Ana Silva")


async def test_with_nothing_to_check_by_a_person_is_brought_in(town: LendingTown) -> None:
    client = await town.client("Ana Silva", owes=OWES, known=False)
    async with town.storage.transaction() as tx:
        await tx.execute(update(borrowers).values(id_last4_hmac=None, birth_date_hmac=None))

    await client.opens_link()

    client.hears("A colleague will reach you")
    await client.says("1234")
    client.hears("A colleague will reach you")
    assert len(await town.tasks(client, WorkKind.REVIEW)) == 1


async def test_an_old_button_before_identity_shows_no_debt(town: LendingTown) -> None:
    client = await town.client("Ana Silva", owes=OWES, digits="7777")
    await client.says("/menu")
    home = client.last
    newcomer = Client(town, client.ref, client.telegram_id, "Ana Silva", "en", [])
    other = await town.client("Bea Costa", owes=OWES, digits="8888", known=False)
    await newcomer.says(f"/start {await other.link()}")

    await newcomer.taps("balance", on=home)

    newcomer.hears("last four characters")


async def test_the_answers_are_kept_nowhere(town: LendingTown, maria: Client) -> None:
    await maria.says("0000")
    await maria.says("1234")

    rows = await town.every_row()
    kept = [row for some in rows.values() for row in some if "1234" in row]
    assert not kept


async def test_somebody_who_is_not_known_yet_does_not_silence_the_borrower(
    town: LendingTown,
) -> None:
    """Else anybody with a lost letter could hold back reminders, or keep a person busy."""
    maria = await town.client("Maria Lopez", owes=OWES)
    town.later(days=3)
    before = (await town.situation(maria)).facts.conversation
    other = Client(town, maria.ref, 4100, "Somebody", "en", [])

    await other.says(f"/start {await maria.link()}")
    await other.says("0000")

    other.hears("2 tries are left")
    after = (await town.situation(maria)).facts.conversation
    assert before is not None
    assert after is not None
    assert (after.borrower_wrote_at, after.answered_at) == (
        before.borrower_wrote_at, before.answered_at
    )  # fmt: skip
