"""Whatever an admin sends is answered with findings, quickly, and never said."""

from datetime import date

import pytest

from scripts_library.findings import Finding
from scripts_library.library import Library
from scripts_library.render import render
from scripts_library.revising import check_revision
from scripts_library.samples import sample_values, samples
from scripts_library.script import LONGEST_SOURCE
from scripts_library.source import with_body
from tests.unit.scripts.conftest import Desk

KEY = "thanks.cleared"
FULL = "{{ name }}{{ amount }} /human /stop"


def findings(library: Library, body: str) -> list[Finding]:
    source = with_body(library.script(KEY, "en").source, body)
    return check_revision(source, library, library, "en", KEY)


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \n \n",
        "\u200b\u200b",
        "{% comment %}nothing{% endcomment %}",
        "{% if name == 'nobody' %}x{% endif %}",
        "{{ name ",
        "{% for %}",
        "{% endif %}",
        "{{ name | no_such_filter }}",
        "{% assign x = 'y' %}{{ x }}",
        "{% include 'secrets' %}",
        "{% for a in (1..99999999999) %}x{% endfor %}",
        "{% for a in (1..400) %}{{ name }}{{ name }}{{ name }}{% endfor %}",
        "{% for a in (1..20) %}" * 7 + "x" + "{% endfor %}" * 7,
        "{{ (1..99999999) | join }}",
        "x" * LONGEST_SOURCE,
        "{{ name }}" * 1_100,
        "<b>Hello {{ name }}",
        "<script>alert(1)</script>",
        "<a href='javascript:x'>x</a>",
        "{{ name.__class__.__mro__ }}",
        "{{ secret_key }}",
        "Hello \u202e{{ name }}",
        "Hello {{ name }}, we will tell everybody at your work what you owe.",
        "--- variant a\nHello",
    ],
)
def test_a_bad_body_has_findings(library: Library, body: str) -> None:
    found = findings(library, body)
    assert [one for one in found if not one.doubt], body[:60]
    assert all(one.reason for one in found)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<b>Bob</b>", "&lt;b&gt;Bob&lt;/b&gt;"),
        ("Bob & <a href='x'>Co", "Bob &amp; &lt;a href=&#39;x&#39;&gt;Co"),
        ("Bob\u202egnp.exe", "Bobgnp.exe"),
        ("Bo\u200bb\u2066", "Bob"),
        ("{{ lender }}", "{{ lender }}"),
        ("{% for a in (1..9) %}", "{% for a in (1..9) %}"),
    ],
)
def test_a_name_is_only_a_name(desk: Desk, name: str, shown: str) -> None:
    script = desk.draft("<b>Hello {{ name }}</b>", "variables: [name]")
    assert render(script, {"name": name}).text == f"<b>Hello {shown}</b>"


def test_a_good_body_has_none_and_can_be_previewed(library: Library, desk: Desk) -> None:
    body = f"Hello {{{{ name }}}},\n\n{FULL}"
    assert findings(library, body) == []
    source = with_body(library.script(KEY, "en").source, body)
    assert source.endswith(f"{body}\n")
    script = desk.draft(body, "variables: [name, amount]")
    for sample in samples().values():
        assert render(script, sample_values(script, sample, date(2026, 11, 22))).text


@pytest.mark.parametrize(
    "hidden",
    [
        "{% if amount == 'never' %}We will tell your boss and your family.{% endif %}",
        "{% unless name %}We will tell your boss and your family.{% endunless %}",
        "{% case name %}{% when 'x' %}We will tell your boss and your family.{% endcase %}",
        "We will tell your bo{% if name %}{% endif %}ss and your fam<b>il</b>y.",
        "{{ 'We will tell your boss and your family.' }}",
        "{% if name == 'x' %}{{ \"We will tell your boss and your family.\" }}{% endif %}",
        "We will tell your b&#111;ss and your f&#97;mily.",
        "{% if name == 'We will tell your boss and your family.' %}{% endif %}",
    ],
)
def test_the_guard_reads_every_branch(library: Library, hidden: str) -> None:
    found = findings(library, f"Hello {{{{ name }}}},\n\n{FULL}\n{hidden}")
    assert any("the guard says block" in one.reason for one in found), found


def test_a_comment_is_not_said(library: Library) -> None:
    comment = "{% comment %}Never write: we will tell your boss.{% endcomment %}"
    assert findings(library, f"Hello {{{{ name }}}},\n\n{FULL}\n{comment}") == []


def test_advice_to_colleagues_is_read_too(library: Library) -> None:
    key = "shift.on"
    source = with_body(
        library.script(key, "en").source, "Call their boss and tell them what they owe."
    )
    found = check_revision(source, library, library, "en", key)
    assert any("the guard says block" in one.reason for one in found)
