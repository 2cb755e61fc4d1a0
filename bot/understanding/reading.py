"""The whole reading of one message, in the order that safety asks for.

Normalise and cap; run every lexicon whatever the language; read days, sums and instalments; find
out what the speaker binds himself to; then decide, what is sensitive first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from time import sleep
from zoneinfo import ZoneInfo

from bot.understanding.amounts import NamedAmount, named_amounts
from bot.understanding.answer import Slot, Span, Understanding
from bot.understanding.commitment import Commitments, commitments, offers, without_promise
from bot.understanding.confidence import confidence
from bot.understanding.dates import named_days
from bot.understanding.decide import (
    Decision,
    asks_figures,
    asks_terms,
    decide,
    is_sensitive,
    only_stops,
    refused,
    speaks_of_dying,
)
from bot.understanding.hunch import Hunch, hunch
from bot.understanding.instalments import named_instalments
from bot.understanding.language import language_of
from bot.understanding.lexicon import Findings, Lexicon, lexicon
from bot.understanding.named_day import NamedDay
from bot.understanding.normalise import Plain, normalise
from bot.understanding.second_thoughts import reconsidered
from bot.understanding.surroundings import Figure

_BARE = Slot(None, None)
"""A payment told of without its sum is one; a wish without a day and a sum names nothing."""
# Languages that the ears were not taught.
_FOREIGN = frozenset({"es", "ru", "other"})


def understand(
    text: str,
    *,
    now: datetime,
    timezone: str,
    language: str | None = None,
    balance: str | None = None,
    due_date: date | None = None,
    payday: int | None = None,
) -> Understanding:
    """Read `text` as written at `now` (aware) in the IANA zone `timezone`.

    `payday` is a day of the month, used for "when I get paid"; without it such days stay open.
    `balance` (major units) is what is owed: a sum named that equals it stays a figure, one beyond
    it lowers the confidence. `due_date` resolves "on the due date". Raises
    zoneinfo.ZoneInfoNotFoundError for an unknown zone.
    """
    read = by_grammar(
        text, now=now, timezone=timezone, language=language, due_date=due_date, payday=payday
    )
    plain, found, instalments, heard = read.plain, read.found, read.instalments, read.heard
    said = read.said
    if not refused(found) and read.language not in _FOREIGN:
        said = reconsidered(
            said, plain.text, found, read.figures, heard, sensitive=is_sensitive(found)
        )
    said = without_promise(said) if speaks_of_dying(found, said) else said
    in_words = any(letter.isalpha() for letter in plain.text)
    decision = decide(
        found,
        said,
        instalments,
        heard,
        length=len(plain.text),
        figured=bool(read.figures),
        wordless=not in_words,
        foreign=read.language == "other" and in_words,
    )
    return Understanding(
        language=read.language,
        intents=decision.intents,
        promise=(said.promise or (_BARE,)) if "promise" in decision.intents else (),
        proposed=tuple(slot for slot in said.proposed if slot != _BARE),
        paid=said.paid or ((_BARE,) if "already_paid" in decision.intents else ()),
        instalments=instalments,
        handoff=decision.handoff,
        confidence=confidence(decision, said, _beyond(said, balance)),
        spans=_spans(plain, decision, said),
        other_dates=tuple(day.other for day in said.days if day.other is not None),
        recurring=found.has("recurring.each_time"),
        reduction=found.has("reduction.asked"),
    )


@dataclass(frozen=True, slots=True)
class ByGrammar:
    """What rules alone make of a message. `figures`: all days and sums, in order of place."""

    language: str
    plain: Plain
    found: Findings
    figures: list[Figure]
    said: Commitments
    instalments: int | None
    heard: Callable[[], Hunch]


def by_grammar(
    text: str,
    *,
    now: datetime,
    timezone: str,
    language: str | None = None,
    due_date: date | None = None,
    payday: int | None = None,
    listen: Callable[[str], Hunch] = hunch,
) -> ByGrammar:
    """As `understand`, before any ear is asked about a day or a sum; `listen`: the second ear."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    spoken = language_of(text, language)
    plain = normalise(text)
    found = _lexicon().find(plain.text)
    named = named_days(
        found,
        plain.text,
        today,
        payday=payday,
        due_date=due_date,
        english=spoken in ("en", "es", "ru"),
    )
    sums = named_amounts(found, named)
    instalments = named_instalments(found, plain.text)
    heard = cache(lambda: listen(plain.text))
    said = commitments(
        plain.text,
        found,
        named,
        sums,
        refused=refused(found),
        sensitive=is_sensitive(found),
        only_stops=only_stops(found),
        asks_figures=asks_figures(found),
        instalments=instalments,
        heard=heard,
        known_words=spoken not in _FOREIGN,
        today=today,
    )
    said = offers(said) if asks_terms(found, instalments) else said
    figures: list[Figure] = sorted([*named, *sums], key=lambda one: (one.start, one.end))
    return ByGrammar(spoken, plain, found, figures, said, instalments, heard)


def learn(*, rest: float) -> None:
    """Load all that reading needs before somebody waits for it: a second of work.

    `rest` is what it rests, in seconds, after every few milliseconds of it, for a process that has
    other things to do. A message that comes meanwhile is read, and loads what it needs itself.
    """
    handfuls = lexicon().compiling()
    understand("", now=datetime(2026, 1, 1, tzinfo=UTC), timezone="UTC")
    for _ in handfuls:
        sleep(rest)


@cache
def _lexicon() -> Lexicon:
    """The lexicons, all compiled unless `learn` is at it: later messages keep to milliseconds.

    The second ear is opened with them, so that no later message waits for it either.
    """
    hunch("")
    found = lexicon()
    for _ in found.compiling():
        pass
    return found


def _beyond(said: Commitments, balance: str | None) -> bool:
    """More was named than is owed: likely another figure than a payment."""
    if balance is None:
        return False
    named = (slot.amount for slot in said.promise + said.proposed)
    return any(
        amount is not None
        and amount[0].isdigit()
        and "%" not in amount
        and Decimal(amount) > Decimal(balance)
        for amount in named
    )


def _spans(plain: Plain, decision: Decision, said: Commitments) -> tuple[Span, ...]:
    """Where the findings stand in the message as it was given."""
    spans = [
        Span(*plain.origin(one.start, one.end), one.label.partition(".")[0])
        for one in decision.evidence
    ]
    spans += [_named_span(plain, day, "date") for day in said.days]
    spans += [_named_span(plain, one, "amount") for one in said.amounts]
    return tuple(sorted(set(spans)))


def _named_span(plain: Plain, named: NamedDay | NamedAmount, what: str) -> Span:
    return Span(*plain.origin(named.start, named.end), what)
