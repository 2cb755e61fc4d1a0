from collections.abc import Callable
from pathlib import Path

import pytest

from scripts_library.check import check_library, check_script, check_source
from scripts_library.findings import Finding
from scripts_library.library import Library
from scripts_library.markup import markup_faults
from scripts_library.script import STARTED_BY_US
from tests.unit.scripts.conftest import Desk

REMINDER = """Hello {{ name }},

{% for loan in loans %}{{ loan.due }} on {{ loan.due_date }}, pay to {{ loan.pay_to }}
{% endfor %}
To talk to a person send /human, to stop send /stop.
"""
OVERDUE = "kind: overdue\nvariables: [name, loans]"


def found(desk: Desk, body: str, matter: str = "", language: str = "en") -> list[Finding]:
    return check_source(desk.source(body, matter), desk.library, language)


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def test_our_own_words_are_clean() -> None:
    assert check_library() == []


def test_everything_a_language_says_another_says_too(library: Library) -> None:
    for key, by_language in library.by_key.items():
        assert set(by_language) == set(library.languages), key


def test_every_message_we_start_says_how_to_stop_and_whom_to_ask(library: Library) -> None:
    started = [
        script
        for by_language in library.by_key.values()
        for script in by_language.values()
        if script.kind in STARTED_BY_US and script.audience == "borrower"
    ]
    assert len(started) > 20
    assert all("/stop" in one.body and "/human" in one.body for one in started)


def test_a_good_draft_has_nothing_to_mend(desk: Desk) -> None:
    assert found(desk, REMINDER, OVERDUE) == []


def test_a_draft_that_cannot_be_read_is_a_finding_with_its_line(desk: Desk) -> None:
    finding = only(found(desk, "Hello {% if %}"))
    assert finding.line == 7
    assert "not Liquid" in finding.reason


def test_an_undeclared_variable_is_named_with_its_line(desk: Desk) -> None:
    finding = only(found(desk, "Hello\n{{ nmae }}", "variables: [name]"))
    assert (finding.value, finding.line) == ("nmae", 8)


def test_a_field_a_record_does_not_have_is_found(desk: Desk) -> None:
    body = "{% for loan in loans %}{{ loan.color }}{% endfor %}"
    findings = found(desk, body, "variables: [loans]")
    assert ("loan.color", "there is no such value") in {(one.value, one.reason) for one in findings}


def test_an_unknown_filter_is_named(desk: Desk) -> None:
    finding = only(found(desk, "{{ name | shout }}", "variables: [name]"))
    assert finding.value == "shout"


@pytest.mark.parametrize(
    ("taken", "says"),
    [
        ("{{ loan.due }}", "says no amount"),
        ("{{ loan.due_date }}", "says no date"),
        ("{{ loan.pay_to }}", "says no way to pay"),
        ("/human", "how to reach a person"),
        ("/stop", "how to stop"),
    ],
)
def test_a_reminder_without_one_of_its_facts_is_refused(desk: Desk, taken: str, says: str) -> None:
    assert says in only(found(desk, REMINDER.replace(taken, ""), OVERDUE)).reason


@pytest.mark.parametrize(
    "line",
    [
        "Your payment, {{ name }}",
        "{{ name }}: {{ totals | join }}",
        "Your loan",
        "{{ lender }}",
        "您的账单",
    ],
)
def test_the_first_line_tells_a_stranger_nothing(desk: Desk, line: str) -> None:
    body = REMINDER.replace("Hello {{ name }},", line)
    findings = found(desk, body, "kind: overdue\nvariables: [name, loans, totals, lender]")
    assert any("the first line" in finding.reason for finding in findings)


def test_a_neutral_text_speaks_of_no_debt_anywhere(desk: Desk) -> None:
    assert found(desk, "Hello\nPlease write back.", "neutral: true") == []
    assert "neutral" in only(found(desk, "Hello\nAbout your loan", "neutral: true")).reason


def test_a_text_too_long_with_the_longest_values_is_found(desk: Desk) -> None:
    body = "x" * 1000 + "{{ name }}"
    finding = only(found(desk, body, "variables: [name]\nlimit: caption"))
    assert "the longest values" in finding.reason


def test_a_button_without_a_label_is_found(desk: Desk) -> None:
    finding = only(found(desk, "Hi", "buttons: [[fly]]"))
    assert finding.value == "fly"


def test_markup_telegram_refuses_is_found(desk: Desk) -> None:
    assert any("div" in finding.reason for finding in found(desk, "<div>Hi</div>"))


@pytest.mark.parametrize(
    "text",
    [
        "<b>x",
        "x</b>",
        "<b><i>x</b></i>",
        "<div>x</div>",
        "<a href='javascript:x'>x</a>",
        "<b class='x'>x</b>",
        "a &nbsp; b",
        "1 < 2",
        "<!-- x -->",
    ],
)
def test_wrong_markup_has_a_fault(text: str) -> None:
    assert markup_faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "<b>x</b> &lt; <i>y</i>",
        "<a href='https://example.org'>x</a>",
        "<blockquote expandable>x</blockquote>",
        "<pre><code class='language-python'>x</code></pre>",
        "AT&T",
    ],
)
def test_markup_telegram_shows_has_none(text: str) -> None:
    assert markup_faults(text) == []


def test_the_guard_reads_a_draft_to_borrowers(desk: Desk) -> None:
    finding = only(found(desk, "Hello\nPay today or we will call your boss."))
    assert "block" in finding.reason
    assert finding.mend


def test_an_exclamation_mark_is_mentioned(desk: Desk) -> None:
    assert "exclamation" in only(found(desk, "Hello!")).reason


def test_a_character_nobody_sees_is_found(desk: Desk) -> None:
    assert "invisible" in only(found(desk, "Hello \u202egnp")).reason


def test_a_twin_that_says_something_else_is_found(desk: Desk, library: Library) -> None:
    source = desk.source("Hello", "kind: thanks").replace("key: draft", "key: stop.done")
    findings = check_source(source, library, "en")
    reasons = " ".join(finding.reason for finding in findings)
    assert "buttons differs from zh-Hans" in reasons
    assert "kind differs from zh-Hans" in reasons


def test_checking_a_script_of_the_library_is_the_same(library: Library) -> None:
    assert check_script(library.script("reminder.early", "en"), library) == []


def test_a_language_that_lacks_a_script_or_a_label_is_found(
    small_library: Callable[[dict[str, str]], Path],
) -> None:
    home = small_library(
        {
            "en/hello.md": "---\nkey: hello\npurpose: p\naudience: collector\n---\nHello\n",
            "en/buttons.yaml": "button.pay: Pay\n",
            "sw/language.yaml": "name: Kiswahili\nlocale: sw\n",
            "sw/broken.md": "no front matter",
        }
    )
    reasons = [finding.reason for finding in check_library(home)]
    assert sorted(reasons) == ["label is missing", "no front matter", "not written in sw"]


def test_every_label_fits_a_button(library: Library) -> None:
    for language in library.by_tag.values():
        for key, label in language.labels.items():
            assert 0 < len(label) <= (40 if key.startswith("button.") else 256), key
