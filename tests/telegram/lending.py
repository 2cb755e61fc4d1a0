"""A town whose lender is at work: real files come in, the planner looks, days go by.

    maria = await town.client("Maria Lopez", owes=[Owed("1200.00", due=date(2026, 11, 24))])
    await town.until("2026-11-23T12:00")
    maria.hears("CN¥1,200.00", "/stop")

Updates go the whole way: written to the inbox, decoded and handled by the real worker. What
arrives in a chat is held against Telegram's limits and ours.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.alarms import Alarms
from bot.health import Health
from bot.services import emergency, linking, paying, planning, receiving, sending
from bot.services.cases import handoff
from bot.services.portfolio import importing
from bot.services.portfolio.importing import ImportKind, PortfolioFile
from bot.services.situation import Situation, situation_of
from bot.telegram.methods import method_for
from bot.telegram.talk import Toast
from bot.telegram.worker import Worker
from simulator.html_text import parse_html
from storage import (
    accounts,
    audit,
    borrowers,
    cases,
    conversations,
    outbox,
    schedule,
    staff,
    work,
)
from storage.engine import Storage, Transaction
from storage.outbox import Outcome
from storage.records import (
    Actor,
    BorrowerId,
    HandoffReason,
    Message,
    Money,
    OutboxRow,
    Received,
    Role,
    StaffMember,
    Work,
    WorkKind,
)
from storage.schema import inbox, metadata
from storage.schema import outbox as outbox_rows
from tests.telegram.conversation import Person, Shown, Town

SHANGHAI = ZoneInfo("Asia/Shanghai")
SUNDAY_NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""Twelve in Shanghai."""
MOST_BUTTONS = 8
_LONGEST_DATA = 64
_NOT_FACTS = {"inbox"}


@dataclass(frozen=True)
class Owed:
    """One due item of one loan, as the lender's file would say it."""

    amount: str
    due: date
    loan: str = "1"
    currency: str = "CNY"
    product: str = "Home loan"
    outstanding: str | None = None
    interest: str = "0"
    penalty: str = "0"
    fees: str = "0"
    pay_to: str = "the Payments page of our app"


class LendingTown(Town):
    """`folder` takes the lender's files."""

    def __init__(self, storage: Storage, folder: Path, now: datetime = SUNDAY_NOON) -> None:
        super().__init__(storage, now)
        self.folder = folder
        self.health = Health()
        self.updates: list[dict[str, Any]] = []
        self.clients: list[Client] = []
        self.holding_back = False
        self.arrival: dict[int, datetime] = {}
        self._last_file = datetime.min.replace(tzinfo=UTC)
        self._answers = _Answers()
        self._worker = Worker(
            storage,
            _Clock(self),
            self.dispatch,
            self._answers,
            self.health,
            Alarms(storage, _Clock(self), self.office, self.health),
        )
        self._numbers = count(1)

    # the lender

    async def client(
        self,
        name: str = "Maria Lopez",
        *,
        owes: Sequence[Owed] = (),
        language: str = "en",
        country: str = "CN",
        timezone: str = "Asia/Shanghai",
        digits: str = "1234",
        birth_date: str = "1990-05-20",
        known: bool = True,
    ) -> "Client":
        """Somebody in the lender's files. `known`: they have proved just now who they are."""
        number = next(self._numbers)
        client = Client(self, f"B-{number}", 5000 + number, name, language, list(owes))
        self.clients.append(client)
        await self.take_in(
            ImportKind.BORROWERS,
            {
                "borrower_ref": client.ref, "full_name": name, "language": language,
                "country": country, "timezone": timezone, "phone": "+8613800000000",
                "birth_date": birth_date, "id_last4": digits,
            },
        )  # fmt: skip
        async with self.storage.reading() as tx:
            found = await borrowers.by_ref(tx, client.ref)
        assert found is not None
        client.borrower_id = found.borrower_id
        if owes:
            await client.now_owes(*owes)
        if known:
            await self._has_linked(client)
        return client

    async def _has_linked(self, client: "Client") -> None:
        """As if they had opened their link and answered a moment ago."""
        async with self.storage.transaction() as tx:
            await accounts.open_account(tx, client.borrower_id, client.telegram_id, self.now)
            account = await accounts.by_telegram_id(tx, client.telegram_id)
            assert account is not None
            await accounts.verify_account(tx, account, self.now)
            await conversations.begin(tx, client.borrower_id, self.now)
            await conversations.note_borrower_wrote(tx, client.borrower_id, self.now)
            await conversations.note_answered(tx, client.borrower_id, self.now)
            await schedule.look_again(tx, [client.borrower_id], self.now)

    async def staff_member(self, name: str, role: Role) -> StaffMember:
        """Somebody of the staff as services know them."""
        person = await self.staff(name, role)
        async with self.storage.reading() as tx:
            member = await staff.by_telegram_id(tx, person.telegram_id)
        assert member is not None
        return member

    async def emergency_stop(self, on: bool) -> None:
        boss = await self.staff_member("Ada", Role.SUPERVISOR)
        async with self.storage.transaction() as tx:
            assert await emergency.stop_all(tx, boss.actor, on, self.now)

    async def take_in(self, kind: ImportKind, *rows: dict[str, Any]) -> None:
        """Import a file of the lender's, as the command does."""
        file = self.folder / f"{kind}-{self.moment()}.csv"
        with file.open("w", encoding="utf-8", newline="") as sheet:
            writer = csv.DictWriter(sheet, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        report = await importing.import_file(
            self.storage, Actor.system(), PortfolioFile(kind, file),
            secret=self.office.secret, library=self.office.library, now=self.now,
            on_payment=self._money_arrived,
        )  # fmt: skip
        assert not report.refused, report.refused

    async def _money_arrived(
        self, tx: Transaction, borrower_id: BorrowerId, payment_ref: str, paid: Money, now: datetime
    ) -> None:
        await paying.money_arrived(tx, self.office, borrower_id, payment_ref, paid, now)

    # time

    def at(self, local: str, zone: str = "Asia/Shanghai") -> None:
        """Turn the clock to a local time; nothing happens on the way there."""
        self.now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    async def until(self, local: str, *, fresh: bool = True, zone: str = "Asia/Shanghai") -> None:
        """Let time pass, stopping wherever something is due.

        `fresh`: on such a day the lender's file has come at five in the morning.
        """
        end = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for one in self.clients:
            one.looks_away()
        await self.works()
        while (due := await self._next_due()) is not None and due <= end:
            five = due.astimezone(SHANGHAI).replace(hour=5, minute=0, second=0, microsecond=0)
            if fresh and five <= due and self._last_file < five:
                self._last_file = five
                self.now = max(self.now, five.astimezone(UTC))
                await self._daily_file()
            else:
                self.now = due
            await self.works()
        self.now = end
        await self.works()

    async def works(self) -> None:
        """Everything that is due at this moment happens."""
        async with self.storage.transaction() as tx:
            await planning.plan_due(tx, self.office, self.now, limit=500)
            await sending.expire(tx, self.now)
            await handoff.sweep(tx, self.office, self.now)
        await self.deliver()

    async def _next_due(self) -> datetime | None:
        async with self.storage.reading() as tx:
            moments = (
                await schedule.next_due_at(tx, self.now),
                await outbox.next_due_at(tx, self.now),
            )
        return min((one for one in moments if one is not None), default=None)

    async def _daily_file(self) -> None:
        yesterday = self.now.astimezone(SHANGHAI).date() - timedelta(days=1)
        rows = [row for one in self.clients for row in one.loan_rows(yesterday)]
        if rows:
            await self.take_in(ImportKind.LOANS, *rows)

    # what Telegram would do

    async def deliver(self) -> None:
        if not self.holding_back:
            await super().deliver()

    async def handle(self, update: dict[str, Any]) -> Toast | None:
        """Into the inbox, and out of it by the worker; a dead letter fails the test."""
        self.updates.append(update)
        async with self.storage.transaction() as tx:
            await receiving.keep(tx, [update], self.now)
        await self.work_off()
        return self._answers.last

    async def work_off(self) -> None:
        """The worker handles what waits in the inbox."""
        self._answers.last = None
        async with self.storage.reading() as tx:
            waiting = await receiving.waiting(tx, after=-1, limit=100)
        for received in waiting:
            await self._worker.handle(received)
        assert not self.health.alarms, f"{self.health.alarms}: see the log above"

    async def again(self, *updates: dict[str, Any]) -> None:
        """The same updates come once more, to the inbox and, worse, past it to the worker."""
        async with self.storage.transaction() as tx:
            await receiving.keep(tx, updates, self.now)
        for update in updates:
            chat = receiving.chat_of(update)
            await self._worker.handle(
                Received(update["update_id"], chat, json.dumps(update), self.now)
            )
        await self.deliver()

    def _arrive(self, row: OutboxRow) -> Outcome:
        """Telegram and we would both refuse what breaks a limit."""
        call = method_for(row)
        markup = getattr(call, "reply_markup", None)
        buttons = [one for line in markup.inline_keyboard for one in line] if markup else []
        assert len(buttons) <= MOST_BUTTONS, [one.text for one in buttons]
        assert all(len((one.callback_data or "").encode()) <= _LONGEST_DATA for one in buttons)
        assert len({one.callback_data for one in buttons}) == len(buttons), "two alike"
        if "text" in row.payload:
            plain, _ = parse_html(row.payload["text"])
            assert 0 < len(plain.encode("utf-16-le")) // 2 <= 4096
        outcome = super()._arrive(row)
        if outcome.message_id is not None:
            self.arrival[outcome.message_id] = self.now
        return outcome

    def arrived_at(self, shown: Shown) -> str:
        """When a message came, or changed, to the minute in Shanghai."""
        return f"{self.arrival[shown.message_id].astimezone(SHANGHAI):%Y-%m-%d %H:%M}"

    # looking behind the scenes

    async def situation(self, client: "Client") -> Situation:
        async with self.storage.reading() as tx:
            return await situation_of(tx, client.borrower_id, self.now)

    async def tasks(self, client: "Client", kind: WorkKind) -> list[Work]:
        """Open work of a kind about somebody."""
        async with self.storage.reading() as tx:
            return await work.open_of(tx, client.borrower_id, kind)

    async def heard_from(self, client: "Client") -> list[Message]:
        """The record of what somebody said, oldest first."""
        async with self.storage.reading() as tx:
            turns = await cases.last_messages(tx, client.borrower_id, 100)
        return [one for one in turns if one.direction == "in"]

    async def reasons(self, client: "Client") -> set[HandoffReason]:
        """Why a person has, or is to have, the conversation."""
        talk = (await self.situation(client)).facts.conversation
        if talk is None or talk.case_id is None:
            return set()
        async with self.storage.reading() as tx:
            case = await cases.case(tx, talk.case_id)
        assert case is not None
        return {case.reason, *case.more_reasons}

    async def waiting(self, client: "Client") -> list[str]:
        """The states of what the bot has started and not sent, expired or denied."""
        async with self.storage.reading() as tx:
            rows = await tx.all(
                select(outbox_rows.c.status).where(
                    outbox_rows.c.borrower_id == client.borrower_id,
                    outbox_rows.c.automated,
                    outbox_rows.c.status.in_(("queued", "claimed", "sending", "suspended")),
                )
            )
        return [row.status for row in rows]

    async def decisions(self, client: "Client") -> list[tuple[str, str, str]]:
        """What the policy was asked and said of somebody, newest first: asked, verdict, rules."""
        async with self.storage.reading() as tx:
            rows = await audit.decisions_of(tx, client.borrower_id)
        return [(row.asked, row.verdict, row.rules) for row in rows]

    async def every_row(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that the database holds as facts, to be compared."""
        async with self.storage.reading() as tx:
            return {
                table.name: [
                    tuple(row)
                    for row in await tx.all(select(table).order_by(*table.primary_key.columns))
                ]
                for table in metadata.sorted_tables
                if table.name not in _NOT_FACTS
            }

    async def close_the_day(self) -> None:
        """What holds after every story: nothing repeats, nothing was sent unjudged or died."""
        await self.deliver()
        before, said = await self.every_row(), self._all_chats()
        await self.again(*self.updates)
        assert await self.every_row() == before, "handling an update twice changed something"
        assert self._all_chats() == said, "handling an update twice said something"
        async with self.storage.reading() as tx:
            sent = await tx.all(
                select(outbox_rows.c.unique_key).where(
                    outbox_rows.c.kind.is_not(None), outbox_rows.c.status.in_(("sent", "denied"))
                )
            )
            dead = await tx.all(select(inbox.c.error).where(inbox.c.status == "dead"))
            decided = await tx.all(select(metadata.tables["decisions"].c.outbox_key))
        judged = {row.outbox_key for row in decided}
        assert {row.unique_key for row in sent} <= judged, "said without asking the policy"
        assert not dead, dead

    def _all_chats(self) -> dict[int, list[Shown]]:
        return {chat: [replace(one) for one in shown] for chat, shown in self.chats.items()}


class Client(Person):
    """A borrower as the lender knows them, with a telephone."""

    town: LendingTown

    def __init__(
        self,
        town: LendingTown,
        ref: str,
        telegram_id: int,
        name: str,
        language: str,
        owes: list[Owed],
    ) -> None:
        super().__init__(town, telegram_id, name, language)
        self.ref = ref
        self.owes = owes
        self.borrower_id = BorrowerId(0)

    # what they do

    async def link(self) -> str:
        """A fresh link's token, as it stands in the lender's letter."""
        async with self.town.storage.transaction() as tx:
            issued = await linking.issue_link(
                tx, self.town.office, Actor.system(), self.ref, self.town.now
            )
        return issued.token

    async def opens_link(self) -> None:
        await self.says(f"/start {await self.link()}")

    async def unblocks(self) -> None:
        self.town.blocked.discard(self.telegram_id)
        await self._membership("kicked", "member")

    async def writes(self, text: str) -> None:
        """As `says`, but nothing leaves yet: the sender is busy."""
        self.town.holding_back = True
        await self.says(text)
        self.town.holding_back = False

    async def sends_raw(self, body: dict[str, Any]) -> None:
        """A message of whatever kind, in Telegram's own words."""
        await self._message(body, None)

    async def adds_bot_to(self, group: int) -> None:
        self.looks_away()
        member = {"user": {"id": 1, "is_bot": True, "first_name": "Bot"}}
        await self.town.update(
            "my_chat_member",
            {
                "chat": {"id": group, "type": "supergroup", "title": "Friends"},
                "from": self._sender(),
                "date": int(self.town.now.timestamp()),
                "old_chat_member": {**member, "status": "left"},
                "new_chat_member": {**member, "status": "member"},
            },
        )

    async def says_in_group(self, group: int, text: str) -> None:
        self.looks_away()
        body = {**self._envelope(group, "supergroup"), "message_id": self.town.message_id()}
        await self.town.update("message", {**body, "text": text})

    async def presses(self, data: str, *, on: Shown | None = None) -> None:
        """A button with this very data, whether or not we ever drew one."""
        message = on or self.chat[-1]
        message.buttons.setdefault(data, data)
        await self.taps(data, on=message)

    def looks_away(self) -> None:
        """From now on `hears` counts what comes."""
        self._acted = self.town.moment()

    # what the lender says of them

    async def now_owes(self, *owed: Owed, as_of: date | None = None) -> None:
        """A new snapshot of all their loans, as of yesterday evening or `as_of`."""
        self.owes = list(owed)
        day = as_of or self.town.now.astimezone(SHANGHAI).date() - timedelta(days=1)
        await self.town.take_in(ImportKind.LOANS, *self.loan_rows(day))

    def loan_rows(self, as_of: date) -> list[dict[str, Any]]:
        """What they owe as the lender's file of that day says it."""
        totals = {
            loan: sum(_minor(one.amount, one.interest, one.penalty, one.fees) for one in some)
            for loan, some in _by_loan(self.owes).items()
        }
        return [
            {
                "loan_ref": f"L-{self.ref}-{one.loan}", "borrower_ref": self.ref,
                "product": one.product, "currency": one.currency, "due_date": one.due,
                "principal_due": one.amount, "interest_due": one.interest,
                "penalty_due": one.penalty, "fees_due": one.fees,
                "outstanding_total": one.outstanding or _major(totals[one.loan]),
                "pay_to": one.pay_to, "as_of": as_of,
            }
            for one in self.owes
        ]  # fmt: skip

    async def pays(
        self,
        amount: str,
        *,
        loan: str = "1",
        on: date | None = None,
        leaves: Sequence[Owed] = (),
    ) -> None:
        """The lender's file says that money came; `leaves`: what the next morning's file says."""
        self.looks_away()
        self.owes = list(leaves)
        day = on or self.town.now.astimezone(SHANGHAI).date()
        await self.town.take_in(
            ImportKind.PAYMENTS,
            {
                "payment_ref": f"P-{self.town.moment()}", "loan_ref": f"L-{self.ref}-{loan}",
                "amount": amount, "paid_on": day,
            },
        )  # fmt: skip
        await self.town.works()

    # what they see

    def hears(self, *parts: str) -> Shown:
        """Exactly one message came or changed since they last acted, and it has all of `parts`."""
        assert len(self.new) == 1, f"{len(self.new)} new\n{self.transcript()}"
        return self.sees(*parts)

    def hears_nothing(self) -> None:
        assert not self.new, self.transcript()

    def never_heard(self, *parts: str) -> None:
        """None of the words, anywhere in the chat."""
        for part in parts:
            self.does_not_see(part)

    async def _membership(self, old: str, new: str) -> None:
        member = {"user": {"id": 1, "is_bot": True, "first_name": "Bot"}}
        ends: dict[str, Any] = {"until_date": 0} if "kicked" in (old, new) else {}
        await self.town.update(
            "my_chat_member",
            {
                "chat": {"id": self.telegram_id, "type": "private", "first_name": self.name},
                "from": self._sender(),
                "date": int(self.town.now.timestamp()),
                "old_chat_member": {**member, "status": old, **(ends if old == "kicked" else {})},
                "new_chat_member": {**member, "status": new, **(ends if new == "kicked" else {})},
            },
        )


class _Clock:
    def __init__(self, town: LendingTown) -> None:
        self._town = town

    async def now(self) -> datetime:
        return self._town.now

    async def close(self) -> None:
        return None


class _Answers:
    """Presses are answered in memory."""

    def __init__(self) -> None:
        self.last: Toast | None = None

    def answer(self, _query_id: str, toast: Toast | None) -> None:
        self.last = toast


def _by_loan(owed: Iterable[Owed]) -> dict[str, list[Owed]]:
    found: dict[str, list[Owed]] = {}
    for one in owed:
        found.setdefault(one.loan, []).append(one)
    return found


def _minor(*amounts: str) -> int:
    return sum(round(float(amount) * 100) for amount in amounts)


def _major(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
