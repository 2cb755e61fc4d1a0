"""`remindful explain`: why a borrower was or was not contacted. No names, no phones."""

from datetime import datetime
from typing import Any

from bot.commands.using import in_transaction, write, write_json
from bot.house import House
from bot.services import explaining
from bot.services.explaining import Explanation
from storage.engine import Transaction
from storage.records import Decision


def explain(borrower_ref: str, as_json: bool) -> None:
    async def use(house: House, tx: Transaction, now: datetime) -> Explanation:
        return await explaining.explain(tx, house.office, borrower_ref, now)

    told = _shown(in_transaction(use))
    if as_json:
        write_json(told)
        return
    for key in ("days_past_due", "stage", "class", "conversation", "stopped", "next_look_at"):
        write(f"{key.replace('_', ' ')}: {told[key]}")
    for experiment, group in told.get("variants", {}).items():
        write(f"experiment {experiment}: {group}")
    for step in told["due_now"]:
        write(f"due now: {step['step']} about {step['anchor']}: {_in_words(step)}")
    for one in told["decisions"]:
        write(f"{one['at']} {one['asked']} {one['kind']}: {_in_words(one)}")


def _shown(told: Explanation) -> dict[str, Any]:
    situation = told.situation
    return {
        "borrower_ref": situation.facts.borrower.borrower_ref,
        "days_past_due": situation.days_past_due,
        "stage": told.stage,
        "class": told.payment_class,
        "conversation": situation.state,
        "stopped": situation.facts.stopped_at is not None,
        "linked": situation.facts.account is not None,
        "next_look_at": told.next_at,
        **({"variants": dict(told.groups)} if told.groups else {}),
        "due_now": [
            {"step": one.step, "anchor": one.anchor, **_decision(one.decision)} for one in told.due
        ],
        "decisions": [
            {"at": one.at, "asked": one.asked, "kind": one.kind, "decision": one.verdict,
             "until": one.until, "rules": one.rules.split(),
             **({"variants": one.variants} if one.variants else {})}
            for one in told.past
        ],
    }  # fmt: skip


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "decision": decision.verdict,
        "until": decision.until,
        "rules": list(decision.rules),
    }


def _in_words(one: dict[str, Any]) -> str:
    until = f" until {one['until']}" if one["until"] else ""
    rules = f" ({', '.join(one['rules'])})" if one["rules"] else ""
    return f"{one['decision']}{until}{rules}"
