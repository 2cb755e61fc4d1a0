"""A transcript as a paper for a complaint: one line for what was done, one block for what was said.

Words of a person stand once, with what the guard said of them and what became of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import groupby
from typing import Any

from bot.documents.record import Day, Record, Turn
from bot.rules.zones import load_zone, zones_of
from bot.services.cases.transcribing import Delivery, Transcript
from bot.services.cases.wording import Words, pressed_name
from bot.services.office import Office
from scripts_library.formats import Formats
from scripts_library.render import plain_text
from storage.transcript import ACT, EDIT, MESSAGE, OUTCOME, SEAL, STATE, WORDS, Entry


@dataclass(frozen=True, slots=True)
class TranscriptPaper:
    """A record to be set, and the name of its file."""

    name: str
    record: Record

    def as_payload(self) -> dict[str, Any]:
        return {"paper": {"name": self.name, "sheet": self.record.as_json()}}


def transcript_paper(told: Transcript, office: Office, language: str) -> TranscriptPaper:
    """Times are the office's own, and the paper names their zone."""
    zone_name = zones_of(office.country)[0]
    writing = _Writing(told, Words(office.library, language), office, load_zone(zone_name))
    file, label = told.file, writing.label
    facts = [
        (label("case"), f"#{file.number}"),
        (label("borrower"), f"{file.borrower.full_name} ({file.borrower.borrower_ref})"),
        (label("reasons"), " · ".join(writing.words.label("reason", one) for one in file.reasons)),
        (label("opened"), writing.moment(file.case.opened_at)),
    ]
    if file.case.closed_at is not None:
        ended = file.case.disposition or ""
        how = writing.words.known("disposition", ended) or ended
        facts.append((label("closed"), f"{writing.moment(file.case.closed_at)} · {how}"))
    facts += [
        (label("read"), writing.moment(told.read_at)),
        (label("zone"), zone_name),
        (label("entries"), str(told.proof.entries)),
        (label("proof"), writing.proof()),
    ]
    return TranscriptPaper(
        f"transcript-{file.number}.pdf",
        Record(
            language=language,
            sender=office.lender,
            title=label("title"),
            facts=tuple(facts),
            days=tuple(writing.days()),
            closing=(label("about_times"), label("about_proof")),
            seal=f"#{file.number} · {told.proof.head}",
        ),
    )


class _Writing:
    """The entries of one transcript in one language."""

    def __init__(self, told: Transcript, words: Words, office: Office, zone: tzinfo) -> None:
        self._told = told
        self.words = words
        self._office = office
        self._zone = zone
        self._formats: Formats = office.library.language(words.language).formats
        self._seen: dict[int, int] = {}
        self._sent = {
            one.content["outbox"]: one.number
            for one in told.entries
            if one.kind in (MESSAGE, OUTCOME) and "outbox" in one.content
        }
        self._spoken = {
            one.content["outbox"]
            for one in told.entries
            if one.kind == WORDS and one.number in told.deliveries
        }

    def label(self, name: str) -> str:
        return self.words.label("transcript", name)

    def moment(self, at: Any) -> str:
        local = at.astimezone(self._zone)
        return f"{self._formats.day(local.date())} {local:%H:%M:%S}"

    def proof(self) -> str:
        proof = self._told.proof
        if proof.intact:
            return self.label("intact")
        return f"{self.label('broken')} {proof.broken} · {self.label(f'why.{proof.why}')}"

    def days(self) -> Iterator[Day]:
        for day, entries in groupby(self._told.entries, key=self._day_of):
            turns = tuple(turn for one in entries if (turn := self._turn(one)) is not None)
            if turns:
                yield Day(self._formats.day(day), turns)

    def _day_of(self, entry: Entry) -> date:
        return entry.at.astimezone(self._zone).date()

    def _turn(self, entry: Entry) -> Turn | None:
        content = entry.content
        if entry.kind != WORDS and content.get("outbox") in self._spoken:
            return None  # it stands with the words themselves
        if entry.kind == MESSAGE:
            return self._message(entry)
        if entry.kind == WORDS:
            return self._words(entry)
        if entry.kind == EDIT:
            return self._made(entry, self.label("edited_own"), content.get("text") or "…")
        if entry.kind == STATE:
            return self._made(entry, self._moved(content))
        if entry.kind == ACT:
            return self._made(entry, self._act(content["act"]))
        if entry.kind == OUTCOME:
            return self._unsent(entry)
        return self._made(entry, self.label("sealed")) if entry.kind == SEAL else None

    def _message(self, entry: Entry) -> Turn:
        content = entry.content
        text = content.get("text", "")
        what = self.label("noted" if content["direction"] == "note" else "wrote")
        version = self._version(content)
        if version > 1:
            what = f"{self.label('edited')} {version}"
        remarks = [self.label("before")] if content.get("before") else []
        if "media" in content:
            remarks.append(f"{self.words.label('media', content['media'])}: {content['file']}")
        pressed = pressed_name(text) if content["direction"] == "in" else None
        if pressed is not None and "media" not in content:
            what, text = self.label("pressed"), self.words.button(text)
        if content["direction"] == "out":
            text = plain_text(text)
            remarks.append(f"{self.label('sent')} {self._number(content)}")
        return self._made(entry, what, text or "…", *remarks)

    def _unsent(self, entry: Entry) -> Turn:
        """What was to be said and did not arrive, or nobody knows whether it did."""
        content = entry.content
        if "script" not in content:
            return self._made(entry, self.label("not_sent"), "", self._why(content["why"]))
        text = content.get("text")
        said = plain_text(text) if text else f"{self.label('wording')} {content['script']}"
        remarks = [self.label("before")] if content.get("before") else []
        became = self.label(f"delivery.{content['status']}")
        if content["status"] == "not_sent":
            became = f"{became}: {self._why(content['why'])}"
        return self._made(entry, self.label("wrote"), said, *remarks, became)

    def _version(self, content: dict[str, Any]) -> int:
        """The first of a message's wordings is 1."""
        if content["direction"] == "out" or "message" not in content:
            return 1
        self._seen[content["message"]] = self._seen.get(content["message"], 0) + 1
        return self._seen[content["message"]]

    def _words(self, entry: Entry) -> Turn:
        content = entry.content
        delivery = self._told.deliveries.get(entry.number)
        doubtful = content["verdict"] == "warn" and delivery is None
        verdict = "doubtful" if doubtful else content["verdict"]
        remarks = [f"{self.label('guard')} {self.label('verdict.' + verdict)}"]
        if "rules" in content:
            remarks[0] += f" ({' · '.join(content['rules'])})"
        if "media" in content:
            remarks.insert(0, f"{self.words.label('media', content['media'])}: {content['file']}")
        remarks.append(self._kept(content) if delivery is None else self._delivery(delivery))
        turn = self._made(entry, self.label("typed"), content.get("text", "…"), *remarks)
        later = self._sent.get(content.get("outbox"))
        if later is None:
            return turn
        return Turn(
            f"{turn.numbers} · {later}", turn.time, turn.who, turn.what, turn.text, turn.remarks
        )

    def _kept(self, content: dict[str, Any]) -> str:
        """What was typed and never left."""
        rules = content.get("refused")
        return (
            f"{self.label('held_back')}: {self._why(rules)}" if rules else self.label("held_back")
        )

    def _delivery(self, found: Delivery) -> str:
        known = f"transcript.delivery.{found.status}"
        status = self._office.library.labels_of(known)
        said = self.label(f"delivery.{found.status}") if status else found.status
        if found.at is not None:
            said += f" {found.at.astimezone(self._zone):%H:%M:%S}"
        if found.message_id is not None:
            said += f" · {self.label('number')} {found.message_id}"
        if found.why:
            said += f": {self._why(list(found.why))}"
        return f"{said} · {self.label('maybe_twice')}" if found.maybe_twice else said

    def _why(self, rules: list[str]) -> str:
        return " · ".join(self.words.rules(rules))

    def _number(self, content: dict[str, Any]) -> str:
        return f"({self.label('number')} {content['message']})" if "message" in content else ""

    def _moved(self, content: dict[str, Any]) -> str:
        states = (self.words.label("conversation", content[name]) for name in ("from", "to"))
        said = " → ".join(states)
        reason = self.words.known("reason", content["reason"])
        owner = self._told.people.get(f"staff:{content.get('staff')}")
        named = [one for one in (owner.name if owner else None, reason) if one]
        moved = f"{self.label('moved')} {said}"
        return f"{moved} ({' · '.join(named)})" if named else moved

    def _act(self, act: str) -> str:
        return self.words.known("transcript", f"act.{act}") or act

    def _made(self, entry: Entry, what: str, text: str = "", *remarks: str) -> Turn:
        at = entry.at.astimezone(self._zone)
        shown = tuple(one for one in remarks if one)
        return Turn(str(entry.number), f"{at:%H:%M:%S}", self._who(entry.actor), what, text, shown)

    def _who(self, actor: str) -> str:
        kind = actor.partition(":")[0]
        if kind == "borrower":
            return self._told.file.borrower.full_name
        member = self._told.people.get(actor)
        return member.name if member else self.words.label("who", kind)
