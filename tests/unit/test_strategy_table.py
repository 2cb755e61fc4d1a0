"""What each class of borrower receives: the worked table, the page that shows it, the calendar."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.documents import drawing
from bot.rules.ageing import PaymentClass
from bot.rules.presets import policy_for
from bot.rules.strategy import Action, default_strategy
from bot.rules.strategy_file import Anchor, Strategy, read_strategy
from bot.rules.strategy_table import Story, stories
from bot.services import strategy_picture
from scripts_library.library import default_library

DUE = date(2026, 7, 15)
PAGE = Path("docs/strategy.md")


def told(strategy: Strategy, country: str = "CN", due: date = DUE) -> dict[PaymentClass, Story]:
    zone = {"CN": "Asia/Shanghai", "IN": "Asia/Kolkata"}[country]
    found = stories(strategy, policy_for(country), country, zone, due)
    return {one: story for story in found for one in story.classes}


def greedy(day: int, count: int) -> Strategy:
    """The default strategy with a message a day for some days."""
    text = Path("bot/rules/strategies/default.yaml").read_text("utf-8")
    more = f"""
  - id: greedy
    every: {{first: {day}, last: {day + count - 1}, days: 1}}
    at: "12:00"
    valid_days: 0
    action: message
    script: reminder.early
    priority: 90
"""
    return read_strategy(text.replace("\nsteps:\n", f"\nsteps:{more}"), "greedy.yaml")


def test_good_payers_hear_less_before_the_due_date_than_late_ones() -> None:
    found = told(default_strategy())
    before = {
        one: [moment.day for moment in story.messages if moment.day <= 0]
        for one, story in found.items()
    }
    assert before[PaymentClass.A] == before[PaymentClass.NEW] == [-1, 0]
    assert before[PaymentClass.B] == before[PaymentClass.C] == [-2, -1, 0]


def test_nobody_gets_more_than_the_weeks_cap() -> None:
    for country in ("CN", "IN"):
        assert all(
            story.most_in_a_week <= 4 for story in told(default_strategy(), country).values()
        )


def test_what_a_cap_takes_away_is_marked_and_not_counted() -> None:
    story = told(greedy(10, 7))[PaymentClass.A]
    week = [moment for moment in story.moments if 10 <= moment.day <= 16]
    held = [moment for moment in week if moment.held_by]
    assert held
    assert all("cap_overdue" in moment.held_by for moment in held)
    assert not set(held) & set(story.messages)
    assert story.most_in_a_week <= 4


def test_what_falls_into_a_long_holiday_is_one_message_after_it() -> None:
    golden_week = told(default_strategy(), due=date(2026, 9, 30))[PaymentClass.A]
    early = [one.at.date() for one in golden_week.messages if 0 < one.day < 9]
    assert early == [date(2026, 10, 8)]


def test_the_letter_comes_on_day_45_whatever_the_caps_say() -> None:
    for story in told(greedy(38, 7)).values():
        letters = [one for one in story.moments if one.action is Action.NOTICE]
        assert [(one.day, one.held_by) for one in letters] == [(45, ())]
        assert letters[0].at.date() == DUE + timedelta(days=45)


def test_the_page_shows_the_table_of_the_present_strategy() -> None:
    """Renew it with `remindful strategy table`."""
    shown = re.search(r"<!-- table -->\n(.*)\n<!-- /table -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1] == strategy_picture.table(
        default_strategy(), policy_for("CN"), default_library(), "en",
        country="CN", timezone="Asia/Shanghai", due=DUE,
    )  # fmt: skip


def test_every_anchor_and_action_has_words() -> None:
    """`picture.<name>` in scripts_library/*/pictures.yaml."""
    known = default_library()
    names = [one.value for kind in (Anchor, Action) for one in kind]
    assert not [name for name in names if not known.labels_of(f"picture.{name}")]


@pytest.mark.parametrize("language", default_library().languages)
def test_the_calendar_is_drawn_in_every_language(language: str) -> None:
    content = strategy_picture.calendar(default_strategy(), default_library(), language)
    lanes = {one["label"]: one["days"] for one in content["lanes"]}
    assert len(lanes) == len(content["lanes"]) >= len(PaymentClass) + 3
    assert any(45 in days for days in lanes.values())
    assert "{" not in repr(content["title"])
    assert drawing.png("calendar", content, 36.0).startswith(b"\x89PNG")
