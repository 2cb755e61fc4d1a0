"""Every refusal of the matrix, met by a real aiogram client."""

import pytest
from aiogram.exceptions import TelegramMigrateToChat, TelegramRetryAfter

from tests.simulator.refusal import Refusal
from tests.simulator.refusals import REFUSALS
from tests.simulator.stage import Stage


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
async def test_a_refusal_comes_in_telegrams_own_words(stage: Stage, refusal: Refusal) -> None:
    with pytest.raises(refusal.raises) as met:
        await refusal.attempt(stage)
    assert type(met.value) is refusal.raises
    if refusal.raises not in (TelegramRetryAfter, TelegramMigrateToChat):
        # aiogram words those two itself
        assert met.value.message.partition(": ")[2] == refusal.answer, met.value.message
    [*_, entry] = (await stage.get("/sim/requests?limit=1000"))["requests"]
    assert entry["outcome"] == "error"
    assert entry["delivered"] is False
    assert entry["description"].partition(": ")[2] == refusal.answer
