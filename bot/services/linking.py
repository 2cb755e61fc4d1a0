"""How a Telegram account becomes a borrower's: a one-time link, then a check of identity.

A bot cannot write first, so the lender sends the link by its own post or SMS. Only a keyed digest
of it is stored. Until identity is checked nobody hears a word about a debt.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest

from bot.errors import InputRefused, Refusal
from bot.services.digests import BIRTH_DATE, ID_LAST4, LINK, digest, identity_digest
from bot.services.office import Office
from storage import accounts, audit, borrowers, conversations, schedule, work
from storage.engine import Transaction
from storage.records import Account, Actor, Borrower, BorrowerId, WorkKind

LINK_LIVES = timedelta(days=14)
TRIES = 3
COOL_DOWN = timedelta(hours=1)
_SERIES_FORGOTTEN = timedelta(hours=24)
_REVIEW_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Link:
    """`token`: 43 characters of A-Z a-z 0-9 _ -; whoever opens it still has to prove identity."""

    borrower_ref: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """`asks`: "id_last4" or "birth_date", None when the lender gave neither.

    `locked_until` None: an answer may be given now.
    """

    asks: str | None
    tries_left: int
    locked_until: datetime | None = None


class Verdict(StrEnum):
    """What became of an answer to the identity question."""

    VERIFIED = "verified"
    WRONG = "wrong"
    NO_ANSWER = "no_answer"
    """Nothing that could be one, so it costs no try."""
    LOCKED = "locked"
    TO_A_PERSON = "to_a_person"


async def issue_link(
    tx: Transaction, office: Office, actor: Actor, borrower_ref: str, now: datetime
) -> Link:
    """A new link for a borrower; unused ones before it become worthless.

    Raises InputRefused for an unknown reference.
    """
    borrower = await borrowers.by_ref(tx, borrower_ref)
    if borrower is None:
        raise InputRefused(
            f"no borrower has the reference {borrower_ref!r}; import borrowers first"
        )
    token = secrets.token_urlsafe(32)
    expires_at = now + LINK_LIVES
    await accounts.expire_tokens(tx, borrower.borrower_id, now)
    await accounts.add_token(
        tx,
        digest(office.secret, LINK, token),
        borrower.borrower_id,
        created_at=now,
        expires_at=expires_at,
    )
    await audit.record(tx, actor, "link.issued", f"borrower:{borrower.borrower_id}", now)
    return Link(borrower_ref, token, expires_at)


async def references(tx: Transaction) -> list[str]:
    """Every borrower's reference, for a mailing of links."""
    return [reference for _, reference in await borrowers.references(tx)]


async def open_link(
    tx: Transaction, office: Office, telegram_id: int, token: str, now: datetime
) -> BorrowerId:
    """Spend a link for a Telegram account; identity is still to be checked.

    The same person opening it again is no fault. Raises Refusal for an unknown, spent or expired
    link.
    """
    token_hmac = digest(office.secret, LINK, token)
    found = await accounts.token(tx, token_hmac)
    if found is None:
        raise Refusal("start.link_unknown")
    borrower_id = BorrowerId(found.borrower_id)
    account = await accounts.by_telegram_id(tx, telegram_id)
    if found.used_at is not None:
        if found.used_by == telegram_id and account and account.borrower_id == borrower_id:
            return borrower_id
        raise Refusal("start.link_used")
    if now >= found.expires_at:
        raise Refusal("start.link_expired")
    if not await accounts.use_token(tx, token_hmac, telegram_id=telegram_id, now=now):
        raise Refusal("start.link_used")
    if account is None or account.borrower_id != borrower_id:
        await accounts.open_account(tx, borrower_id, telegram_id, now)
    await conversations.begin(tx, borrower_id, now)
    await audit.record(
        tx, Actor.borrower(borrower_id), "link.opened", f"borrower:{borrower_id}", now
    )
    return borrower_id


async def identity_check(tx: Transaction, account: Account, now: datetime) -> IdentityCheck:
    """What is asked of an account not verified yet, and whether it may answer now."""
    digits, birth_date = await borrowers.verification_digests(tx, account.borrower_id)
    asks = ID_LAST4 if digits is not None else BIRTH_DATE if birth_date is not None else None
    failed = await accounts.failed_attempts(tx, account.borrower_id, now - _SERIES_FORGOTTEN)
    in_series = len(failed) % TRIES
    if failed and in_series == 0 and now < failed[-1] + COOL_DOWN:
        return IdentityCheck(asks, 0, failed[-1] + COOL_DOWN)
    return IdentityCheck(asks, TRIES - in_series)


async def answer_identity(
    tx: Transaction, office: Office, account: Account, borrower: Borrower, text: str, now: datetime
) -> Verdict:
    """Judge an answer and do what follows from it.

    After a second series of wrong answers, or when the lender gave nothing to check by, a person
    gets a task; in the first case the account is closed too.
    """
    check = await identity_check(tx, account, now)
    if check.locked_until is not None:
        return Verdict.LOCKED
    digits, birth_date = await borrowers.verification_digests(tx, account.borrower_id)
    expected = digits or birth_date
    if check.asks is None or expected is None:
        await _to_a_person(tx, account, now)
        return Verdict.TO_A_PERSON
    given = identity_digest(office.secret, check.asks, borrower.borrower_ref, text)
    if given is None:
        return Verdict.NO_ANSWER
    passed = compare_digest(given, expected)
    await accounts.add_attempt(tx, account, passed=passed, now=now)
    if passed:
        await _verify(tx, account, now)
        return Verdict.VERIFIED
    failed = await accounts.failed_attempts(tx, account.borrower_id, now - _SERIES_FORGOTTEN)
    if len(failed) % TRIES:
        return Verdict.WRONG
    if len(failed) < 2 * TRIES:
        return Verdict.LOCKED
    await _to_a_person(tx, account, now)
    await accounts.unlink(tx, account.telegram_id, now)
    return Verdict.TO_A_PERSON


async def close_link(
    tx: Transaction, account: Account, reason: str, now: datetime, *, urgency: int = 2
) -> None:
    """Whoever opened the link is not the borrower, or wants nothing of us: forget the chat.

    A person is told, because somebody still has to reach the borrower by other means. `reason`
    is a code for that person.
    """
    await accounts.unlink(tx, account.telegram_id, now)
    await tell_a_person(tx, account, reason, now, urgency=urgency)
    await audit.record(
        tx, Actor.system(), "link.closed", f"borrower:{account.borrower_id}", now, reason=reason
    )


async def tell_a_person(
    tx: Transaction, account: Account, reason: str, now: datetime, *, urgency: int = 2
) -> None:
    """Something about an account whose owner is not known is for a person to look at."""
    await work.add(
        tx,
        f"{reason}:{account.account_id}",
        WorkKind.REVIEW,
        account.borrower_id,
        actor=Actor.system(),
        now=now,
        due_at=now + _REVIEW_WITHIN,
        urgency=urgency,
        note=reason,
    )


async def _verify(tx: Transaction, account: Account, now: datetime) -> None:
    """From now on this is the borrower's chat, and they have just written in it."""
    borrower_id = account.borrower_id
    await conversations.note_borrower_wrote(tx, borrower_id, now)
    await accounts.verify_account(tx, account, now)
    await schedule.look_again(tx, [borrower_id], now)
    await audit.record(
        tx, Actor.borrower(borrower_id), "identity.verified", f"borrower:{borrower_id}", now
    )


async def _to_a_person(tx: Transaction, account: Account, now: datetime) -> None:
    """Somebody has to find out by post or phone who this is; nothing is said in the chat."""
    await tell_a_person(tx, account, "identity_failed", now)
