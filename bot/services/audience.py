"""Who a Telegram account is to us: staff, a borrower's account, or a stranger."""

from dataclasses import dataclass

from storage import accounts, borrowers, staff
from storage.engine import Transaction
from storage.records import Account, Borrower, StaffMember


@dataclass(frozen=True, slots=True)
class Stranger:
    """Nobody we know; they may only open a link."""


@dataclass(frozen=True, slots=True)
class Known:
    """An account that opened a borrower's link, verified or not yet."""

    account: Account
    borrower: Borrower


Audience = StaffMember | Known | Stranger


async def who_is(tx: Transaction, telegram_id: int) -> Audience:
    """Staff first: a collector who also owes money is served as a collector in this chat."""
    member = await staff.by_telegram_id(tx, telegram_id)
    if member is not None:
        return member
    account = await accounts.by_telegram_id(tx, telegram_id)
    if account is None:
        return Stranger()
    borrower = await borrowers.by_id(tx, account.borrower_id)
    assert borrower is not None, "an account refers to a borrower"
    return Known(account, borrower)
