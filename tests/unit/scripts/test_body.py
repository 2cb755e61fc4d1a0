"""What is said without Liquid is what Liquid would say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date
from typing import Any

import pytest

from scripts_library.body import Body
from scripts_library.library import Library
from scripts_library.render import render
from scripts_library.samples import sample_values, samples
from scripts_library.script import Script
from tests.unit.scripts.conftest import Desk

TODAY = date(2026, 11, 22)


class ByLiquid(Body):
    def render(self, values: Mapping[str, Any]) -> str:
        return self.template.render(values)


def by_liquid(script: Script) -> Script:
    return replace(script, said=ByLiquid(script.said.template))


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_every_wording_reads_as_liquid_has_it(library: Library, language: str) -> None:
    scripts = [one for key in library.keys for one in library.script(key, language).wordings]
    assert sum(one.said.is_plain for one in scripts) > 0.98 * len(scripts)
    for script in scripts:
        values = sample_values(script, samples()["three_loans"], TODAY)
        said = render(script, values, zone=UTC).text
        assert said == render(by_liquid(script), values, zone=UTC).text, script.key


@pytest.mark.parametrize(
    "name",
    ["Ann & <b>Bob</b>", 'O\'Neil "x"', "{{ lender }}", "王芳", "1", " "],
)
@pytest.mark.parametrize(
    "body",
    [
        "Hello {{ name }}.",
        "{% unless more_loans %}{{ name }}{% else %}{{ more_loans }} more{% endunless %} yes",
        "{% if totals %}{{ totals | join: '; ' }}{% elsif more_loans > 1 %}x{% endif %} {{ name }}",
        "{% for one in totals %}{{ one }} of {{ name }}{% endfor %} x",
        "{% case more_loans %}{% when 2 %}two{% else %}none{% endcase %} {{ name }}",
        "{% for one in totals %}{{ forloop.index }}{% endfor %} {{ name | size }}",
        "{% if name == 'Ann' %}Ann{% endif %} {{ more_loans }} {{ name.size }}",
        "{% if more_loans %}  {% endif %}{{ name }} {{ nobody }}",
    ],
)
def test_what_was_typed_is_escaped_and_faults_are_liquids_own(
    desk: Desk, facts: dict[str, Any], body: str, name: str
) -> None:
    script = desk.draft(body, "variables: [name, lender, totals, more_loans]")
    for more in (None, 0, 2):
        for totals in (None, facts["totals"]):
            values = {**facts, "name": name, "more_loans": more, "totals": totals}
            assert _said(script, values) == _said(by_liquid(script), values)


def test_only_what_is_plain_goes_without_liquid(desk: Desk) -> None:
    def is_plain(body: str) -> bool:
        return desk.draft(body, "variables: [name, totals]").said.is_plain

    assert is_plain("{% for one in totals %}{{ one }}{% endfor %}{{ name }}")
    assert not is_plain("{% for one in totals limit: 1 %}{{ one }}{% endfor %}")
    assert not is_plain("{% for one in totals %}{% break %}{% endfor %}{{ name }}")
    assert not is_plain("{% for one in totals %}{{ forloop.last }}{% endfor %}")
    assert not is_plain("{% if name %} {% endif %}{{ name }}")


def _said(script: Script, values: dict[str, Any]) -> str:
    try:
        return render(script, values, zone=UTC).text
    except Exception as error:
        return f"{type(error).__name__}: {error}"
