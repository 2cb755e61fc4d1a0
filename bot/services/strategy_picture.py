"""A strategy as a picture and as a table, in the language of whoever looks at it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from bot.rules.ageing import PaymentClass
from bot.rules.contact_limits import ContactPolicy
from bot.rules.strategy_calendar import FIRST_DAY, LAST_DAY, calendar_rows
from bot.rules.strategy_file import Action, Anchor, Step, Strategy
from bot.rules.strategy_table import FIRST_DAY as TABLE_FROM
from bot.rules.strategy_table import LAST_DAY as TABLE_TO
from bot.rules.strategy_table import Moment, by_day, stories
from bot.services.picture_words import PictureWords
from scripts_library.library import Library

_BY_PEOPLE = tuple(one for one in Action if one is not Action.MESSAGE)


def calendar(strategy: Strategy, library: Library, language: str) -> dict[str, Any]:
    """What `calendar.typ` draws: lanes of marks, a mark a day, and every step below in words."""
    words = PictureWords(library, library.resolve_language(language))
    return {
        "language": words.language,
        "title": words("calendar", strategy.strategy),
        "note": words("calendar_note"),
        "first": FIRST_DAY,
        "last": LAST_DAY,
        "ticks": [
            {"day": day, "label": _day(words, Anchor.DUE, day)}
            for day in range(0, LAST_DAY + 1, 15)
        ],
        "stages": [
            {
                "label": words.known(f"stage_{one.name}", one.name),
                "first": max(FIRST_DAY if one.first is None else one.first, FIRST_DAY),
                "last": min(LAST_DAY if one.last is None else one.last, LAST_DAY),
            }
            for one in strategy.ranges
        ],
        "lanes": [*_class_lanes(strategy, words), *_house_lanes(strategy, words)],
        "headings": [words(name) for name in ("when", "at", "valid", "who", "action", "what")],
        "groups": [
            {
                "title": words.known(anchor.value, anchor.value),
                "rows": _rows(strategy, anchor, words),
            }
            for anchor in Anchor
            if calendar_rows(strategy, anchor)
        ],
    }


def table(
    strategy: Strategy,
    policy: ContactPolicy,
    library: Library,
    language: str,
    *,
    country: str,
    timezone: str,
    due: date,
) -> str:
    """What a borrower of each class and a monthly loan receives, as Markdown."""
    words = PictureWords(library, library.resolve_language(language))
    told = stories(strategy, policy, country, timezone, due)
    first, last = _day(words, Anchor.DUE, TABLE_FROM), _day(words, Anchor.DUE, TABLE_TO)
    title = words("table", first, last, words.formats.day(due), country)
    head = [words("when"), *(_named(words, one.classes) for one in told)]
    days = sorted({moment.day for story in told for moment in story.moments})
    shown = [by_day(story.moments) for story in told]
    rows = [
        [_day(words, Anchor.DUE, day), *(_told(words, some.get(day, [])) for some in shown)]
        for day in days
    ]
    rows.append(_totals(words("messages_in_all"), [len(one.messages) for one in told]))
    rows.append(_totals(words("most_in_a_week"), [one.most_in_a_week for one in told]))
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join([title, "", *(f"| {' | '.join(line)} |" for line in lines)])


def _totals(name: str, counts: Iterable[int]) -> list[str]:
    return [f"**{name}**", *(f"**{count}**" for count in counts)]


def _told(words: PictureWords, moments: Iterable[Moment]) -> str:
    return "<br>".join(_moment(words, one) for one in moments)


def _moment(words: PictureWords, one: Moment) -> str:
    what = _about(words, one.what)
    if one.action in (Action.MESSAGE, Action.NOTICE):
        what = f"`{one.what}`"
    shown = words(
        "moment",
        words.formats.clock(one.at.time()),
        words.known(one.action.value, one.action.value),
        what,
    )
    return words("held", shown, words("and").join(one.held_by)) if one.held_by else shown


def _class_lanes(strategy: Strategy, words: PictureWords) -> Iterable[dict[str, Any]]:
    """Messages by class: what is only for some products is in the table alone."""
    for one in PaymentClass:
        days = _days(strategy, Action.MESSAGE, one)
        label = f"{words(Action.MESSAGE.value)} · {_class(words, one)}"
        yield {"label": label, "kind": "message", "days": days}


def _house_lanes(strategy: Strategy, words: PictureWords) -> Iterable[dict[str, Any]]:
    for action in _BY_PEOPLE:
        days = _days(strategy, action, None)
        if days:
            yield {
                "label": words.known(action.value, action.value),
                "kind": action.value,
                "days": days,
            }


def _days(strategy: Strategy, action: Action, payment_class: PaymentClass | None) -> list[int]:
    def meant(step: Step) -> bool:
        classes = payment_class is None or not step.classes or payment_class in step.classes
        about_due = step.anchor is Anchor.DUE and not step.products
        return step.action is action and classes and about_due

    steps = [step for step in strategy.enabled_steps if meant(step)]
    return sorted({day for step in steps for day in step.days(FIRST_DAY, LAST_DAY)})


def _rows(strategy: Strategy, anchor: Anchor, words: PictureWords) -> list[list[str]]:
    steps = [step for step in strategy.enabled_steps if step.anchor is anchor]
    return [
        [
            _when(words, step),
            words.formats.clock(step.at),
            str(step.valid_days) if step.valid_days else words("valid_same_day"),
            _whom(words, step),
            words.known(step.action.value, step.action.value),
            _purpose(words, step),
        ]
        for step in sorted(steps, key=lambda step: (step.first_day, step.at))
    ]


def _purpose(words: PictureWords, step: Step) -> str:
    """What a script is for, in its own words."""
    if step.script is None:
        return _about(words, step.about or "")
    if step.script not in words.library.by_key:
        return step.script
    return words.library.script(step.script, words.language).purpose


def _about(words: PictureWords, about: str) -> str:
    """What a person's work is about; a code that only this strategy knows stays as it is."""
    reasons = words.library.labels_of(f"reason.{about}")
    reason = words.library.label(f"reason.{about}", words.language) if reasons else about
    return words.known(f"what_{about}", reason)


def _whom(words: PictureWords, step: Step) -> str:
    classes = [_class(words, one) for one in step.classes]
    without = [words("not_product", one) for one in step.except_products]
    return words("and").join([*(classes or [words("all")]), *step.products, *without])


def _named(words: PictureWords, classes: Iterable[PaymentClass]) -> str:
    return words("and").join(_class(words, one) for one in classes)


def _class(words: PictureWords, one: PaymentClass) -> str:
    return words("class_new") if one is PaymentClass.NEW else words("class", one.value)


def _when(words: PictureWords, step: Step) -> str:
    first, every = step.first_day, step.every
    if every is None:
        return _day(words, step.anchor, first)
    if every.last is None:
        return words("days_on", first, first + every.days)
    *_, last = step.days(first, every.last)
    return words("days_until", first, first + every.days, last)


def _day(words: PictureWords, anchor: Anchor, day: int) -> str:
    if day == 0:
        return words("day_at")
    if day < 0:
        return words("day_before", -day)
    return words("day_late" if anchor is Anchor.DUE else "day_after", day)
