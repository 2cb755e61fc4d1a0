"""Links, Telegram accounts and identity checks: who may be spoken to about which debt."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, insert, select, update

from storage.engine import Transaction
from storage.prepared import Prepared, listed
from storage.records import Account, BorrowerId
from storage.schema import accounts, identity_attempts, link_tokens

_LIVE = accounts.c.unlinked_at.is_(None)
VERIFIED = and_(accounts.c.verified_at.is_not(None), _LIVE)
COLUMNS = (
    accounts.c.id,
    accounts.c.borrower_id,
    accounts.c.telegram_id,
    accounts.c.language,
    accounts.c.linked_at,
    accounts.c.verified_at,
    accounts.c.unreachable_at,
    accounts.c.home_message_id,
)
"""In the order of `Account`."""
_BY_TELEGRAM_ID = Prepared(
    select(*COLUMNS).where(accounts.c.telegram_id == bindparam("person"), _LIVE)
)
_VERIFIED = Prepared(select(*COLUMNS).where(listed(accounts.c.borrower_id, "borrowers"), VERIFIED))
_SET_HOME = Prepared(
    update(accounts)
    .where(accounts.c.telegram_id == bindparam("person"), _LIVE)
    .values(home_message_id=bindparam("message"))
)
_SET_REACHABLE = Prepared(
    update(accounts)
    .where(accounts.c.telegram_id == bindparam("person"), _LIVE)
    .values(unreachable_at=bindparam("since"))
)
_IS_REACHABLE = Prepared(
    update(accounts)
    .where(
        accounts.c.telegram_id == bindparam("person"), _LIVE, accounts.c.unreachable_at.is_not(None)
    )
    .values(unreachable_at=None)
)


async def add_token(
    tx: Transaction,
    token_hmac: bytes,
    borrower_id: BorrowerId,
    *,
    created_at: datetime,
    expires_at: datetime,
) -> None:
    await tx.execute(
        insert(link_tokens).values(
            token_hmac=token_hmac,
            borrower_id=borrower_id,
            created_at=created_at,
            expires_at=expires_at,
        )
    )


async def token(tx: Transaction, token_hmac: bytes) -> Row[tuple[object, ...]] | None:
    """borrower_id, expires_at, used_at, used_by of a link."""
    return await tx.one(select(link_tokens).where(link_tokens.c.token_hmac == token_hmac))


async def use_token(tx: Transaction, token_hmac: bytes, *, telegram_id: int, now: datetime) -> bool:
    """Spend a link. False: somebody spent it first."""
    result = await tx.execute(
        update(link_tokens)
        .where(link_tokens.c.token_hmac == token_hmac, link_tokens.c.used_at.is_(None))
        .values(used_at=now, used_by=telegram_id)
    )
    return result.rowcount == 1


async def expire_tokens(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> None:
    """A new link makes the unused ones before it worthless."""
    await tx.execute(
        update(link_tokens)
        .where(
            link_tokens.c.borrower_id == borrower_id,
            link_tokens.c.used_at.is_(None),
            link_tokens.c.expires_at > now,
        )
        .values(expires_at=now)
    )


async def open_account(
    tx: Transaction, borrower_id: BorrowerId, telegram_id: int, now: datetime
) -> int:
    """Start a live account; one that this person had before is closed."""
    await close_account(tx, accounts.c.telegram_id == telegram_id, now)
    return await tx.add(accounts, borrower_id=borrower_id, telegram_id=telegram_id, linked_at=now)


async def verify_account(tx: Transaction, account: Account, now: datetime) -> None:
    """Mark it verified; another verified account of this borrower was lost and is closed."""
    others = and_(
        accounts.c.borrower_id == account.borrower_id, accounts.c.id != account.account_id
    )
    await close_account(tx, others, now)
    await tx.execute(
        update(accounts).where(accounts.c.id == account.account_id).values(verified_at=now)
    )


async def close_account(tx: Transaction, which: ColumnElement[bool], now: datetime) -> None:
    await tx.execute(update(accounts).where(which, _LIVE).values(unlinked_at=now))


async def unlink(tx: Transaction, telegram_id: int, now: datetime) -> None:
    await close_account(tx, accounts.c.telegram_id == telegram_id, now)


async def by_telegram_id(tx: Transaction, telegram_id: int) -> Account | None:
    row = await tx.one(_BY_TELEGRAM_ID, person=telegram_id)
    return None if row is None else read(row)


async def verified(
    tx: Transaction, borrower_ids: Iterable[BorrowerId]
) -> dict[BorrowerId, Account]:
    """The verified live account of each borrower that has one."""
    rows = await tx.all(_VERIFIED, borrowers=borrower_ids)
    return {BorrowerId(row.borrower_id): read(row) for row in rows}


async def set_language(tx: Transaction, telegram_id: int, language: str) -> None:
    await tx.execute(
        update(accounts)
        .where(accounts.c.telegram_id == telegram_id, _LIVE)
        .values(language=language)
    )


async def set_home(tx: Transaction, telegram_id: int, message_id: int | None) -> None:
    """Remember the home message, the one that is edited in place."""
    await tx.change(_SET_HOME, person=telegram_id, message=message_id)


async def set_reachable(tx: Transaction, telegram_id: int, unreachable_at: datetime | None) -> None:
    """Note that the bot was blocked (a time) or unblocked (None)."""
    if unreachable_at is None:
        await tx.change(_IS_REACHABLE, person=telegram_id)
    else:
        await tx.change(_SET_REACHABLE, person=telegram_id, since=unreachable_at)


async def add_attempt(tx: Transaction, account: Account, *, passed: bool, now: datetime) -> None:
    await tx.execute(
        insert(identity_attempts).values(
            borrower_id=account.borrower_id,
            telegram_id=account.telegram_id,
            at=now,
            passed=passed,
        )
    )


async def failed_attempts(
    tx: Transaction, borrower_id: BorrowerId, since: datetime
) -> list[datetime]:
    """Failed identity answers for a borrower since the last good one, oldest first."""
    passed = (
        select(func.max(identity_attempts.c.at))
        .where(identity_attempts.c.borrower_id == borrower_id, identity_attempts.c.passed)
        .scalar_subquery()
    )
    rows = await tx.all(
        select(identity_attempts.c.at)
        .where(
            identity_attempts.c.borrower_id == borrower_id,
            identity_attempts.c.passed.is_(False),
            identity_attempts.c.at > since,
            (passed.is_(None)) | (identity_attempts.c.at > passed),
        )
        .order_by(identity_attempts.c.at)
    )
    return [row.at for row in rows]


def read(row: Sequence[Any]) -> Account:
    """Of a row of COLUMNS."""
    return Account(*row)
