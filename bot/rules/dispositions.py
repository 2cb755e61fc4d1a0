"""How a person's work can end. Codes are what is stored and typed; their words are labels.

A conversation ends with a disposition; every other kind of work has a short list of its own.
"""

from enum import StrEnum

from storage.records import Role, WorkKind


class Disposition(StrEnum):
    """The codes of `/close CODE`, the usual ones first."""

    PAID_PROMISE = "paid_promise"
    PLAN_AGREED = "plan_agreed"
    INFO_GIVEN = "info_given"
    DISPUTE_RESOLVED = "dispute_resolved"
    HARDSHIP_REFERRED = "hardship_referred"
    WRONG_PERSON = "wrong_person"
    NO_ANSWER = "no_answer"
    OTHER = "other"


SETTLED = "settled"
"""The end of a case that the borrower called settled before anybody took it."""

OUTCOMES: dict[WorkKind, tuple[str, ...]] = {
    WorkKind.CHAT: tuple(Disposition),
    WorkKind.CALL: ("answered", "tried", "wrong_number"),
    WorkKind.VISIT: ("visit_agreed", "visit_declined", "visit_not_needed"),
    WorkKind.NOTICE: ("approved", "rejected", "posted", "sent_in_chat", "not_posted"),
    WorkKind.REVIEW: ("reviewed",),
    WorkKind.RECEIPT: ("payment_found", "payment_not_found"),
    WorkKind.PLAN_REVIEW: ("approved", "approved_freeze", "rejected"),
    WorkKind.DISPUTE: ("borrower_right", "lender_right"),
    WorkKind.HARDSHIP: ("arranged", "signposted", "not_confirmed"),
    WorkKind.COMPLAINT: ("answered",),
    WorkKind.STOP_REVIEW: ("noted",),
    WorkKind.ESCALATION: ("noted",),
    WorkKind.WAIVER_REVIEW: ("approved", "rejected"),
    WorkKind.QA: ("scored",),
    WorkKind.TRIAGE: ("reachable", "unreachable"),
}

CASEWORKERS = frozenset({Role.COLLECTOR, Role.SUPERVISOR, Role.COMPLIANCE})
"""The roles that work with borrowers."""

LEADERS = frozenset({Role.SUPERVISOR, Role.COMPLIANCE})
"""Who may see everybody's cases, take one over and give it to somebody else."""

DECIDE_WAIVERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
"""Who may give the second yes to a waiver; an admin without taking it from the queue."""

_NOT_FOR_COLLECTORS = frozenset(
    {
        WorkKind.REVIEW,
        WorkKind.COMPLAINT,
        WorkKind.STOP_REVIEW,
        WorkKind.ESCALATION,
        WorkKind.QA,
    }
)
"""Reviews, and whatever may be about a collector."""


def may_do(role: Role, kind: WorkKind) -> bool:
    """Whether somebody of `role` may take work of `kind`."""
    if kind is WorkKind.WAIVER_REVIEW:
        return role in CASEWORKERS & DECIDE_WAIVERS
    if role is Role.COLLECTOR:
        return kind not in _NOT_FOR_COLLECTORS
    return role in CASEWORKERS
