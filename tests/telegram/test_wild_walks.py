"""Everybody does anything at any time; whatever it is, each case has one owner, and a clock.

REMINDFUL_WALKS=200 REMINDFUL_SEED=1 walks longer (`make soak` does).
"""

import os
from collections.abc import Awaitable, Callable
from random import Random

import pytest
from sqlalchemy import select

from bot.services import staffing
from bot.services.cases import proving
from storage import schema, staff
from storage.records import Actor, CaseId, Role, StaffId
from tests.telegram.conversation import Borrower, Person, Town
from tests.telegram.test_leaving_the_board import comes_back, leaves
from tests.telegram.test_offers import at_work

WALKS = int(os.environ.get("REMINDFUL_WALKS", "1"))
SEED = int(os.environ.get("REMINDFUL_SEED", "20261122"))
_STEPS = 60 if "REMINDFUL_WALKS" in os.environ else 15
_OWNED = ("active", "held", "wrap_up")

_BORROWERS_SAY = (
    "/human", "/human", "hello?", "/dispute", "/hardship", "/complaint", "/stop", "thanks",
    "/menu", "/rate 4", "I will pay on Friday", "/paid", "you stupid idiots",
)  # fmt: skip
_OWNERS_SAY = (
    "/hold", "/close", "/close", "/close other", "/close dispute_resolved", "/close wrong_person",
    "/transfer", "/transfer @Dana", "/transfer @Lin you know it", "/reply Hello there",
    "/reply Hello there", "a plain note", "/shift off", "/abuse", "/release they are safe",
)  # fmt: skip
_STAFF_SAY = (
    "/take {number}", "/next", "/accept", "/decline", "/shift on", "/takeover {number}",
    "/assign {number} Dana", "/assign {number} Kim",
)  # fmt: skip


class _Walk:
    def __init__(self, town: Town, chance: Random) -> None:
        self.town = town
        self.chance = chance
        self.borrowers: list[Borrower] = []
        self.people: list[Person] = []
        self.walked: list[str] = []

    async def begin(self) -> None:
        self.town.office.topics = self.chance.random() < 0.5
        for number, name in enumerate(("Anna Berg", "Ben Ode"), start=1):
            self.borrowers.append(await self.town.borrower(f"B{number}", name))
        self.people = [await at_work(self.town, name) for name in ("Lin", "Dana")]
        self.people.append(await self.town.staff("Sue", Role.SUPERVISOR))
        self.people.append(await self.town.staff("Kim", Role.COMPLIANCE))

    async def step(self) -> None:
        acts: list[Callable[[], Awaitable[None]]] = [
            self._borrower_says, self._staff_say, self._owner_says, self._owner_says, self._press,
            self._reply, self._time, self.chance.choice((self._board, self._chats, self._role)),
        ]  # fmt: skip
        await self.chance.choice(acts)()
        await self.town.ticks(seconds=2)

    async def _borrower_says(self) -> None:
        who, what = self.chance.choice(self.borrowers), self.chance.choice(_BORROWERS_SAY)
        if self.chance.random() < 0.02:
            what = "I want to kill myself"
        self._note(who, what)
        await who.says(what)

    async def _staff_say(self) -> None:
        what = self.chance.choice(_STAFF_SAY).format(number=await self._number())
        who = self._somebody()
        self._note(who, what)
        await who.says(what)

    async def _owner_says(self) -> None:
        """Somebody who has a case; while nobody has one, somebody takes one."""
        async with self.town.storage.reading() as tx:
            talks = await tx.all(select(schema.conversations.c.staff_id))
            owners = {
                member.telegram_id
                for one in talks
                if one.staff_id is not None
                and (member := await staff.by_id(tx, StaffId(one.staff_id))) is not None
            }
        able = [one for one in self.people if one.telegram_id in owners]
        who = self.chance.choice(able or self.people)
        what = self.chance.choice(_OWNERS_SAY) if able else "/next"
        self._note(who, what)
        await who.says(what)

    async def _press(self) -> None:
        who = self.chance.choice([*self.people, *self.borrowers])
        shown = [one for one in who.chat if one.buttons]
        if shown:
            on = self.chance.choice(shown)
            button = self.chance.choice(list(on.buttons))
            self._note(who, f"presses {button}")
            await who.taps(button, on=on)

    async def _reply(self) -> None:
        who = self._somebody()
        if who.chat:
            self._note(who, "replies to something")
            await who.says("my answer", reply_to=self.chance.choice(who.chat))

    async def _board(self) -> None:
        who, move = self._somebody(), self.chance.choice((leaves, comes_back))
        self._note(who, move.__name__)
        self.town.later(seconds=1)
        await move(who)

    async def _chats(self) -> None:
        who: Person = self.chance.choice([*self.people, *self.borrowers])
        topics = list(self.town.topics[who.telegram_id])
        if topics and self.chance.random() < 0.5:
            self._note(who, "deletes a topic")
            who.deletes_topic(self.chance.choice(topics))
        elif who.telegram_id in self.town.blocked:
            self._note(who, "unblocks")
            self.town.blocked.discard(who.telegram_id)
        else:
            self._note(who, "cannot be reached")
            self.town.blocked.add(who.telegram_id)

    async def _time(self) -> None:
        minutes = self.chance.choice((2, 10, 30, 200, 1500, 4500))
        self.walked.append(f"{minutes} minutes")
        await self.town.ticks(minutes=minutes)

    async def _role(self) -> None:
        lin, role = self.people[0], self.chance.choice((Role.COLLECTOR, Role.AUDITOR))
        self._note(lin, f"is {role} now")
        async with self.town.storage.transaction() as tx:
            await staffing.put_staff(
                tx, self.town.office, Actor.system(), lin.telegram_id, role=role, name=lin.name,
                languages=["en"], skills=[], now=self.town.now,
            )  # fmt: skip

    async def _number(self) -> int:
        async with self.town.storage.reading() as tx:
            numbers = [row.id for row in await tx.all(select(schema.work.c.id))]
        return self.chance.choice(numbers) if numbers else 1

    def _somebody(self) -> Person:
        return self.chance.choice(self.people)

    def _note(self, who: Person, what: str) -> None:
        self.walked.append(f"{who.name}: {what}")


async def wrong(town: Town) -> list[str]:
    """What must never be, as it is now."""
    talks = schema.conversations
    async with town.storage.reading() as tx:
        at_work = {one.staff_id for one in await staff.now_on_shift(tx)}
        tasks = {
            row.case_id: row
            for row in await tx.all(select(schema.work).where(schema.work.c.kind == "chat"))
        }
        held_out = await tx.all(select(schema.offers).where(schema.offers.c.ended_at.is_(None)))
        clocks = {row.case_id for row in await tx.all(select(schema.timers.c.case_id))}
        open_talks = {
            row.case_id: row for row in await tx.all(select(talks).where(talks.c.state != "bot"))
        }
        idle = await tx.all(select(talks).where(talks.c.state == "bot"))
    found = [f"the bot's, with {row.staff_id}" for row in idle if row.staff_id or row.case_id]
    for case_id, talk in open_talks.items():
        task = tasks[case_id]
        what = f"case {case_id}, {talk.state}: "
        if task.done_at is not None or task.staff_id != talk.staff_id:
            found.append(f"{what}the work is {task.staff_id}'s, the talk {talk.staff_id}'s")
        if talk.state != "frozen" and (talk.state in _OWNED) is not (talk.staff_id is not None):
            found.append(f"{what}owner {talk.staff_id}")
        if talk.staff_id is not None and talk.state != "wrap_up" and talk.staff_id not in at_work:
            found.append(f"{what}its owner is not at work")
        if case_id not in clocks:
            found.append(f"{what}no clock")
        if talk.state == "offered" and case_id not in {one.case_id for one in held_out}:
            found.append(f"{what}held out to nobody")
    for case_id, task in tasks.items():
        if task.done_at is None and case_id not in open_talks:
            found.append(f"case {case_id}: work without a talk")
    for offer in held_out:
        talk = open_talks.get(offer.case_id)
        if talk is None or talk.staff_id != offer.from_staff_id or offer.staff_id not in at_work:
            found.append(f"case {offer.case_id}: an offer that nobody can accept")
    return found


@pytest.mark.parametrize("seed", range(SEED, SEED + WALKS))
async def test_whatever_happens_each_case_has_one_owner_and_a_clock(town: Town, seed: int) -> None:
    walk = _Walk(town, Random(seed))
    await walk.begin()
    for _ in range(_STEPS):
        await walk.step()
        assert not await wrong(town), "\n".join(walk.walked)
    async with town.storage.reading() as tx:
        for row in await tx.all(select(schema.cases.c.id)):
            found = await proving.prove(tx, town.office, CaseId(row.id))
            assert found.intact, f"{found}\n" + "\n".join(walk.walked)
