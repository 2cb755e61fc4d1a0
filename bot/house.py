"""What every door needs, opened and closed in one place: settings, database, clock and office.

Nothing of Telegram or the web is loaded here, so that a command answers at once.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.clock import Clock, clock_for
from bot.errors import InputRefused, SettingsWrong
from bot.rules.data_file import DataFileRefused
from bot.rules.presets import Preset, policy_for, preset_from
from bot.rules.strategy import Strategy, default_strategy, read_strategy
from bot.rules.strategy_check import check_strategy
from bot.services.office import Office
from bot.settings import Settings
from scripts_library.errors import UnreadableScript
from scripts_library.library import Library
from storage import migrating
from storage.engine import Storage


@dataclass(frozen=True, slots=True)
class House:
    """Open while a command or the bot runs."""

    settings: Settings
    storage: Storage
    clock: Clock
    office: Office


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    """Open the database (creating an empty one) and the clock, and close them again.

    Raises SettingsWrong and InputRefused for files and words that cannot be used, NotAvailable,
    or StorageError when the database is of another version.
    """
    office = office_of(settings)
    storage = Storage.open(settings.database_url, payment_order=settings.payment_order)
    clock = clock_for(settings.clock_url)
    try:
        await migrating.ready(storage)
        yield House(settings, storage, clock, office)
    finally:
        await clock.close()
        await storage.close()


def office_of(settings: Settings) -> Office:
    """The deployment's fixed choices.

    Raises SettingsWrong with every fault of the files that STRATEGY and CONTACT_POLICY name,
    InputRefused for words that cannot be read.
    """
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    try:
        library = Library.load()
    except UnreadableScript as error:
        raise InputRefused(str(error)) from None
    problems: list[str] = []
    presets = _presets(settings.contact_policy, problems)
    strategy = _strategy(settings, library, presets, problems)
    if problems:
        raise SettingsWrong(problems)
    return Office(
        lender=settings.lender_name,
        secret=secret.encode(),
        country=settings.default_country,
        working_hours=settings.working_hours,
        library=library,
        strategy=strategy,
        presets=presets,
        board_chat_id=settings.board_chat_id,
    )


def _presets(named: str | None, problems: list[str]) -> tuple[Preset, ...]:
    """CONTACT_POLICY is a preset's name, or a file with one."""
    if named is None:
        return ()
    try:
        return (preset_from(named),)
    except DataFileRefused as refused:
        problems += [f"CONTACT_POLICY: {line}" for line in refused.findings]
        return ()


def _strategy(
    settings: Settings, library: Library, presets: tuple[Preset, ...], problems: list[str]
) -> Strategy:
    if settings.strategy is None:
        return default_strategy()
    source = str(settings.strategy)
    try:
        text = settings.strategy.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"STRATEGY: {source}: cannot be read ({type(error).__name__})")
        return default_strategy()
    policy = policy_for(settings.default_country, *presets)
    findings = check_strategy(text, source, scripts=library.keys, policy=policy)
    problems += [f"STRATEGY: {line}" for line in findings]
    return default_strategy() if findings else read_strategy(text, source)
