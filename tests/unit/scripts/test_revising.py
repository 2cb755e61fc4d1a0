"""An admin may change every word of a message, but not what message it is."""

import pytest

from scripts_library.findings import Finding
from scripts_library.library import Library
from scripts_library.revising import WITH_LOANS, check_label, check_revision


def revised(library: Library, key: str, *changes: tuple[str, str]) -> list[Finding]:
    source = library.script(key, "en").source
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return check_revision(source, library, library, "en", key)


def test_every_script_of_ours_may_be_saved_as_it_is(library: Library) -> None:
    for key in library.keys:
        assert revised(library, key) == [], key


def test_other_words_are_fine(library: Library) -> None:
    assert revised(library, "stop.done", ("Done.", "All right.")) == []


@pytest.mark.parametrize(
    ("key", "old", "new", "reason"),
    [
        ("reminder.early", "kind: overdue", "kind: safety", "kind cannot be changed"),
        ("reminder.early", "stage: early", "stage: late", "stage cannot be changed"),
        ("stop.done", "audience: borrower", "audience: board", "audience cannot be changed"),
        ("stop.done", "kind: safety", "kind: safety\nneutral: true", "neutral cannot be changed"),
        ("stop.done", "kind: safety", "kind: safety\nlimit: caption", "limit cannot be changed"),
        ("stop.done", "key: stop.done", "key: stop.other", "place says"),
    ],
)
def test_what_message_it_is_stays(
    library: Library, key: str, old: str, new: str, reason: str
) -> None:
    findings = revised(library, key, (old, new))
    assert any(reason in one.reason for one in findings), findings


def test_a_value_nobody_gives_is_refused_and_the_mend_names_those_there_are(
    library: Library,
) -> None:
    findings = revised(
        library,
        "thanks.cleared",
        ("variables: [name, amount]", "variables: [name, amount, until]"),
        ("Thank you.", "Thank you. {{ until }}"),
    )
    given = next(one for one in findings if "not given" in one.reason)
    assert (given.value, given.line) == ("until", 6)
    assert "amount" in given.mend


def test_a_reminder_may_use_whatever_reminders_are_given(library: Library) -> None:
    findings = revised(
        library,
        "reminder.pre_due",
        ("days_past_due, as_of]", "days_past_due, as_of, reply_by]"),
        ("tell us now", "tell us{% if reply_by %} by {{ reply_by }}{% endif %}"),
    )
    assert all("variables differs" in one.reason for one in findings)
    assert "reply_by" in WITH_LOANS


def test_an_optional_value_stays_optional(library: Library) -> None:
    findings = revised(
        library,
        "hardship.received",
        ("variables: [until]", "variables: [{until: {type: date, example: 2026-12-01}}]"),
    )
    assert any("is date, optional here" in one.reason for one in findings)


@pytest.mark.parametrize(
    ("buttons", "reason"),
    [
        ("[[take]]", "does nothing here"),
        ("[[" + "x" * 65 + "]]", "at most 64 bytes"),
        ("[[pay, pay]]", "stands there twice"),
        ("[[pay, promise, plan, paid, human], [stop, resume, balance, menu]]", "at most 8"),
    ],
)
def test_only_buttons_that_work_for_the_reader(library: Library, buttons: str, reason: str) -> None:
    findings = revised(library, "stop.done", ("[[resume, human]]", buttons))
    assert any(reason in f"{one.reason} {one.mend}" for one in findings), findings


@pytest.mark.parametrize(
    ("key", "text", "reason"),
    [
        ("button.pay", "", "is empty"),
        ("button.pay", "How to\npay", "a line break"),
        ("button.pay", "How to \u202epay", "direction character"),
        ("button.pay", "x" * 41, "41 characters"),
        ("button.pay", "Pay!", "exclamation"),
        ("button.pay", "Pay or the police will arrest you", "the guard says block"),
        ("answer.yes", "aye", "is listened to"),
    ],
)
def test_a_label_is_a_short_script(key: str, text: str, reason: str) -> None:
    assert any(reason in one.reason for one in check_label(text, "en", key))


def test_a_good_label_passes() -> None:
    assert check_label("Ways to pay", "en", "button.pay") == []
