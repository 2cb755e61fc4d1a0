"""Two people, two taps, two processes at one moment: one of them wins, and nothing is doubled."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, date, datetime

from sqlalchemy import func, select

from bot.errors import Refusal
from bot.services import linking, paying, planning, plans, promising, stopping
from bot.services.cases import waivers
from bot.services.plan_terms import Wish, overdue_in
from bot.services.situation import Situation, situation_of
from storage import accounts, borrowers, cases, staff, work
from storage.errors import Conflict
from storage.records import (
    Actor,
    BorrowerId,
    Component,
    Money,
    Role,
    StaffMember,
    WorkKind,
)
from storage.schema import due_items, outbox, promises
from tests.telegram.conversation import BOARD, Borrower, Town

FRIDAY = date(2026, 11, 27)


async def _both(*acts: Awaitable[object]) -> list[object]:
    """What each came to; an expected "no" is an answer."""
    done = await asyncio.gather(*acts, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException) and not isinstance(one, Refusal | Conflict):
            raise one
    return done


async def _situation(town: Town, borrower_id: BorrowerId) -> Situation:
    async with town.storage.reading() as tx:
        return await situation_of(tx, borrower_id, town.now)


async def test_a_first_message_that_arrives_five_times_at_once_is_one_case(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")

    await _both(*(town.handle(anna.update_of("/human")) for _ in range(5)))
    await town.deliver()

    async with town.storage.reading() as tx:
        assert len(await cases.of_borrower(tx, anna.borrower_id)) == 1
        assert [one.kind for one in await work.waiting(tx)] == [WorkKind.CHAT]
    assert sum("A colleague will be with you" in one for one in anna.chat) == 1
    assert sum("waiting since" in one for one in town.chats[BOARD]) == 1


async def test_of_two_who_open_one_link_exactly_one_gets_it(town: Town) -> None:
    await town.borrower("B1", "Anna Berg", linked=False)
    async with town.storage.transaction() as tx:
        link = await linking.issue_link(tx, town.office, Actor.system(), "B1", town.now)

    async def opens(telegram_id: int) -> BorrowerId:
        async with town.storage.transaction() as tx:
            return await linking.open_link(tx, town.office, telegram_id, link.token, town.now)

    outcomes = await _both(opens(71), opens(72), opens(73))

    assert sum(isinstance(one, int) for one in outcomes) == 1
    async with town.storage.reading() as tx:
        linked = [await accounts.by_telegram_id(tx, one) for one in (71, 72, 73)]
    assert sum(one is not None for one in linked) == 1


async def test_two_processes_that_plan_at_once_queue_one_reminder(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", days_late=1)

    async def plans_now() -> None:
        async with town.storage.transaction() as tx:
            await planning.look_at(tx, town.office, [anna.borrower_id], town.now)

    await _both(plans_now(), plans_now(), plans_now())

    async with town.storage.reading() as tx:
        queued = await tx.value(select(func.count()).select_from(outbox))
    assert queued == 1


async def _promise(town: Town, anna: Borrower, day: date) -> None:
    """As the worker does it: one update of a chat after the other."""
    async with town.storage.transaction() as tx:
        await tx.lock(anna.telegram_id)
        situation = await situation_of(tx, anna.borrower_id, town.now)
        actor = Actor.borrower(anna.borrower_id)
        await promising.record_promise(tx, actor, situation, Money(10_000, "CNY"), day, town.now)


async def test_two_taps_on_one_yes_are_one_promise(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")

    await _both(_promise(town, anna, FRIDAY), _promise(town, anna, FRIDAY))

    async with town.storage.reading() as tx:
        made = await tx.value(select(func.count()).select_from(promises))
    assert made == 1


async def test_two_yeses_to_different_days_leave_one_open(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")

    await _both(_promise(town, anna, FRIDAY), _promise(town, anna, date(2026, 11, 28)))

    situation = await _situation(town, anna.borrower_id)
    assert sum(one.superseded_at is None for one in situation.facts.promises) == 1


async def test_two_who_say_they_have_paid_open_one_check(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")

    async def claims(key: str) -> bool:
        async with town.storage.transaction() as tx:
            await tx.lock(anna.telegram_id)
            return await paying.claim_payment(
                tx, Actor.borrower(anna.borrower_id), anna.borrower_id, town.now, key=key
            )

    outcomes = await _both(claims("1"), claims("2"))

    assert sorted(outcomes, key=bool) == [False, True]
    async with town.storage.reading() as tx:
        assert len(await work.open_of(tx, anna.borrower_id, WorkKind.RECEIPT)) == 1


async def test_a_plan_is_agreed_to_once(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    actor = Actor.borrower(anna.borrower_id)
    async with town.storage.transaction() as tx:
        situation = await situation_of(tx, anna.borrower_id, town.now)
        balance = overdue_in(situation, "CNY")
        proposed = await plans.propose_plan(tx, actor, situation, balance, Wish(parts=2), town.now)

    async def agrees() -> None:
        async with town.storage.transaction() as tx:
            await tx.lock(anna.telegram_id)
            situation = await situation_of(tx, anna.borrower_id, town.now)
            await plans.agree_to_plan(tx, actor, situation, proposed.plan_id, town.now)

    outcomes = await _both(agrees(), agrees())

    assert outcomes == [None, None]  # the second is told the same again
    active = (await _situation(town, anna.borrower_id)).active_plan
    assert active is not None
    assert active.plan_id == proposed.plan_id


async def test_two_stops_are_one_record_for_review(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")

    async def stops() -> bool:
        async with town.storage.transaction() as tx:
            await tx.lock(anna.telegram_id)
            actor = Actor.borrower(anna.borrower_id)
            return await stopping.stop(tx, actor, anna.borrower_id, town.now)

    outcomes = await _both(stops(), stops())

    assert sorted(outcomes, key=bool) == [False, True]
    async with town.storage.reading() as tx:
        assert len(await work.open_of(tx, anna.borrower_id, WorkKind.STOP_REVIEW)) == 1


async def test_three_wrong_answers_at_once_are_three(town: Town) -> None:
    """A script that guesses in parallel gets no more tries than a person."""
    await town.borrower("B1", "Anna Berg", linked=False)
    async with town.storage.transaction() as tx:
        link = await linking.issue_link(tx, town.office, Actor.system(), "B1", town.now)
        await linking.open_link(tx, town.office, 71, link.token, town.now)
        account = await accounts.by_telegram_id(tx, 71)
        anna = await borrowers.by_ref(tx, "B1")
    assert account is not None
    assert anna is not None

    async def guesses(digits: str) -> linking.Verdict:
        async with town.storage.transaction() as tx:
            await tx.lock(71)
            at = datetime(2026, 11, 23, 2, 0, int(digits[:1]), tzinfo=UTC)
            return await linking.answer_identity(tx, town.office, account, anna, digits, at)

    outcomes = await _both(*(guesses(f"{number}000") for number in range(2, 8)))

    verdicts = [str(one) for one in outcomes]
    assert verdicts.count("wrong") == 2
    assert verdicts.count("locked") == 4


async def test_of_two_waivers_proposed_at_once_one_waits_and_of_two_answers_one_counts(
    town: Town,
) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    async with town.storage.transaction() as tx:
        await tx.execute(due_items.update().values(penalty=3_500))
    people = [await town.staff(name, Role.SUPERVISOR) for name in ("Lin", "Grace", "Omar")]
    async with town.storage.reading() as tx:
        found = [await staff.by_telegram_id(tx, one.telegram_id) for one in people]
    lin, grace, omar = [one for one in found if one is not None]
    [loan] = (await _situation(town, anna.borrower_id)).facts.loans

    async def proposes(amount: int) -> None:
        async with town.storage.transaction() as tx:
            await waivers.propose_waiver(
                tx, town.office, lin, anna.borrower_id, loan.loan_id, Component.PENALTY,
                Money(amount, "CNY"), "three weeks in hospital", town.now,
            )  # fmt: skip

    proposed = await _both(proposes(1_000), proposes(2_000))
    async with town.storage.reading() as tx:
        [review] = await work.open_of(tx, anna.borrower_id, WorkKind.WAIVER_REVIEW)

    async def answers(member: StaffMember, outcome: str) -> None:
        async with town.storage.transaction() as tx:
            await waivers.decide(tx, town.office, member, review.work_id, outcome, town.now)

    answered = await _both(answers(grace, "approved"), answers(omar, "rejected"))

    assert sum(one is None for one in proposed) == 1
    assert sum(one is None for one in answered) == 1
    [loan] = (await _situation(town, anna.borrower_id)).facts.loans
    assert len(loan.waivers) == (answered[0] is None)
