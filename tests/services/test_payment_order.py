"""Which part of a due item a payment pays first: the lender chooses, and all show the same."""

from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from bot.errors import SettingsWrong
from bot.rules.ledger import standing
from bot.services.figures import balance_values
from bot.services.papers import statement
from bot.services.situation import situation_of
from bot.settings import Settings, load
from storage.engine import Storage
from storage.records import USUAL_ORDER, Component, DueItem, Money, Order
from tests.services.lender import NOW, Lender, borrower, loan, payment
from tests.telegram.conversation import Town

PRINCIPAL_FIRST: Order = (
    Component.PRINCIPAL, Component.INTEREST, Component.PENALTY, Component.FEES,
)  # fmt: skip


def cny(amount: str) -> Money:
    return Money.parse(amount, "CNY")


@pytest.mark.parametrize(
    ("order", "principal", "interest"),
    [(USUAL_ORDER, cny("500.00"), None), (PRINCIPAL_FIRST, None, cny("80.50"))],
)
async def test_the_balance_and_the_statement_follow_the_lenders_order(
    town: Town, tmp_path: Path, order: Order, principal: Money | None, interest: Money | None
) -> None:
    storage = Storage(town.storage.url, payment_order=order)
    lender = Lender(storage, tmp_path)
    paid = "500.00" if order is USUAL_ORDER else "900.00"
    await lender.knows(borrower(), loan(due_date="2026-11-20"), payment(amount=paid))
    maria = (await lender.facts_of()).borrower.borrower_id

    async with storage.reading() as tx:
        situation = await situation_of(tx, maria, NOW)
    await storage.close()
    (account,) = balance_values(situation)["accounts"]

    assert (account["principal"], account["interest"]) == (principal, interest)
    words = str(asdict(statement(situation, town.office, "en")))
    assert ("80.50" in words) is (interest is not None)
    assert account["due"] == cny("1000.00") - cny(paid), "the order changes no sum"


async def test_a_payment_taken_back_comes_back_in_the_same_order(
    town: Town, tmp_path: Path
) -> None:
    storage = Storage(town.storage.url, payment_order=PRINCIPAL_FIRST)
    lender = Lender(storage, tmp_path)
    back = payment(amount="950.00", paid_on="2026-11-20")
    await lender.knows(borrower(), loan(due_date="2026-11-18", as_of="2026-11-19"), back)
    told = loan(due_date="2026-11-18", as_of="2026-11-21", principal_due="0", interest_due="30.50")
    await lender.knows(told, {**back, "reversed_on": "2026-11-22"})

    (item,) = standing(await lender.loan(), date(2026, 11, 22)).items
    await storage.close()

    assert item.left == DueItem(date(2026, 11, 18), 90000, 8050, 1225, 725)


def test_the_order_is_read_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYMENT_ORDER", "principal, interest,penalty, fees")
    assert load().payment_order == PRINCIPAL_FIRST

    monkeypatch.delenv("PAYMENT_ORDER")
    assert Settings(_env_file=None).payment_order == USUAL_ORDER


@pytest.mark.parametrize(
    "wrong",
    ["principal", "principal, interest, penalty, fees, fees", "capital, interest, penalty, fees"],
)
def test_an_order_that_names_not_each_part_once_is_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("PAYMENT_ORDER", wrong)

    with pytest.raises(SettingsWrong, match="PAYMENT_ORDER: each of fees, penalty, interest"):
        load()
