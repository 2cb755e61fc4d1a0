"""What happens between typing and sending, and what becomes of a changed wording."""

from sqlalchemy import insert, select

from storage import cases, schema, transcript
from storage.records import CaseId
from tests.telegram.conversation import BOARD, Borrower, Person, Town


async def begin(anna: Borrower, lin: Person) -> None:
    """A day after the lender's figures, so that what is paid now is not in them."""
    anna.town.later(days=1)
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)


async def pays(town: Town, anna: Borrower, fen: int, ref: str = "P1") -> None:
    town.later(seconds=1)
    async with town.storage.transaction() as tx:
        loan = await tx.value(
            select(schema.loans.c.id).where(schema.loans.c.borrower_id == anna.borrower_id)
        )
        await tx.execute(
            insert(schema.payments).values(
                payment_ref=ref, loan_id=loan, amount=fen, paid_on=town.now.date(),
                received_at=town.now,
            )
        )  # fmt: skip
    town.later(seconds=1)


# a payment


async def test_a_payment_that_came_while_typing_is_told_before_the_words_go(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await pays(town, anna, 20_000)
    await lin.says("/reply What would suit you best?")
    hint = lin.sees("Anna Berg (#1) has paid CN¥200.00", "Still due: CN¥300.00")
    anna.does_not_see("suit you best")
    await lin.taps("Send anyway", on=hint)
    assert anna.last.text == "What would suit you best?"


async def test_it_is_told_once(town: Town, anna: Borrower, lin: Person) -> None:
    await begin(anna, lin)
    await pays(town, anna, 50_000)
    await lin.says("/reply What would suit you best?")
    lin.sees("Nothing is due any more")
    await lin.says("/drop")
    await lin.says("/reply Thank you, I see your payment.")
    assert anna.last.text == "Thank you, I see your payment."
    anna.does_not_see("suit you best")


async def test_a_payment_from_before_the_brief_is_no_news(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await pays(town, anna, 20_000)
    await begin(anna, lin)
    await lin.says("/reply Hello")
    assert anna.last.text == "Hello"


async def test_a_payment_and_a_doubtful_wording_are_both_told(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await pays(town, anna, 20_000)
    doubtful = "You must pay this immediately, right now."
    await lin.says(f"/reply {doubtful}")
    await lin.taps("Send anyway", on=lin.sees("please look once more"))
    anna.does_not_see("immediately")
    await lin.taps("Send anyway", on=lin.sees("has paid"))
    assert anna.last.text == doubtful


# an album in doubt


async def test_an_album_in_doubt_goes_out_whole_after_the_second_tap(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.taps("Reply")
    await lin.sends("photo", "page-1", "You must pay this immediately, right now.", album="a1")
    await lin.sends("photo", "page-2", album="a1")
    assert not [one.media for one in anna.chat if one.media]
    await lin.taps("Send anyway")
    assert [one.media for one in anna.chat if one.media] == ["page-1", "page-2"]
    async with town.storage.reading() as tx:
        assert await cases.notes(tx, CaseId(1), 10) == []


# edits


async def test_an_edited_note_is_read_in_its_last_wording_and_kept_in_both(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    mine = await lin.says("wants figures by Friday")
    await lin.edits(mine, "wants figures by Monday")
    lin.sees("The note on #1 has its new wording")
    await lin.says("/transfer")
    dana = await town.staff("Dana")
    await dana.says("/next")
    brief = dana.sees("Note (Lin): wants figures by Monday")
    assert "Friday" not in brief
    async with town.storage.reading() as tx:
        kept = [
            one.content["text"]
            for one in await transcript.entries(tx, CaseId(1))
            if one.kind == transcript.MESSAGE and one.content["direction"] == "note"
        ]
    assert kept == ["wants figures by Friday", "wants figures by Monday"]


async def test_an_edited_answer_stays_as_the_borrower_saw_it_and_the_record_has_both(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    mine = await lin.says("/reply The fee is 5")
    await lin.edits(mine, "/reply The fee is 500")
    lin.sees("Edits do not reach anybody")
    assert anna.last.text == "The fee is 5"
    async with town.storage.reading() as tx:
        found = await transcript.entries(tx, CaseId(1))
    assert [one.content["text"] for one in found if one.kind == transcript.WORDS] == [
        "The fee is 5"
    ]
    assert [one.content["text"] for one in found if one.kind == transcript.EDIT] == [
        "The fee is 500"
    ]


async def test_an_edit_of_something_about_no_case_is_only_answered(town: Town, lin: Person) -> None:
    mine = await lin.says("/queue")
    await lin.edits(mine, "/queue please")
    lin.sees("Edits do not reach anybody")
