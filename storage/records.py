"""The words of the field as frozen values: what storage returns and what rules decide on.

No SQL here and no behaviour beyond arithmetic. Money is integer minor units with its currency;
instants are aware UTC datetimes; calendar days are dates in the borrower's own zone.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Any, NamedTuple, NewType, Self

from storage.currencies import MINOR_DIGITS

BorrowerId = NewType("BorrowerId", int)
LoanId = NewType("LoanId", int)
StaffId = NewType("StaffId", int)
CaseId = NewType("CaseId", int)
OutboxId = NewType("OutboxId", int)
PromiseId = NewType("PromiseId", int)
PlanId = NewType("PlanId", int)
WaiverId = NewType("WaiverId", int)
WorkId = NewType("WorkId", int)
OfferId = NewType("OfferId", int)
VersionId = NewType("VersionId", int)

LARGEST_AMOUNT = 10**12
"""Minor units; a larger figure in a file is a mistake, not a debt."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount: `minor` units (fen, cents) of an ISO 4217 `currency`."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read major units with a dot, such as "1200.00".

        Raises ValueError when the text is no number, has more decimals than the currency, or
        the currency is unknown.
        """
        digits = MINOR_DIGITS.get(currency)
        if digits is None:
            raise ValueError(f"unknown currency {currency!r}")
        try:
            minor = Decimal(text).scaleb(digits)
        except ArithmeticError:  # no number, or one with an exponent beyond all measure
            raise ValueError(f"not an amount: {text!r}") from None
        if not minor.is_finite():
            raise ValueError(f"not an amount: {text!r}")
        if minor != minor.to_integral_value():
            raise ValueError(f"more than {digits} decimals for {currency}: {text!r}")
        return cls(int(minor), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @property
    def major(self) -> Decimal:
        return Decimal(self.minor).scaleb(-MINOR_DIGITS[self.currency])

    def __str__(self) -> str:
        """Major units with the currency's own decimals, no currency: "1200.00"."""
        return f"{self.major:.{MINOR_DIGITS[self.currency]}f}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other

    def share(self, percent: Decimal | int) -> "Money":
        """`percent` % of it, rounded down to a minor unit."""
        part = (Decimal(self.minor) * Decimal(percent) / 100).to_integral_value(ROUND_DOWN)
        return Money(int(part), self.currency)


class Role(StrEnum):
    COLLECTOR = "collector"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"
    COMPLIANCE = "compliance"


class ActorKind(StrEnum):
    BORROWER = "borrower"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does a thing; every act in storage names one."""

    kind: ActorKind
    id: int | None = None
    role: Role | None = None

    @classmethod
    def system(cls) -> Self:
        return cls(ActorKind.SYSTEM)

    @classmethod
    def borrower(cls, borrower_id: BorrowerId) -> Self:
        return cls(ActorKind.BORROWER, borrower_id)

    @classmethod
    def staff(cls, staff_id: StaffId, role: Role) -> Self:
        return cls(ActorKind.STAFF, staff_id, role)

    def __str__(self) -> str:
        """As written in audit columns: "staff:7", "borrower:12", "system"."""
        return self.kind if self.id is None else f"{self.kind}:{self.id}"


class ContactKind(StrEnum):
    """What a contact is about; the contact policy judges by it (policy: kinds)."""

    PRE_DUE = "pre_due"
    OVERDUE = "overdue"
    PROMISE_NOTE = "promise_note"
    PLAN_NOTE = "plan_note"
    THANKS = "thanks"
    NOTICE = "notice"
    REPLY = "reply"
    STAFF = "staff"
    CALL = "call"
    SAFETY = "safety"


AUTOMATED = frozenset(
    {
        ContactKind.PRE_DUE,
        ContactKind.OVERDUE,
        ContactKind.PROMISE_NOTE,
        ContactKind.PLAN_NOTE,
        ContactKind.NOTICE,
    }
)
"""The kinds the bot starts by itself."""


class DeliveryClass(StrEnum):
    """What a crash between the call and its record means for a row of the outbox."""

    REMINDER = "reminder"  # at most once: unknown, never resent
    WORDS = "words"  # at least once, in order: resent, marked as a possible repeat
    ANSWER = "answer"  # a redraw: sending it again shows the same


class OutboxStatus(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    SUSPENDED = "suspended"  # waits for facts to change back or for its validity to end
    EXPIRED = "expired"
    DENIED = "denied"
    FAILED = "failed"


class HoldKind(StrEnum):
    DISPUTE = "dispute"
    COMPLAINT = "complaint"
    HARDSHIP = "hardship"
    LEGAL = "legal"
    FROZEN = "frozen"


class ConversationState(StrEnum):
    """Who owns a conversation. One field, changed only by a conditional update."""

    BOT = "bot"
    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"
    HELD = "held"
    WRAP_UP = "wrap_up"
    FROZEN = "frozen"


class OfferOutcome(StrEnum):
    """How an offer of a case to a person ended."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"  # no answer in time
    TAKEN = "taken"  # somebody else was faster
    GONE = "gone"  # the person left before answering
    WITHDRAWN = "withdrawn"  # the case needs nobody any more, or not in this way
    LAPSED = "lapsed"  # accepted or taken once, and given back or lost again


class TimerName(StrEnum):
    """What happens to a case by itself."""

    WARN = "warn"  # supervisors hear that somebody waits for an answer
    REQUEUE = "requeue"  # a case nobody answers in goes back to the queue
    WRAP_UP = "wrap_up"  # writing up has taken long enough
    QUIET = "quiet"  # nobody has said anything for long; its owner is asked what is to be done


class HandoffReason(StrEnum):
    ASKED = "asked"
    REFUSAL = "refusal"
    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    COMPLAINT = "complaint"
    ABUSE = "abuse"
    LEGAL = "legal"
    CRISIS = "crisis"
    PLAN_OUTSIDE_POLICY = "plan_outside_policy"
    SECOND_BROKEN_PROMISE = "second_broken_promise"
    NOT_UNDERSTOOD = "not_understood"
    IDENTITY_FAILED = "identity_failed"
    THIRD_PARTY = "third_party"
    LANGUAGE = "language"
    BOT_ERROR = "bot_error"


class WorkKind(StrEnum):
    """Everything a person has to do lives in one table, whatever it is."""

    CHAT = "chat"
    CALL = "call"
    VISIT = "visit"
    NOTICE = "notice"
    REVIEW = "review"
    RECEIPT = "receipt"
    PLAN_REVIEW = "plan_review"
    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    COMPLAINT = "complaint"
    STOP_REVIEW = "stop_review"
    ESCALATION = "escalation"
    QA = "qa"
    WAIVER_REVIEW = "waiver_review"
    TRIAGE = "triage"


class Component(StrEnum):
    """The parts of a due item, in the order in which money usually pays them."""

    FEES = "fees"
    PENALTY = "penalty"
    INTEREST = "interest"
    PRINCIPAL = "principal"


Order = tuple[Component, ...]
"""Every component once, the one paid first in front."""

USUAL_ORDER: Order = tuple(Component)


class Interest(StrEnum):
    """What becomes of interest while a plan is kept."""

    PER_CONTRACT = "per_contract"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class DueItem:
    """One due date of a loan: what is still unpaid of it at the snapshot's `as_of`."""

    due_date: date
    principal: int
    interest: int
    penalty: int
    fees: int

    @property
    def unpaid(self) -> int:
        """Minor units of the loan's currency."""
        return self.principal + self.interest + self.penalty + self.fees


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the lender once said of a loan, since replaced by a newer word (`Loan.earlier`)."""

    as_of: date
    outstanding: int
    items: tuple[DueItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that reached the lender. A reversal is a date on it, never a deletion.

    `received_at`: when we heard of it; what was agreed later was agreed about what was left.
    """

    payment_ref: str
    amount: int
    paid_on: date
    reversed_on: date | None = None
    received_at: datetime | None = field(default=None, compare=False)

    def was_known_at(self, moment: datetime) -> bool:
        return self.received_at is not None and self.received_at <= moment


@dataclass(frozen=True, slots=True)
class Waiver:
    """A part of what is owed that two people of the lender let go, from `waived_on` on.

    `granted_at`: the moment of the second person's yes. Minor units of the loan's currency.
    """

    waiver_id: WaiverId
    component: Component
    amount: int
    waived_on: date
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan as last told by the lender, with the payments and waivers known for it.

    `earlier`: replaced snapshots, oldest first, without those that only repeat the one before and
    have nothing in between (see `storage.loans`); with them the past can be judged (when was an
    item settled, what did a since reversed payment pay), without them it is given its best face.
    `told_at`: when its newest snapshot reached us. `order`: how the lender allocates payments.
    """

    loan_id: LoanId
    loan_ref: str
    product: str
    currency: str
    outstanding: int
    pay_to: str
    as_of: date
    items: tuple[DueItem, ...] = ()
    payments: tuple[Payment, ...] = ()
    earlier: tuple[Snapshot, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    told_at: datetime | None = field(default=None, compare=False)
    order: Order = USUAL_ORDER


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch `[start, end)` in which some contacts may not happen; no end: until lifted."""

    kind: HoldKind
    start: datetime
    end: datetime | None = None
    loan_id: LoanId | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One past contact, for the caps. `outcome` is of calls: "answered" or "tried"."""

    at: datetime
    kind: ContactKind
    by: str = "bot"
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise to pay as made; its outcome is derived from payments, never stored.

    Scope: one loan, or with `loan_id` None all that is owed in `amount.currency`.
    """

    promise_id: PromiseId
    amount: Money
    due_date: date
    made_at: datetime
    loan_id: LoanId | None = None
    superseded_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Instalment:
    number: int
    due_date: date
    amount: int


@dataclass(frozen=True, slots=True)
class Plan:
    """An instalment plan: dated facts; its standing is derived from them and from payments."""

    plan_id: PlanId
    balance: Money
    down_payment: int
    frequency: str
    instalments: tuple[Instalment, ...]
    proposed_at: datetime
    approved_at: datetime | None = None
    rejected_at: datetime | None = None
    agreed_at: datetime | None = None
    cancelled_at: datetime | None = None
    approval: str = "automatic"
    countered_at: datetime | None = None
    covers_all: bool = False  # the whole outstanding balance, not only what was overdue
    interest: Interest = Interest.PER_CONTRACT
    replaces: PlanId | None = None  # the plan under way that a yes to this one ends


@dataclass(frozen=True, slots=True)
class Borrower:
    """A borrower as imported. `timezone` None means: any zone of the country."""

    borrower_id: BorrowerId
    borrower_ref: str
    full_name: str
    language: str
    country: str
    timezone: str | None
    consent_at: datetime | None
    segment: str = ""


@dataclass(frozen=True, slots=True)
class StaffMember:
    staff_id: StaffId
    telegram_id: int
    role: Role
    name: str
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    language: str | None = None
    disabled_at: datetime | None = None
    capacity: int | None = None

    @property
    def actor(self) -> Actor:
        return Actor.staff(self.staff_id, self.role)


@dataclass(frozen=True, slots=True)
class Decision:
    """The contact policy's answer. `rules`: every rule that did not allow, in policy order."""

    verdict: str  # allow | defer | deny
    until: datetime | None = None
    rules: tuple[str, ...] = field(default=())

    @property
    def allowed(self) -> bool:
        return self.verdict == "allow"


@dataclass(frozen=True, slots=True)
class Account:
    """A Telegram account that opened a borrower's link; live until `unlinked_at`."""

    account_id: int
    borrower_id: BorrowerId
    telegram_id: int
    language: str | None
    linked_at: datetime
    verified_at: datetime | None = None
    unreachable_at: datetime | None = None
    home_message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a borrower asked for beyond the rules; it can only narrow them."""

    hours: str | None = None
    max_per_week: int | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    borrower_id: BorrowerId
    state: ConversationState = ConversationState.BOT
    version: int = 0
    staff_id: StaffId | None = None
    case_id: CaseId | None = None
    since: datetime | None = None
    borrower_wrote_at: datetime | None = None
    answered_at: datetime | None = None
    person_wrote_at: datetime | None = None
    not_understood: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """What people do for a borrower, from a reason to a disposition.

    Who comes back soon goes on in the same case: `since` is when its present stretch began,
    `reopened` how many there were before, and the reasons are those of the present one. `brief`:
    what was true only at the handoff itself, such as how many messages were on the wire.
    """

    case_id: CaseId
    borrower_id: BorrowerId
    reason: HandoffReason
    more_reasons: tuple[HandoffReason, ...]
    opened_at: datetime
    since: datetime
    reopened: int = 0
    brief: dict[str, Any] = field(default_factory=dict)
    closed_at: datetime | None = None
    disposition: str | None = None
    board_chat_id: int | None = None
    board_message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said in a borrower's chat ("in", "out") or kept by staff ("note")."""

    message_id: int
    borrower_id: BorrowerId
    direction: str
    actor: str
    at: datetime
    text: str
    media_kind: str | None = None
    file_id: str | None = None
    case_id: CaseId | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One thing a person has to do. `urgency`: 0 goes first; `due_at`: should be begun by then."""

    work_id: WorkId
    kind: WorkKind
    borrower_id: BorrowerId
    created_at: datetime
    due_at: datetime
    urgency: int = 2
    note: str = ""
    loan_id: LoanId | None = None
    case_id: CaseId | None = None
    plan_id: PlanId | None = None
    waiver_id: WaiverId | None = None
    staff_id: StaffId | None = None
    claimed_at: datetime | None = None
    done_at: datetime | None = None
    outcome: str | None = None
    place_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A case held out to `staff_id` until `expires_at`. `from_staff_id` keeps it until then."""

    offer_id: OfferId
    work_id: WorkId
    case_id: CaseId
    staff_id: StaffId
    from_staff_id: StaffId | None
    offered_at: datetime
    offered_by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Timer:
    case_id: CaseId
    name: TimerName
    started_at: datetime
    due_at: datetime


class VersionState(StrEnum):
    """Where a stored text stands; the file's own text needs no state."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class ScriptVersion:
    """A text that takes the place of a file's, or a draft of one.

    `language`: a language folder. `based_on`: the version it was written from, None for the file.
    `revision` counts its savings. What people call it is `version_id`.
    """

    version_id: VersionId
    key: str
    language: str
    source: str
    revision: int
    why: str
    written_at: datetime
    written_by: str
    based_on: VersionId | None = None
    submitted_at: datetime | None = None
    submitted_by: str | None = None
    published_at: datetime | None = None
    published_by: str | None = None
    effective_from: datetime | None = None
    retired_at: datetime | None = None
    retired_by: str | None = None
    retired_why: str = ""

    @property
    def state(self) -> VersionState:
        if self.retired_at is not None:
            return VersionState.RETIRED
        if self.published_at is not None:
            return VersionState.PUBLISHED
        return VersionState.DRAFT if self.submitted_at is None else VersionState.IN_REVIEW


@dataclass(frozen=True, slots=True)
class Wording:
    """Which words were said: `version` None is the file's text."""

    script: str
    language: str
    variant: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A row for the outbox. `kind` None: a message to staff, which is no contact of a borrower.

    `payload` holds the method's parameters, or for rows rendered when sent a `script` key with
    what it needs to be rendered from the ledger of that moment.
    """

    unique_key: str
    chat_id: int
    delivery: DeliveryClass
    method: str
    payload: dict[str, Any]
    actor: Actor
    not_before: datetime
    kind: ContactKind | None = None
    borrower_id: BorrowerId | None = None
    case_id: CaseId | None = None
    expires_at: datetime | None = None
    wording: Wording | None = None

    @property
    def automated(self) -> bool:
        """Whether the bot started it, so that a handoff or a stop has to hold it."""
        return self.kind in AUTOMATED or self.kind is ContactKind.THANKS

    @property
    def lane(self) -> int:
        """0 answers and safety, 1 people's words, 2 what the bot starts."""
        if self.automated:
            return 2
        return 1 if self.delivery is DeliveryClass.WORDS else 0


class OutboxRow(NamedTuple):
    """A claimed row on its way out. Each is made twice, with its words and before."""

    outbox_id: OutboxId
    unique_key: str
    chat_id: int
    delivery: DeliveryClass
    method: str
    payload: dict[str, Any]
    actor: str
    kind: ContactKind | None
    borrower_id: BorrowerId | None
    case_id: CaseId | None
    expires_at: datetime | None
    automated: bool
    lane: int
    attempts: int
    status: OutboxStatus
    possible_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """An update as it arrived: Telegram's JSON, not yet decoded."""

    update_id: int
    chat_id: int | None
    body: str
    received_at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class BorrowerFacts:
    """All that is known of one borrower, as rules and services need it."""

    borrower: Borrower
    account: Account | None = None
    loans: tuple[Loan, ...] = ()
    loans_imported_at: datetime | None = None
    holds: tuple[Hold, ...] = ()
    stopped_at: datetime | None = None
    wishes: Wishes = Wishes()
    promises: tuple[Promise, ...] = ()
    plans: tuple[Plan, ...] = ()
    conversation: Conversation | None = None
    contacts: tuple[Contact, ...] = ()
