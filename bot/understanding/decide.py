"""From findings to intents: what is sensitive comes first, and says how sure it is.

Recall goes before precision for what needs a person. A light excuse beside a concrete promise is no
hardship; a plain "I cannot pay" is one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.understanding.commitment import Commitments
from bot.understanding.hunch import Hunch
from bot.understanding.intents import EVERYDAY, SENSITIVE
from bot.understanding.lexicon import Finding, Findings

_SETTLED = frozenset({"already_paid", "plan_request", "promise", "balance"})
"""Everyday intents that explain a message; a greeting or thanks alone does not."""


_ENOUGH, _ENOUGH_BESIDE = 0.2, 0.8
"""Doubt that hands over: alone, and beside an everyday intent that explains the message."""
_ENOUGH_OF_DANGER = 0.4
"""The same where danger to life is what it sounds like, beside anything."""
_SOME_DANGER = 0.1
"""So much of danger to life hands over, beside anything and however little there is of other
trouble."""
_FEARED = 0.3
"""So much of it is named beside what patterns named."""
_ENOUGH_BESIDE_FIGURES = 0.97
"""The same beside a mere question for figures, which shares its words with disputes."""
_CLEARLY = 0.9
"""Doubt that names the matter better than a weak pattern."""
_PLAINLY = 0.8
"""The share of one intent that names it beside those that patterns named."""
_HEARD, _HEARD_PLAINLY = ("plan_request", "balance", "greeting", "already_paid"), 0.5
"""Everyday intents that bind nobody, and the share that names one where no pattern named any."""
_PROMISED_PLAINLY = 0.9
"""The share of promises that names one where no pattern named anything, no day and no sum: it is
asked for its day then."""
_ANY_DANGER = 0.05
"""So little of danger to life keeps a pattern of it before all other matters."""
_SURELY, _MORE_THAN_SURELY = 0.9, 0.97
"""Doubt that our own reminder, passed on, does not outweigh, nor a word that was taken back."""
_LOUD = 0.4
"""Doubt that no small talk and no idiom can outweigh."""
_SILENT, _SHORT = 0.05, 80
"""Doubt so small that it outweighs a pattern, and up to how many characters of a message.

A court in a film has its word, and nothing else about it sounds like trouble. In a long message one
such word would drown; danger to life is never outweighed.
"""
_SILENT_BESIDE = 0.01
"""The same beside an everyday intent that explains the message."""
_ALL_OF_IT, _NO_SILENCE = 0.8, -1.0
"""A pattern that is so much of the message is no lone word in it, nor is one of a section `grave`:
nothing outweighs them. What is taken back, and is so much of it, leaves nothing to be heard."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Intents with the main one first, whether a person must see it, and the evidence."""

    intents: tuple[str, ...]
    handoff: bool
    evidence: tuple[Finding, ...]
    weak: bool
    doubt: float


def refused(found: Findings) -> bool:
    return found.has("refusal.sure")


def is_sensitive(found: Findings) -> bool:
    """Something that needs a person was found, whatever else was said."""
    return bool(_told(found))


def only_stops(found: Findings) -> bool:
    """Messages are unwanted, and nothing graver was said."""
    return _told(found) == ["stop"]


def _told(found: Findings) -> list[str]:
    return [one for one in SENSITIVE if found.has(f"{one}.sure", f"{one}.grave")]


def speaks_of_dying(found: Findings, said: Commitments) -> bool:
    """A cry for help with a day in it and nothing of paying: "tonight it ends" is no promise."""
    cries = found.of("crisis.sure")
    if not cries or any(slot.amount is not None for slot in said.promise):
        return False
    return all(
        _covered(one, cries) for one in found.of("commitment.future", "commitment.promise_only")
    )


def asks_terms(found: Findings, instalments: int | None) -> bool:
    """Other terms are asked for: instalments, another day, less to pay."""
    figures = found.of("everyday.balance")
    return instalments is not None or any(
        not _covered(one, figures) for one in found.of("everyday.plan_request")
    )


def asks_figures(found: Findings) -> bool:
    """Asks what would be owed, without asking for other terms."""
    figures = found.of("everyday.balance")
    return bool(figures) and all(
        _covered(one, figures) for one in found.of("everyday.plan_request")
    )


def decide(
    found: Findings,
    said: Commitments,
    instalments: int | None,
    sounds: Callable[[], Hunch],
    *,
    length: int,
    figured: bool,
    wordless: bool = False,
    foreign: bool = False,
) -> Decision:
    """`sounds` is asked when no lexicon heard anything sensitive, or one did in a short message.

    `length`: characters of the plain text. `figured`: it names a day or a sum. `wordless`: none
    of them is a letter. `foreign`: its words are of a language nothing here was learnt from.
    """
    everyday = _everyday(found, said, instalments)
    evidence = _sensitive(found, said, everyday)
    weak = False
    calm = found.has("smalltalk.harmless")
    if not evidence and not calm and not foreign and not set(everyday) & _SETTLED:
        evidence = found.of("crisis.weak", "hardship.weak", "dispute.weak", "complaint.weak")
        weak = True
    passed_back = said.is_notice and not _outweighs_notice(evidence) and sounds().doubt < _SURELY
    if passed_back:
        evidence, everyday = [], []
    ordered = _in_order(evidence)
    wrong_account = _went_astray(found) and "already_paid" in everyday
    doubt = 0.0
    light = calm or found.has("idiom.harmless")
    explained = foreign or wordless or wrong_account or passed_back or _is_plain(found, length)
    if ordered and not foreign and length <= _SHORT and not found.has("crisis.sure"):
        if sounds().doubt < _silence(evidence, set(everyday) & _SETTLED, length):
            ordered, evidence, weak = [], [], False
    elif not ordered and not explained:
        heard = sounds()
        settled = set(everyday) & _SETTLED
        outweighed = heard.doubt >= _MORE_THAN_SURELY and not settled
        taken_back = found.has(f"{heard.intent}.unless") and not outweighed
        loud = _ENOUGH_OF_DANGER if heard.intent == "crisis" else _LOUD
        doubt = 0.0 if taken_back or (light and heard.doubt < loud) else heard.doubt
        in_danger = not light and not taken_back and heard.danger >= _SOME_DANGER
        if in_danger or doubt > _enough_beside(settled, heard):
            ordered, weak = list(dict.fromkeys((heard.likeliest, heard.intent))), True
            bare = all(slot.date is None and slot.amount is None for slot in said.promise)
            idle = {"greeting", "thanks", "promise"} if bare else {"greeting", "thanks"}
            everyday = [intent for intent in everyday if intent not in idle]
    if not (ordered or everyday or explained):
        everyday = _by_ear(found, sounds(), figured=figured)
    if weak and evidence and "crisis" not in ordered and (heard := sounds()).doubt >= _CLEARLY:
        ordered = [heard.likeliest]
    elif evidence and ordered and not foreign:
        ordered = _as_it_sounds(ordered, sounds())
    intents = (*ordered, *everyday) or ("other",)
    return Decision(intents, bool(ordered) or wrong_account, tuple(evidence), weak, doubt)


def _by_ear(found: Findings, heard: Hunch, *, figured: bool) -> list[str]:
    """What a message plainly sounds like of which no pattern named anything."""
    if not figured and heard.harmless["promise"] >= _PROMISED_PLAINLY:
        return ["promise"]
    if found.has("smalltalk.harmless"):
        return []
    return [
        one
        for one in _HEARD
        if heard.harmless[one] >= _HEARD_PLAINLY
        and not (one == "already_paid" and found.has("everyday.unless"))
    ]


def _enough_beside(settled: set[str], heard: Hunch) -> float:
    """How much doubt hands over a message that these everyday intents explain."""
    if settled and heard.intent == "crisis":
        return _ENOUGH_OF_DANGER
    if settled == {"balance"}:
        return _ENOUGH_BESIDE_FIGURES
    if settled:
        return _ENOUGH_BESIDE
    return _ENOUGH


def _as_it_sounds(named: list[str], heard: Hunch) -> list[str]:
    """What patterns named, the matter first that the whole message sounds most like.

    Danger to life stays first unless nothing sounds like it; what the message plainly sounds like
    is named though no pattern did.
    """
    plainly = [heard.likeliest] if heard.shares[heard.likeliest] > _PLAINLY else []
    feared = ["crisis"] if heard.danger >= _FEARED else []
    in_danger = heard.danger >= _ANY_DANGER
    return sorted(
        dict.fromkeys((*named, *plainly, *feared)),
        key=lambda intent: (not (in_danger and intent == "crisis"), -heard.shares[intent]),
    )


def _silence(evidence: list[Finding], settled: set[str], length: int) -> float:
    """Below how much doubt these findings are put down to a word without its meaning."""
    if any(
        one.label.endswith(".grave") or one.end - one.start >= _ALL_OF_IT * length
        for one in evidence
    ):
        return _NO_SILENCE
    return _SILENT_BESIDE if settled else _SILENT


_MOST_OF_A_COURTESY, _A_NOD = 0.6, 6


def _is_plain(found: Findings, length: int) -> bool:
    """A greeting or thanks that is nearly the whole message, or a nod that is all of it; and what
    is told beyond doubt, left vague, or taken back, and leaves nothing else to be heard."""
    said = found.of("everyday.greeting", "everyday.thanks")
    longest = max((one.end - one.start for one in said), default=0)
    if longest >= _MOST_OF_A_COURTESY * length:
        return True
    nods = found.of("smalltalk.harmless") if length <= _A_NOD else []
    if any(one.end - one.start == length for one in nods):
        return True
    beyond_doubt = [
        *found.of("idiom.harmless", "commitment.surely_paid", "amounts.vague", "dates.vague"),
        *found.of(*(f"{intent}.unless" for intent in SENSITIVE if intent != "crisis")),
    ]
    return any(one.end - one.start >= _ALL_OF_IT * length for one in beyond_doubt)


def _went_astray(found: Findings) -> bool:
    """Money went to another account; asking whether it may come from one is no such thing."""
    return found.has("everyday.wrong_account") and not found.has("everyday.how_to_pay")


def _outweighs_notice(evidence: list[Finding]) -> bool:
    """One of our own reminders, passed back, names stop words and help lines itself."""
    return any(finding.label.startswith(("crisis.", "abuse.")) for finding in evidence)


def _sensitive(found: Findings, said: Commitments, everyday: list[str]) -> list[Finding]:
    evidence = [
        finding
        for intent in SENSITIVE
        if intent != "hardship"
        for finding in found.of(f"{intent}.sure", f"{intent}.grave")
    ]
    labels = {finding.label for finding in evidence}
    hardship = _hardship(found, said, everyday, labels)
    if hardship and "wrong_person.sure" in labels and not _speaks_of_money(found, said):
        hardship = [one for one in hardship if not _covered(one, evidence)]
    elif hardship and "wrong_person.sure" in labels:
        evidence = [
            one
            for one in evidence
            if one.label != "wrong_person.sure" or not _covered(one, hardship)
        ]
    return evidence + hardship


def _covered(finding: Finding, others: list[Finding]) -> bool:
    return any(one.start < finding.end and finding.start < one.end for one in others)


def _speaks_of_money(found: Findings, said: Commitments) -> bool:
    return bool(said.promise or said.proposed) or found.has(
        "hardship.medium", "everyday.plan_request", "commitment.verb"
    )


def _hardship(
    found: Findings, said: Commitments, everyday: list[str], others: set[str]
) -> list[Finding]:
    sure = found.of("hardship.grave", "hardship.sure")
    if sure:
        return sure
    concrete = any(slot.date is not None or slot.amount is not None for slot in said.promise)
    if concrete or others or said.ruled_out or "promise" in everyday:
        return []
    medium = found.of("hardship.medium")
    if medium:
        return medium
    return [] if everyday else found.of("hardship.mild")


def _everyday(found: Findings, said: Commitments, instalments: int | None) -> list[str]:
    named: set[str] = set()
    refusing = refused(found)
    told_paid = found.has("everyday.already_paid", "commitment.surely_paid") and not said.unpaid
    if told_paid or (_went_astray(found) and not said.unpaid) or said.paid:
        named.add("already_paid")
    terms = asks_terms(found, instalments)
    if said.promise:
        named.add("promise")
    if terms:
        named.add("plan_request")
    about_ways = found.has("everyday.how_to_pay") and not terms
    if said.proposed and not refusing and not about_ways:
        named.add("plan_request")
    other_day = found.has("everyday.cannot_then") and not found.has("smalltalk.harmless")
    if other_day and not named & {"promise", "already_paid"}:
        named.add("plan_request")
    if found.has("everyday.balance") and "plan_request" not in named:
        named.add("balance")
    loose = all(slot.date is None and slot.amount is None for slot in said.promise)
    if refusing or (loose and terms):
        named -= {"promise"}
    if said.is_notice:
        named.clear()
    if not named - {"balance"} or named <= {"thanks"}:
        if found.has("everyday.thanks") and not named:
            named.add("thanks")
        if found.has("everyday.greeting") and not named:
            named.add("greeting")
    if found.has("everyday.how_to_pay") and named <= {"balance", "thanks", "greeting"}:
        named = named & {"balance"}
    ordered = [intent for intent in EVERYDAY if intent in named]
    dated = any(slot.date is not None for slot in said.promise)
    if dated and not said.questioned and {"promise", "plan_request"} <= named:
        ordered.remove("promise")
        ordered.insert(ordered.index("plan_request"), "promise")
    return ordered


def _in_order(evidence: list[Finding]) -> list[str]:
    """Crisis and wrong person before all, refusal last; the others as they come."""
    first: dict[str, int] = {}
    for finding in evidence:
        intent = finding.label.partition(".")[0]
        first[intent] = min(first.get(intent, finding.start), finding.start)
    return sorted(
        first, key=lambda intent: (_RANK.get(intent, 0), first[intent], SENSITIVE.index(intent))
    )


_RANK = {"crisis": -2, "wrong_person": -1, "refusal": 1}
