"""What the contact policy must know about one contact to judge it.

The same record is filled from the database before a message is planned and sent, and from a line
of JSON by `remindful decide`: one set of facts, one answer, whoever asks.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from storage.records import Contact, ContactKind, ConversationState, Hold

GuardVerdict = Literal["ok", "warn", "block"]


class ChatOwner(StrEnum):
    """Who may write in the conversation now."""

    BOT = "bot"
    PERSON = "person"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """The facts of one contact at the instant `at`; every instant is aware, none later than `at`.

    - `country`: ISO 3166 alpha-2; `timezone`: IANA, None while unknown (any zone of the country).
    - `verified`, `consent`, `stopped`, `reachable`: identity checked, consent recorded, messages
      stopped by the borrower, not blocked. `private`: the chat is a private one.
    - `borrower_wrote_at`: the borrower's last message or tap; `answered`: whether it has been.
      Unanswered without a time is no message, so nothing to reply to.
    - `person_wrote_at`: the last message of a person of ours to the borrower.
    - `holds`: those on the loans concerned; their ends are final here.
    - `promise_open`, `plan_kept`: about the loans concerned, at `at`.
    - `something_due`: the ledger shows more than zero; `balance_as_of`: None means fresh.
    - `published`, `guard`, `neutral`: the script goes out as published, what the guard said of
      it, and whether it names no debt.
    - `history`: past contacts of at least the last 168 h and the local day, in any order.
    """

    at: datetime
    kind: ContactKind
    country: str
    timezone: str | None = None
    verified: bool = True
    consent: bool = True
    stopped: bool = False
    reachable: bool = True
    private: bool = True
    owner: ChatOwner = ChatOwner.BOT
    borrower_wrote_at: datetime | None = None
    answered: bool = True
    person_wrote_at: datetime | None = None
    holds: tuple[Hold, ...] = ()
    promise_open: bool = False
    plan_kept: bool = False
    something_due: bool = True
    balance_as_of: datetime | None = None
    published: bool = True
    guard: GuardVerdict = "ok"
    neutral: bool = False
    already_sent: bool = False
    history: tuple[Contact, ...] = ()


def owner_in(state: ConversationState) -> ChatOwner:
    """Who may write while the conversation is in `state`; safety texts ask nobody."""
    return _OWNERS.get(state, ChatOwner.NOBODY)


_OWNERS = {
    ConversationState.BOT: ChatOwner.BOT,
    ConversationState.ACTIVE: ChatOwner.PERSON,
    ConversationState.HELD: ChatOwner.PERSON,
    ConversationState.WRAP_UP: ChatOwner.PERSON,
}
