"""What limits contact: holds with their dates, stops, wishes, and the switch that halts all."""

from storage import limits
from storage.engine import Storage
from storage.limits import EMERGENCY_STOP
from storage.records import BorrowerId, Hold, HoldKind, Wishes
from tests.storage.stage import NOW, SYSTEM, a_borrower, later


async def test_a_hold_without_an_end_lasts(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    await _hold(storage, borrower_id, Hold(HoldKind.DISPUTE, NOW))
    assert await _holds(storage, borrower_id) == (Hold(HoldKind.DISPUTE, NOW, None),)


async def test_a_lifted_hold_ends_when_it_was_lifted(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    await _hold(storage, borrower_id, Hold(HoldKind.HARDSHIP, NOW, later(days=30)))
    assert await _lift(storage, borrower_id, HoldKind.HARDSHIP) == 1
    ends_early = Hold(HoldKind.HARDSHIP, NOW, later(days=1))
    assert await _holds(storage, borrower_id) == (ends_early,)


async def test_lifting_a_hold_that_had_ended_does_not_make_it_longer(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    await _hold(storage, borrower_id, Hold(HoldKind.HARDSHIP, NOW, later(hours=1)))
    await _lift(storage, borrower_id, HoldKind.HARDSHIP)
    assert (await _holds(storage, borrower_id))[0].end == later(hours=1)


async def test_a_hold_lifted_before_it_began_never_held(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    await _hold(storage, borrower_id, Hold(HoldKind.LEGAL, later(days=5)))
    await _lift(storage, borrower_id, HoldKind.LEGAL)
    assert await _holds(storage, borrower_id) == ()


async def test_only_the_holds_of_a_kind_and_source_are_lifted_and_once(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    await _hold(storage, borrower_id, Hold(HoldKind.DISPUTE, NOW), source="case:1")
    await _hold(storage, borrower_id, Hold(HoldKind.DISPUTE, NOW), source="case:2")
    await _hold(storage, borrower_id, Hold(HoldKind.COMPLAINT, NOW), source="case:1")
    assert await _lift(storage, borrower_id, HoldKind.DISPUTE, source="case:1") == 1
    assert await _lift(storage, borrower_id, HoldKind.DISPUTE, source="case:1") == 0
    still = [one.kind for one in await _holds(storage, borrower_id) if one.end is None]
    assert still == [HoldKind.DISPUTE, HoldKind.COMPLAINT]


async def test_holds_are_told_of_those_asked_for_only(storage: Storage) -> None:
    first, second = await a_borrower(storage), await a_borrower(storage)
    await _hold(storage, first, Hold(HoldKind.DISPUTE, NOW))
    async with storage.reading() as tx:
        assert set(await limits.holds_of(tx, [first, second])) == {first}
        assert await limits.holds_of(tx, [second]) == {}


async def test_a_stop_lasts_until_it_is_ended_and_counts_once(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    async with storage.transaction() as tx:
        assert not await limits.resume(tx, borrower_id, SYSTEM, NOW)
        assert await limits.stop(tx, borrower_id, SYSTEM, NOW)
        assert not await limits.stop(tx, borrower_id, SYSTEM, later(days=1))
        assert await limits.stopped(tx, [borrower_id]) == {borrower_id: NOW}
        assert await limits.resume(tx, borrower_id, SYSTEM, later(days=2))
        assert await limits.stopped(tx, [borrower_id]) == {}
        assert await limits.stop(tx, borrower_id, SYSTEM, later(days=3))
        assert await limits.stopped(tx, [borrower_id]) == {borrower_id: later(days=3)}


async def test_the_newest_wish_counts(storage: Storage) -> None:
    borrower_id, other = await a_borrower(storage), await a_borrower(storage)
    async with storage.transaction() as tx:
        await limits.set_wishes(tx, borrower_id, Wishes("10:00-18:00", 2), NOW)
        await limits.set_wishes(tx, borrower_id, Wishes(None, 1), later(days=1))
    async with storage.reading() as tx:
        found = await limits.wishes_of(tx, [borrower_id, other])
    assert found == {borrower_id: Wishes(None, 1)}


async def test_the_emergency_stop_is_on_until_it_is_released(storage: Storage) -> None:
    async with storage.transaction() as tx:
        assert not await limits.is_on(tx, EMERGENCY_STOP)
        assert not await limits.switch_off(tx, EMERGENCY_STOP, SYSTEM, NOW)
        assert await limits.switch_on(tx, EMERGENCY_STOP, SYSTEM, NOW)
        assert not await limits.switch_on(tx, EMERGENCY_STOP, SYSTEM, NOW)
        assert await limits.is_on(tx, EMERGENCY_STOP)
        assert not await limits.is_on(tx, "another switch")
        assert await limits.switch_off(tx, EMERGENCY_STOP, SYSTEM, NOW)
        assert not await limits.is_on(tx, EMERGENCY_STOP)


async def _hold(
    storage: Storage, borrower_id: BorrowerId, hold: Hold, source: str = "test"
) -> None:
    async with storage.transaction() as tx:
        await limits.add_hold(tx, borrower_id, hold, source=source, actor=SYSTEM)


async def _lift(
    storage: Storage, borrower_id: BorrowerId, kind: HoldKind, source: str | None = None
) -> int:
    """A day after NOW."""
    async with storage.transaction() as tx:
        return await limits.lift_holds(
            tx, borrower_id, kind, source=source, actor=SYSTEM, outcome="test", now=later(days=1)
        )


async def _holds(storage: Storage, borrower_id: BorrowerId) -> tuple[Hold, ...]:
    async with storage.reading() as tx:
        return (await limits.holds_of(tx, [borrower_id])).get(borrower_id, ())
