"""What a member of staff wrote or sent, before it is known whether it is a note or an answer."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Draft:
    """`text` is the caption where there is a file; `file_id` is Telegram's own."""

    text: str = ""
    media_kind: str | None = None
    file_id: str | None = None

    def as_data(self) -> dict[str, Any]:
        """For keeping it while a second tap is awaited; `Draft(**data)` brings it back."""
        return asdict(self)
