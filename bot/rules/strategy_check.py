"""What is wrong with a strategy beyond its form: missing words, and steps that can never happen.

A step that the contact policy's caps always crowd out looks like a reminder in the file and is
none in life. So the strategy is played through once for each class, without holidays and with
everything else going well, and the steps that never get through are named.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.rules.ageing import PaymentClass
from bot.rules.contact_limits import ContactPolicy
from bot.rules.data_file import DataFileRefused, Place, read_data_file
from bot.rules.strategy_file import Action, Anchor, Step, Strategy, every_step, read_strategy
from bot.rules.strategy_group import strategy_of
from storage.records import ContactKind

_DUE = datetime.combine(date(2026, 1, 1), time(0))
_WEEK = timedelta(hours=168)
_DAY = timedelta(days=1)
_REPEATS = 8
"""How many of a step without an end are played through; later ones are alike."""
_MONTHS = 4
_LONGEST_MONTH = 31
_PAID_AT = time(20)
"""When the monthly payer of the play pays, on the due date, after its reminders."""


def check_strategy(
    text: str, source: str, *, scripts: Collection[str] | None, policy: ContactPolicy
) -> list[str]:
    """Every finding about the file `source`, a line each; empty when it may be used.

    `scripts`: the keys there are words for, None not to ask. `policy`: whose caps count.
    """
    try:
        strategy = read_strategy(text, source)

        def faults(_: Strategy) -> Iterator[tuple[Place, str]]:
            if scripts is not None:
                yield from script_faults(strategy, scripts)
            yield from cap_faults(strategy, policy)

        read_data_file(text, source, Strategy, faults)
    except DataFileRefused as refused:
        return refused.findings
    return []


def script_faults(strategy: Strategy, scripts: Collection[str]) -> Iterator[tuple[Place, str]]:
    for name, key in strategy.thanks:
        if key is not None and key not in scripts:
            yield ("thanks", name), f"no script {key}"
    for place, step in every_step(strategy):
        for name, words in (("script", step.script), ("moved_script", step.moved_script)):
            if words is not None and words not in scripts:
                yield (*place, name), f"no script {words}"


def cap_faults(strategy: Strategy, policy: ContactPolicy) -> Iterator[tuple[Place, str]]:
    """Enabled messages and notices that never get through, with those they are meant for.

    Of each variant only what goes wrong because of it.
    """
    places: dict[str, Place] = {step.id: ("steps", at) for at, step in enumerate(strategy.steps)}
    usual = dict(_crowded_out(strategy_of(strategy), policy))
    for step, said in usual.items():
        yield (*places[step], "id"), said
    for first, experiment in enumerate(strategy.experiments):
        for second, variant in enumerate(experiment.variants):
            here: Place = ("experiments", first, "variants", second)
            own: dict[str, Place] = {
                step.id: (*here, "steps", at) for at, step in enumerate(variant.steps)
            }
            for step, said in _crowded_out(strategy_of(strategy, (variant.name,)), policy):
                if step in own:
                    yield (*own[step], "id"), f"in {variant.name}: {said}"
                elif step not in usual:
                    yield (*here, "name"), f"in {variant.name}: {said}"


def _crowded_out(strategy: Strategy, policy: ContactPolicy) -> Iterator[tuple[str, str]]:
    """The steps that never go to some class, whatever product of those they are for is due."""
    classes = tuple(PaymentClass)
    plays = [(product, one) for product in _products(strategy) for one in classes]
    gone = {one: _let_through(_single(strategy, *one), policy) for one in plays}
    gone_monthly = {one: _let_through(_monthly(strategy, *one), policy) for one in plays}
    for step in strategy.steps:
        if not _is_judged(step):
            continue
        never = _missed(step, gone)
        if never:
            yield step.id, _never(step, f"class {', '.join(never)}")
            continue
        never = _missed(step, gone_monthly)
        if never and step.first_day <= 0:
            names = f"monthly loans of class {', '.join(never)}"
            yield step.id, _never(step, names)


_Play = tuple[str, PaymentClass]
"""The product that is due, and the class of whoever owes it."""
_ANY_OTHER = ""


def _products(strategy: Strategy) -> list[str]:
    named = {name for step in strategy.steps for name in (*step.products, *step.except_products)}
    return [_ANY_OTHER, *sorted(named)]


def _missed(step: Step, gone: Mapping[_Play, set[str]]) -> list[PaymentClass]:
    reached = {one for (_, one), through in gone.items() if step.id in through}
    meant = {one for (product, one) in gone if _is_meant(step, product, one)}
    return [one for one in PaymentClass if one in meant - reached]


def _is_meant(step: Step, product: str, payment_class: PaymentClass) -> bool:
    return step.is_for([product]) and (not step.classes or payment_class in step.classes)


def _never(step: Step, whom: str) -> str:
    return f"{step.id} can never go to {whom}: hours, caps or more important steps stand before it"


def _is_judged(step: Step) -> bool:
    spoken = step.action in {Action.MESSAGE, Action.NOTICE}
    return step.enabled and spoken and step.anchor is Anchor.DUE


@dataclass(frozen=True, slots=True)
class _Wish:
    """One message that wants to go, in wall-clock time."""

    step: Step
    kind: ContactKind | None
    starts_at: datetime
    ends_at: datetime


def _single(strategy: Strategy, product: str, payment_class: PaymentClass) -> list[_Wish]:
    """One due date that is never paid."""
    return _best_of_day(_wishes(strategy, product, payment_class, _DUE))


def _monthly(strategy: Strategy, product: str, payment_class: PaymentClass) -> list[_Wish]:
    """A due date a month, each paid on its day."""
    wishes: list[_Wish] = []
    for month in range(1, _MONTHS + 1):
        due = _DUE + timedelta(days=_LONGEST_MONTH * month)
        paid_before = datetime.combine(due.date() - timedelta(days=_LONGEST_MONTH), _PAID_AT)
        paid = datetime.combine(due.date(), _PAID_AT)
        wishes += [
            one
            for one in _wishes(strategy, product, payment_class, due)
            if paid_before <= one.starts_at < paid
        ]
    return _best_of_day(wishes)


def _wishes(
    strategy: Strategy, product: str, payment_class: PaymentClass, due: datetime
) -> Iterator[_Wish]:
    for step in strategy.steps:
        if not _is_judged(step) or not _is_meant(step, product, payment_class):
            continue
        last = step.first_day + (step.every.days * _REPEATS if step.every else 0)
        for day in step.days(step.first_day, last):
            starts_at = datetime.combine(due.date() + timedelta(days=day), step.at)
            midnight = datetime.combine(starts_at.date() + _DAY, time(0))
            ends_at = starts_at + timedelta(days=step.valid_days) if step.valid_days else midnight
            yield _Wish(step, step.kind(day), starts_at, ends_at)


def _best_of_day(wishes: Collection[_Wish] | Iterator[_Wish]) -> list[_Wish]:
    """As in life: of the messages of one day the most important; earlier starts first."""
    wishes = sorted(
        wishes,
        key=lambda one: (one.starts_at.date(), not one.step.required, -one.step.priority),
    )
    seen = set()
    kept = []
    for one in wishes:
        day = one.starts_at.date()
        if one.step.action is Action.MESSAGE:
            if day in seen:
                continue
            seen.add(day)
        kept.append(one)
    return sorted(kept, key=lambda one: (one.starts_at, -one.step.priority))


def _let_through(wishes: list[_Wish], policy: ContactPolicy) -> set[str]:
    sent: list[tuple[datetime, ContactKind | None]] = []
    through = set()
    for wish in wishes:
        moment = _first_moment(wish, sent, policy)
        if moment is not None:
            sent.append((moment, wish.kind))
            through.add(wish.step.id)
    return through


def _first_moment(
    wish: _Wish, sent: list[tuple[datetime, ContactKind | None]], policy: ContactPolicy
) -> datetime | None:
    opens = timedelta(minutes=policy.hours.opens)
    days = (wish.ends_at - wish.starts_at).days + 2
    first = datetime.combine(wish.starts_at.date(), time(0))
    moments = [wish.starts_at, *(first + n * _DAY + opens for n in range(days))]
    moments += [at + _WEEK for at, _ in sent]
    fitting = (
        moment
        for moment in sorted(moments)
        if wish.starts_at <= moment < wish.ends_at and _allowed(moment, wish, sent, policy)
    )
    return next(fitting, None)


def _allowed(
    moment: datetime,
    wish: _Wish,
    sent: list[tuple[datetime, ContactKind | None]],
    policy: ContactPolicy,
) -> bool:
    if not policy.hours.opens <= moment.hour * 60 + moment.minute < policy.hours.closes:
        return False
    lately = [(at, kind) for at, kind in sent if abs(moment - at) < _WEEK]
    if sum(at.date() == moment.date() for at, _ in sent) >= policy.cap_day:
        return False
    if len(lately) >= policy.cap_week:
        return False
    overdue = sum(kind is ContactKind.OVERDUE for _, kind in lately)
    return wish.kind is not ContactKind.OVERDUE or overdue < policy.cap_overdue
