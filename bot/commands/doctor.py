"""`remindful doctor`: is everything there that the bot needs, and what to mend if not."""

import asyncio
from dataclasses import dataclass

from bot import settings
from bot.clock import clock_for
from bot.commands.using import write, write_json
from bot.errors import InputRefused, RemindfulError, SettingsWrong
from bot.house import office_of
from bot.services import freshness, staffing
from bot.settings import Settings
from bot.telegram.whoami import username_of
from scripts_library.check import check_library
from storage import migrating
from storage.engine import Storage, Transaction
from storage.errors import StorageError
from storage.records import Role, StaffMember

_LONG_KEY = 32
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """`state`: ok, warn or fail."""

    name: str
    state: str
    says: str


def doctor(as_json: bool) -> None:
    """Leaves with 3 when something is missing, 1 when the words have faults, 0 otherwise."""
    findings = asyncio.run(_examine())
    if as_json:
        write_json([{"check": one.name, "state": one.state, "says": one.says} for one in findings])
    else:
        for one in findings:
            write(f"{one.state:<5} {one.name}: {one.says}")
    failed = {one.name for one in findings if one.state == "fail"}
    if failed:
        raise SystemExit(1 if failed == {"scripts"} else 3)


async def _examine() -> list[Finding]:
    try:
        chosen = settings.load("bot_token", "secret_key")
    except SettingsWrong as error:
        return [Finding("settings", "fail", problem) for problem in error.problems]
    return [
        *_settings(chosen),
        await _clock(chosen),
        *await _database(chosen),
        await _telegram(chosen),
        _board(chosen),
        _scripts(),
    ]


def _settings(chosen: Settings) -> list[Finding]:
    try:
        office_of(chosen)
    except SettingsWrong as error:
        return [Finding("settings", "fail", problem) for problem in error.problems]
    except InputRefused:
        """Words that cannot be read are told further down, with their file and line."""
    return [_secret(chosen)]


def _secret(chosen: Settings) -> Finding:
    assert chosen.secret_key is not None, "it was insisted on"
    if len(chosen.secret_key.get_secret_value()) < _LONG_KEY:
        return Finding("settings", "warn", f"SECRET_KEY is shorter than {_LONG_KEY} characters")
    return Finding("settings", "ok", "complete")


async def _clock(chosen: Settings) -> Finding:
    clock = clock_for(chosen.clock_url)
    try:
        now = await clock.now()
    except RemindfulError as error:
        return Finding("clock", "fail", str(error))
    finally:
        await clock.close()
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")


async def _database(chosen: Settings) -> list[Finding]:
    storage = Storage.open(chosen.database_url)
    try:
        await migrating.ready(storage)
        async with storage.transaction() as tx:
            admins = [one for one in await staffing.everyone(tx) if _is_admin(one)]
            portfolio = await _portfolio(tx, chosen)
    except StorageError as error:
        return [Finding("database", "fail", str(error))]
    finally:
        await storage.close()
    kind = "SQLite" if storage.is_sqlite else "PostgreSQL"
    found = [Finding("database", "ok", f"{kind}, can be written, at this version")]
    if not admins and not chosen.admin_ids:
        says = "there is none to be told of alarms: set ADMIN_IDS, or `remindful staff add`"
        found.append(Finding("admins", "warn", says))
    return found + portfolio


async def _portfolio(tx: Transaction, chosen: Settings) -> list[Finding]:
    """Balances too old to speak of, and payments that wait for a loan nobody has told of."""
    try:
        office, clock = office_of(chosen), clock_for(chosen.clock_url)
    except RemindfulError:
        return []  # told elsewhere
    try:
        found = await freshness.freshness(tx, office, await clock.now())
    except RemindfulError:
        return []
    finally:
        await clock.close()
    parked = await freshness.waiting_payments(tx, _SHOWN)
    stale = f"{found.stale} of {found.loans} loans with something owed are too old to speak of"
    refs = ", ".join(f"{payment} for {loan}" for payment, loan in parked.oldest)
    more = ", …" if parked.payments > _SHOWN else ""
    told = [("balances", found.stale, f"{stale}; import loans")]
    told.append(
        ("payments", parked.payments, f"{parked.payments} wait for their loan: {refs}{more}")
    )
    return [Finding(name, "warn", says) for name, count, says in told if count]


def _is_admin(member: StaffMember) -> bool:
    return member.role is Role.ADMIN and member.disabled_at is None


async def _telegram(chosen: Settings) -> Finding:
    assert chosen.bot_token is not None, "it was insisted on"
    try:
        name = await username_of(chosen.bot_token.get_secret_value(), chosen.telegram_api_url)
    except RemindfulError as error:
        return Finding("telegram", "fail", str(error))
    return Finding("telegram", "ok", f"@{name}")


def _board(chosen: Settings) -> Finding:
    if chosen.board_chat_id is None:
        return Finding(
            "board", "warn", "BOARD_CHAT_ID is not set; waiting cases show in /queue only"
        )
    return Finding("board", "ok", "set")


def _scripts() -> Finding:
    findings = check_library()
    if findings:
        return Finding("scripts", "fail", f"{len(findings)} faults; see remindful scripts check")
    return Finding("scripts", "ok", "every language is complete")
