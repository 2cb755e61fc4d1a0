"""How far a plan is, as a picture: on request, once there is something to show.

With PICTURES=folder every picture is kept there to be looked at.
"""

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.documents import drawing
from bot.rules.plan_standing import InstalmentStanding
from bot.services import pictures
from bot.telegram import methods
from storage.records import Money
from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown, Owed

PNG = b"\x89PNG\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("PICTURES", tmp_path))


async def _under_way(town: LendingTown, parts: int, paid: str, **who: str) -> Client:
    """Somebody with a plan of 1,200.00 of which something is paid."""
    client = await town.client(who.get("name", "Maria Lopez"), owes=[LATE],
                               language=who.get("language", "en"))  # fmt: skip
    await client.says(f"/plan {parts}")
    await client.presses(f"plan_yes:{(await town.situation(client)).facts.plans[-1].plan_id}")
    town.later(minutes=5)
    if paid:
        await client.pays(paid, leaves=[Owed("800.00", due=LATE.due)])
    return client


@pytest.mark.parametrize(
    ("language", "name", "button", "words"),
    [
        ("en", "Maria Lopez", "How far I am", ["1 of 3 parts are paid", "CN¥400.00 of CN¥1,200.00",
                                             "CN¥400.00 on 6 January 2027"]),
        ("zh-Hans", "王芳", "看看进度", ["3 期里已还清 1 期", "¥1,200.00 里已还 ¥400.00"]),
        ("zh-Hant", "王芳", "看看進度", ["3 期裡已還清 1 期"]),
    ],
)  # fmt: skip
async def test_the_caption_says_what_the_picture_shows(
    town: LendingTown, folder: Path, language: str, name: str, button: str, words: list[str]
) -> None:
    client = await _under_way(town, 3, "400.00", name=name, language=language)
    await client.says("/menu")
    home = client.last
    await client.taps(button)

    shown = client.hears(*words)
    assert shown.file.startswith(PNG)
    assert home in client.chat
    (folder / f"progress-{language}.png").write_bytes(shown.file)


async def test_home_says_how_much_is_paid_and_stays_a_message_that_is_redrawn(
    town: LendingTown,
) -> None:
    maria = await _under_way(town, 3, "400.00")
    await maria.says("/menu")
    home = maria.hears("CN¥400.00 of CN¥1,200.00 is paid")
    await maria.taps("How far I am")
    await maria.taps("Main menu")
    assert maria.hears("CN¥400.00 of CN¥1,200.00 is paid") is not home
    await maria.taps("More", on=home)
    assert not home.file


async def test_before_anything_is_paid_no_picture_is_offered(town: LendingTown) -> None:
    maria = await _under_way(town, 3, "")
    await maria.says("/menu")
    assert "How far I am" not in maria.last.buttons
    await maria.says("/progress")
    maria.hears("nothing to show yet")


async def test_a_picture_that_cannot_be_drawn_leaves_its_words(
    town: LendingTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise RuntimeError("no room for fonts")

    maria = await _under_way(town, 3, "400.00")
    monkeypatch.setattr(methods, "png", broken)
    await maria.says("/progress")
    assert maria.hears("1 of 3 parts are paid").file == b""


@pytest.mark.parametrize("parts", [1, 2, 6, 7, 12, 36])
async def test_every_length_fits(town: LendingTown, folder: Path, parts: int) -> None:
    """Large amounts, one part paid in part, one moved to the end."""
    maria = await _under_way(town, 3, "400.00")
    plan, standing = (await town.situation(maria)).plans[-1]
    each = 1_234_567_89
    instalments = tuple(
        InstalmentStanding(
            number,
            date(2027, 1, 6) + timedelta(days=30 * number),
            each,
            paid=each if number < 3 else 50_000 if number == 3 else 0,
            moved=number == 3 and parts > 3,
        )
        for number in range(1, parts + 1)
    )
    paid = Money(sum(one.paid for one in instalments), "CNY")
    long = replace(standing, instalments=instalments, paid=paid)
    for language in ("en", "zh-Hans"):
        picture = pictures.progress(await town.situation(maria), town.office, language, plan, long)
        drawn = drawing.png(picture.template, picture.content)
        assert drawn.startswith(PNG)
        (folder / f"progress-{parts}-{language}.png").write_bytes(drawn)


def test_the_same_content_is_drawn_once() -> None:
    words = dict.fromkeys(("sender", "counted", "money", "left", "next"), "Greenfield")
    content = {**words, "language": "en", "share": 0.5, "parts": []}
    drawing._drawn.cache_clear()
    assert drawing.png("progress", content) is drawing.png("progress", dict(content))
    first = drawing.png("progress", content)
    drawing._drawn.cache_clear()
    assert drawing.png("progress", content) == first
