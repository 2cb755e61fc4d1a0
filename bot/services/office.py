"""What a deployment decided once and every use case needs: its name, words, rules and hours."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.rules.presets import Preset
from bot.rules.strategy import Strategy
from bot.rules.working_hours import WorkingHours
from scripts_library.library import Library
from scripts_library.script import Script


@dataclass(frozen=True, slots=True)
class Edition:
    """Which published texts lie over the files, and until when that can be known.

    `compiled` keeps every version that was read, so each is compiled once in a process.
    """

    files: Library
    number: int = 0
    until: datetime | None = None
    compiled: dict[int, Script] = field(default_factory=dict)
    unreadable: frozenset[int] = frozenset()


@dataclass(eq=False, slots=True)
class Office:
    """`presets` join the borrower's country's, strictest of all; `secret` keys all digests.

    `library` is what is said now: the files, under the published texts of `edition`. It is put
    there whole by `bot.services.scripts.in_force`. `topics`: whether private chats with the bot
    can have topics, as Telegram said when this process began. Nothing else ever changes here.
    """

    lender: str
    secret: bytes
    country: str
    working_hours: WorkingHours
    library: Library
    strategy: Strategy
    presets: tuple[str | Preset, ...] = ()
    board_chat_id: int | None = None
    topics: bool = False
    edition: Edition | None = None
    passed_over: list[str] = field(default_factory=list)
    """Published texts that cannot be used, waiting to be told to a person."""

    @property
    def files(self) -> Library:
        """The words that came with the program."""
        return self.library if self.edition is None else self.edition.files
