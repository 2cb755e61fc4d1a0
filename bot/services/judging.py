"""What a look at a borrower comes to: the steps due, the policy's word on each, the next look.

Pure. Most of a portfolio has no promise, plan, hold, wish or past contact, and thousands of them
have the same due dates; amounts and names decide nothing here. So whoever is alike in everything
that does decide is judged once in a look.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.rules.experiment import HOLD_OUT
from bot.rules.hindsight import paid_between
from bot.rules.ledger import LoanStanding
from bot.rules.local_time import latest_day
from bot.rules.strategy import Action, Occurrence, enters, outlook
from bot.rules.strategy_group import groups_of
from bot.services.contacting import held_within, may_contact
from bot.services.office import Office
from bot.services.situation import Situation
from storage.facts import Known, Sketch
from storage.loans import Glimpse
from storage.records import (
    BorrowerId,
    ContactKind,
    ConversationState,
    Decision,
    Loan,
    Wishes,
)

_NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Judgement:
    """`steps`: with the kind the policy was asked about, the most important first.

    `is_clear`: they have loans, and nothing is due. `enters`: from now on at the latest their
    groups in experiments matter.
    """

    steps: tuple[tuple[Occurrence, ContactKind, Decision], ...]
    next_look: datetime | None
    is_clear: bool
    overdue: bool
    enters: bool = False


class Judging:
    """The judgements of one moment by one office."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._known: dict[Hashable, Judgement] = {}

    def of(self, situation: Situation) -> Judgement:
        key = _what_decides(situation, self._office)
        if key is None:
            return judged(situation, self._office)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = judged(situation, self._office)
        return found

    def of_known(self, known: Known, borrower_id: BorrowerId, now: datetime) -> Judgement:
        """As `of`, and whoever is like somebody judged before is no more than read."""
        sketch = known.sketch_of(borrower_id)
        key = None if sketch is None else _what_decides_of(sketch, self._office, latest_day(now))
        found = None if key is None else self._known.get(key)
        if found is None:
            found = self.of(Situation(known.facts_of(borrower_id), now))
        return found

    def of_message(
        self, situation: Situation, kind: ContactKind, unique_key: str
    ) -> Decision | None:
        """The policy's word on a message to their own chat that was planned under `unique_key`.

        None: no step asks for it now, or they are only held out of reminders, which the policy
        knows nothing of.
        """
        borrower_id = situation.facts.borrower.borrower_id
        for occurrence, _, decision in self.of(situation).steps:
            asked_for = occurrence.kind is kind and occurrence.unique_key(borrower_id) == unique_key
            if asked_for and _is_message(occurrence) and HOLD_OUT not in decision.rules:
                return decision
        return None


def judged(situation: Situation, office: Office) -> Judgement:
    """For this borrower alone."""
    now, standing = situation.now, situation.standing
    seen = outlook(office.strategy, situation.facts, now, standing)
    steps = tuple((one, kind_of(one), _decided(situation, office, one)) for one in seen.due)
    held = tuple((one, kind_of(one), held_out(situation, office, one)) for one in seen.held_out)
    looks = [seen.next_at] if seen.next_at else []
    if any(decision.verdict == "deny" for _, _, decision in steps):
        # A rule may end with time alone, as a promise does: look again tomorrow.
        tomorrow = situation.today + timedelta(days=1)
        looks.append(situation.local_time.instant(tomorrow, time()))
    entry = None
    if office.strategy.has_groups:
        entry = enters(office.strategy, situation.facts, now, standing)
        looks += [entry.next_at] if entry.next_at else []
    return Judgement(
        steps=(*steps, *held),
        next_look=min(looks, default=None),
        is_clear=bool(situation.facts.loans) and not standing.is_due,
        overdue=situation.overdue,
        enters=entry is not None and bool(entry.due),
    )


def kind_of(occurrence: Occurrence) -> ContactKind:
    return occurrence.kind or ContactKind.OVERDUE


def held_out(situation: Situation, office: Office, occurrence: Occurrence) -> Decision:
    """A reminder that is not sent to learn what reminders do, with what the policy said of it."""
    asked = _decided(situation, office, occurrence)
    return Decision("deny", None, (*asked.rules, HOLD_OUT))


def _decided(situation: Situation, office: Office, occurrence: Occurrence) -> Decision:
    """A posted letter is drafted for whoever has no chat as well."""
    if _is_message(occurrence) and occurrence.kind is not None:
        return may_contact(situation, office, occurrence.kind)
    held = held_within(situation, office)
    return Decision("deny", None, held) if held else Decision("allow")


def _is_message(occurrence: Occurrence) -> bool:
    return occurrence.kind is not None and occurrence.step.action is not Action.NOTICE


def _what_decides(situation: Situation, office: Office) -> Hashable | None:
    """Equal for two borrowers only if the same follows for both; None: judge this one alone."""
    facts = situation.facts
    talk = facts.conversation
    if (
        facts.contacts
        or facts.holds
        or facts.promises
        or facts.plans
        or facts.stopped_at
        or facts.wishes != _NO_WISHES
        or (
            talk is not None
            and (
                talk.state is not ConversationState.BOT
                or talk.borrower_wrote_at
                or talk.person_wrote_at
            )
        )
    ):
        return None
    borrower, account = facts.borrower, facts.account
    return _key(
        office,
        borrower.borrower_ref,
        borrower.country,
        borrower.timezone,
        borrower.consent_at is not None,
        account is not None,
        account is not None and account.unreachable_at is None,
        facts.loans_imported_at,
        _loans(situation),
    )


def _what_decides_of(sketch: Sketch, office: Office, known_until: date) -> Hashable | None:
    """The same of a sketch. None: look closer."""
    told = tuple([_as_told(loan, known_until) for loan in sketch.loans])
    borrower_ref, *others, _ = sketch
    return None if None in told else _key(office, borrower_ref, *others, told)


def _key(office: Office, borrower_ref: str, *others: Hashable) -> Hashable:
    """`others`: as a sketch has them, the loans in the end."""
    return *others, groups_of(office.strategy, borrower_ref)


def _loans(situation: Situation) -> Hashable:
    """What of their loans decides; their standing is worked out only if something happened."""
    known_until = latest_day(situation.now)
    if not any(loan.earlier or loan.waivers for loan in situation.facts.loans):
        told = [_as_told(loan, known_until) for loan in situation.facts.loans]
        if None not in told:
            return tuple(told)
    return tuple(_since_then(loan, one) for loan, one in situation.loan_pairs())


def _as_told(loan: Loan | Glimpse, known_until: date) -> Hashable | None:
    """Of a loan that is as its only snapshot says, or owes less without having settled anything.

    None: payments may have settled something. `known_until`: see `ledger.standing`. What is
    outstanding decides only of a loan with nothing unpaid, and of that any payment is looked at.
    """
    if loan.payments:
        if any(one.reversed_on for one in loan.payments):
            return None
        since = paid_between(loan.payments, loan.as_of, known_until, known_until)
        paid = sum(one.amount for one in since)
        if paid and paid >= min((item.unpaid for item in loan.items if item.unpaid), default=0):
            return None
    dues = tuple([(item.due_date, item.unpaid > 0) for item in loan.items])
    return loan.product, loan.as_of, loan.told_at, loan.outstanding > 0, dues


def _since_then(loan: Loan, standing: LoanStanding) -> Hashable:
    return (
        loan.product,
        loan.as_of,
        loan.told_at,
        bool(standing.outstanding),
        tuple((item.due_date, item.unpaid > 0, item.settled_on) for item in standing.items),
    )
