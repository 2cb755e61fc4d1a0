"""A script as its reader will see it: with a made-up borrower, or with a real one's facts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from bot.errors import InputRefused, Refusal
from bot.services import figures
from bot.services.office import Office
from bot.services.reminders import owed
from bot.services.saying import drawn
from bot.services.scripts import texts
from bot.services.situation import Situation, situation_of
from scripts_library.errors import RenderError, UnreadableScript
from scripts_library.examples import BadExample, example_values
from scripts_library.render import Rendered, render
from scripts_library.samples import Sample, fitting_sample, sample_values, samples
from scripts_library.script import Script
from storage import borrowers, outbox
from storage.engine import Transaction
from storage.records import Actor, DeliveryClass, Outgoing, ScriptVersion

INERT = "script_shown"
"""What the buttons of a preview send: they only look like the real ones."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`number` of `of` samples and `wording` of `wordings` are shown; both count from 0."""

    said: Rendered
    sample: Sample
    number: int
    of: int
    wording: int
    wordings: int


def preview(
    script: Script, number: int | None, wording: int, now: datetime, zone: tzinfo
) -> Preview:
    """`number` None: a borrower of the script's own stage. Raises RenderError and BadExample."""
    known = list(samples().values())
    sample = fitting_sample(script) if number is None else known[number % len(known)]
    words = script.wordings
    one = words[wording % len(words)]
    values = sample_values(one, sample, now.astimezone(zone).date())
    said = render(one, values, zone=zone)
    return Preview(said, sample, known.index(sample), len(known), wording % len(words), len(words))


def with_sample(script: Script, name: str, today: date) -> Rendered:
    """For the command line. Raises InputRefused for an unknown sample, RenderError, BadExample."""
    sample = samples().get(name)
    if sample is None:
        raise InputRefused(f"--sample: {name!r} is none of {', '.join(samples())}")
    return render(script, sample_values(script, sample, today), zone=UTC)


async def with_borrower(
    tx: Transaction, office: Office, script: Script, borrower_ref: str, now: datetime
) -> tuple[Script, Rendered]:
    """What a borrower would read now, made from the ledger; the rest are examples.

    Raises InputRefused for an unknown reference, and for a message about a debt there is not.
    """
    found = await borrowers.by_ref(tx, borrower_ref)
    if found is None:
        raise InputRefused(f"{borrower_ref}: no borrower has this reference")
    situation = await situation_of(tx, found.borrower_id, now)
    if "loans" in script.variables and not situation.owes:
        raise InputRefused(f"{borrower_ref} owes nothing; this message would not be sent")
    values = example_values(script)
    known = _known(situation, office, reminds="loans" in script.variables)
    values |= {name: known[name] for name in values if name in known}
    wording = script.wording_for(borrower_ref)
    return wording, render(wording, values, zone=situation.zone)


def _known(situation: Situation, office: Office, *, reminds: bool) -> dict[str, Any]:
    """What the ledger says, under the names that scripts use."""
    known: dict[str, Any] = {
        "lender": office.lender,
        "due_now": list(situation.standing.due.values()) or None,
        **figures.standing_values(situation),
        **figures.balance_values(situation),
        **(figures.pay_values(situation) if situation.owes else {}),
    }
    promised = situation.open_promise
    if promised is not None:
        known |= {"amount": promised.amount, "date": promised.due_date}
    return known | (dict(owed(situation)) if reminds else {})


def script_of(office: Office, key: str, language: str) -> Script:
    """What is said now. Raises Refusal for a label and for what nobody says."""
    text = texts.text_of(office.files, key, language)
    if text.is_label:
        raise Refusal("scripts.only_a_label", wanted=key)
    return office.library.by_key[text.key][text.language]


def script_in(office: Office, version: ScriptVersion) -> Script:
    """A draft's or any version's script. Raises Refusal when it cannot be read."""
    if texts.text_of(office.files, version.key, version.language).is_label:
        raise Refusal("scripts.only_a_label", wanted=version.key)
    try:
        return texts.read(version, office.files)
    except UnreadableScript as error:
        raise Refusal("scripts.cannot_show", reason=error.reason[:300]) from None


async def show(
    tx: Transaction,
    chat_id: int,
    shown: Preview,
    rows: list[list[dict[str, str]]],
    *,
    unique_key: str,
    now: datetime,
    edit: int | None = None,
) -> None:
    """Put the very message into a chat of staff, its buttons without effect, `rows` below them."""
    own = [[{**button, "data": INERT} for button in row] for row in drawn(shown.said)]
    payload: dict[str, object] = {"text": shown.said.text, "buttons": own + rows}
    if edit is not None:
        payload["message_id"] = edit
    await outbox.put(
        tx,
        Outgoing(
            unique_key=unique_key,
            chat_id=chat_id,
            delivery=DeliveryClass.ANSWER,
            method="sendMessage" if edit is None else "editMessageText",
            payload=payload,
            actor=Actor.system(),
            not_before=now,
        ),
        now,
    )


def fault_of(error: RenderError | BadExample) -> Refusal:
    """A preview that cannot be made says why."""
    reason = error.reason if isinstance(error, RenderError) else str(error)
    return Refusal("scripts.cannot_show", reason=reason[:300])
