"""Made-up borrowers to preview a script with: each stage, and the cases that nobody thinks of.

A preview is only worth something when it looks like a real message: a whole name, a date near
today, an amount with odd cents, three loans at once. `samples.yaml` says who they are; everything
else a script declares keeps the example of its declaration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import yaml

from scripts_library.examples import example_values
from scripts_library.formats import Amount
from scripts_library.library import HOME
from scripts_library.script import Script
from scripts_library.variables import in_language

_PROMISED_IN = timedelta(days=3)
_ANSWER_IN = timedelta(days=15)
_LEFT_TO_PAY = 8


@dataclass(frozen=True, slots=True)
class Sample:
    """One made-up borrower; `facts` as the file gives them. Its label is `sample.<name>`."""

    name: str
    facts: Mapping[str, Any]


@cache
def samples() -> Mapping[str, Sample]:
    """By name, in the order of the file: the stages first."""
    given = yaml.load((HOME / "samples.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {name: Sample(name, facts) for name, facts in given.items()}


def fitting_sample(script: Script) -> Sample:
    """The one whose stage the script is for."""
    return samples().get(script.stage or "early", samples()["early"])


def sample_values(script: Script, sample: Sample, today: date) -> dict[str, Any]:
    """What `script` would be given for `sample` on `today`. Raises BadExample."""
    tag = script.language.tag
    loans = [_loan(one, tag, today, script) for one in sample.facts["loans"]]
    totals: dict[str, Decimal] = {}
    for loan in loans:
        due = loan["due"]
        totals[due.currency] = totals.get(due.currency, Decimal(0)) + due.major
    sums = [Amount(major, currency) for currency, major in totals.items()]
    oldest = min(loan["due_date"] for loan in loans)
    upcoming = sample.facts.get("next_due_in")
    known: dict[str, Any] = {
        "name": in_language(sample.facts["name"], tag),
        "loans": loans,
        "more_loans": None,
        "totals": sums,
        "home_totals": sums,
        "due_now": sums,
        "outstanding": [Amount(one.major * _LEFT_TO_PAY, one.currency) for one in sums],
        "remaining": sums,
        "oldest_due_date": oldest,
        "oldest_due": oldest,
        "days_past_due": max((today - oldest).days, 0),
        "as_of": today,
        "figures_of": today,
        "next_due_date": today + timedelta(days=upcoming) if upcoming else None,
        "reply_by": today + _ANSWER_IN,
        "amount": loans[0]["due"],
        "date": today + _PROMISED_IN,
        "until": today + _ANSWER_IN,
    }
    values = example_values(script)
    return values | {name: known[name] for name in values if name in known}


def _loan(given: Mapping[str, Any], tag: str, today: date, script: Script) -> dict[str, Any]:
    due_date = today + timedelta(days=int(given["due_in"]))
    return {
        "product": in_language(given["product"], tag),
        "due": Amount(Decimal(given["due"]), in_language(given["currency"], tag)),
        "due_date": due_date,
        "days_past_due": max((today - due_date).days, 0),
        "pay_to": _way_to_pay(script),
    }


def _way_to_pay(script: Script) -> str:
    """As the example of `loans` has it, if the script shows loans at all."""
    loans = script.variables.get("loans")
    example = loans.example(script.language.tag) if loans is not None else None
    return str(example[0]["pay_to"]) if example else ""
