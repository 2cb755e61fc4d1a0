"""The main job as its users do it: the real command, the simulator, and people who type and tap."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from tests.process.deployment import (
    BOARD,
    Debtor,
    Deployment,
    deployed,
    import_loans,
    import_portfolio,
    link,
    people,
    write_csv,
)

pytestmark = pytest.mark.process

MORNING = "2026-11-18T01:00:00Z"  # nine in Shanghai, three days before the due date
MARIA = Debtor("B-1", 1001, "Maria Lopez", "en", due_date=date(2026, 11, 21))
FANG = Debtor("B-2", 1002, "王芳", "zh-Hans", due_date=date(2026, 11, 19), due="800.00")
LIN = 7001
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf50cf000003860181d0a5f4e90000000049454e44ae426082"
)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path) as town:
        await town.move_clock(to=MORNING)
        await people(
            town,
            {"telegram_id": 1001, "role": "borrower", "name": "Maria", "language": "en"},
            {"telegram_id": 1002, "role": "borrower", "name": "王芳", "language": "zh-Hans"},
            {"telegram_id": LIN, "role": "collector", "name": "Lin", "language": "en"},
        )
        await town.ask(
            "POST",
            "/sim/groups",
            {"title": "Board", "type": "supergroup", "chat_id": BOARD, "members": [LIN]},
        )
        await town.do("staff", "add", str(LIN), "--role", "collector", "--name", "Lin",
                      "--language", "en", "--language", "zh-Hans")  # fmt: skip
        await import_portfolio(town, [MARIA, FANG], date(2026, 11, 18))
        await town.start()
        yield town


async def test_from_a_reminder_to_a_kept_promise_and_thanks(town: Deployment) -> None:
    borrower = await link(town, MARIA)
    await borrower.sees("last four")
    await borrower.says("9999")
    await borrower.sees("does not match")
    await borrower.says("1234")
    await borrower.sees("Maria Lopez")

    # Two days later, at ten in the morning and not before: whoever wrote is left in peace a day.
    await town.move_clock(to="2026-11-19T12:00:00Z")
    await import_loans(town, [MARIA, FANG], date(2026, 11, 19))
    await town.move_clock(to="2026-11-20T01:59:57Z")
    reminder = await borrower.sees("CN¥1,200.00", "Payments page", "/stop")
    assert "owe" not in reminder["text"].splitlines()[0]

    await borrower.taps("promise")
    await borrower.taps("promise_day:2026-11-23")
    await borrower.taps("promise_amount:2026-11-23:1200.00")
    await borrower.sees("Please confirm")
    await borrower.taps("promise_yes")
    await borrower.sees("it is noted", "CN¥1,200.00")
    await borrower.taps("calendar")
    file = await borrower.sees("into your calendar")
    assert file["document"]["file_name"] == "days.ics"

    write_csv(
        town.folder / "payments.csv",
        [
            ["payment_ref", "loan_ref", "amount", "paid_on"],
            ["P-1", "L-B-1", "1200.00", "2026-11-20"],
        ],
    )
    await town.do("import", "payments", "payments.csv")
    await borrower.sees("Thank you", "CN¥1,200.00")
    await borrower.says("/balance")
    await borrower.sees("Due now: CN¥0.00")
    await borrower.taps("statement")
    paper = await borrower.sees("your copy to keep")
    assert paper["document"]["mime_type"] == "application/pdf"


async def test_an_angry_message_reaches_a_person_and_comes_back(town: Deployment) -> None:
    borrower = await link(town, FANG)
    await borrower.says("1234")
    await borrower.sees("王芳")
    collector = town.person(LIN)
    await collector.says("/start")
    await collector.says("/shift on")

    await borrower.says("你们别再骗人了，这钱我早就还过，我要投诉你们，叫人来")
    await collector.taps("take", chat_id=BOARD)
    await collector.sees("王芳")

    await borrower.says("我十一月十九号转的账")
    relayed = await collector.sees("我十一月十九号转的账")
    await collector.says("a note that nobody else may read")
    await collector.says("您好，我是小林，我马上去查。", reply_to=relayed["message_id"])
    await borrower.sees("我是小林")
    assert "nobody else may read" not in await borrower.transcript()

    await borrower.sends_photo(PNG, "回单")
    await collector.sees("回单")

    await collector.says("/close dispute_resolved")
    await town.until(
        lambda: _back_to_the_bot(town), "the conversation to be the bot's again", patience=10
    )


async def _back_to_the_bot(town: Deployment) -> bool:
    told = (await town.do("explain", "B-2", "--json")).json()
    return bool(told["conversation"] == "bot")


async def test_a_stop_is_confirmed_once_and_no_reminder_follows(town: Deployment) -> None:
    borrower = await link(town, MARIA)
    await borrower.says("1234")
    await borrower.sees("Maria Lopez")
    await borrower.says("stop texting me")
    await borrower.sees("will not send you reminders")
    await town.move_clock(to="2026-11-20T04:00:00Z")
    await borrower.says("/balance")
    await borrower.sees("Your balance")
    said = [message.get("text", "") for message in await borrower.messages()]
    assert not any("/stop" in text and "CN¥" in text for text in said)


async def test_a_lost_account_is_replaced_by_a_new_link(town: Deployment) -> None:
    borrower = await link(town, MARIA)
    await borrower.says("1234")
    await borrower.sees("Maria Lopez")
    other = Debtor(MARIA.ref, 1003)
    await people(
        town, {"telegram_id": 1003, "role": "borrower", "name": "New phone", "language": "en"}
    )
    newcomer = await link(town, other)
    await newcomer.says("1234")
    await newcomer.sees("Maria Lopez")
    await borrower.says("/balance")
    await borrower.sees("open the link")
