"""A script as its reader will see it: with a made-up borrower, or with a real one's facts."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.errors import Refusal
from bot.services.office import Office
from bot.services.saying import drawn
from bot.services.scripts import texts
from scripts_library.errors import RenderError, UnreadableScript
from scripts_library.examples import BadExample
from scripts_library.render import Rendered, render
from scripts_library.samples import Sample, fitting_sample, sample_values, samples
from scripts_library.script import Script
from storage import outbox
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
