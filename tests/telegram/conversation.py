"""A town to tell stories in: real storage, real handlers, the real outbox, and no Telegram.

    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    await anna.says("/human")
    anna.sees("A colleague will be with you")

What anybody does goes through the decoder and the one dispatch; what leaves is claimed, judged and
marked by the real sending service and laid down in the chats here, as Telegram would.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from aiogram.exceptions import TelegramBadRequest, TelegramMigrateToChat
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile

from bot.errors import Refusal
from bot.rules.strategy import default_strategy
from bot.rules.working_hours import WorkingHours
from bot.services import sending
from bot.services.cases import handoff, lateness, offering
from bot.services.digests import ID_LAST4, identity_digest
from bot.services.office import Office
from bot.telegram.dispatch import Dispatch
from bot.telegram.incoming import decode
from bot.telegram.methods import method_for
from bot.telegram.outcomes import outcome_of
from bot.telegram.talk import Toast
from scripts_library.library import default_library
from scripts_library.render import plain_text
from storage import accounts, conversations, schema, staff
from storage.engine import Storage
from storage.errors import Conflict
from storage.outbox import BLOCKED, Outcome
from storage.records import BorrowerId, OutboxRow, OutboxStatus, Role
from storage.topics import CREATE, RENAME

MONDAY_MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Ten in the morning in Shanghai, an ordinary working day."""
BOARD = -1001
_WORKER = "town"
_BOT = {"id": 1, "is_bot": True, "first_name": "Bot"}


@dataclass(slots=True)
class Shown:
    """A message as it stands in a chat now. `buttons`: label -> data; `script`: whose words.

    `file`: one of our own making; `media`: one that Telegram has.
    """

    message_id: int
    text: str
    buttons: dict[str, str] = field(default_factory=dict)
    media: str | None = None
    file: bytes = b""
    reply_to: int | None = None
    version: int = 0
    script: str = ""
    thread: int | None = None

    def __contains__(self, part: str) -> bool:
        return part in self.text


class Town:
    """Everybody shares one clock, `now`. A second passes with each message, no more by itself."""

    def __init__(self, storage: Storage, now: datetime = MONDAY_MORNING) -> None:
        self.storage = storage
        self.now = now
        self.office = Office(
            lender="Greenfield",
            secret=b"a secret of this town",
            country="CN",
            working_hours=WorkingHours.parse("1-5 09:00-18:00"),
            library=default_library(),
            strategy=default_strategy(),
            board_chat_id=BOARD,
        )
        self.dispatch = Dispatch(self.office)
        self.chats: dict[int, list[Shown]] = defaultdict(list)
        self.blocked: set[int] = set()
        self.topics: dict[int, dict[int, str]] = defaultdict(dict)
        self.made: dict[int, tuple[dict[str, Any], str]] = {}
        self.without_topics: set[int] = set()
        self.moved: dict[int, int] = {}
        self._updates = count(1)
        self._messages = count(1)
        self._changes = count(1)

    def update_id(self) -> int:
        return next(self._updates)

    def message_id(self) -> int:
        return next(self._messages)

    def later(self, **how_much: float) -> None:
        self.now += timedelta(**how_much)

    # people

    async def borrower(
        self,
        ref: str,
        name: str,
        *,
        language: str = "en",
        telegram_id: int | None = None,
        owes: int = 50_000,
        days_late: int = 5,
        linked: bool = True,
        country: str = "CN",
    ) -> "Borrower":
        """Somebody with one loan in yuan, `owes` fen due `days_late` days ago, identity checked."""
        today = self.now.date()
        person_id = telegram_id or 1000 + len(self.chats) + sum(map(ord, ref))
        digits = identity_digest(self.office.secret, ID_LAST4, ref, "1234")
        async with self.storage.transaction() as tx:
            borrower_id = BorrowerId(
                await tx.add(
                    schema.borrowers, borrower_ref=ref, full_name=name, language=language,
                    country=country, timezone="Asia/Shanghai", id_last4_hmac=digits,
                    consent_at=self.now, imported_at=self.now, phone="+8613800000000",
                )
            )  # fmt: skip
            await self._loan(tx, borrower_id, ref, owes, today - timedelta(days=days_late), today)
            await conversations.begin(tx, borrower_id, self.now)
            if linked:
                await accounts.open_account(tx, borrower_id, person_id, self.now)
                account = await accounts.by_telegram_id(tx, person_id)
                assert account is not None
                await accounts.verify_account(tx, account, self.now)
        return Borrower(self, person_id, name, language, borrower_id)

    async def _loan(
        self, tx: Any, borrower_id: BorrowerId, ref: str, owes: int, due: date, today: date
    ) -> None:
        loan = await tx.add(
            schema.loans, loan_ref=f"L-{ref}", borrower_id=borrower_id, imported_at=self.now
        )
        snapshot = await tx.add(
            schema.loan_snapshots, loan_id=loan, product="Home loan", currency="CNY",
            outstanding=owes, pay_to="the app", as_of=today, imported_at=self.now,
        )  # fmt: skip
        await tx.execute(
            schema.due_items.insert().values(
                snapshot_id=snapshot, due_date=due, principal=owes, interest=0, penalty=0, fees=0
            )
        )
        await tx.execute(
            schema.loans.update().where(schema.loans.c.id == loan).values(snapshot_id=snapshot)
        )

    async def staff(
        self,
        name: str,
        role: Role = Role.COLLECTOR,
        *,
        language: str = "en",
        skills: Sequence[str] = (),
        telegram_id: int | None = None,
        capacity: int | None = None,
    ) -> "Person":
        person_id = telegram_id or 9000 + sum(map(ord, name))
        async with self.storage.transaction() as tx:
            await staff.put(
                tx, person_id, role=role, name=name, languages=[language], skills=skills,
                now=self.now, capacity=capacity,
            )  # fmt: skip
        return Person(self, person_id, name, language)

    # what Telegram would do

    async def update(self, kind: str, body: dict[str, Any]) -> Toast | None:
        """Somebody did something: handle it, then deliver what it caused."""
        update = {"update_id": next(self._updates), kind: body}
        toast = await self.handle(update)
        await self.deliver()
        return toast

    async def handle(self, update: dict[str, Any]) -> Toast | None:
        incoming = decode(json.dumps(update))
        assert incoming is not None
        while True:
            try:
                async with self.storage.transaction() as tx:
                    await tx.lock(incoming.chat_id)
                    return await self.dispatch.handle(tx, incoming, self.now)
            except Refusal as refusal:
                async with self.storage.transaction() as tx:
                    return await self.dispatch.refuse(tx, incoming, refusal, self.now)
            except Conflict:
                continue

    async def ticks(self, **how_much: float) -> None:
        """Let time pass, then all that happens to cases by itself, and what is said of it."""
        self.later(**how_much)
        async with self.storage.transaction() as tx:
            await handoff.sweep(tx, self.office, self.now)
            await lateness.free_the_forgotten(tx, self.office, self.now)
        while True:
            async with self.storage.transaction() as tx:
                await lateness.sweep(tx, self.office, self.now)
                if await offering.route(tx, self.office, self.now) == 0:
                    break
        await self.deliver()

    async def deliver(self) -> None:
        """Send everything that may go now, and what is said because something may not."""
        idle = 0
        while idle < 2:
            async with self.storage.transaction() as tx:
                batch = await sending.next_batch(tx, self.office, _WORKER, self.now, limit=50)
            assert not batch.withheld, batch.withheld
            idle = 0 if batch.ready else idle + 1
            outcomes = [(row, self._arrive(row)) for row in batch.ready]
            async with self.storage.transaction() as tx:
                await sending.record(tx, self.office, outcomes, _WORKER, self.now)

    def _arrive(self, row: OutboxRow) -> Outcome:
        if row.chat_id in self.blocked:
            return Outcome(row.outbox_id, OutboxStatus.FAILED, error=BLOCKED)
        method = method_for(row)  # what cannot be said to Telegram at all fails here
        said = row.payload
        if row.chat_id in self.moved and "moved_to" not in said:
            gone = TelegramMigrateToChat(method, "upgraded", self.moved[row.chat_id])
            return outcome_of(row, gone, self.now)
        if row.method in (CREATE, RENAME):
            return self._topic(row, method)
        if said.get("thread") is not None and said["thread"] not in self.topics[row.chat_id]:
            if "of_case" in said:
                return self._refused(row, method, "message thread not found")
            said = {**said, "thread": None}  # as the sender does
        shown = Shown(
            message_id=said.get("message_id") or self.message_id(),
            text=plain_text(said.get("text") or said.get("caption") or ""),
            buttons={one["text"]: one["data"] for line in said.get("buttons", ()) for one in line},
            media=said.get("file_id"),
            file=_made(method),
            reply_to=said.get("reply_to"),
            version=next(self._changes),
            script=said.get("script", ""),
            thread=said.get("thread"),
        )
        chat = self.chats[said.get("moved_to", row.chat_id)]
        if row.method == "editMessageText":
            old = next((one for one in chat if one.message_id == shown.message_id), None)
            assert old is not None, f"message {shown.message_id} is not in chat {row.chat_id}"
            old.text, old.buttons, old.version = shown.text, shown.buttons, shown.version
            old.script = shown.script
        else:
            chat.append(shown)
        return Outcome(row.outbox_id, OutboxStatus.SENT, message_id=shown.message_id)

    def _topic(self, row: OutboxRow, method: TelegramMethod[Any]) -> Outcome:
        known, name = self.topics[row.chat_id], row.payload["name"]
        if row.method == RENAME:
            if row.payload["thread"] not in known:
                return self._refused(row, method, "TOPIC_ID_INVALID")
            known[row.payload["thread"]] = name
            return Outcome(row.outbox_id, OutboxStatus.SENT)
        if row.chat_id in self.without_topics:
            return self._refused(row, method, "the chat is not a forum")
        thread = self.makes_topic(row.chat_id, name)
        return Outcome(row.outbox_id, OutboxStatus.SENT, message_id=thread)

    def makes_topic(self, chat_id: int, name: str) -> int:
        """As Telegram does when the bot asks; returns its number."""
        thread = self.message_id()
        self.topics[chat_id][thread], self.made[thread] = name, (_BOT, name)
        return thread

    def _refused(self, row: OutboxRow, method: TelegramMethod[Any], why: str) -> Outcome:
        return outcome_of(row, TelegramBadRequest(method, f"Bad Request: {why}"), self.now)

    def moment(self) -> int:
        return next(self._changes)


class Person:
    """Somebody at their telephone. `sees` looks at what came or changed since they last acted."""

    def __init__(self, town: Town, telegram_id: int, name: str, language: str) -> None:
        self.town = town
        self.telegram_id = telegram_id
        self.name = name
        self.language = language
        self.toast = ""
        self._acted = 0

    async def says(
        self, text: str, *, reply_to: Shown | None = None, thread: int | None = None
    ) -> int:
        """Type a message, in a topic or in none; returns its number."""
        return await self._message({"text": text}, reply_to, thread)

    async def sends(
        self, kind: str, file_id: str, caption: str = "", *, reply_to: Shown | None = None,
        album: str | None = None,
    ) -> int:  # fmt: skip
        """Send a photo, document, voice or sticker, or a location as "31.2,121.5"."""
        body: dict[str, Any] = {kind: _media(kind, file_id)}
        if caption:
            body["caption"] = caption
        if album:
            body["media_group_id"] = album
        return await self._message(body, reply_to)

    def update_of(self, text: str) -> dict[str, Any]:
        """A typed message as an update, for handling it without delivering at once."""
        body = {**self._envelope(self.telegram_id, "private"), "text": text}
        body["message_id"] = self.town.message_id()
        return {"update_id": self.town.update_id(), "message": body}

    async def edits(self, message_id: int, text: str) -> None:
        self._acted = self.town.moment()
        body = {**self._envelope(self.telegram_id, "private"), "message_id": message_id}
        await self.town.update("edited_message", {**body, "edit_date": 1, "text": text})

    async def taps(self, button: str, *, on: Shown | None = None, chat: int | None = None) -> None:
        """Press the newest button with this label, or with this data."""
        where = chat or self.telegram_id
        message = on or self._with_button(button, where)
        data = message.buttons.get(button, button)
        assert button in message.buttons or data in message.buttons.values() or ":" in data, button
        self._acted = self.town.moment()
        kind = "private" if where > 0 else "supergroup"
        toast = await self.town.update(
            "callback_query",
            {
                "id": f"query-{self._acted}",
                "from": self._sender(),
                "chat_instance": "1",
                "data": data,
                "message": {
                    "message_id": message.message_id,
                    "date": int(self.town.now.timestamp()),
                    "chat": _chat(where, kind),
                    "text": message.text or "…",
                    **_in_topic(message.thread),
                },
            },
        )
        self.toast = toast.text if toast else ""

    async def blocks(self) -> None:
        self.town.blocked.add(self.telegram_id)
        member = {"user": _BOT}
        await self.town.update(
            "my_chat_member",
            {
                "chat": _chat(self.telegram_id, "private"),
                "from": self._sender(),
                "date": int(self.town.now.timestamp()),
                "old_chat_member": {**member, "status": "member"},
                "new_chat_member": {**member, "status": "kicked", "until_date": 0},
            },
        )

    def sees(self, *parts: str) -> Shown:
        """The newest message since they last acted that has all of `parts`."""
        for shown in reversed(self.new):
            if all(part in shown for part in parts):
                return shown
        raise AssertionError(f"{self.name} does not see {parts} in\n{self.transcript()}")

    def topic(self, name: str) -> int:
        """The number of the topic whose name begins so."""
        known = self.town.topics[self.telegram_id]
        found = [thread for thread, called in known.items() if called.startswith(name)]
        assert len(found) == 1, f"{self.name} has {known} and looks for {name}"
        return found[0]

    def deletes_topic(self, thread: int) -> None:
        """With everything said in it, as Telegram does."""
        del self.town.topics[self.telegram_id][thread]
        self.chat[:] = [one for one in self.chat if one.thread != thread]

    def does_not_see(self, part: str) -> None:
        """Nowhere in the whole chat."""
        assert not [one for one in self.chat if part in one], self.transcript()

    @property
    def chat(self) -> list[Shown]:
        return self.town.chats[self.telegram_id]

    @property
    def new(self) -> list[Shown]:
        return sorted(
            (one for one in self.chat if one.version > self._acted), key=lambda one: one.version
        )

    @property
    def last(self) -> Shown:
        return self.chat[-1]

    def transcript(self) -> str:
        return "\n---\n".join(f"{one.text}\n{list(one.buttons)}" for one in self.chat)

    async def _message(
        self, body: dict[str, Any], reply_to: Shown | None, thread: int | None = None
    ) -> int:
        self._acted = self.town.moment()
        self.town.later(seconds=1)
        message_id = self.town.message_id()
        body = {**self._envelope(self.telegram_id, "private"), "message_id": message_id, **body}
        if thread is not None:
            body |= _in_topic(thread)
            body["reply_to_message"] = self._shown_before(thread) | self._beginning_of(thread)
        if reply_to is not None and reply_to.thread != thread:
            body.pop("reply_to_message", None)
            body["external_reply"] = {"origin": {"type": "user", "date": 1, "sender_user": _BOT}}
        elif reply_to is not None:
            answered = self._shown_before(reply_to.message_id)
            body["reply_to_message"] = answered | {"text": reply_to.text or "…"}
        await self.town.update("message", body)
        return message_id

    def _beginning_of(self, thread: int) -> dict[str, Any]:
        """Telegram's notice that a topic was made, as it was then, and by whom."""
        by, name = self.town.made.get(thread, (self._sender(), "a topic"))
        return {"from": by, "forum_topic_created": {"name": name, "icon_color": 1}}

    def _shown_before(self, message_id: int) -> dict[str, Any]:
        return {"message_id": message_id, "date": 1, "chat": _chat(self.telegram_id, "private")}

    def _envelope(self, chat_id: int, kind: str) -> dict[str, Any]:
        return {
            "date": int(self.town.now.timestamp()),
            "chat": _chat(chat_id, kind),
            "from": self._sender(),
        }

    def _sender(self) -> dict[str, Any]:
        return {
            "id": self.telegram_id,
            "is_bot": False,
            "first_name": self.name,
            "language_code": self.language,
        }

    def _with_button(self, button: str, chat: int) -> Shown:
        for shown in reversed(self.town.chats[chat]):
            if button in shown.buttons or button in shown.buttons.values():
                return shown
        raise AssertionError(f"{self.name} finds no button {button!r} in\n{self.transcript()}")


class Borrower(Person):
    def __init__(
        self, town: Town, telegram_id: int, name: str, language: str, borrower_id: BorrowerId
    ) -> None:
        super().__init__(town, telegram_id, name, language)
        self.borrower_id = borrower_id


async def begin(borrower: Borrower, person: Person) -> None:
    """The borrower asks for a person, the person takes the case."""
    await borrower.says("/human")
    await person.says("/next")


async def heard(borrower: Borrower, person: Person, text: str) -> Shown:
    """The borrower says something; it is what the person sees last."""
    await borrower.says(text)
    return person.sees(text)


def _made(method: TelegramMethod[Any]) -> bytes:
    """The file of our own making that a call carries."""
    made = getattr(method, "document", None) or getattr(method, "photo", None)
    return made.data if isinstance(made, BufferedInputFile) else b""


def _media(kind: str, file_id: str) -> Any:
    known: dict[str, Any] = {"file_id": file_id, "file_unique_id": f"u-{file_id}"}
    match kind:
        case "photo":
            return [{**known, "width": 90, "height": 90}]
        case "voice" | "video" | "audio":
            return {**known, "duration": 3, "width": 1, "height": 1}
        case "sticker":
            flags = {"is_animated": False, "is_video": False}
            return {**known, "type": "regular", "width": 512, "height": 512, **flags}
        case "location":
            latitude, _, longitude = file_id.partition(",")
            return {"latitude": float(latitude), "longitude": float(longitude)}
        case "contact":
            return {"phone_number": file_id, "first_name": "Somebody"}
        case _:
            return known


def _in_topic(thread: int | None) -> dict[str, Any]:
    return {} if thread is None else {"message_thread_id": thread, "is_topic_message": True}


def _chat(chat_id: int, kind: str) -> dict[str, Any]:
    if kind == "private":
        return {"id": chat_id, "type": kind, "first_name": "Somebody"}
    return {"id": chat_id, "type": kind, "title": "Board"}
