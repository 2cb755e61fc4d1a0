"""One update being handled: who, when, in which transaction, and how to answer.

Handlers get a talk and nothing else of Telegram. Everything they say goes to the outbox under a
key made of the update's number, so that the same update handled again says nothing twice.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.services import asking
from bot.services.asking import Question
from bot.services.office import Office
from bot.services.saying import PLAINLY, Choice, File, Manner, Reader, Rows, may_redraw, say
from bot.services.situation import Situation, situation_of
from bot.telegram.incoming import Incoming
from storage.engine import Transaction
from storage.records import Account, Actor, Borrower, StaffMember


@dataclass(frozen=True, slots=True)
class Toast:
    """The answer to a press: a short line over the chat, or an alert to be closed."""

    text: str
    alert: bool = False


@dataclass(kw_only=True)
class Talk:
    """`reader` and `actor` are whoever caused the update; this one may be a stranger."""

    tx: Transaction
    office: Office
    now: datetime
    incoming: Incoming
    reader: Reader
    actor: Actor
    toast: Toast | None = None
    said: int = field(default=0, init=False)

    async def show(
        self,
        key: str,
        values: Mapping[str, Any] | None = None,
        rows: Rows = (),
        *,
        manner: Manner = PLAINLY,
    ) -> None:
        """Answer in this chat: a press redraws the message it was on, words get a new one."""
        manner = replace(manner, edit=await self._to_redraw())
        await self.tell(self.reader, key, values, rows, manner=manner)

    async def _to_redraw(self) -> int | None:
        """The message a press was on, if what we say may take its place."""
        pressed_on = self.incoming.message_id if self.incoming.query_id else None
        if pressed_on is None or not await may_redraw(self.tx, self.incoming.chat_id, pressed_on):
            return None
        return pressed_on

    async def tell(
        self,
        reader: Reader,
        key: str,
        values: Mapping[str, Any] | None = None,
        rows: Rows = (),
        *,
        manner: Manner = PLAINLY,
        file: File | None = None,
    ) -> None:
        """Say something to anybody because of this update; in the topic it came from, if it did."""
        if reader.chat_id == self.incoming.chat_id and manner.thread is None:
            manner = replace(manner, thread=self.incoming.thread)
        await say(
            self.tx,
            self.office,
            reader,
            key,
            values or {},
            unique_key=self.key(),
            actor=self.actor,
            now=self.now,
            rows=rows,
            manner=manner,
            file=file,
        )

    def key(self) -> str:
        """A new outbox key of this update; the same again when it is handled again."""
        self.said += 1
        return f"update:{self.incoming.update_id}:{self.said}"

    def label(self, key: str) -> str:
        """A short label in the reader's language, as "button.pay"."""
        return self.office.library.label(key, self.reader.language)

    def choice(self, name: str, *args: object) -> Choice:
        """A button with the label `button.<name>` that sends back "name" or "name:arg:arg"."""
        return Choice(self.label(f"button.{name}"), ":".join([name, *map(str, args)]))

    def notice(self, key: str, *, alert: bool = False) -> None:
        """Answer the press with the label `key` instead of a silent tick."""
        self.toast = Toast(self.label(key), alert)


@dataclass(kw_only=True)
class BorrowerTalk(Talk):
    """With an account that opened a link. All that is said here is a contact of the borrower."""

    account: Account
    borrower: Borrower
    _situation: Situation | None = field(default=None, init=False)

    @property
    def verified(self) -> bool:
        return self.account.verified_at is not None

    async def situation(self) -> Situation:
        """Read once an update; after writing facts call `changed()`."""
        if self._situation is None:
            self._situation = await situation_of(self.tx, self.borrower.borrower_id, self.now)
        return self._situation

    def changed(self) -> None:
        """Facts were written: the next look reads them again."""
        self._situation = None


@dataclass(kw_only=True)
class StaffTalk(Talk):
    """With a member of staff, in private or on the board."""

    member: StaffMember

    async def ask(self, name: str, data: dict[str, Any]) -> None:
        """Open a question here: in this chat, or in this topic of it."""
        chat_id, thread = self.reader.chat_id, self.incoming.thread
        await asking.ask(self.tx, chat_id, name, data, self.now, thread=thread)

    async def asked(self) -> Question | None:
        """What is asked here."""
        return await asking.asked(self.tx, self.reader.chat_id, thread=self.incoming.thread)

    async def done(self) -> None:
        """What was asked here is answered, or not wanted any more."""
        await asking.done(self.tx, self.reader.chat_id, thread=self.incoming.thread)


Handler = Callable[[BorrowerTalk, str], Awaitable[None]]
"""Serves a borrower's command, press or words; the text is what stands behind the name."""

AnswerHandler = Callable[[BorrowerTalk, dict[str, Any], str], Awaitable[bool]]
"""Reads words while a question is open: what was known when it was asked, and the text.

False: they do not answer it, so they mean something else.
"""

StaffHandler = Callable[[StaffTalk, str], Awaitable[None]]
