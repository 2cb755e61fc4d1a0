"""What an admin's text may not do, however it is written."""

import pytest

from scripts_library.errors import BrokenScript, UnreadableScript
from scripts_library.render import render
from tests.unit.scripts.conftest import Desk


@pytest.mark.parametrize(
    "body",
    [
        "{% assign a = 'x' %}",
        "{% capture a %}x{% endcapture %}",
        "{% include 'x' %}",
        "{% render 'x' %}",
        "{% increment a %}",
        "{% tablerow a in (1..3) %}{% endtablerow %}",
        "{% if name %}",
        "{{ name ",
        "{% for %}{% endfor %}",
    ],
)
def test_tags_that_build_or_reach_out_are_unknown(desk: Desk, body: str) -> None:
    with pytest.raises(UnreadableScript):
        desk.draft(body, "variables: [name]")


@pytest.mark.parametrize(
    "body",
    [
        "{% for a in (1..99999999999) %}x{% endfor %}",
        "{% for a in (1..200) %}{% for b in (1..200) %}{{ name }}{% endfor %}{% endfor %}",
        "{% for a in (1..400) %}{{ name }}{{ name }}{{ name }}{{ name }}{% endfor %}",
        "{{ (1..99999999) | join }}",
        "{{ name | append: name }}",
        "{{ name | replace: 'x', name }}",
        "{{ name | upcase }}",
        "{{ name.__class__ }}",
        "{{ name.constructor }}",
    ],
)
def test_no_body_loops_for_long_grows_without_bound_or_looks_inside(desk: Desk, body: str) -> None:
    script = desk.draft(body, "variables: [name]")
    with pytest.raises(BrokenScript):
        render(script, {"name": "x" * 100})


def test_a_loop_over_what_was_given_is_fine(desk: Desk) -> None:
    body = "{% for line in help_lines %}{{ forloop.index }}. {{ line }}\n{% endfor %}"
    text = render(desk.draft(body, "variables: [help_lines]"), {"help_lines": ["a", "b"]}).text
    assert text == "1. a\n2. b"


def test_a_deep_nest_of_tags_is_refused(desk: Desk) -> None:
    body = "{% if name %}" * 40 + "x" + "{% endif %}" * 40
    with pytest.raises(UnreadableScript):
        desk.draft(body, "variables: [name]")
