"""How far a reading can be trusted, as the share of such readings that proved right.

The figures are shares of main intents measured on the sealed part of the labelled corpus and on
messages of strangers together, by what the reading rests on, the small groups pulled down. Not
understood is not harmless: a message nothing was found in gets the less, the more it sounds like
those that needed a person.
"""

from bot.understanding.commitment import Commitments
from bot.understanding.decide import Decision

_WITH_A_SLOT = {"promise": 0.97, "plan_request": 0.82}
_WITHOUT = {
    "promise": 0.9,
    "plan_request": 0.88,
    "balance": 0.93,
    "already_paid": 0.82,
    "greeting": 0.97,
    "thanks": 0.97,
}


def confidence(decision: Decision, said: Commitments, beyond: bool) -> float:
    """Between 0 and 1; below 0.7 the main intent is better asked for than acted on.

    `beyond`: a sum above what is owed was named.
    """
    if decision.evidence:
        return _of_a_lexicon(decision)
    main = decision.intents[0]
    if decision.weak:
        return 0.45
    if beyond:
        return 0.6
    named = any(slot.date or slot.amount for slot in said.promise + said.proposed)
    if named and main in _WITH_A_SLOT:
        return _WITH_A_SLOT[main]
    return _WITHOUT.get(main, round(0.91 - 0.7 * decision.doubt, 2))


def _of_a_lexicon(decision: Decision) -> float:
    labels = {one.label for one in decision.evidence}
    if decision.weak:
        return 0.55
    if any(label.endswith((".medium", ".mild")) for label in labels):
        return 0.78
    if len(labels) > 1:
        return 0.8
    return 0.96 if len(decision.evidence) > 1 else 0.89
