"""The statement and the plan as papers: asked for in the chat, set with the font that is bundled.

With PICTURES=folder every page is kept there as a picture to be looked at.
"""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typst
from fontTools.ttLib import TTFont

from bot.documents import typesetting
from bot.services import papers
from bot.services.papers import Paper
from tests.telegram.lending import Client, LendingTown, Owed

LATE = [
    Owed(
        "1200.00", due=date(2026, 10, 17), interest="80.00", penalty="20.00", outstanding="8600.00"
    ),
    Owed("1200.00", due=date(2026, 11, 17), interest="75.00", outstanding="8600.00"),
    Owed("300.00", due=date(2026, 12, 1), loan="2", product="Car loan"),
]
LATER = [
    Owed("7777.00", due=date(2026, 12, 17), loan="1", outstanding="8600.00"),
    Owed("900.00", due=date(2026, 12, 20), loan="3", product="Boat loan"),
]
FONTS = Path(typesetting.__file__).parent / "fonts"
FONT = TTFont(FONTS / "NotoSansCJKsc-subset.otf")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("PICTURES", tmp_path))


async def _statement(client: Client, language: str) -> Paper:
    return papers.statement(
        await client.town.situation(client), client.town.office, language
    )  # fmt: skip


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)]


def _keep(folder: Path, name: str, paper: Paper) -> list[bytes]:
    made = typesetting.pages(paper.sheet.as_json())
    for number, page in enumerate(made, start=1):
        (folder / f"{name}-{number}.png").write_bytes(page)
    return made


@pytest.mark.parametrize(
    ("language", "name", "button", "words"),
    [
        (
            "en",
            "Maria Lopez",
            "Statement (PDF)",
            ["Statement of account", "CN¥2,575.00", "Late charges"],
        ),
        ("zh-Hans", "王芳", "对账单（PDF）", ["对账单", "¥2,575.00", "逾期费用"]),
        ("zh-Hant", "王芳", "對帳單（PDF）", ["對帳單", "CN¥2,575.00", "逾期費用"]),
    ],
)
async def test_the_statement_says_what_the_chat_says(
    town: LendingTown, folder: Path, language: str, name: str, button: str, words: list[str]
) -> None:
    client = await town.client(name, owes=LATE, language=language)
    await client.pays("100.00", loan="2", leaves=LATE)
    await client.says("/balance")
    assert words[1] in client.last.text
    await client.taps(button)

    assert client.last.file.startswith(b"%PDF-")
    paper = await _statement(client, language)
    told = _texts(paper.sheet.as_json())
    for part in (*words, name, "B-1", "Home loan · L-B-1-1"):
        assert part in told, part
    assert len(_keep(folder, f"statement-{language}", paper)) == 1


@pytest.mark.parametrize(
    ("language", "name", "words"),
    [
        (
            "en",
            "Maria Lopez",
            ["Late charges", "CN¥2,575.00", "17 October 2026", "Please answer by"],
        ),
        ("zh-Hans", "王芳", ["逾期费用", "¥2,575.00", "2026年10月17日", "请在此日前答复"]),
        ("zh-Hant", "王芳", ["逾期費用", "CN¥2,575.00", "2026年10月17日", "請在此日前答覆"]),
    ],
)
async def test_a_formal_letter_names_every_overdue_item_by_component(
    town: LendingTown, folder: Path, language: str, name: str, words: list[str]
) -> None:
    """Nothing that is not due yet is in it."""
    client = await town.client(name, owes=[*LATE, *LATER], language=language)
    situation = await town.situation(client)
    paper = papers.notice(situation, town.office, language, "notice.arrears", draft=False)

    told = _texts(paper.sheet.as_json())
    for part in (*words, name, "B-1", "Home loan · L-B-1-1"):
        assert part in told, part
    assert not [one for one in told if "L-B-1-3" in one or "7,777.00" in one]
    assert not paper.sheet.mark
    letter = "".join(paper.sheet.letter)
    for command in ("/plan", "/hardship", "/dispute", "/paid", "/human"):
        assert command in letter
    assert len(_keep(folder, f"notice-{language}", paper)) == 1


async def test_a_letter_about_many_loans_runs_over_pages_and_every_page_of_a_draft_says_so(
    town: LendingTown, folder: Path
) -> None:
    many = [
        Owed("100.00", due=date(2026, month, 5), loan=str(loan), product=f"Loan {loan}")
        for loan in range(1, 9)
        for month in (8, 9, 10)
    ]
    client = await town.client("Maria Lopez", owes=many)
    situation = await town.situation(client)
    paper = papers.notice(situation, town.office, "en", "notice.arrears", draft=True)

    assert "And 2 more" in "".join(paper.sheet.letter)
    assert len(paper.sheet.sections) == 8
    assert len(_keep(folder, "notice-many", paper)) > 1


async def test_the_plan_with_what_is_paid_of_it(town: LendingTown, folder: Path) -> None:
    maria = await town.client("Maria Lopez", owes=[Owed("1200.00", due=date(2026, 11, 17))])
    await maria.says("/plan 3")
    await maria.taps("I agree")
    town.later(minutes=5)
    await maria.pays("400.00", leaves=[Owed("800.00", due=date(2026, 11, 17))])
    await maria.says("/menu")
    await maria.presses("plan_paper")

    assert maria.last.file.startswith(b"%PDF-")
    situation = await town.situation(maria)
    paper = papers.plan_paper(situation, town.office, "en", *situation.plans[-1])
    [table] = paper.sheet.sections[0].tables
    assert table.rows[0] == ("7 December 2026", "CN¥400.00", "CN¥400.00")
    assert ("Still to pay", "CN¥800.00") in paper.sheet.sections[0].totals
    _keep(folder, "plan-en", paper)


async def test_the_plan_names_the_sum_to_begin_with_apart(town: LendingTown, folder: Path) -> None:
    maria = await town.client("Maria Lopez", owes=[Owed("1200.00", due=date(2026, 11, 17))])
    await maria.says("/plan 6 down 120")
    await maria.taps("I agree")
    situation = await town.situation(maria)
    paper = papers.plan_paper(situation, town.office, "en", *situation.plans[-1])

    facts = dict(paper.sheet.facts)
    assert facts["To begin with"] == "CN¥120.00"
    assert facts["That by"] == "25 November 2026"
    [table] = paper.sheet.sections[0].tables
    assert [row[1] for row in table.rows] == ["CN¥180.00"] * 6
    _keep(folder, "plan-down-en", paper)


async def test_without_a_plan_there_is_nothing_to_print(town: LendingTown) -> None:
    maria = await town.client("Maria Lopez", owes=LATE[:1])
    await maria.says("/menu")
    await maria.presses("plan_paper")

    maria.hears("nothing to print")


async def test_a_long_history_runs_over_several_pages(town: LendingTown, folder: Path) -> None:
    items = [Owed("100.00", due=date(2020 + month // 12, month % 12 + 1, 5)) for month in range(90)]
    maria = await town.client("Maria Lopez", owes=items)

    assert len(_keep(folder, "statement-long", await _statement(maria, "en"))) > 1


async def test_markup_in_a_name_or_product_stays_text(town: LendingTown) -> None:
    odd = Owed("1.00", due=date(2026, 11, 17), product='#panic("x") $1 *loan* <b>')
    maria = await town.client('O"Hara #let x = [', owes=[odd])

    sheet = (await _statement(maria, "en")).sheet.as_json()
    assert typesetting.pdf(sheet).startswith(b"%PDF-")


async def test_the_same_sheet_is_the_same_file(town: LendingTown) -> None:
    maria = await town.client("Maria Lopez", owes=LATE)
    sheet = (await _statement(maria, "en")).sheet.as_json()
    first = typesetting.pdf(sheet)
    typesetting._set.cache_clear()

    assert typesetting.pdf(sheet) == first


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_every_letter_of_our_words_has_a_glyph(language: str) -> None:
    """Letters, pictures and calendars may show any script, its purpose and any label."""
    files = (Path("scripts_library") / language).rglob("*.*")
    labels = "".join(file.read_text("utf-8") for file in files)
    names = "欧阳娜娜 張偉 龔 喆 犇 昇 堃 Ångström Müller ¥$€£ ·–—“”…"
    missing = {sign for sign in labels + names if ord(sign) > 32} - set(
        map(chr, FONT.getBestCmap())
    )

    assert not missing


def test_every_letter_the_font_claims_is_drawn() -> None:
    """A letter may have a glyph that the typesetter cannot draw and leaves blank."""
    letters = [chr(code) for code in FONT.getBestCmap() if chr(code).isalnum()]
    page = b'#set text(font: "Noto Sans CJK SC", fallback: false)\n#sys.inputs.letters'
    for start in range(0, len(letters), 500):
        some = letters[start : start + 500]
        drawn = typst.compile(
            page,
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="svg",
            sys_inputs={"letters": " ".join(some)},
        )
        svg = drawn if isinstance(drawn, bytes) else b"".join(drawn)
        alike = 2  # two letters may share one shape
        assert svg.count(b"<symbol") >= len(some) - alike, some[0]
