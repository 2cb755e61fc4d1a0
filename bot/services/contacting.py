"""The one question everybody asks before a word leaves: may this contact happen now?

The facts come from the database of this moment, the answer from the pure policy. Planner, sender
and people's own messages all come through here.
"""

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from bot.rules.contact_facts import ChatOwner, ContactFacts, GuardVerdict, owner_in
from bot.rules.contact_limits import ContactPolicy
from bot.rules.contact_policy import decide
from bot.rules.presets import policy_for
from bot.services.office import Office
from bot.services.situation import Situation
from storage.records import ContactKind, Decision, Wishes


def may_contact(
    situation: Situation,
    office: Office,
    kind: ContactKind,
    *,
    at: datetime | None = None,
    chat_id: int | None = None,
    neutral: bool = False,
    guard: GuardVerdict = "ok",
) -> Decision:
    """Judge a contact of `kind` at `at` (default: the situation's own moment).

    `chat_id`: the chat it would go to; only the borrower's verified account counts as verified.
    """
    facts = facts_for(situation, kind, chat_id=chat_id, neutral=neutral, guard=guard)
    if at is not None:
        facts = replace(facts, at=at)
    return decide(facts, policy_of(situation, office))


def facts_for(
    situation: Situation,
    kind: ContactKind,
    *,
    chat_id: int | None = None,
    neutral: bool = False,
    guard: GuardVerdict = "ok",
) -> ContactFacts:
    facts = situation.facts
    account, talk = facts.account, facts.conversation
    wrote_at = talk.borrower_wrote_at if talk else None
    answered_at = talk.answered_at if talk else None
    verified = account is not None and chat_id in (None, account.telegram_id)
    found = ContactFacts(
        at=situation.now,
        kind=kind,
        country=facts.borrower.country,
        timezone=facts.borrower.timezone,
        verified=verified,
        # Whoever opens the link the lender sent them asks to be written to here.
        consent=facts.borrower.consent_at is not None or chat_id is not None or verified,
        stopped=facts.stopped_at is not None,
        reachable=not (verified and account is not None and account.unreachable_at),
        owner=owner_in(situation.state),
        borrower_wrote_at=wrote_at,
        answered=wrote_at is None or (answered_at is not None and answered_at >= wrote_at),
        person_wrote_at=talk.person_wrote_at if talk else None,
        holds=facts.holds,
        promise_open=situation.open_promise is not None,
        plan_kept=situation.plan_kept,
        something_due=situation.owes,
        balance_as_of=situation.balance_as_of or _LONG_AGO,
        guard=guard,
        neutral=neutral,
        history=facts.contacts,
    )
    if verified or chat_id is None:
        return found
    # A chat that is not the borrower's yet: whoever is there asked a moment ago. What was said in
    # the borrower's own chat, and who owns that, is another matter.
    return replace(found, owner=ChatOwner.BOT, borrower_wrote_at=situation.now, answered=False)


def held_within(situation: Situation, office: Office) -> tuple[str, ...]:
    """The rules that hold back even what stays within the house, or leaves by post: no chat is
    asked for and no hours, but plans, promises, holds and the ledger are.
    """
    rules = may_contact(situation, office, ContactKind.OVERDUE).rules
    return tuple(rule for rule in rules if rule in _ABOUT_THE_DEBT)


_ABOUT_THE_DEBT = frozenset(
    {"legal_hold", "dispute", "hardship", "promise_open", "plan_kept", "balance_stale",
     "balance_zero"}
)  # fmt: skip

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def policy_of(situation: Situation, office: Office) -> ContactPolicy:
    """Country, deployment and the borrower's own wishes, strictest of all."""
    return _policy(office, situation.facts.borrower.country, situation.facts.wishes)


@lru_cache(maxsize=4_096)
def _policy(office: Office, country: str, wishes: Wishes) -> ContactPolicy:
    return policy_for(country, *office.presets, wishes=wishes)
