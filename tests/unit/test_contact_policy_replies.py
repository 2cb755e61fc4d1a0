"""What a reply may do that no other message may, and when it loses the right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.rules.contact_policy import ChatOwner, ContactFacts, decide, policy_for
from storage.records import Contact, ContactKind, Decision, Hold, HoldKind

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 11, 22, 16, tzinfo=UTC)  # midnight in Shanghai
TEN = MONDAY + 10 * HOUR

UNANSWERED = ContactFacts(
    at=TEN,
    kind=ContactKind.REPLY,
    country="CN",
    timezone="Asia/Shanghai",
    borrower_wrote_at=TEN - HOUR,
    answered=False,
)
GOES_ON = replace(UNANSWERED, answered=True)
STRAY = replace(GOES_ON, borrower_wrote_at=None)

POLICY = policy_for("CN")
FULL = tuple(Contact(TEN - hours * HOUR, ContactKind.PRE_DUE) for hours in (1, 2, 30, 60, 90))


def judged(facts: ContactFacts, **changes: Any) -> Decision:
    return decide(replace(facts, **changes), POLICY)


@pytest.mark.parametrize("facts", [UNANSWERED, GOES_ON])
def test_a_reply_passes_quiet_and_caps(facts: ContactFacts) -> None:
    assert judged(facts, history=FULL, person_wrote_at=TEN - HOUR).allowed


@pytest.mark.parametrize(
    "changes",
    [
        {"stopped": True},
        {"holds": (Hold(HoldKind.DISPUTE, MONDAY),)},
        {"holds": (Hold(HoldKind.COMPLAINT, MONDAY),)},
        {"holds": (Hold(HoldKind.HARDSHIP, MONDAY),)},
        {"something_due": False},
        {"balance_as_of": TEN - 40 * HOUR},
        {"plan_kept": True},
        {"promise_open": True},
        {"owner": ChatOwner.PERSON},
    ],
)
def test_a_reply_passes_what_stops_messages_we_start(changes: dict[str, object]) -> None:
    assert judged(UNANSWERED, **changes).allowed


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"private": False}, "private_chat"),
        ({"verified": False}, "identity"),
        ({"consent": False}, "consent"),
        ({"holds": (Hold(HoldKind.FROZEN, MONDAY),)}, "legal_hold"),
        ({"owner": ChatOwner.NOBODY}, "person_owns_chat"),
        ({"published": False}, "script"),
        ({"already_sent": True}, "duplicate"),
    ],
)
def test_a_reply_does_not_pass_the_rest(changes: dict[str, object], rule: str) -> None:
    assert judged(UNANSWERED, **changes) == Decision("deny", None, (rule,))


def test_a_reply_may_come_at_night_up_to_and_including_thirty_minutes() -> None:
    wrote = MONDAY + 2 * HOUR
    at = wrote + 30 * MINUTE
    moment = timedelta(microseconds=1)
    assert judged(UNANSWERED, borrower_wrote_at=wrote, at=at).allowed
    late = judged(UNANSWERED, borrower_wrote_at=wrote, at=at + moment)
    assert late == Decision("defer", MONDAY + 8 * HOUR, ("hours",))


def test_a_prompt_reply_may_come_on_a_holiday() -> None:
    noon = datetime(2026, 10, 1, 4, tzinfo=UTC)
    assert judged(UNANSWERED, borrower_wrote_at=noon, at=noon + 30 * MINUTE).allowed
    assert judged(UNANSWERED, borrower_wrote_at=noon, at=noon + 31 * MINUTE).rules == ("holiday",)


def test_an_unanswered_message_may_be_answered_days_later() -> None:
    assert judged(UNANSWERED, borrower_wrote_at=TEN - 9 * DAY, history=FULL).allowed


def test_a_conversation_goes_on_only_on_the_local_day_on_which_the_borrower_wrote() -> None:
    just_before = MONDAY - MINUTE
    assert judged(GOES_ON, borrower_wrote_at=MONDAY).allowed
    assert judged(GOES_ON, borrower_wrote_at=just_before).rules == ("quiet_borrower",)


def test_within_thirty_minutes_of_a_message_of_yesterday_the_answered_have_no_claim() -> None:
    wrote, at = MONDAY - 10 * MINUTE, MONDAY + 10 * MINUTE
    assert judged(UNANSWERED, borrower_wrote_at=wrote, at=at).allowed
    assert judged(GOES_ON, borrower_wrote_at=wrote, at=at).rules == ("hours", "quiet_borrower")


def test_a_reply_to_nothing_is_judged_as_a_message_the_bot_starts() -> None:
    assert judged(STRAY).allowed
    assert judged(STRAY, answered=False).allowed
    held = judged(
        STRAY,
        stopped=True,
        holds=(
            Hold(HoldKind.DISPUTE, MONDAY),
            Hold(HoldKind.COMPLAINT, MONDAY),
            Hold(HoldKind.HARDSHIP, MONDAY),
        ),
        plan_kept=True,
        balance_as_of=TEN - 40 * HOUR,
        something_due=False,
        person_wrote_at=TEN - HOUR,
        history=FULL,
    )
    assert held.rules == (
        "opt_out",
        "dispute",
        "complaint",
        "hardship",
        "plan_kept",
        "balance_stale",
        "balance_zero",
        "quiet_person",
        "cap_day",
        "cap_week",
    )


def test_a_reply_to_nothing_is_no_overdue_message() -> None:
    overdue = tuple(Contact(TEN - days * DAY, ContactKind.OVERDUE) for days in (2, 3, 4))
    assert judged(STRAY, promise_open=True, history=overdue).allowed
    uk = replace(STRAY, country="GB", plan_kept=True)
    assert decide(uk, policy_for("GB")).allowed


def test_a_reply_to_nothing_may_still_come_from_the_person_who_owns_the_chat() -> None:
    assert judged(STRAY, owner=ChatOwner.PERSON).allowed
    assert judged(STRAY, owner=ChatOwner.NOBODY).rules == ("person_owns_chat",)


def test_an_unanswered_message_of_the_night_is_answered_in_the_morning() -> None:
    wrote = MONDAY + 22 * HOUR
    decision = judged(UNANSWERED, borrower_wrote_at=wrote, at=wrote + HOUR)
    assert decision == Decision("defer", MONDAY + DAY + 8 * HOUR, ("hours",))


def test_an_answered_one_loses_its_rights_at_midnight_and_waits_out_the_quiet() -> None:
    # Written at 22:00 and answered: from midnight on this is a message of ours, so it waits for
    # 22:00, when quiet is over, and then for the morning after.
    wrote = MONDAY + 22 * HOUR
    decision = judged(GOES_ON, borrower_wrote_at=wrote, at=wrote + HOUR)
    assert decision == Decision("defer", MONDAY + 2 * DAY + 8 * HOUR, ("hours",))


def test_a_reply_that_loses_its_rights_before_it_may_go_never_goes_to_somebody_who_stopped() -> (
    None
):
    wrote = MONDAY + 22 * HOUR
    late = {"borrower_wrote_at": wrote, "at": wrote + HOUR, "stopped": True}
    assert judged(UNANSWERED, **late).until == MONDAY + DAY + 8 * HOUR
    assert judged(GOES_ON, **late) == Decision("defer", None, ("hours",))


def test_in_an_unknown_zone_the_same_day_must_be_the_same_day_everywhere() -> None:
    # Midnight in Shanghai is 22:00 in Urumqi.
    wrote = MONDAY + DAY - 15 * MINUTE
    facts = replace(GOES_ON, timezone=None, borrower_wrote_at=wrote, at=wrote + 10 * MINUTE)
    assert judged(facts, history=FULL).allowed
    across = replace(facts, at=wrote + 20 * MINUTE, history=FULL)
    assert "quiet_borrower" in judged(across).rules
    assert judged(across, timezone="Asia/Urumqi").allowed


def test_a_clock_set_back_over_midnight_gives_the_day_and_the_rights_back() -> None:
    # St John's, 29 October 2006, 00:01: back to 23:01 of the 28th. Written at 22:50, asked at
    # 00:00:30 of the first pass: a minute later it is the 28th again.
    wrote = datetime(2006, 10, 29, 1, 20, tzinfo=UTC)
    facts = ContactFacts(
        at=datetime(2006, 10, 29, 2, 30, 30, tzinfo=UTC),
        kind=ContactKind.REPLY,
        country="CA",
        timezone="America/St_Johns",
        borrower_wrote_at=wrote,
    )
    policy = replace(policy_for("CA"), hours=replace(policy_for("CA").hours, opens=0, closes=1440))
    decision = decide(facts, policy)
    assert decision.rules == ("quiet_borrower",)
    assert decision.until == datetime(2006, 10, 29, 2, 31, tzinfo=UTC)
