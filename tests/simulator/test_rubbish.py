"""Rubbish in every parameter of every method gets one of Telegram's refusals, never a breakdown."""

import random

from aiohttp import ClientSession

from simulator.methods import METHODS
from tests.simulator.stage import ANNA, Stage

VALUES = (
    None,
    "",
    "x",
    "-1",
    "1e999",
    "{",
    "[1]",
    '{"a": 1}',
    "[[]]",
    "[null]",
    '[{"type": "photo", "media": "attach://x"}]',
    '{"type": "photo", "media": 7}',
    '{"inline_keyboard": [[{"text": 1}], 7]}',
    '{"keyboard": [["a"], [{"text": "b"}], [7]]}',
    '{"message_id": "x", "quote": 5}',
    '{"message_id": [1]}',
    '{"type": "chat", "chat_id": "x", "user_id": []}',
    '[{"type": "bold", "offset": -5, "length": 99999}]',
    '[{"type": "bold", "offset": "x", "length": {}}]',
    '{"is_disabled": 3}',
    "\x00",
    "\ud83d",
    str(ANNA),
    "99999999999999999999999",
    "HTML",
    7,
    -7,
    1.5,
    True,
    [],
    {},
    [{}],
    {"text": []},
)
ROUNDS = 12


async def test_no_rubbish_breaks_a_method(stage: Stage) -> None:
    chance = random.Random(20_261_122)
    await stage.post("/sim/people", {"telegram_id": 7, "name": "Seven", "started": True})
    for method in METHODS.values():
        for _ in range(ROUNDS):
            fields = {name: chance.choice(VALUES) for name in method.accepts}
            if "chat_id" in fields and chance.random() < 0.7:
                fields["chat_id"] = ANNA
            if "timeout" in fields:
                fields["timeout"] = 0
            status, text = await call(stage.page, stage.sim.token, method.name, fields)
            assert status in (200, 400, 403, 409, 429), (method.name, fields, text)
    assert (await stage.bot.get_me()).id == stage.bot.id


async def call(
    page: ClientSession, token: str, method: str, fields: dict[str, object]
) -> tuple[int, str]:
    async with page.post(f"/bot{token}/{method}", json=fields) as answer:
        return answer.status, await answer.text()
