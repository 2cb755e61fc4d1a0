"""Whatever happens to a case, a row says when it is looked at next, until the bot has it again."""

from random import Random

from sqlalchemy import exists, select

from bot.services.cases.case_file import work_key
from storage import conversations, schema, staff, work
from storage.records import ConversationState, Role
from tests.telegram.conversation import Borrower, Person, Town
from tests.telegram.test_offers import at_work, state_of

_STEPS, _DANGER = 45, 38


async def without_timer(town: Town) -> list[str]:
    """The states of conversations that people have and no timer looks after."""
    talks, timers = schema.conversations, schema.timers
    has_one = exists().where(timers.c.case_id == talks.c.case_id)
    async with town.storage.reading() as tx:
        rows = await tx.all(
            select(talks.c.state).where(talks.c.state != ConversationState.BOT, ~has_one)
        )
    return [row.state for row in rows]


async def number_of(town: Town, borrower: Borrower) -> int:
    async with town.storage.reading() as tx:
        talk = await conversations.of(tx, borrower.borrower_id)
        if talk is None or talk.case_id is None:
            return 0
        task = await work.by_key(tx, work_key(talk.case_id))
    assert task is not None
    return task.work_id


_S = ConversationState
_MAY_HAPPEN = {
    _S.BOT: ["anna: /human"],
    _S.WAITING: ["lin: /take", "5", "180", "anna: hello?", "sue: /takeover", "anna: /human"],
    _S.OFFERED: ["lin: /accept", "lin: /decline", "lin: /take", "2", "60", "anna: /human"],
    _S.ACTIVE: [
        "owner: /reply Hello.", "owner: /hold 2", "owner: /close", "owner: /transfer", "anna: why",
        "owner: /shift off", "8", "25", "1440", "sue: /takeover",
    ],
    _S.HELD: ["anna: a question", "anna: /human", "1440", "2880", "owner: /shift off"],
    _S.WRAP_UP: ["anna: one more", "anna: /human", "10", "owner: /close other"],
    _S.FROZEN: ["kim: /take", "kim: /reply Are you safe?", "60", "180", "1440", "anna: hello?"],
}  # fmt: skip
"""In each state: minutes that pass, or who says what; commands about a case get its number."""


async def test_after_every_step_of_a_walk_a_row_says_when_a_case_is_looked_at_next(
    town_on_both: Town,
) -> None:
    town, chance = town_on_both, Random(7)
    anna = await town.borrower("B1", "Anna Berg")
    people = {
        "anna": anna,
        "lin": await at_work(town, "Lin"),
        "sue": await town.staff("Sue", Role.SUPERVISOR),
        "kim": await town.staff("Kim", Role.COMPLIANCE),
    }
    walked, seen = [], set()
    for number in range(_STEPS):
        state = await state_of(town, anna)
        step = chance.choice(_MAY_HAPPEN[state])
        if number == _DANGER:
            step = "anna: I want to kill myself"
        walked.append(f"{state}, {step}")
        seen.add(state)
        await _walk(town, people, anna, step)
        assert not await without_timer(town), "\n".join(walked)
    assert seen == set(ConversationState)


async def _walk(town: Town, people: dict[str, Person], anna: Borrower, step: str) -> None:
    who, _, text = step.partition(": ")
    if not text:
        await town.ticks(minutes=int(who))
        return
    if text in ("/take", "/takeover"):
        text += f" {await number_of(town, anna)}"
    async with town.storage.reading() as tx:
        talk = await conversations.of(tx, anna.borrower_id)
        assert talk is not None
        owner = None if talk.staff_id is None else await staff.by_id(tx, talk.staff_id)
    person = people[owner.name.lower() if who == "owner" and owner else who]
    await person.says(text)


async def test_while_nobody_has_a_case_supervisors_hear_of_it_every_two_working_hours(
    town: Town,
) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await anna.says("/human")
    heard = []
    for _ in range(30):  # until four in the afternoon of the next day
        await town.ticks(hours=1)
        heard.append(sum("nobody has taken it" in one for one in sue.chat))
    assert heard[:8] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert heard[21] == heard[8] == 4  # until nine the next morning
    assert heard[-1] > 4


async def test_a_frozen_case_nobody_has_is_looked_at_again(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    kim = await town.staff("Kim", Role.COMPLIANCE)
    await anna.says("I want to kill myself")
    assert await state_of(town, anna) is ConversationState.FROZEN
    await town.ticks(hours=1)
    await town.ticks(hours=3)
    assert sum("nobody has taken it" in one for one in kim.chat) == 2
    assert not await without_timer(town)
