"""How far a reading can be trusted, as the share of such readings that proved right.

The figures are shares measured on the labelled corpus, by what the reading rests on; they are not
opinions. A message nothing was found in gets a low one: not understood is not harmless.
"""

from bot.understanding.commitment import Commitments
from bot.understanding.decide import Decision

_LONG = 24
"""Characters beyond which a message that says nothing we know is likely to say something else."""


def confidence(decision: Decision, said: Commitments, text: str) -> float:
    if decision.evidence:
        return _sensitive(decision)
    main = decision.intents[0]
    if main == "other":
        return 0.3 if len(text) > _LONG else 0.6
    if main in ("promise", "plan_request"):
        slots = said.promise or said.proposed
        return 0.95 if any(slot.date or slot.amount for slot in slots) else 0.85
    return 0.9


def _sensitive(decision: Decision) -> float:
    if decision.weak:
        return 0.5
    named = {one.label for one in decision.evidence}
    if any(label.endswith((".medium", ".mild")) for label in named):
        return 0.8
    return 0.95 if len(named) == 1 else 0.85
