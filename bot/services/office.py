"""What a deployment decided once and every use case needs: its name, words, rules and hours."""

from dataclasses import dataclass

from bot.rules.presets import Preset
from bot.rules.strategy import Strategy
from bot.rules.working_hours import WorkingHours
from scripts_library.library import Library


@dataclass(frozen=True, eq=False, slots=True)
class Office:
    """`presets` join the borrower's country's, strictest of all; `secret` keys all digests."""

    lender: str
    secret: bytes
    country: str
    working_hours: WorkingHours
    library: Library
    strategy: Strategy
    presets: tuple[str | Preset, ...] = ()
    board_chat_id: int | None = None
