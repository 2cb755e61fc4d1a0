"""How long somebody may wait, what goes first, who may do which work, and words for every code."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from bot.rules.contact_rules import RULES
from bot.rules.dispositions import CASEWORKERS, OUTCOMES, SETTLED, Disposition, may_do
from bot.rules.handoff import FREEZES, expected_wait, handoff_policy, urgency_of
from bot.rules.plan_standing import PlanState
from bot.rules.promise import PromiseOutcome
from bot.services.cases.media import CAPTIONED, METHODS, in_parts
from bot.services.cases.wording import pressed_button
from bot.telegram.collector.door import COMMANDS
from scripts_library.library import default_library
from scripts_library.render import utf16_length
from storage.records import (
    BorrowerId,
    ConversationState,
    HandoffReason,
    HoldKind,
    Message,
    Role,
    WorkKind,
)

LIBRARY = default_library()


def test_nobody_on_shift_makes_no_promise_of_minutes() -> None:
    assert expected_wait(0, 0) is None


def test_a_wait_grows_with_the_queue_and_shrinks_with_the_people() -> None:
    waits = [expected_wait(ahead, 1) for ahead in range(30)]
    for shorter, longer in pairwise(waits):
        assert shorter is not None
        assert longer is not None
        assert shorter.shortest <= longer.shortest
        assert shorter.longest <= longer.longest
    alone, together = expected_wait(12, 1), expected_wait(12, 4)
    assert alone is not None
    assert together is not None
    assert together.longest < alone.longest


@pytest.mark.parametrize("ahead", range(0, 40, 3))
@pytest.mark.parametrize("people", [1, 2, 7])
def test_a_wait_is_a_range_and_never_less_than_the_shortest(ahead: int, people: int) -> None:
    wait = expected_wait(ahead, people)
    assert wait is not None
    assert handoff_policy().shortest_wait_minutes <= wait.shortest < wait.longest


def test_danger_to_life_goes_before_the_law_and_the_law_before_the_rest() -> None:
    order = sorted(HandoffReason, key=urgency_of)
    assert order[:2] == [HandoffReason.CRISIS, HandoffReason.LEGAL]
    assert {HandoffReason.CRISIS, HandoffReason.LEGAL} == FREEZES


def test_only_people_who_work_with_borrowers_may_take_work() -> None:
    for role in Role:
        can = {kind for kind in WorkKind if may_do(role, kind)}
        assert bool(can) == (role in CASEWORKERS)
    assert not may_do(Role.COLLECTOR, WorkKind.COMPLAINT)
    assert may_do(Role.SUPERVISOR, WorkKind.COMPLAINT)


def test_every_kind_of_work_has_a_way_to_end() -> None:
    assert set(OUTCOMES) == set(WorkKind)
    assert all(OUTCOMES.values())
    assert SETTLED not in set(Disposition)  # nobody types it


CODES = [
    *(f"reason.{one}" for one in HandoffReason),
    *(f"next_step.{one}" for one in HandoffReason),
    *(f"disposition.{one}" for one in Disposition),
    *(f"outcome.{one}" for kind, some in OUTCOMES.items() if kind != WorkKind.CHAT for one in some),
    *(f"work.{one}" for one in WorkKind),
    *(f"hold.{one}" for one in (*HoldKind, "stopped", "unreachable")),
    *(f"rule.{rule.id}" for rule in RULES),
    *(f"rule.{one}" for one in ("blocked", "unreachable", "failed")),
    *(f"media.{one}" for one in (*METHODS, "video", "audio", "video_note", "animation", "other")),
    *(f"who.{one}" for one in ("borrower", "staff", "system")),
    *(f"promise_outcome.{one}" for one in PromiseOutcome),
    *(f"plan_state.{one}" for one in PlanState),
    *(f"conversation.{one}" for one in ConversationState),
    *(f"role.{one}" for one in Role),
]


@pytest.mark.parametrize("language", LIBRARY.languages)
def test_every_code_that_people_are_shown_has_words(language: str) -> None:
    labels = LIBRARY.language(language).labels
    assert [code for code in CODES if code not in labels] == []


REFUSED_ON_THE_BOARD = (
    "work.taken", "work.over", "work.not_now", "work.which_number", "case.frozen", "case.not_now",
    "case.full", "staff.not_allowed", "error.sorry",
)  # fmt: skip


@pytest.mark.parametrize("language", LIBRARY.languages)
def test_what_is_refused_on_the_board_fits_over_a_chat(language: str) -> None:
    labels = LIBRARY.language(language).labels
    for key in REFUSED_ON_THE_BOARD:
        assert utf16_length(labels[f"toast.{key}"]) <= 200


def test_staff_can_type_every_command_of_the_contract() -> None:
    wanted = [
        "shift",
        "queue",
        "next",
        "take",
        "note",
        "reply",
        "hold",
        "transfer",
        "close",
        "find",
        "language",
        "help",
        "start",
        "accept",
        "decline",
        "team",
        "case",
        "takeover",
        "assign",
        "offboard",
        "views",
    ]
    assert set(wanted) <= set(COMMANDS)


def test_only_what_can_be_sent_has_words_beside_it() -> None:
    assert set(METHODS) > CAPTIONED


@pytest.mark.parametrize("text", ["a" * 4096, "字" * 4096, "😀" * 2048, "word " * 800, "short"])
def test_a_long_text_is_cut_into_parts_that_fit_and_loses_nothing(text: str) -> None:
    parts = in_parts(text)
    assert all(utf16_length(part) <= 3500 for part in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
    assert len(parts) <= 2


@pytest.mark.parametrize(
    ("text", "pressed"),
    [("[pay]", "pay"), ("[promise_day:2026-12-01]", "promise_day"), ("[no", None), ("pay", None)],
)
def test_the_record_of_a_press_is_told_from_words(text: str, pressed: str | None) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    message = Message(1, BorrowerId(1), "in", "borrower:1", at, text)
    assert pressed_button(message) == pressed
