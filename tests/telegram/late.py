"""What many stories begin with, somebody who is late, and what became of them."""

from datetime import date

from storage.records import ConversationState, Money
from tests.telegram.lending import Client, Owed

LATE = Owed("1200.00", due=date(2026, 11, 17))


async def state_of(client: Client) -> ConversationState:
    return (await client.town.situation(client)).state


async def promised_by(client: Client) -> tuple[Money, date] | None:
    """The open promise."""
    found = (await client.town.situation(client)).open_promise
    return None if found is None else (found.amount, found.due_date)
