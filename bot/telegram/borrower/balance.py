"""What is owed, item by item and component by component, and where to pay it."""

from bot.services import figures
from bot.telegram.talk import BorrowerTalk, Handler


async def balance(talk: BorrowerTalk, _args: str) -> None:
    situation = await talk.situation()
    values = figures.balance_values(situation)
    rows = [
        [talk.choice("pay"), talk.choice("promise")],
        [talk.choice("statement"), talk.choice("menu")],
    ]
    await talk.show("balance.now", values, rows if situation.owes else rows[1:])


async def pay(talk: BorrowerTalk, _args: str) -> None:
    """The lender's official ways to pay, as the lender's file gives them."""
    situation = await talk.situation()
    values = figures.pay_values(situation)
    rows = [[talk.choice("paid"), talk.choice("promise")], [talk.choice("menu")]]
    await talk.show("pay.how", values, rows if situation.owes else rows[1:])


COMMANDS: dict[str, Handler] = {"balance": balance, "pay": pay}
PRESSES: dict[str, Handler] = {"balance": balance, "pay": pay}
