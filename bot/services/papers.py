"""Papers for a borrower: the statement of what is owed, the plan that was agreed, a formal letter.

They say what the chat says, from the same situation, in the same formats.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.documents.sheet import Section, Sheet, Table
from bot.rules.ledger import ItemStanding, LoanStanding
from bot.rules.plan_standing import PlanStanding, down_payment_until
from bot.services.office import Office
from bot.services.reminders import owed
from bot.services.situation import Situation
from scripts_library.formats import Formats
from scripts_library.render import plain_text, render
from storage.records import Interest, Loan, Money, Payment, Plan

_COMPONENTS = ("principal", "interest", "penalty", "fees")
_INTEREST = {Interest.PER_CONTRACT: "contract_interest", Interest.FREEZE: "frozen_interest"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet to be set, and the name of its file."""

    name: str
    sheet: Sheet

    def as_payload(self) -> dict[str, Any]:
        """It is set when it leaves, off the event loop, and never stands in the database."""
        return {"paper": {"name": self.name, "sheet": self.sheet.as_json()}}


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """A paper whose words are on record: what stands on it may not change any more."""

    name: str
    sheet: dict[str, Any]

    def as_payload(self) -> dict[str, Any]:
        return {"paper": {"name": self.name, "sheet": self.sheet}}


def statement(situation: Situation, office: Office, language: str) -> Paper:
    """Every loan with what is still open of it, and the payments that are known."""
    words = _Words(office, language)
    sections = tuple(
        _loan(words, loan, standing) for loan, standing in situation.loan_pairs()
    )  # fmt: skip
    facts = [*words.who(situation)]
    if situation.as_of is not None:
        facts.append((words("as_of"), words.formats.day(situation.as_of)))
    return Paper(
        f"statement-{situation.today}.pdf",
        Sheet(
            language=language,
            sender=office.lender,
            title=words("statement"),
            facts=(*facts, words.made(situation)),
            sections=sections,
            closing=(words("questions"),),
        ),
    )


def plan_paper(
    situation: Situation, office: Office, language: str, plan: Plan, standing: PlanStanding
) -> Paper:
    """The instalments of an agreed plan with what is paid of each."""
    words = _Words(office, language)
    currency = plan.balance.currency
    table = Table(
        caption="",
        head=(words("due_date"), words("amount"), words("paid")),
        rows=tuple(
            (
                words.formats.day(part.due_date),
                words.money(part.amount, currency),
                words("moved") if part.moved else words.money(part.paid, currency),
            )
            for part in standing.instalments
            if part.amount  # what was waived in full is no part any more
        ),
    )
    facts = [*words.who(situation)]
    if plan.agreed_at is not None:
        agreed_on = situation.local_time.day(plan.agreed_at)
        facts.append((words("agreed_on"), words.formats.day(agreed_on)))
        if plan.down_payment:
            until = down_payment_until(agreed_on, country=situation.facts.borrower.country)
            facts.append((words("down_payment"), words.money(plan.down_payment, currency)))
            facts.append((words("down_payment_until"), words.formats.day(until)))
    return Paper(
        f"plan-{situation.today}.pdf",
        Sheet(
            language=language,
            sender=office.lender,
            title=words("plan"),
            facts=(*facts, words.made(situation)),
            sections=(
                Section(
                    title=words("instalments"),
                    tables=(table,),
                    totals=(
                        (words("plan_total"), words.formats.money(plan.balance)),
                        (words("plan_left"), words.formats.money(standing.left)),
                    ),
                ),
            ),
            closing=(words("grace"), words(_INTEREST[plan.interest]), words("questions")),
        ),
    )


def notice(situation: Situation, office: Office, language: str, key: str, *, draft: bool) -> Paper:
    """The letter with the words of script `key`, then every overdue item and what it consists of.

    Of somebody who owes something. Raises the library's errors rather than leave a hole.
    """
    words = _Words(office, language)
    values = owed(situation)
    said = render(
        office.library.script(key, language),
        {"lender": office.lender, "name": situation.facts.borrower.full_name, **values},
        zone=situation.zone,
    )
    facts = [*words.who(situation)]
    if situation.as_of is not None:
        facts.append((words("as_of"), words.formats.day(situation.as_of)))
    facts.append(words.made(situation))
    facts.append((words("reply_by"), words.formats.day(values["reply_by"])))
    return Paper(
        f"notice-{situation.today}.pdf",
        Sheet(
            language=language,
            sender=office.lender,
            title=words("notice"),
            facts=tuple(facts),
            sections=tuple(
                _overdue(words, loan, standing)
                for loan, standing in situation.loan_pairs()
                if standing.due
            ),
            letter=tuple(plain_text(said.text).split("\n\n")),
            mark=words("draft") if draft else "",
        ),
    )


class _Words:
    """The labels `document.*` and the formats of one language."""

    def __init__(self, office: Office, language: str) -> None:
        self._library = office.library
        self._language = language
        self.formats: Formats = office.library.language(language).formats

    def __call__(self, name: str) -> str:
        return self._library.label(f"document.{name}", self._language)

    def money(self, minor: int, currency: str) -> str:
        return self.formats.money(Money(minor, currency))

    def who(self, situation: Situation) -> list[tuple[str, str]]:
        borrower = situation.facts.borrower
        return [(self("name"), borrower.full_name), (self("reference"), borrower.borrower_ref)]

    def made(self, situation: Situation) -> tuple[str, str]:
        return self("made_on"), self.formats.day(situation.today)


def _loan(words: _Words, loan: Loan, standing: LoanStanding) -> Section:
    totals = [(words("due_now"), words.formats.money(standing.due))]
    if standing.credit:
        totals.append((words("credit"), words.formats.money(standing.credit)))
    totals.append((words("outstanding"), words.formats.money(standing.outstanding)))
    tables = [
        _open_items(words, standing, standing.unpaid_items),
        _payments(words, loan),
        _waivers(words, loan),
    ]
    return Section(
        title=f"{loan.product} · {loan.loan_ref}",
        tables=tuple(table for table in tables if table.rows),
        totals=tuple(totals),
        lines=(f"{words('how_to_pay')} {loan.pay_to}",) if loan.pay_to else (),
    )


def _overdue(words: _Words, loan: Loan, standing: LoanStanding) -> Section:
    """What a letter is about: no item that is not due yet."""
    due = tuple(item for item in standing.unpaid_items if item.due_date <= standing.day)
    return Section(
        title=f"{loan.product} · {loan.loan_ref}",
        tables=(_open_items(words, standing, due),),
        totals=((words("due_now"), words.formats.money(standing.due)),),
        lines=(f"{words('how_to_pay')} {loan.pay_to}",) if loan.pay_to else (),
    )


def _open_items(words: _Words, standing: LoanStanding, items: Iterable[ItemStanding]) -> Table:
    """Components that nobody owes have no column."""
    items = tuple(items)
    shown = [name for name in _COMPONENTS if any(getattr(item.left, name) for item in items)]
    return Table(
        caption=words("open_items"),
        head=(words("due_date"), *(words(name) for name in shown), words("left")),
        rows=tuple(_open_item(words, item, shown, standing.currency) for item in items),
    )


def _open_item(
    words: _Words, item: ItemStanding, shown: list[str], currency: str
) -> tuple[str, ...]:
    parts = (words.money(getattr(item.left, name), currency) for name in shown)
    return (words.formats.day(item.due_date), *parts, words.money(item.unpaid, currency))


def _payments(words: _Words, loan: Loan) -> Table:
    return Table(
        caption=words("payments"),
        head=(words("paid_on"), words("payment_reference"), words("amount")),
        rows=tuple(
            (words.formats.day(one.paid_on), _reference(words, one),
             words.money(one.amount, loan.currency))
            for one in sorted(loan.payments, key=lambda one: one.paid_on)
        ),
    )  # fmt: skip


def _waivers(words: _Words, loan: Loan) -> Table:
    return Table(
        caption=words("waivers"),
        head=(words("waived_on"), words("component"), words("amount")),
        rows=tuple(
            (words.formats.day(one.waived_on), words(one.component),
             words.money(one.amount, loan.currency))
            for one in loan.waivers
        ),
    )  # fmt: skip


def _reference(words: _Words, payment: Payment) -> str:
    if payment.reversed_on is None:
        return payment.payment_ref
    return f"{payment.payment_ref} ({words('reversed')} {words.formats.day(payment.reversed_on)})"
