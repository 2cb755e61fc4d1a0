"""Links and accounts: spent once, one live account a person, one verified a borrower."""

import asyncio
from hashlib import sha256

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from storage import accounts
from storage.engine import Storage, Transaction
from storage.records import Account, BorrowerId
from storage.schema import accounts as table
from tests.storage.stage import NOW, a_borrower, later

PERSON, OTHER = 1001, 1002


async def test_a_link_is_spent_once(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    token = await _link(storage, borrower_id)
    async with storage.transaction() as tx:
        assert await accounts.use_token(tx, token, telegram_id=PERSON, now=NOW)
        assert not await accounts.use_token(tx, token, telegram_id=OTHER, now=NOW)
        found = await accounts.token(tx, token)
        assert await accounts.token(tx, sha256(b"guessed").digest()) is None
    assert found is not None
    assert (found.used_by, found.used_at) == (PERSON, NOW)


async def test_of_two_who_open_a_link_at_once_one_gets_it(database_url: str) -> None:
    first, second = Storage.open(database_url), Storage.open(database_url)
    token = await _link(first, await a_borrower(first))

    async def spend(storage: Storage, telegram_id: int) -> bool:
        async with storage.transaction() as tx:
            return await accounts.use_token(tx, token, telegram_id=telegram_id, now=NOW)

    told = await asyncio.gather(spend(first, PERSON), spend(second, OTHER))
    assert sorted(told) == [False, True]
    await first.close()
    await second.close()


async def test_a_new_link_makes_the_unused_ones_before_it_worthless(storage: Storage) -> None:
    borrower_id, neighbour = await a_borrower(storage), await a_borrower(storage)
    old = await _link(storage, borrower_id, b"old")
    used = await _link(storage, borrower_id, b"used")
    theirs = await _link(storage, neighbour, b"theirs")
    async with storage.transaction() as tx:
        await accounts.use_token(tx, used, telegram_id=PERSON, now=NOW)
        await accounts.expire_tokens(tx, borrower_id, later(days=1))
        ends = [await accounts.token(tx, one) for one in (old, used, theirs)]
    assert [one.expires_at for one in ends if one] == [
        later(days=1),
        later(days=14),
        later(days=14),
    ]


async def test_a_person_has_one_live_account_the_newest(storage: Storage) -> None:
    first, second = await a_borrower(storage), await a_borrower(storage)
    async with storage.transaction() as tx:
        await accounts.open_account(tx, first, PERSON, NOW)
        await accounts.open_account(tx, second, PERSON, later(days=1))
        found = await accounts.by_telegram_id(tx, PERSON)
    assert found is not None
    assert found.borrower_id == second


async def test_the_database_refuses_a_second_live_account_of_a_person(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)

    async def open_two() -> None:
        async with storage.transaction() as tx:
            for _ in range(2):
                await tx.add(table, borrower_id=borrower_id, telegram_id=PERSON, linked_at=NOW)

    with pytest.raises(IntegrityError):
        await open_two()


async def test_the_database_refuses_a_second_verified_account_of_a_borrower(
    storage: Storage,
) -> None:
    borrower_id = await a_borrower(storage)
    for telegram_id in (PERSON, OTHER):
        await _account(storage, borrower_id, telegram_id)

    async def verify_both() -> None:
        async with storage.transaction() as tx:
            await tx.execute(update(table).values(verified_at=NOW))

    with pytest.raises(IntegrityError):
        await verify_both()


async def test_a_verified_replacement_closes_the_lost_account(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    lost = await _account(storage, borrower_id, PERSON)
    await _verify(storage, lost)
    newcomer = await _account(storage, borrower_id, OTHER)
    async with storage.reading() as tx:
        before = await accounts.verified(tx, [borrower_id])
    assert before[borrower_id].telegram_id == PERSON

    await _verify(storage, newcomer)
    async with storage.reading() as tx:
        after = await accounts.verified(tx, [borrower_id])
        assert await accounts.by_telegram_id(tx, PERSON) is None
    assert after[borrower_id].telegram_id == OTHER


async def test_only_verified_live_accounts_count_as_the_borrower(storage: Storage) -> None:
    unverified, gone = await a_borrower(storage), await a_borrower(storage)
    await _account(storage, unverified, PERSON)
    await _verify(storage, await _account(storage, gone, OTHER))
    async with storage.transaction() as tx:
        await accounts.unlink(tx, OTHER, NOW)
        assert await accounts.verified(tx, [unverified, gone]) == {}


async def test_failed_answers_count_until_a_good_one(storage: Storage) -> None:
    borrower_id, neighbour = await a_borrower(storage), await a_borrower(storage)
    account = await _account(storage, borrower_id, PERSON)
    other = await _account(storage, neighbour, OTHER)
    async with storage.transaction() as tx:
        for minute, passed in ((1, False), (2, True), (3, False), (4, False)):
            await accounts.add_attempt(tx, account, passed=passed, now=later(minutes=minute))
        await accounts.add_attempt(tx, other, passed=False, now=later(minutes=5))
        failed = await accounts.failed_attempts(tx, borrower_id, NOW)
        recent = await accounts.failed_attempts(tx, borrower_id, later(minutes=3))
    assert failed == [later(minutes=3), later(minutes=4)]
    assert recent == [later(minutes=4)]


async def test_failed_answers_count_for_the_borrower_whoever_gave_them(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    async with storage.transaction() as tx:
        for telegram_id in (PERSON, OTHER):
            await accounts.open_account(tx, borrower_id, telegram_id, NOW)
            account = await accounts.by_telegram_id(tx, telegram_id)
            assert account is not None
            await accounts.add_attempt(tx, account, passed=False, now=later(minutes=1))
        assert len(await accounts.failed_attempts(tx, borrower_id, NOW)) == 2


async def test_language_home_and_reach_belong_to_the_live_account(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    await _account(storage, borrower_id, PERSON)
    async with storage.transaction() as tx:
        await accounts.set_language(tx, PERSON, "zh-Hans")
        await accounts.set_home(tx, PERSON, 55)
        await accounts.set_reachable(tx, PERSON, NOW)
        found = await accounts.by_telegram_id(tx, PERSON)
    assert found is not None
    assert (found.language, found.home_message_id, found.unreachable_at) == ("zh-Hans", 55, NOW)
    anew = await _account(storage, borrower_id, PERSON)
    assert (anew.language, anew.home_message_id, anew.unreachable_at) == (None, None, None)


async def _link(storage: Storage, borrower_id: BorrowerId, secret: bytes = b"secret") -> bytes:
    token = sha256(secret).digest()
    async with storage.transaction() as tx:
        await accounts.add_token(tx, token, borrower_id, created_at=NOW, expires_at=later(days=14))
    return token


async def _account(storage: Storage, borrower_id: BorrowerId, telegram_id: int) -> Account:
    async with storage.transaction() as tx:
        await accounts.open_account(tx, borrower_id, telegram_id, NOW)
        return await _found(tx, telegram_id)


async def _verify(storage: Storage, account: Account) -> None:
    async with storage.transaction() as tx:
        await accounts.verify_account(tx, account, NOW)


async def _found(tx: Transaction, telegram_id: int) -> Account:
    found = await accounts.by_telegram_id(tx, telegram_id)
    assert found is not None
    return found
