"""Who is speaking, decided once and early; then one look-up in the table of that audience.

A borrower, a stranger, a member of staff and the board each have a door of their own, so nobody
can reach a handler that is not theirs. Groups we do not serve hear nothing.
"""

from datetime import UTC, datetime, tzinfo
from typing import Any

from bot.errors import Refusal
from bot.rules.zones import load_zone, zones_of
from bot.services import audience, listening
from bot.services.audience import Known
from bot.services.cases import topics
from bot.services.office import Office
from bot.services.saying import Reader
from bot.services.scripts import in_force
from bot.telegram import board, collector, stranger
from bot.telegram.borrower import door as borrower
from bot.telegram.incoming import Incoming
from bot.telegram.talk import BorrowerTalk, StaffTalk, Talk, Toast
from storage.engine import Transaction
from storage.records import Actor, StaffMember


class Dispatch:
    """The one way from an update to a handler."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def handle(self, tx: Transaction, incoming: Incoming, now: datetime) -> Toast | None:
        """Let the right handler do its work in `tx`; returns what a press is answered with."""
        talk = await self._talk(tx, incoming, now)
        match talk:
            case _ if incoming.moves:
                await board.people_moved(talk)
            case StaffTalk() if not incoming.private:
                await board.serve(talk)
            case StaffTalk():
                await collector.serve(talk)
            case BorrowerTalk() if incoming.private:
                await borrower.serve(talk)
            case _ if incoming.private:
                await stranger.serve(talk)
        return talk.toast

    async def refuse(
        self, tx: Transaction, incoming: Incoming, refusal: Refusal, now: datetime
    ) -> Toast | None:
        """Tell the person why not. The refused act itself was rolled back."""
        return await self._answer(tx, incoming, now, refusal.script, refusal.values)

    async def apologise(self, tx: Transaction, incoming: Incoming, now: datetime) -> Toast | None:
        """Say that we failed, without a word about how."""
        return await self._answer(tx, incoming, now, "error.sorry", {})

    async def _answer(
        self,
        tx: Transaction,
        incoming: Incoming,
        now: datetime,
        key: str,
        values: dict[str, Any],
    ) -> Toast | None:
        talk = await self._talk(tx, incoming, now)
        if isinstance(talk, BorrowerTalk) and incoming.private:
            if talk.verified:  # what they did was rolled back, and this is the answer to it
                await listening.hear(tx, talk.actor, talk.borrower, incoming.as_said(), now)
            await talk.show(key, values)
        elif incoming.private:
            await talk.tell(talk.reader, key, values)
        elif incoming.query_id is not None:
            talk.notice(f"toast.{key}", alert=True)
        return talk.toast

    async def _talk(self, tx: Transaction, incoming: Incoming, now: datetime) -> Talk:
        await in_force.refresh(tx, self._office, now)
        found = await audience.who_is(tx, incoming.telegram_id)
        library = self._office.library
        if isinstance(found, StaffMember):
            tag = found.language or next(iter(found.languages), None) or incoming.language
            reader = Reader(incoming.chat_id, library.resolve_language(tag), self._zone(None))
            if incoming.thread is not None and incoming.topic is not None and incoming.private:
                # Here, so that it stands whatever becomes of what is written in it.
                await topics.adopt(tx, self._office, found, incoming.thread, incoming.topic, now)
            return StaffTalk(
                tx=tx, office=self._office, now=now, incoming=incoming, reader=reader,
                actor=found.actor, member=found,
            )  # fmt: skip
        if isinstance(found, Known):
            borrower_id = found.borrower.borrower_id
            reader = Reader(
                incoming.chat_id,
                library.resolve_language(found.account.language or found.borrower.language),
                self._zone(found),
                borrower_id,
            )
            return BorrowerTalk(
                tx=tx, office=self._office, now=now, incoming=incoming, reader=reader,
                actor=Actor.borrower(borrower_id), account=found.account, borrower=found.borrower,
            )  # fmt: skip
        reader = Reader(incoming.chat_id, library.resolve_language(incoming.language), UTC)
        return Talk(
            tx=tx, office=self._office, now=now, incoming=incoming, reader=reader,
            actor=Actor.system(),
        )  # fmt: skip

    def _zone(self, known: Known | None) -> tzinfo:
        if known is None:
            return load_zone(zones_of(self._office.country)[0])
        return load_zone(known.borrower.timezone or zones_of(known.borrower.country)[0])
