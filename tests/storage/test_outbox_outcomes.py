"""The outbox afterwards: outcomes, holding back, what a dead process left, contacts."""

from datetime import timedelta

from storage import outbox
from storage.engine import Storage
from storage.outbox import BLOCKED, EVERYTHING, Outcome
from storage.records import Contact, ContactKind, OutboxStatus
from tests.storage.stage import (
    NOW,
    WORKER,
    a_borrower,
    answer,
    claim,
    later,
    put,
    put_on_the_wire,
    reminder,
    row,
    statuses,
    words,
)

LONG_AGO = NOW - timedelta(days=8)


async def test_a_sent_row_knows_its_message(storage: Storage) -> None:
    (sent,) = await put_on_the_wire(storage, answer(7))
    await _record(storage, Outcome(sent, OutboxStatus.SENT, message_id=55))
    async with storage.reading() as tx:
        found = await outbox.by_message(tx, 7, 55)
        assert await outbox.by_message(tx, 8, 55) is None
    assert found is not None
    assert (found.outbox_id, found.status) == (sent, OutboxStatus.SENT)


async def test_a_row_to_be_tried_again_is_queued_as_if_it_had_never_left(storage: Storage) -> None:
    (again,) = await put_on_the_wire(storage, answer(7))
    await _record(
        storage, Outcome(again, OutboxStatus.QUEUED, error="429", retry_at=later(seconds=5))
    )
    found = await row(storage, again)
    assert (found.status, found.not_before, found.marked_at) == ("queued", later(seconds=5), None)
    assert not found.possible_repeat


async def test_a_row_that_may_be_there_already_is_marked_as_a_possible_repeat(
    storage: Storage,
) -> None:
    (again,) = await put_on_the_wire(storage, words(7))
    outcome = Outcome(again, OutboxStatus.QUEUED, retry_at=later(seconds=5), repeat=True)
    await _record(storage, outcome)
    (claimed,) = await claim(storage, at=later(seconds=5))
    assert claimed.possible_repeat


async def test_an_outcome_of_a_worker_that_lost_its_row_changes_nothing(storage: Storage) -> None:
    (lost,) = await put_on_the_wire(storage, answer(7))
    async with storage.transaction() as tx:
        await outbox.record(tx, [Outcome(lost, OutboxStatus.SENT, 5)], "another:2", NOW)
    assert await statuses(storage, [lost]) == ["sending"]
    async with storage.transaction() as tx:
        await outbox.recover(tx, NOW, stale_before=later(seconds=1))
    await _record(storage, Outcome(lost, OutboxStatus.SENT, 5))
    assert await statuses(storage, [lost]) == ["queued"]


async def test_an_endless_error_is_kept_as_far_as_it_fits(storage: Storage) -> None:
    (failed,) = await put_on_the_wire(storage, answer(7))
    await _record(storage, Outcome(failed, OutboxStatus.FAILED, error="x" * 1000))
    assert (await row(storage, failed)).error == "x" * 300


async def test_a_stop_holds_back_what_the_bot_had_queued_and_nothing_else(storage: Storage) -> None:
    stopped, other = await a_borrower(storage), await a_borrower(storage)
    on_the_wire = await put_on_the_wire(storage, reminder(stopped, 1))
    held = await put(storage, reminder(stopped, 2))
    (claimed,) = await put(storage, reminder(stopped, 3))
    await claim(storage, limit=1)
    free = await put(storage, words(4, borrower_id=stopped), reminder(other, 5))
    async with storage.transaction() as tx:
        assert await outbox.suspend(tx, stopped, NOW) == 2
    assert await statuses(storage, [*on_the_wire, *held, claimed]) == [
        "sending",
        "suspended",
        "suspended",
    ]
    assert await statuses(storage, free) == ["queued", "queued"]
    async with storage.reading() as tx:
        assert await outbox.on_the_wire(tx, stopped) == 1


async def test_what_was_held_back_is_judged_again_unless_its_time_is_over(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    fresh, stale = await put(
        storage, reminder(borrower_id, 1), reminder(borrower_id, 2, expires_at=later(minutes=5))
    )
    async with storage.transaction() as tx:
        await outbox.suspend(tx, borrower_id, NOW)
        await outbox.resume(tx, borrower_id, later(minutes=5))
    assert await statuses(storage, [fresh, stale]) == ["queued", "expired"]


async def test_what_waited_past_its_validity_is_never_sent_late(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    queued, held, on_time = await put(
        storage,
        reminder(borrower_id, 1, expires_at=later(minutes=5)),
        reminder(borrower_id, 2, expires_at=later(minutes=5), not_before=later(minutes=1)),
        reminder(borrower_id, 3, expires_at=later(minutes=6)),
    )
    async with storage.transaction() as tx:
        assert await outbox.expire(tx, later(minutes=5)) == 2
    assert await statuses(storage, [queued, held, on_time]) == ["expired", "expired", "queued"]


async def test_new_facts_let_what_waits_for_later_be_judged_now(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    ours, theirs = await put(
        storage,
        reminder(borrower_id, 1, not_before=later(hours=9)),
        words(2, borrower_id=borrower_id, not_before=later(hours=9)),
    )
    async with storage.transaction() as tx:
        await outbox.reconsider(tx, borrower_id, NOW)
    assert [one.outbox_id for one in await claim(storage)] == [ours]
    assert await statuses(storage, [theirs]) == ["queued"]


async def test_after_a_crash_each_row_gets_what_its_class_promises(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    wire = await put_on_the_wire(
        storage, reminder(borrower_id, 1), words(2, borrower_id=borrower_id), answer(3)
    )
    (claimed,) = await put(storage, reminder(borrower_id, 4))
    await claim(storage)
    (untouched,) = await put(storage, answer(5))
    async with storage.transaction() as tx:
        told = await outbox.recover(tx, later(seconds=1), stale_before=later(seconds=1))
    assert told == {"back": 1, "unknown": 1, "again": 2}
    assert await statuses(storage, [*wire, claimed, untouched]) == [
        "unknown", "queued", "queued", "queued", "queued",
    ]  # fmt: skip
    repeats = [(await row(storage, one)).possible_repeat for one in [*wire, claimed]]
    assert repeats == [False, True, True, False]


async def test_rows_of_a_process_that_lives_are_not_taken_for_left_behind(storage: Storage) -> None:
    wire = await put_on_the_wire(storage, answer(3))
    async with storage.transaction() as tx:
        told = await outbox.recover(tx, later(seconds=30), stale_before=NOW)
    assert set(told.values()) == {0}
    assert await statuses(storage, wire) == ["sending"]


async def test_a_contact_is_whatever_may_have_reached_the_borrower(storage: Storage) -> None:
    borrower_id, other = await a_borrower(storage), await a_borrower(storage)
    sent, unknown, _on_the_wire, failed, again = await put_on_the_wire(
        storage,
        reminder(borrower_id, 1),
        reminder(borrower_id, 2, kind=ContactKind.PRE_DUE),
        words(3, borrower_id=borrower_id),
        reminder(borrower_id, 4),
        reminder(borrower_id, 5),
    )
    await put(storage, reminder(borrower_id, 6))
    await _record(
        storage,
        Outcome(sent, OutboxStatus.SENT, 1),
        Outcome(unknown, OutboxStatus.UNKNOWN),
        Outcome(failed, OutboxStatus.FAILED, error=BLOCKED),
        Outcome(again, OutboxStatus.QUEUED, retry_at=later(minutes=1)),
    )
    async with storage.reading() as tx:
        found = await outbox.contacts_of(tx, [borrower_id, other], LONG_AGO)
        assert await outbox.contacts_of(tx, [borrower_id], NOW) == {}
    assert set(found) == {borrower_id}
    assert sorted(found[borrower_id], key=lambda one: one.kind) == [
        Contact(NOW, ContactKind.OVERDUE, "bot"),
        Contact(NOW, ContactKind.PRE_DUE, "bot"),
        Contact(NOW, ContactKind.STAFF, "person"),
    ]


async def test_a_row_given_back_or_ended_keeps_the_rules_that_said_so(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    later_on, never = await put(storage, reminder(borrower_id, 1), reminder(borrower_id, 2))
    await claim(storage)
    async with storage.transaction() as tx:
        await outbox.release(tx, later_on, NOW, not_before=later(hours=9), rules="hours")
        await outbox.drop(tx, never, OutboxStatus.DENIED, NOW, rules="opt_out consent")
    back, ended = await row(storage, later_on), await row(storage, never)
    assert (back.status, back.not_before, back.rules) == ("queued", later(hours=9), "hours")
    assert (ended.status, ended.rules) == ("denied", "opt_out consent")


async def test_a_row_on_the_wire_is_neither_given_back_nor_ended(storage: Storage) -> None:
    wire = await put_on_the_wire(storage, answer(1), answer(2))
    async with storage.transaction() as tx:
        await outbox.release(tx, wire[0], NOW, not_before=later(hours=9))
        await outbox.drop(tx, wire[1], OutboxStatus.DENIED, NOW)
    assert await statuses(storage, wire) == ["sending", "sending"]


async def test_a_wait_that_telegram_asked_for_lasts_and_the_longest_counts(
    storage: Storage,
) -> None:
    async with storage.transaction() as tx:
        await outbox.pause(tx, EVERYTHING, later(seconds=30))
        await outbox.pause(tx, EVERYTHING, later(seconds=5))
        await outbox.pause(tx, 7, later(seconds=5))
    async with storage.reading() as tx:
        assert await outbox.pauses(tx, NOW) == {
            EVERYTHING: later(seconds=30),
            7: later(seconds=5),
        }
        assert await outbox.pauses(tx, later(seconds=5)) == {EVERYTHING: later(seconds=30)}
        assert await outbox.pauses(tx, later(seconds=30)) == {}


async def test_the_next_moment_is_the_first_that_lies_ahead(storage: Storage) -> None:
    async with storage.reading() as tx:
        assert await outbox.next_due_at(tx, NOW) is None
    await put(storage, answer(1), answer(2, not_before=later(hours=2)))
    await put(storage, answer(3, not_before=later(hours=1)))
    async with storage.reading() as tx:
        assert await outbox.next_due_at(tx, NOW) == later(hours=1)
        assert await outbox.next_due_at(tx, later(hours=2)) is None
        assert await outbox.counts(tx) == {"queued": 3}


async def test_a_redrawn_message_is_found_as_it_is_now(storage: Storage) -> None:
    (first,) = await put_on_the_wire(storage, answer(7))
    await _record(storage, Outcome(first, OutboxStatus.SENT, message_id=55))
    (second,) = await put_on_the_wire(storage, answer(7, method="editMessageText"))
    await _record(storage, Outcome(second, OutboxStatus.SENT, message_id=55))
    async with storage.reading() as tx:
        found = await outbox.by_message(tx, 7, 55)
    assert found is not None
    assert found.outbox_id == second


async def _record(storage: Storage, *outcomes: Outcome) -> None:
    async with storage.transaction() as tx:
        await outbox.record(tx, outcomes, WORKER, NOW)
