"""Who owns a conversation, who may take it over, and who may write in it.

The table below is the whole law: an event that is not in the row of a state is refused there.
Storage applies a change only if nobody changed the conversation first, so of two people who reach
for the same one exactly one gets it.
"""

from dataclasses import dataclass
from enum import StrEnum

from storage.records import ConversationState

_S = ConversationState


class Event(StrEnum):
    """What can happen to a conversation."""

    HANDOFF = "handoff"  # a reason for a person came up
    OFFERED = "offered"  # the router offers it to a collector
    TAKEN = "taken"  # a collector takes it from the board or the queue
    ACCEPTED = "accepted"  # the collector it was offered to says yes
    OFFER_ENDED = "offer_ended"  # no answer in time
    COLLECTOR_GONE = "collector_gone"  # off shift, disabled or silent
    SET_ASIDE = "set_aside"  # the collector holds it until a promised moment
    HOLD_DUE = "hold_due"  # that moment has come
    TRANSFER_ACCEPTED = "transfer_accepted"  # another collector owns it from now on
    RETURNED = "returned"  # the collector gives it back to the queue
    FINISHED = "finished"  # the collector is done and writes it up
    CLOSED = "closed"  # a disposition was given
    BORROWER_WROTE = "borrower_wrote"  # anything but thanks
    SETTLED = "settled"  # the borrower says so, or paid everything due
    FREEZE = "freeze"  # identity disputed, lawyer, insolvency, death, crisis
    RELEASED_TO_PERSON = "released_to_person"  # by compliance, with a reason
    RELEASED_TO_BOT = "released_to_bot"  # by compliance, with a reason


_SAME = "unchanged"

_TABLE: dict[ConversationState, dict[Event, ConversationState | str]] = {
    _S.BOT: {
        Event.HANDOFF: _S.WAITING,
        Event.BORROWER_WROTE: _SAME,
        Event.SETTLED: _SAME,
    },
    _S.WAITING: {
        Event.HANDOFF: _SAME,  # starting twice is one case
        Event.OFFERED: _S.OFFERED,
        Event.TAKEN: _S.ACTIVE,
        Event.BORROWER_WROTE: _SAME,
        Event.SETTLED: _S.BOT,
    },
    _S.OFFERED: {
        Event.HANDOFF: _SAME,
        Event.ACCEPTED: _S.ACTIVE,
        Event.OFFER_ENDED: _S.WAITING,
        Event.COLLECTOR_GONE: _S.WAITING,
        Event.BORROWER_WROTE: _SAME,
        Event.SETTLED: _S.BOT,
    },
    _S.ACTIVE: {
        Event.HANDOFF: _SAME,
        Event.SET_ASIDE: _S.HELD,
        Event.TRANSFER_ACCEPTED: _S.ACTIVE,
        Event.RETURNED: _S.WAITING,
        Event.COLLECTOR_GONE: _S.WAITING,
        Event.FINISHED: _S.WRAP_UP,
        Event.BORROWER_WROTE: _SAME,
        Event.SETTLED: _SAME,  # its owner closes it
    },
    _S.HELD: {
        Event.HANDOFF: _S.ACTIVE,
        Event.HOLD_DUE: _S.ACTIVE,
        Event.BORROWER_WROTE: _S.ACTIVE,
        Event.COLLECTOR_GONE: _S.WAITING,
        Event.SETTLED: _SAME,
    },
    _S.WRAP_UP: {
        Event.HANDOFF: _S.ACTIVE,
        Event.BORROWER_WROTE: _S.ACTIVE,
        Event.CLOSED: _S.BOT,
        Event.SETTLED: _SAME,
    },
    _S.FROZEN: {
        Event.HANDOFF: _SAME,
        Event.BORROWER_WROTE: _SAME,
        Event.SETTLED: _SAME,
        Event.RELEASED_TO_PERSON: _S.ACTIVE,
        Event.RELEASED_TO_BOT: _S.BOT,
    },
}


class Writer(StrEnum):
    """Who wants to write to the borrower, or with what."""

    BOT = "bot"  # reminders, answers, menus
    HOLDING_TEXT = "holding_text"  # "a person is coming", an honest time
    SAFETY_TEXT = "safety_text"  # a help line, the confirmation of a stop
    OWNER = "owner"  # the collector the conversation belongs to
    OTHER_PERSON = "other_person"
    PROMISED_NOTE = "promised_note"  # the one note announced when a conversation was set aside
    COMPLIANCE = "compliance"
    CRISIS_RESPONDER = "crisis_responder"  # the one named for this conversation


_MAY_WRITE: dict[ConversationState, frozenset[Writer]] = {
    _S.BOT: frozenset({Writer.BOT, Writer.HOLDING_TEXT}),
    _S.WAITING: frozenset({Writer.HOLDING_TEXT}),
    _S.OFFERED: frozenset({Writer.HOLDING_TEXT}),
    _S.ACTIVE: frozenset({Writer.OWNER}),
    _S.HELD: frozenset({Writer.OWNER, Writer.PROMISED_NOTE}),
    _S.WRAP_UP: frozenset({Writer.OWNER}),
    _S.FROZEN: frozenset({Writer.COMPLIANCE, Writer.CRISIS_RESPONDER}),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """`event` cannot happen to a conversation in `state`."""

    state: ConversationState
    event: Event


def next_state(state: ConversationState, event: Event) -> ConversationState | Refused:
    """The state after `event`; `state` itself when the event changes nothing."""
    if event is Event.FREEZE:
        return _S.FROZEN
    to = _TABLE[state].get(event)
    if to is None:
        return Refused(state, event)
    return state if to == _SAME else ConversationState(to)


def may_write(state: ConversationState, writer: Writer) -> bool:
    """Whether `writer` may write to the borrower; a safety text may at any time."""
    return writer is Writer.SAFETY_TEXT or writer in _MAY_WRITE[state]
