"""What every door needs, opened and closed in one place: settings, database, clock and office.

Nothing of Telegram or the web is loaded here, so that a command answers at once.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.clock import Clock, clock_for
from bot.errors import NotAvailable
from bot.rules.presets import Preset, packaged, read_preset
from bot.rules.strategy import Strategy, default_strategy, read_strategy
from bot.services.office import Office
from bot.settings import Settings
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

    Raises NotAvailable, or StorageError when the database is of another version.
    """
    storage = Storage.open(settings.database_url)
    clock = clock_for(settings.clock_url)
    try:
        await migrating.ready(storage)
        yield House(settings, storage, clock, office_of(settings))
    finally:
        await clock.close()
        await storage.close()


def office_of(settings: Settings) -> Office:
    """The deployment's fixed choices. Raises InputRefused for a policy or strategy file."""
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    return Office(
        lender=settings.lender_name,
        secret=secret.encode(),
        country=settings.default_country,
        working_hours=settings.working_hours,
        library=Library.load(),
        strategy=_strategy(settings.strategy),
        presets=_presets(settings.contact_policy),
        board_chat_id=settings.board_chat_id,
    )


def _strategy(path: Path | None) -> Strategy:
    if path is None:
        return default_strategy()
    return read_strategy(_text(path, "STRATEGY"), str(path))


def _presets(named: str | None) -> tuple[str | Preset, ...]:
    """CONTACT_POLICY is a preset's name, or a file with one."""
    if named is None:
        return ()
    try:
        return (packaged(named),)
    except ValueError:
        return (read_preset(_text(Path(named), "CONTACT_POLICY"), named),)


def _text(path: Path, setting: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotAvailable(f"{setting}: {path} cannot be read ({type(error).__name__})") from error
