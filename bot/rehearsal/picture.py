"""A rehearsal as a picture: when people are written to, what is to be done, what comes of it."""

from datetime import date, timedelta
from typing import Any

from bot.rehearsal.rehearsing import Report
from bot.rules.promise import PromiseOutcome
from bot.rules.shares import Share
from bot.services.picture_words import PictureWords
from scripts_library.library import Library

CAPS = ("cap_day", "cap_week", "cap_overdue", "cap_call")
_A_WEEK = 7
_TICKS = 8
_JUDGED = (PromiseOutcome.KEPT, PromiseOutcome.PARTLY_KEPT, PromiseOutcome.BROKEN)


def content(report: Report, library: Library, language: str, collectors: int) -> dict[str, Any]:
    """What `rehearsal.typ` draws. Tasks are shared evenly by so many collectors."""
    words = PictureWords(library, library.resolve_language(language))
    first = min([report.start.date(), *(day for day, _ in report.contacts_by_hour)])
    last = max(
        [report.start.date() + timedelta(days=report.days - 1),
         *(day for day, _ in report.contacts_by_hour)]
    )  # fmt: skip
    return {
        "language": words.language,
        "title": words("rehearsal", report.days, report.borrowers, report.seed),
        "figures": _figures(report, words, collectors),
        "days": (last - first).days + 1,
        "ticks": _ticks(words, first, (last - first).days + 1),
        "contacts": {
            "title": words("contacts_by_hour"),
            "cells": [
                [(day - first).days, hour, count]
                for (day, hour), count in report.contacts_by_hour.items()
            ],
            "most": max(report.contacts_by_hour.values(), default=0),
            "legend": words("contacts_an_hour"),
        },
        "tasks": {
            "title": words("tasks_per_collector", collectors),
            "counts": _tasks(report, first, (last - first).days + 1, collectors),
        },
        "caps": {
            "title": words("caps_hit"),
            "bars": [
                {"label": library.label(f"rule.{rule}", words.language),
                 "count": report.refusals.get(rule, 0)}
                for rule in CAPS
            ],
        },
        "promises": {
            "title": words("promises"),
            "parts": [
                {"label": words(f"promise_{one}"), "kind": one.value,
                 "count": report.promises.by_outcome.get(one.value, 0)}
                for one in (*_JUDGED, PromiseOutcome.OPEN)
            ],
            "none": words("nothing"),
        },
        "recovery": _recovery(report, words),
        "note": words("rehearsal_note"),
    }  # fmt: skip


def _figures(report: Report, words: PictureWords, collectors: int) -> list[dict[str, str]]:
    """The few numbers that are read first."""
    contacts = sum(report.contacts_by_hour.values())
    a_week = contacts / report.borrowers / max(report.days / _A_WEEK, 1 / _A_WEEK)
    tasks = [count / collectors for count in report.tasks_per_day.values()]
    kept, recovered = report.promises.kept, report.recovery
    shown = [
        (words("violations"), str(len(report.violations)), ""),
        (words("contacts"), str(contacts), words("a_week_each", f"{a_week:.1f}")),
        (words("tasks_a_day"), f"{sum(tasks) / max(len(tasks), 1):.1f}",
         words("at_most", f"{max(tasks, default=0):.1f}")),
        (words("promises_kept"), _percent(kept.share) if kept else "–", _between(words, kept)),
        (words("recovered"), _percent(recovered.share) if recovered else "–",
         words("between", _percent(recovered.low), _percent(recovered.high))
         if recovered else ""),
    ]  # fmt: skip
    return [{"name": name, "value": value, "more": more} for name, value, more in shown]


def _between(words: PictureWords, one: Share | None) -> str:
    if one is None:
        return ""
    bounds = words("between", _percent(one.low), _percent(one.high))
    return f"{words('of', one.hits, one.of)} · {bounds}"


def _percent(part: float) -> str:
    return f"{part:.0%}"


def _tasks(report: Report, first: date, days: int, collectors: int) -> list[float]:
    every = (first + timedelta(days=number) for number in range(days))
    return [report.tasks_per_day.get(day, 0) / collectors for day in every]


def _ticks(words: PictureWords, first: date, days: int) -> list[dict[str, Any]]:
    step = max(-(-days // _TICKS), 1)
    return [
        {"day": day, "label": words.formats.short_day(first + timedelta(days=day))}
        for day in range(0, days, step)
    ]


def _recovery(report: Report, words: PictureWords) -> dict[str, Any]:
    found = report.recovery
    return {
        "title": words("recovery"),
        "share": found.share if found else None,
        "low": found.low if found else None,
        "high": found.high if found else None,
        "label": words("recovery_of", found.borrowers) if found else words("nothing"),
    }
