"""Experiments while the bot works: whose group is written down, and from when on it counts.

A borrower is enrolled at the first moment at which any group would get something that another
does not, so what a group gets has no part in who is counted. Without experiments nothing is done.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.rules.strategy_group import as_text, groups_of
from bot.services.office import Office
from bot.services.situation import Situation
from storage import enrolments
from storage.engine import Transaction
from storage.records import BorrowerId


def variants(office: Office, situations: Iterable[Situation]) -> dict[BorrowerId, str] | None:
    """The groups of each as decisions keep them; None without experiments."""
    if not office.strategy.has_groups:
        return None
    people = [one.facts.borrower for one in situations]
    return {
        one.borrower_id: as_text(groups_of(office.strategy, one.borrower_ref)) for one in people
    }


async def enrol(
    tx: Transaction, office: Office, situations: Iterable[Situation], now: datetime
) -> None:
    """From now on these are counted in their groups, unless they were before.

    Whom nobody can write to is in no group yet.
    """
    people = [one.facts.borrower for one in situations if one.facts.account is not None]
    rows = [
        (experiment, one.borrower_id, group)
        for one in people
        for experiment, group in groups_of(office.strategy, one.borrower_ref)
    ]
    await enrolments.add_many(tx, rows, now)
