"""Every table, its keys and its checks. Facts are dated rows; what can be derived is not stored.

Amounts are integer minor units beside their currency, instants UTC, days calendar dates.
`actor` columns name who did it: "system", "borrower:12", "staff:7".
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from storage.columns import Id, Instant, one_of
from storage.records import (
    Component,
    ContactKind,
    ConversationState,
    DeliveryClass,
    HandoffReason,
    HoldKind,
    Interest,
    OfferOutcome,
    OutboxStatus,
    Role,
    TimerName,
    WorkKind,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _borrower(*, primary_key: bool = False, index: bool = False) -> Column[int]:
    return Column(
        "borrower_id",
        Id,
        ForeignKey("borrowers.id"),
        nullable=False,
        primary_key=primary_key,
        index=index,
        autoincrement=False,
    )


# --- The portfolio, as the lender tells it -------------------------------------------------

imports = Table(
    "imports",
    metadata,
    Column("id", Id, primary_key=True),
    *one_of("kind", ("borrowers", "loans", "payments")),
    Column("as_of", Date),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("actor", String(40), nullable=False),
    Column("staged_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Column("applied_at", Instant),
    Column("over_days", Integer, nullable=False, server_default="1"),
)
"""`over_days`: its borrowers are first looked at spread over so many days."""

borrowers = Table(
    "borrowers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("borrower_ref", String(64), nullable=False, unique=True),
    Column("full_name", String(200), nullable=False),
    Column("language", String(16), nullable=False),
    Column("country", String(2), nullable=False),
    Column("timezone", String(64)),
    Column("phone", String(32), nullable=False, server_default=""),
    Column("birth_date_hmac", LargeBinary(32)),
    Column("id_last4_hmac", LargeBinary(32)),
    Column("segment", String(64), nullable=False, server_default=""),
    Column("consent_at", Instant),
    Column("imported_at", Instant, nullable=False),
)

loans = Table(
    "loans",
    metadata,
    Column("id", Id, primary_key=True),
    Column("loan_ref", String(64), nullable=False, unique=True),
    _borrower(index=True),
    Column("snapshot_id", Id),
    Column("imported_at", Instant, nullable=False),
)

loan_snapshots = Table(
    "loan_snapshots",
    metadata,
    Column("id", Id, primary_key=True),
    Column("loan_id", Id, ForeignKey("loans.id"), nullable=False),
    Column("product", String(100), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("outstanding", BigInteger, nullable=False),
    Column("pay_to", String(500), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("items_of", Id, ForeignKey("loan_snapshots.id")),
    Column("repeats", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("loan_id", "as_of"),
)
"""What the lender said of a loan on one day. `loans.snapshot_id` points at the newest.

`items_of`: the earlier snapshot whose due items it says again; None: it has its own. `repeats`: it
says nothing but what the one before it said, of a later day.
"""
Index(
    "ix_loan_snapshots_news",
    loan_snapshots.c.loan_id,
    sqlite_where=~loan_snapshots.c.repeats,
    postgresql_where=~loan_snapshots.c.repeats,
)

due_items = Table(
    "due_items",
    metadata,
    Column("snapshot_id", Id, ForeignKey("loan_snapshots.id"), primary_key=True),
    Column("due_date", Date, primary_key=True),
    Column("principal", BigInteger, nullable=False),
    Column("interest", BigInteger, nullable=False),
    Column("penalty", BigInteger, nullable=False),
    Column("fees", BigInteger, nullable=False),
    CheckConstraint(
        "principal >= 0 AND interest >= 0 AND penalty >= 0 AND fees >= 0", name="not_negative"
    ),
)

payments = Table(
    "payments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("payment_ref", String(64), nullable=False, unique=True),
    Column("loan_id", Id, ForeignKey("loans.id"), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("reversed_on", Date),
    Column("reversal_received_at", Instant),
    CheckConstraint("amount > 0", name="positive"),
)

waivers = Table(
    "waivers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("loan_id", Id, ForeignKey("loans.id"), nullable=False, index=True),
    *one_of("component", Component),
    Column("amount", BigInteger, nullable=False),
    Column("reason", String(300), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("proposed_by", String(40), nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", String(40)),
    Column("waived_on", Date),
    CheckConstraint("amount > 0", name="positive"),
    CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_people"),
    CheckConstraint("waived_on IS NULL OR decided_at IS NOT NULL", name="decided"),
)
"""A part of a loan that the lender lets go: one person proposes, another decides. `waived_on`: the
borrower's day on which it counts; without one it was rejected, or nobody has decided."""
Index(
    "uq_waivers_open",
    waivers.c.loan_id,
    unique=True,
    sqlite_where=waivers.c.decided_at.is_(None),
    postgresql_where=waivers.c.decided_at.is_(None),
)

parked_payments = Table(
    "parked_payments",
    metadata,
    Column("payment_ref", String(64), primary_key=True),
    Column("loan_ref", String(64), nullable=False, index=True),
    Column("thousandths", BigInteger, nullable=False),
    Column("paid_on", Date, nullable=False),
    Column("reversed_on", Date),
    Column("parked_at", Instant, nullable=False),
)
"""Good payments for a loan not known yet; the amount waits for its currency in thousandths of a
major unit, the finest there is."""

staged_batches = Table(
    "staged_batches",
    metadata,
    Column("import_id", Id, ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
)
"""An import on its way in: JSON batches, each applied whole in one short transaction, in order."""

# --- People ---------------------------------------------------------------------------------

link_tokens = Table(
    "link_tokens",
    metadata,
    Column("token_hmac", LargeBinary(32), primary_key=True),
    _borrower(index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_by", BigInteger),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    _borrower(index=True),
    Column("telegram_id", BigInteger, nullable=False),
    Column("language", String(16)),
    Column("linked_at", Instant, nullable=False),
    Column("verified_at", Instant),
    Column("unreachable_at", Instant),
    Column("unlinked_at", Instant),
    Column("home_message_id", BigInteger),
)
"""A Telegram account that opened a borrower's link. At most one a person and a borrower is live."""
Index(
    "uq_accounts_live_telegram_id",
    accounts.c.telegram_id,
    unique=True,
    sqlite_where=accounts.c.unlinked_at.is_(None),
    postgresql_where=accounts.c.unlinked_at.is_(None),
)
Index(
    "uq_accounts_verified_borrower_id",
    accounts.c.borrower_id,
    unique=True,
    sqlite_where=accounts.c.unlinked_at.is_(None) & accounts.c.verified_at.is_not(None),
    postgresql_where=accounts.c.unlinked_at.is_(None) & accounts.c.verified_at.is_not(None),
)

identity_attempts = Table(
    "identity_attempts",
    metadata,
    Column("id", Id, primary_key=True),
    _borrower(),
    Column("telegram_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("passed", Boolean, nullable=False),
    Index(None, "borrower_id", "at"),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Id, primary_key=True),
    Column("telegram_id", BigInteger, nullable=False, unique=True),
    *one_of("role", Role),
    Column("name", String(100), nullable=False),
    Column("languages", JSON, nullable=False),
    Column("skills", JSON, nullable=False),
    Column("language", String(16)),
    Column("capacity", Integer),
    Column("added_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    CheckConstraint("capacity > 0", name="capacity_positive"),
)
"""`capacity`: how many conversations at once; none means as many as the data file says."""

shifts = Table(
    "shifts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

dialogs = Table(
    "dialogs",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("thread_id", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(64), nullable=False),
    Column("data", JSON, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
"""What a chat, or a topic of it, is being asked for; a restart forgets nobody. Topic 0: none."""

# --- What limits contact ----------------------------------------------------------------------

holds = Table(
    "holds",
    metadata,
    Column("id", Id, primary_key=True),
    _borrower(index=True),
    Column("loan_id", Id, ForeignKey("loans.id")),
    *one_of("kind", HoldKind),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant),
    Column("source", String(64), nullable=False),
    Column("actor", String(40), nullable=False),
    Column("lifted_at", Instant),
    Column("lifted_by", String(40)),
    Column("outcome", String(64)),
)

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("id", Id, primary_key=True),
    _borrower(index=True),
    Column("stopped_at", Instant, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("resumed_at", Instant),
    Column("resumed_by", String(40)),
)

wishes = Table(
    "wishes",
    metadata,
    _borrower(primary_key=True),
    Column("hours", String(11)),
    Column("max_per_week", Integer),
    Column("updated_at", Instant, nullable=False),
)

switches = Table(
    "switches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(32), nullable=False, index=True),
    Column("on_at", Instant, nullable=False),
    Column("on_by", String(40), nullable=False),
    Column("off_at", Instant),
    Column("off_by", String(40)),
)
"""The emergency stop, and stretches a restore cannot know about, as dated facts."""

# --- Promises and plans -----------------------------------------------------------------------

promises = Table(
    "promises",
    metadata,
    Column("id", Id, primary_key=True),
    _borrower(index=True),
    Column("loan_id", Id, ForeignKey("loans.id")),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("due_date", Date, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("superseded_at", Instant),
    Column("withdrawn_at", Instant),
    CheckConstraint("amount > 0", name="positive"),
)

plans = Table(
    "plans",
    metadata,
    Column("id", Id, primary_key=True),
    _borrower(index=True),
    Column("balance", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("down_payment", BigInteger, nullable=False, server_default="0"),
    Column("frequency", String(16), nullable=False),
    Column("approval", String(16), nullable=False),
    Column("covers_all", Boolean, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("approved_at", Instant),
    Column("approved_by", String(40)),
    Column("rejected_at", Instant),
    Column("rejected_by", String(40)),
    Column("countered_at", Instant),
    Column("agreed_at", Instant),
    Column("cancelled_at", Instant),
    Column("cancelled_by", String(40)),
    *one_of("interest", Interest, server_default=Interest.PER_CONTRACT),
    Column("replaces_id", Id, ForeignKey("plans.id")),
)
"""`replaces_id`: the plan under way that this one takes the place of once it is agreed to."""

instalments = Table(
    "instalments",
    metadata,
    Column("plan_id", Id, ForeignKey("plans.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("due_date", Date, nullable=False),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("amount > 0", name="positive"),
)

# --- Conversations and people's work --------------------------------------------------------------

conversations = Table(
    "conversations",
    metadata,
    _borrower(primary_key=True),
    *one_of("state", ConversationState),
    Column("staff_id", Id, ForeignKey("staff.id")),
    Column("case_id", Id),
    Column("version", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("borrower_wrote_at", Instant),
    Column("answered_at", Instant),
    Column("person_wrote_at", Instant),
    Column("not_understood", Integer, nullable=False, server_default="0"),
)
"""One row a borrower: who owns the talk now. Every change is a conditional update on `version`."""
Index(
    "ix_conversations_owned",
    conversations.c.staff_id,
    sqlite_where=conversations.c.staff_id.is_not(None),
    postgresql_where=conversations.c.staff_id.is_not(None),
)
Index(
    "ix_conversations_with_people",
    conversations.c.state,
    conversations.c.since,
    sqlite_where=conversations.c.state != "bot",
    postgresql_where=conversations.c.state != "bot",
)

conversation_changes = Table(
    "conversation_changes",
    metadata,
    Column("id", Id, primary_key=True),
    _borrower(index=True),
    Column("case_id", Id),
    Column("from_state", String(32), nullable=False),
    Column("to_state", String(32), nullable=False),
    Column("staff_id", Id),
    Column("reason", String(64), nullable=False),
    Column("actor", String(40), nullable=False),
    Column("at", Instant, nullable=False),
)
Index(
    "ix_conversation_changes_of_case",
    conversation_changes.c.case_id,
    sqlite_where=conversation_changes.c.case_id.is_not(None),
    postgresql_where=conversation_changes.c.case_id.is_not(None),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    _borrower(index=True),
    *one_of("reason", HandoffReason),
    Column("more_reasons", JSON, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", String(40), nullable=False),
    Column("since", Instant, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("brief", JSON, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", String(40)),
    Column("disposition", String(32)),
    Column("board_chat_id", BigInteger),
    Column("board_message_id", BigInteger),
)
"""`since`: when the present stretch with people began; `reopened`: how many stretches there were
before it. The reasons are those of the present one, `closed_by` is who ended the last."""

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    _borrower(),
    Column("case_id", Id, ForeignKey("cases.id")),
    *one_of("direction", ("in", "out", "note")),
    Column("actor", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("media_kind", String(16)),
    Column("file_id", String(256)),
    Column("chat_id", BigInteger),
    Column("message_id", BigInteger),
    Column("update_id", BigInteger, unique=True),
    Column("outbox_id", Id),
    Index(None, "borrower_id", "at"),
)
"""What was said in a chat with a borrower, by whom, and the notes staff kept to themselves."""
Index(
    "ix_messages_of_case",
    messages.c.case_id,
    sqlite_where=messages.c.case_id.is_not(None),
    postgresql_where=messages.c.case_id.is_not(None),
)

transcript = Table(
    "transcript",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""Everything that happened in a case, each entry bound to the one before it by `hash`."""

relays = Table(
    "relays",
    metadata,
    Column("staff_chat_id", BigInteger, primary_key=True),
    Column("staff_message_id", BigInteger, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    _borrower(),
    Column("message_id", Id, ForeignKey("messages.id")),
)
"""Which message in a collector's chat shows which borrower's case; replies are routed by it."""

topics = Table(
    "topics",
    metadata,
    Column("staff_chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("thread_id", BigInteger),
    Column("asked", Integer, nullable=False),
    Column("refused_at", Instant),
    Index(None, "staff_chat_id", "thread_id"),
)
"""The topic of a case in a collector's chat. `thread_id` None: there is none (yet), so the case is
in the plain chat; `asked` counts how often one was asked for."""

corrections = Table(
    "corrections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False),
    _borrower(index=True),
    Column("intents", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(40), nullable=False),
    Index(None, "message_id"),
)
"""What a message was really about, said by a person who read it; the newest word on it counts."""

work = Table(
    "work",
    metadata,
    Column("id", Id, primary_key=True),
    Column("unique_key", String(128), nullable=False, unique=True),
    *one_of("kind", WorkKind),
    _borrower(index=True),
    Column("loan_id", Id, ForeignKey("loans.id")),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("plan_id", Id, ForeignKey("plans.id")),
    Column("waiver_id", Id, ForeignKey("waivers.id")),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(40), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("place_at", Instant, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id"), index=True),
    Column("claimed_at", Instant),
    Column("done_at", Instant),
    Column("done_by", String(40)),
    Column("outcome", String(64)),
    Index(None, "done_at", "place_at"),
)
"""Every task a person has, of whatever kind. `urgency` 0 goes first, the others by `place_at`."""

offers = Table(
    "offers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("work_id", Id, ForeignKey("work.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("from_staff_id", Id, ForeignKey("staff.id")),
    Column("offered_at", Instant, nullable=False),
    Column("offered_by", String(40), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    *one_of("outcome", OfferOutcome, nullable=True),
)
"""A case offered to a person until a moment; at most one open offer a case. `from_staff_id`: who
keeps it until the other accepts."""
Index(
    "uq_offers_open",
    offers.c.work_id,
    unique=True,
    sqlite_where=offers.c.ended_at.is_(None),
    postgresql_where=offers.c.ended_at.is_(None),
)
Index(
    "ix_offers_pending",
    offers.c.staff_id,
    offers.c.expires_at,
    sqlite_where=offers.c.ended_at.is_(None),
    postgresql_where=offers.c.ended_at.is_(None),
)

timers = Table(
    "timers",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    *one_of("name", TimerName, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
)
"""What happens to a case by itself, and when. A row that has become untrue is dropped unheard."""

notices = Table(
    "notices",
    metadata,
    Column("work_id", Id, ForeignKey("work.id"), primary_key=True, autoincrement=False),
    Column("name", String(64), nullable=False),
    Column("sheet", JSON, nullable=False),
    Column("reply_by", Date, nullable=False),
    Column("approved_at", Instant, nullable=False),
    Column("approved_by", String(40), nullable=False),
)
"""Formal letters as a person approved them, word for word. What became of one: `work.outcome`."""

ratings = Table(
    "ratings",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("stretch", Integer, primary_key=True, autoincrement=False),
    Column("score", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("score BETWEEN 1 AND 5", name="one_to_five"),
)
"""What borrowers thought of a conversation with a person, 1 to 5; their first word counts. A case
that was opened again has one for each of its stretches, numbered as `cases.reopened` was then."""

qa_marks = Table(
    "qa_marks",
    metadata,
    Column("work_id", Id, ForeignKey("work.id"), primary_key=True, autoincrement=False),
    Column("criterion", String(32), primary_key=True),
    Column("mark", Integer),
    Column("at", Instant, nullable=False),
    Column("actor", String(40), nullable=False),
    CheckConstraint("mark BETWEEN 0 AND 2", name="none_partly_fully"),
)
"""The score card of a closed case: 2 fully, 1 partly, 0 not; no mark: it did not come up."""

# --- What the bot says ---------------------------------------------------------------------------

script_versions = Table(
    "script_versions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(80), nullable=False),
    Column("language", String(16), nullable=False),
    Column("source", Text, nullable=False),
    Column("based_on", Id, ForeignKey("script_versions.id")),
    Column("revision", Integer, nullable=False),
    Column("why", String(500), nullable=False, server_default=""),
    Column("written_at", Instant, nullable=False),
    Column("written_by", String(40), nullable=False),
    Column("submitted_at", Instant),
    Column("submitted_by", String(40)),
    Column("published_at", Instant),
    Column("published_by", String(40)),
    Column("effective_from", Instant),
    Column("retired_at", Instant),
    Column("retired_by", String(40)),
    Column("retired_why", String(500), nullable=False, server_default=""),
    CheckConstraint(
        "(published_at IS NULL) = (effective_from IS NULL)", name="published_takes_effect"
    ),
    Index(None, "key", "language"),
)
"""Texts that take the place of a file's, and drafts of them. The newest in effect is what is said;
`revision` counts the savings of a draft, so that nobody approves what they have not seen."""
Index(
    "uq_script_versions_draft",
    script_versions.c.key,
    script_versions.c.language,
    unique=True,
    sqlite_where=script_versions.c.published_at.is_(None) & script_versions.c.retired_at.is_(None),
    postgresql_where=script_versions.c.published_at.is_(None)
    & script_versions.c.retired_at.is_(None),
)

script_edition = Table(
    "script_edition",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
)
"""One row, counted up by whatever changes what is said; every process compares it."""

# --- What goes in and out of Telegram ------------------------------------------------------------

inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger),
    Column("body", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    *one_of("status", ("new", "done", "dead")),
    Column("handled_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", String(200)),
)
Index(
    "ix_inbox_new",
    inbox.c.update_id,
    sqlite_where=inbox.c.status == "new",
    postgresql_where=inbox.c.status == "new",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("unique_key", String(128), nullable=False, unique=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("borrower_id", Id, ForeignKey("borrowers.id")),
    Column("case_id", Id, ForeignKey("cases.id")),
    *one_of("kind", ContactKind, nullable=True),
    *one_of("delivery", DeliveryClass),
    Column("lane", Integer, nullable=False),
    Column("automated", Boolean, nullable=False),
    Column("method", String(32), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("expires_at", Instant),
    *one_of("status", OutboxStatus),
    Column("status_at", Instant, nullable=False),
    Column("worker", String(40)),
    Column("marked_at", Instant),
    Column("message_id", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("rules", String(200), nullable=False, server_default=""),
    Column("error", String(300), nullable=False, server_default=""),
    Column("possible_repeat", Boolean, nullable=False, server_default=false()),
    Column("script", String(80)),
    Column("script_language", String(16)),
    Column("script_variant", String(16)),
    Column("script_version", Id, ForeignKey("script_versions.id")),
    Index(None, "borrower_id", "marked_at"),
    Index(None, "chat_id", "message_id"),
)
"""Everything that leaves, and the record of every contact. `kind` None: to staff, no contact.
`script*` say which words a borrower was sent; `script_version` None: the file's."""
Index(
    "ix_outbox_said",
    outbox.c.script,
    outbox.c.marked_at,
    sqlite_where=outbox.c.script.is_not(None),
    postgresql_where=outbox.c.script.is_not(None),
)
Index(
    "ix_outbox_marked",
    outbox.c.marked_at,
    sqlite_where=outbox.c.marked_at.is_not(None),
    postgresql_where=outbox.c.marked_at.is_not(None),
)
Index(
    "ix_outbox_expiring",
    outbox.c.expires_at,
    sqlite_where=outbox.c.status.in_(("queued", "suspended")),
    postgresql_where=outbox.c.status.in_(("queued", "suspended")),
)
Index(
    "ix_outbox_in_doubt",
    outbox.c.marked_at,
    sqlite_where=outbox.c.status == "unknown",
    postgresql_where=outbox.c.status == "unknown",
)
Index(
    "ix_outbox_waiting",
    outbox.c.lane,
    outbox.c.not_before,
    outbox.c.id,
    sqlite_where=outbox.c.status == "queued",
    postgresql_where=outbox.c.status == "queued",
)
Index(
    "ix_outbox_open",
    outbox.c.chat_id,
    outbox.c.id,
    sqlite_where=outbox.c.status.in_(("queued", "claimed", "sending", "suspended")),
    postgresql_where=outbox.c.status.in_(("queued", "claimed", "sending", "suspended")),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Id, primary_key=True),
    _borrower(),
    Column("outbox_key", String(128), nullable=False),
    *one_of("kind", ContactKind),
    *one_of("asked", ("planned", "sending")),
    *one_of("verdict", ("allow", "defer", "deny")),
    Column("until", Instant),
    Column("rules", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("variants", String(300)),
    Index(None, "borrower_id", "at"),
)
"""`variants`: the borrower's group in every experiment then, "fewer_words=weekly"; none without."""

enrolments = Table(
    "enrolments",
    metadata,
    Column("experiment", String(30), primary_key=True),
    _borrower(primary_key=True),
    Column("variant", String(30), primary_key=True),
    Column("since", Instant, nullable=False),
)
"""Who has been in which group of an experiment, from the first moment at which groups differ."""

schedule = Table(
    "schedule",
    metadata,
    _borrower(primary_key=True),
    Column("next_contact_at", Instant, index=True),
    Column("begins_at", Instant),
    Column("news", Integer, nullable=False, server_default="0"),
)
"""When the planner has to look at a borrower again. Narrow on purpose: it is the hot index.

`begins_at`: not before, whatever is imported, as the portfolio came all at once. `news`: how often
facts have asked for a look.
"""

send_pauses = Table(
    "send_pauses",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("until", Instant, nullable=False),
)
"""Telegram's `retry_after`, kept across a restart. Chat 0 is everything automated."""

chat_moves = Table(
    "chat_moves",
    metadata,
    Column("old_chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("new_chat_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Groups that became supergroups: what is addressed to the old number goes to the new one."""

board_members = Table(
    "board_members",
    metadata,
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)
"""What Telegram last said of staff in the board group: came or left, and when. Of who was in it
before the bot nothing is said, so no row means nothing.
"""

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("act", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("details", JSON, nullable=False),
    Index(None, "subject", "at"),
)
"""Who did what to whom. Details never hold names, phones or words of a chat."""
