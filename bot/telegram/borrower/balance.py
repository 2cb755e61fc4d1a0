"""What is owed, item by item and component by component, and where to pay it."""

from bot.services import figures
from bot.telegram.borrower.reading import names
from bot.telegram.talk import BorrowerTalk, Handler

_EVERYTHING = "answer.everything"


async def balance(talk: BorrowerTalk, _args: str) -> None:
    situation = await talk.situation()
    values = figures.balance_values(situation)
    rows = [
        [talk.choice("pay"), talk.choice("promise")],
        [talk.choice("statement"), talk.choice("menu")],
    ]
    await talk.show("balance.now", values, rows if situation.owes else rows[1:])


async def pay(talk: BorrowerTalk, args: str) -> None:
    """The lender's official ways to pay, as the lender's file gives them; `/pay all` for all."""
    if args and names(talk, args, _EVERYTHING):
        await pay_all(talk, "")
        return
    situation = await talk.situation()
    values = figures.pay_values(situation)
    rows = [[talk.choice("paid"), talk.choice("promise")], [talk.choice("menu")]]
    await talk.show("pay.how", values, rows if situation.owes else rows[1:])


async def pay_all(talk: BorrowerTalk, _args: str) -> None:
    """What would settle every loan today, due or not, by the lender's own figures."""
    situation = await talk.situation()
    rows = [[talk.choice("paid"), talk.choice("balance")], [talk.choice("human")]]
    await talk.show(
        "pay.everything", figures.settling_values(situation), [*rows, [talk.choice("menu")]]
    )


COMMANDS: dict[str, Handler] = {"balance": balance, "pay": pay}
PRESSES: dict[str, Handler] = {"balance": balance, "pay": pay, "pay_all": pay_all}
