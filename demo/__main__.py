"""`make demo`: the whole product on this machine, without a token, until Ctrl-C.

It does what an installer would do, with the same commands: start Telegram (the simulator), add
staff, import a portfolio, hand out links, run the bot. Then it plays the lender's core system: each
simulated morning it delivers new figures, as a real lender does.
"""

import asyncio
import fcntl
import json
import os
import shutil
import signal
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo import portfolio
from demo.stage import Stage, StageFailed

FOLDER = Path(".demo")
SEED = 7
LENDER = "Greenfield Credit"
BOARD = -1001000000001
LENDERS_ZONE = ZoneInfo("Asia/Shanghai")
ID_ENDS = {"en": "ID ends in {digits}.", "zh-Hans": "证件号后四位 {digits}。"}
MORNING_AT = 9

STAFF: list[dict[str, Any]] = [
    {"telegram_id": 7001, "role": "collector", "name": "Lin", "language": "zh-Hans"},
    {"telegram_id": 7002, "role": "collector", "name": "Dana", "language": "en"},
    {"telegram_id": 7003, "role": "supervisor", "name": "Zhou", "language": "zh-Hans"},
    {"telegram_id": 7004, "role": "admin", "name": "Alex", "language": "en"},
]


def main() -> int:
    if sys.argv[1:2] == ["pay"]:
        return _pay(sys.argv[2:])
    try:
        port = int(os.environ.get("DEMO_PORT", "8090"))
    except ValueError:
        sys.stderr.write("DEMO_PORT is a port number, or 0 for free ones\n")
        return 2
    try:
        with _alone_in(FOLDER):
            asyncio.run(_show(FOLDER.resolve(), port))
    except asyncio.CancelledError:
        return 0
    except StageFailed as error:
        sys.stderr.write(f"{error}\n")
        return 3
    return 0


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """An empty folder for this demo. What a running one has there is left alone.

    Raises StageFailed when one runs. The system takes the lock back however a demo ends.
    """
    folder.mkdir(exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told = "a demo runs in this folder already; end that one first"
            raise StageFailed(told) from None
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield
    finally:
        os.close(lock)


def _pay(words: list[str]) -> int:
    """`python -m demo pay LOAN AMOUNT`: a borrower's money reaches the lender of a running demo."""
    if len(words) != 2 or not (FOLDER / "demo.json").exists():
        sys.stderr.write("python -m demo pay LOAN AMOUNT, while `make demo` runs\n")
        return 2
    with urllib.request.urlopen(json.loads((FOLDER / "demo.json").read_text())["clock_url"]) as it:
        now = datetime.fromisoformat(json.load(it)["now"])
    try:
        _say(f"paid, reference {portfolio.pay(FOLDER, words[0], words[1], _lenders_day(now))}")
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


async def _show(folder: Path, port: int) -> None:
    """Until Ctrl-C, which cancels this very task and so ends every process in order."""
    this = asyncio.current_task()
    assert this is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, this.cancel)
    async with Stage.raised(
        folder, port, lender=LENDER, zone=LENDERS_ZONE.key, board=BOARD
    ) as stage:
        await _open(stage)
        await _play_the_lender(stage)


async def _open(stage: Stage) -> None:
    """Everything an installer does; who has met the bot before did so some days ago."""
    today = datetime.now(LENDERS_ZONE).date()
    first_day = today - timedelta(days=portfolio.LEAD_DAYS)
    await stage.set_clock(_morning(first_day))
    _say("importing an invented portfolio")
    people = portfolio.write(FOLDER, first_day, SEED)
    await _hire(stage)
    for kind in ("borrowers", "loans", "payments"):
        await stage.remindful("import", kind, str(FOLDER / f"{kind}.csv"))
    links = await _links(stage)
    await stage.ask("POST", "/sim/people", STAFF + [_listed(one, links) for one in people])
    await stage.start_bot()
    _say("linking the borrowers who have met the bot before")
    for one in people:
        if one.linked:
            await _introduce(stage, one, links[one.borrower_ref])
    await stage.set_clock(_morning(today))
    await _deliver(stage, today)
    _write_down(stage, people, links)
    _announce(stage, people)


async def _hire(stage: Stage) -> None:
    await stage.ask("POST", "/sim/people", STAFF)
    for one in STAFF:
        await stage.remindful(
            "staff", "add", str(one["telegram_id"]), "--role", one["role"],
            "--name", one["name"], "--language", one["language"],
        )  # fmt: skip
    members = [one["telegram_id"] for one in STAFF]
    group = {"title": "Board", "type": "supergroup", "chat_id": BOARD, "members": members}
    await stage.ask("POST", "/sim/groups", group)


async def _links(stage: Stage) -> dict[str, str]:
    """Borrower reference -> link, as the lender would print them into letters."""
    file = FOLDER / "links.csv"
    await stage.remindful("link", "--all", "--csv", str(file))
    return portfolio.read_links(file)


async def _introduce(stage: Stage, one: portfolio.Invented, link: str) -> None:
    """A borrower opens the link and answers the identity question."""
    token = link.rpartition("=")[2]
    await stage.say(one.telegram_id, f"/start {token}")
    await stage.answered(one.telegram_id, 1)
    await stage.say(one.telegram_id, one.id_last4)
    await stage.answered(one.telegram_id, 2)


async def _play_the_lender(stage: Stage) -> None:
    """New figures each simulated morning, and payments as soon as they are in the file."""
    told, paid = _lenders_day(await stage.now()), _payments()
    while True:
        today = _lenders_day(await stage.now())
        if today != told:
            await _deliver(stage, today)
            told, paid = today, _payments()
        elif _payments() != paid:
            paid = _payments()
            await stage.remindful("import", "payments", str(FOLDER / "payments.csv"))
        await stage.check()
        await asyncio.sleep(0.5)


async def _deliver(stage: Stage, today: date) -> None:
    """The figures of yesterday's close: what is paid today then still comes off them."""
    portfolio.refresh(FOLDER, today - timedelta(days=1))
    for kind in ("payments", "loans"):
        await stage.remindful("import", kind, str(FOLDER / f"{kind}.csv"))


def _payments() -> bytes:
    return (FOLDER / "payments.csv").read_bytes()


def _lenders_day(now: datetime) -> date:
    return now.astimezone(LENDERS_ZONE).date()


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, MORNING_AT, 55, tzinfo=LENDERS_ZONE).astimezone(
        UTC
    )


def _listed(one: portfolio.Invented, links: dict[str, str]) -> dict[str, Any]:
    """A link works once, so it is there only for those who have not opened theirs."""
    told = {
        "telegram_id": one.telegram_id,
        "role": "borrower",
        "name": one.name,
        "language": one.language,
        "borrower_ref": one.borrower_ref,
        "note": one.story,
    }
    if one.linked:
        return told
    digits = {tag: text.format(digits=one.id_last4) for tag, text in ID_ENDS.items()}
    note = {tag: f"{story} {digits[tag]}" for tag, story in one.story.items()}
    return told | {"note": note, "link": links[one.borrower_ref]}


def _write_down(stage: Stage, people: list[portfolio.Invented], links: dict[str, str]) -> None:
    told = {
        "chat_page": stage.chat_page,
        "console": None,
        "telegram_api_url": stage.telegram,
        "bot_token": stage.token,
        "database_url": stage.database_url,
        "clock_url": f"{stage.telegram}/clock",
        "people": STAFF + [_listed(one, links) | {"id_last4": one.id_last4} for one in people],
    }
    (FOLDER / "demo.json").write_text(json.dumps(told, ensure_ascii=False, indent=2), "utf-8")


def _announce(stage: Stage, people: list[portfolio.Invented]) -> None:
    new = "".join(f"  {one.name}: {one.id_last4}\n" for one in people if not one.linked)
    _say(
        f"\nReady. Open {stage.chat_page}\n"
        "Pick a person on the left; their story is beside the name.\n"
        "“Next event” moves the clock to the next reminder.\n"
        f"New here, with the last four characters of their ID:\n{new}"
        "Paying is the lender's business: .venv/bin/python -m demo pay L-1001-1 100\n"
        "Addresses and people are in .demo/demo.json; the bot's log is .demo/bot.log.\n"
        "Ctrl-C ends it."
    )


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
