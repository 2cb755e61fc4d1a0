"""A collector says what a message was really about: it is kept and can be measured on."""

import json

from sqlalchemy import select

from bot.services.cases import correcting
from bot.understanding.evaluate import figures, read_examples
from storage.schema import corrections as kept
from tests.telegram.conversation import Borrower, Person, Town


async def _examples(town: Town) -> list[dict[str, object]]:
    async with town.storage.transaction() as tx:
        return await correcting.examples(tx, "UTC")


async def _takes(anna: Borrower, lin: Person) -> None:
    await anna.says("/human")
    await lin.says("/next")
    await anna.says("that figure came out of the blue")


async def test_a_typed_correction_becomes_an_example_that_can_be_measured(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await _takes(anna, lin)
    shown = lin.sees("out of the blue")

    await lin.says("/meant dispute complaint", reply_to=shown)

    lin.sees("Kept")
    [example] = await _examples(town)
    assert example["text"] == "that figure came out of the blue"
    assert example["expected"] == {"intents": ["dispute", "complaint"], "handoff": True}
    judged = figures(read_examples(json.dumps(example).encode()))
    assert judged["main intent"][1] == 1


async def test_the_button_offers_what_messages_often_mean(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await _takes(anna, lin)
    lin.sees("out of the blue")

    await lin.taps("What it meant")
    lin.sees("really about", "/meant")
    await lin.taps("disputes the debt")

    [example] = await _examples(town)
    assert example["expected"] == {"intents": ["dispute"], "handoff": True}


async def test_the_newest_word_on_a_message_counts(town: Town, anna: Borrower, lin: Person) -> None:
    await _takes(anna, lin)
    shown = lin.sees("out of the blue")

    await lin.says("/meant stop", reply_to=shown)
    await lin.says("/meant dispute", reply_to=shown)

    [example] = await _examples(town)
    assert example["expected"] == {"intents": ["dispute"], "handoff": True}


async def test_who_corrected_what_is_on_record(town: Town, anna: Borrower, lin: Person) -> None:
    await _takes(anna, lin)

    await lin.says("/meant dispute", reply_to=lin.sees("out of the blue"))

    async with town.storage.transaction() as tx:
        [found] = await tx.all(select(kept))
    assert found.actor.startswith("staff:")
    assert (found.intents, found.at) == (["dispute"], town.now)


async def test_an_unknown_word_corrects_nothing_and_names_those_that_are_known(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await _takes(anna, lin)

    await lin.says("/meant nonsense", reply_to=lin.sees("out of the blue"))

    lin.sees("Use one of these words", "dispute")
    assert await _examples(town) == []


async def test_what_was_never_shown_to_somebody_is_not_theirs_to_correct(
    town: Town, anna: Borrower, lin: Person
) -> None:
    dana = await town.staff("Dana")
    await _takes(anna, lin)
    await lin.says("/meant", reply_to=lin.sees("out of the blue"))

    await dana.says("/meant dispute")

    dana.sees("Reply with /meant")
    assert await _examples(town) == []
