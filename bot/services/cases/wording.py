"""Codes and turns of a chat in a reader's words: labels of the library, one line for each turn."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.services.dated_buttons import in_full
from scripts_library.library import Library
from scripts_library.render import plain_text
from storage.records import Message

_TURN_LENGTH = 90
_PRESS = re.compile(r"\[([a-z_]+)(?::([^\]]*))?\]")


@dataclass(frozen=True, slots=True)
class Words:
    """The library's labels in one language."""

    library: Library
    language: str

    def label(self, family: str, code: str) -> str:
        """The label of a code, as `reason.crisis`; raises UnknownScript for one without words."""
        return self.library.label(f"{family}.{code}", self.language)

    def known(self, family: str, code: str) -> str | None:
        """The label of a code, None for one without words."""
        return self.label(family, code) if self.library.labels_of(f"{family}.{code}") else None

    def button(self, text: str) -> str:
        """What the button showed of whose press `text` is the record, as "[promise:3]".

        Its bare name when nobody labels it any more.
        """
        press = _PRESS.fullmatch(text)
        if press is None:
            return text
        name, sent = press[1], press[2] or ""
        if not self.library.labels_of(f"button.{name}"):
            return name
        return in_full(self.library, self.language, name, sent)

    def rules(self, ids: Iterable[str]) -> list[str]:
        """Why something was not sent: the words of rules, or of Telegram's own refusals."""
        known = [f"rule.{one}" for one in ids]
        return list(
            dict.fromkeys(
                self.library.label(
                    key if self.library.labels_of(key) else "rule.failed", self.language
                )
                for key in known
            )
        )

    def briefly(self, message: Message) -> str:
        """One line of what somebody said, sent or pressed."""
        if pressed_button(message) is not None:
            return self.button(message.text)
        text = plain_text(message.text) if message.direction == "out" else message.text
        text = " ".join(text.split())
        if len(text) > _TURN_LENGTH:
            text = text[:_TURN_LENGTH].rstrip() + "…"
        if message.media_kind is None:
            return text or "…"
        media = self.label("media", message.media_kind)
        return f"{media}: {text}" if text else media


def pressed_button(message: Message) -> str | None:
    """The name of the button when the message is the record of a press, as "[promise:3]"."""
    if message.media_kind is not None or message.direction != "in":
        return None
    return pressed_name(message.text)


def pressed_name(text: str) -> str | None:
    """The name in the record of a press, None for anything else."""
    press = _PRESS.fullmatch(text)
    return press[1] if press else None
