"""What comes in: updates that nobody can read, endless texts, old buttons, two presses at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio

from tests.process.deployment import (
    BOARD,
    Debtor,
    Deployment,
    Person,
    bring_in,
    deployed,
    free_port,
    known,
    link_for,
    people,
)
from tests.process.wire import Update, Wire, wire_to

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

ADMIN, STRANGER, THIEF = 9001, 5001, 5002
GROUP = -1001000000999
DEBTORS = [
    Debtor(f"B-{number}", 1000 + number, due_date=date(2026, 11, 21)) for number in range(1, 6)
]
MARIA, FANG, OTTO, RIDDLER, NEWCOMER = DEBTORS


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path_factory.mktemp("updates"), "--no-strict-limits") as town:
        await town.move_clock(to="2026-11-20T04:00:00Z")
        await people(
            town,
            {"telegram_id": ADMIN, "role": "admin", "name": "Ada", "language": "en"},
            {"telegram_id": STRANGER, "role": "borrower", "name": "Sam", "language": "en"},
            {"telegram_id": THIEF, "role": "borrower", "name": "Tom", "language": "en"},
            {"telegram_id": NEWCOMER.telegram_id, "role": "borrower", "name": "Ned",
             "language": "en"},
        )  # fmt: skip
        await bring_in(town, DEBTORS, date(2026, 11, 20))
        await known(town, MARIA, FANG, OTTO, RIDDLER)
        for title, chat, admin in (("Friends", GROUP, True), ("Board", BOARD, False)):
            await town.ask(
                "POST",
                "/sim/groups",
                {"title": title, "type": "supergroup", "chat_id": chat, "bot_is_admin": admin,
                 "members": [MARIA.telegram_id, STRANGER]},
            )  # fmt: skip
        await town.person(ADMIN).says("/start")
        town.env["ADMIN_IDS"] = str(ADMIN)
        async with wire_to(town.telegram, free_port()) as wire:
            town.env["TELEGRAM_API_URL"] = wire.url
            _wires[town] = wire
            await town.start()
            yield town


_wires: dict[Deployment, Wire] = {}


async def test_an_update_nobody_can_read_stops_no_other_and_reaches_an_admin(
    town: Deployment,
) -> None:
    maria, fang = town.person(MARIA.telegram_id), town.person(FANG.telegram_id)
    wire, spoilt = _wires[town], []

    def spoil(update: Update) -> Update:
        if update.get("message", {}).get("text") != "spoil me":
            return update
        spoilt.append(update["update_id"])
        return {"update_id": update["update_id"], "message": {"message_id": "x", "date": []}}

    wire.spoil = spoil
    await wire.cut()
    await maria.says("spoil me")
    await fang.says("/balance")
    await maria.says("/balance")
    await wire.mend()
    await fang.sees("Your balance")
    await maria.sees("Your balance")
    dead = await town.rows("SELECT update_id, status, error FROM inbox WHERE status = 'dead'")
    assert [row[0] for row in dead] == spoilt
    assert dead[0][2].startswith("fields: message")
    await town.person(ADMIN).sees("dead_letter", str(spoilt[0]))
    async with town.http.get(f"{town.console}/metrics") as answer:
        assert 'remindful_alarms{name="dead_letter"} 1.0' in await answer.text()
    async with town.http.get(f"{town.console}/readyz") as answer:
        assert answer.status == 503
        assert str(spoilt[0]) in (await answer.json())["faults"]["dead_letter"]


async def test_half_a_character_in_a_text_stops_nobody(town: Deployment) -> None:
    riddler, fang = town.person(RIDDLER.telegram_id), town.person(FANG.telegram_id)

    def spoil(update: Update) -> Update:
        if "message" in update:
            update["message"]["text"] = update["message"]["text"].replace("HALF", "\ud83d")
        return update

    _wires[town].spoil = spoil
    await riddler.says("what is HALF this")
    await fang.says("/help")
    await fang.sees("/balance")
    await riddler.says("/help")
    await riddler.sees("/balance")


async def test_an_endless_message_gets_an_answer_like_any_other(town: Deployment) -> None:
    riddler = town.person(RIDDLER.telegram_id)

    def spoil(update: Update) -> Update:
        if update.get("message", {}).get("text") == "ENDLESS":
            update["message"]["text"] = "我想知道这是什么 " * 1_250
        return update

    _wires[town].spoil = spoil
    before = await _said_by_bot(riddler)
    await riddler.says("ENDLESS")
    await _answered(town, riddler, before)
    (kept,) = await town.rows("SELECT max(length(text)) FROM messages WHERE direction = 'in'")
    assert kept[0] == 11_250


async def test_a_command_nobody_knows_gets_a_short_answer(town: Deployment) -> None:
    fang = town.person(FANG.telegram_id)
    await fang.says("/abracadabra 7")
    await fang.sees("I do not know that command")


async def test_a_button_of_a_message_long_gone_leads_home(town: Deployment) -> None:
    otto = town.person(OTTO.telegram_id)
    await otto.says("/menu")
    home = await otto.sees("Wang Fang")
    token = town.env["BOT_TOKEN"]
    where = {"chat_id": OTTO.telegram_id, "message_id": home["message_id"]}
    async with town.http.post(f"{town.telegram}/bot{token}/deleteMessage", json=where) as answer:
        assert answer.status == 200
    query = await otto.presses(home["message_id"], "balance")
    await otto.sees("Your balance")
    press = await town.ask("GET", f"/sim/people/{OTTO.telegram_id}/press/{query}")
    assert press["answered"]


async def test_an_invented_button_changes_nothing_and_shows_the_screen_of_now(
    town: Deployment,
) -> None:
    otto = town.person(OTTO.telegram_id)
    await otto.says("/menu")
    home = await otto.sees("Wang Fang")
    await otto.presses(home["message_id"], "promise_yes:2026-13-45:lots:GOLD")
    await otto.presses(home["message_id"], "no_such_button:1:2:3")
    await otto.says("/help")
    await otto.sees("/balance")
    assert await town.rows("SELECT count(*) FROM promises") == [(0,)]
    assert await town.rows("SELECT count(*) FROM inbox WHERE status = 'dead'") == [(1,)]


async def test_two_presses_of_the_same_confirmation_are_one_promise(town: Deployment) -> None:
    maria = town.person(MARIA.telegram_id)
    await maria.says("/promise 2026-11-23 1200")
    asked = await maria.sees("Please confirm")
    data = next(
        button["callback_data"]
        for row in asked["reply_markup"]["inline_keyboard"]
        for button in row
        if button["callback_data"].startswith("promise_yes")
    )
    await asyncio.gather(*(maria.presses(asked["message_id"], data) for _ in range(2)))
    await maria.sees("it is noted")
    await town.until(lambda: _all_handled(town), "both presses to be handled")
    assert await town.rows("SELECT amount, due_date FROM promises") == [(120000, "2026-11-23")]


async def test_groups_that_it_does_not_serve_hear_nothing(town: Deployment) -> None:
    before = [await town.requests("sendMessage", group) for group in (GROUP, BOARD)]
    for speaker in (town.person(MARIA.telegram_id), town.person(STRANGER)):
        for text in ("/balance", "/start", "how much do I owe", "stop"):
            await speaker.says(text, chat_id=GROUP)
            await speaker.says(text, chat_id=BOARD)
    await town.until(lambda: _all_handled(town), "everything to be handled")
    await town.person(STRANGER).says("/balance")
    await town.person(STRANGER).sees("open the link")
    assert [await town.requests("sendMessage", group) for group in (GROUP, BOARD)] == before
    kept = await town.rows("SELECT count(*) FROM messages WHERE chat_id < 0")
    assert kept == [(0,)]


async def test_a_stranger_hears_nothing_of_a_debt(town: Deployment) -> None:
    stranger = town.person(STRANGER)
    for text in ("/balance", "hello", "/promise 2026-11-23 1200", "/start nonsense"):
        await stranger.says(text)
    await stranger.sees("This link does not work")
    said = await stranger.transcript()
    assert "1,200" not in said
    assert "Wang" not in said
    assert "owe" not in said


async def test_a_stolen_used_or_replaced_link_opens_nothing(town: Deployment) -> None:
    thief, newcomer = town.person(THIEF), town.person(NEWCOMER.telegram_id)
    replaced = await link_for(town, NEWCOMER)
    token = await link_for(town, NEWCOMER)
    await newcomer.says(f"/start {replaced}")
    await newcomer.sees("This link has expired")
    await newcomer.says(f"/start {token}")
    await newcomer.sees("last four")
    await thief.says(f"/start {token}")
    await thief.sees("used already")
    await newcomer.says(NEWCOMER.digits)
    await newcomer.sees("Wang Fang")
    assert "Wang" not in await thief.transcript()


async def test_a_link_is_worthless_after_fourteen_days(town: Deployment) -> None:
    token = await link_for(town, NEWCOMER)
    await town.ask("POST", "/clock", {"advance_s": 14 * 86_400 + 1})
    thief = town.person(THIEF)
    await thief.says(f"/start {token}")
    await thief.sees("expired")


async def test_nothing_of_a_person_is_in_the_log(town: Deployment) -> None:
    log = town.log()
    assert "alarm" in log
    for secret in ("Wang Fang", "Maria", "13800000000", "abracadabra", "spoil me", "1990"):
        assert secret not in log


async def _said_by_bot(person: Person) -> int:
    return len([one for one in await person.messages() if one["from"]["is_bot"]])


async def _answered(town: Deployment, person: Person, before: int) -> None:
    async def look() -> bool:
        return await _said_by_bot(person) > before

    await town.until(look, f"an answer to {person.telegram_id}")


async def _all_handled(town: Deployment) -> bool:
    pending = await town.ask("GET", "/sim/updates")
    waiting = await town.rows("SELECT count(*) FROM inbox WHERE status = 'new'")
    return waiting == [(0,)] and not pending["pending"]
