"""Whom we speak to: a person's chat, language and clock, found the same way everywhere."""

from collections import Counter

from bot.rules.zones import load_zone, zones_of
from bot.services.office import Office
from bot.services.saying import Reader
from bot.services.situation import Situation
from storage import staff
from storage.engine import Transaction
from storage.records import StaffMember


def of_staff(office: Office, member: StaffMember) -> Reader:
    """A member of staff in their private chat, on the office's clock."""
    return Reader(member.telegram_id, _language(office, member), load_zone(_office_zone(office)))


def of_borrower(office: Office, situation: Situation) -> Reader | None:
    """A borrower in the chat of their verified account; None while there is none."""
    facts = situation.facts
    if facts.account is None:
        return None
    return Reader(
        facts.account.telegram_id,
        office.library.resolve_language(situation.language),
        situation.zone,
        facts.borrower.borrower_id,
    )


async def of_board(tx: Transaction, office: Office) -> Reader | None:
    """The board group, in the language most of the staff read; None where there is no board."""
    if office.board_chat_id is None:
        return None
    spoken = Counter(
        _language(office, member)
        for member in await staff.everyone(tx)
        if member.disabled_at is None
    )
    language = spoken.most_common(1)[0][0] if spoken else office.library.resolve_language(None)
    return Reader(office.board_chat_id, language, load_zone(_office_zone(office)))


def _language(office: Office, member: StaffMember) -> str:
    return office.library.resolve_language(member.language or next(iter(member.languages), None))


def _office_zone(office: Office) -> str:
    return zones_of(office.country)[0]
