"""What a message was understood to say, as frozen values.

The shapes follow the service's public form: intents with the main one first, dated amounts in
three lists, a number of instalments, whether a person must see it, and how sure the reading is.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple


class Slot(NamedTuple):
    """A day and an amount somebody named; either may be unknown.

    `amount` is major units with two decimals ("500.00"), "full", "half" or a percentage ("30%").
    """

    date: date | None
    amount: str | None


class Span(NamedTuple):
    """Half-open, in code points of the message as it was given; `what` names the finding."""

    start: int
    end: int
    what: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """The reading of one message.

    `promise` holds commitments only, `proposed` what was asked, offered under a condition or
    hedged, `paid` what is said to be sent already. `other_dates` are second readings of the days
    above (12/05 is May or December in English), to be offered as buttons. `recurring`: a sum is
    named for each week or month, its day being the first. `reduction`: it is asked to owe less.
    """

    language: str
    intents: tuple[str, ...]
    promise: tuple[Slot, ...] = ()
    proposed: tuple[Slot, ...] = ()
    paid: tuple[Slot, ...] = ()
    instalments: int | None = None
    handoff: bool = False
    confidence: float = 0.0
    spans: tuple[Span, ...] = ()
    other_dates: tuple[date, ...] = ()
    recurring: bool = False
    reduction: bool = False

    @property
    def main(self) -> str:
        return self.intents[0]

    def as_answer(self) -> dict[str, Any]:
        """The JSON form of the `understand` command, without the id."""
        return {
            "language": self.language,
            "intents": list(self.intents),
            "promise": [_slot(slot) for slot in self.promise],
            "proposed": [_slot(slot) for slot in self.proposed],
            "paid": [_slot(slot) for slot in self.paid],
            "instalments": self.instalments,
            "handoff": self.handoff,
            "confidence": self.confidence,
            "spans": [span._asdict() for span in self.spans],
        }


def _slot(slot: Slot) -> dict[str, str | None]:
    return {"date": slot.date.isoformat() if slot.date else None, "amount": slot.amount}
