"""The people of the stage: borrowers, collectors, supervisors and admins with a Telegram account.

A person is what the demo's list says about them plus what Telegram knows: whether they ever pressed
Start, whether they blocked the bot, whether the account still exists. `note` tells the visitor of
the page who this is, in the page's languages; the bot never sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.errors import Refused

Json = dict[str, Any]


@dataclass(slots=True)
class Person:
    telegram_id: int
    name: str
    role: str = "borrower"
    language: str = "en"
    username: str | None = None
    borrower_ref: str | None = None
    link: str | None = None
    note: dict[str, str] = field(default_factory=dict)
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    unread: dict[int, int] = field(default_factory=dict)

    def as_user(self) -> Json:
        """Telegram's `User`."""
        first, last = self.names()
        user: Json = {"id": self.telegram_id, "is_bot": False, "first_name": first}
        if last:
            user["last_name"] = last
        if self.username:
            user["username"] = self.username
        if self.language:
            user["language_code"] = self.language.lower()
        return user

    def as_chat(self) -> Json:
        """Telegram's `Chat` of the private chat between this person and the bot."""
        first, last = self.names()
        chat: Json = {"id": self.telegram_id, "type": "private", "first_name": first}
        if last:
            chat["last_name"] = last
        if self.username:
            chat["username"] = self.username
        return chat

    def names(self) -> tuple[str, str]:
        """First and last name; a name without a space is a first name."""
        if self.deactivated:
            return "Deleted Account", ""
        first, _, last = self.name.strip().partition(" ")
        return first or "?", last.strip()

    def as_listed(self) -> Json:
        """One row of the page's list of people."""
        row: Json = {
            "telegram_id": self.telegram_id,
            "role": self.role,
            "name": self.name,
            "language": self.language,
            "username": self.username,
            "blocked": self.blocked,
            "started": self.started,
            "deactivated": self.deactivated,
            "unread": sum(self.unread.values()),
        }
        if self.borrower_ref:
            row["borrower_ref"] = self.borrower_ref
        if self.link:
            row["link"] = self.link
        if self.note:
            row["note"] = self.note
        return row


def person_from_json(row: Any) -> Person:
    """A person as `POST /sim/people` and `.demo/demo.json` describe one."""
    if not isinstance(row, dict):
        raise Refused("a person is an object with telegram_id and name")
    telegram_id, name = row.get("telegram_id"), row.get("name")
    if not isinstance(telegram_id, int) or isinstance(telegram_id, bool) or telegram_id <= 0:
        raise Refused("telegram_id must be a positive whole number")
    if not isinstance(name, str) or not name.strip():
        raise Refused(f"person {telegram_id} needs a name")
    for key in ("role", "language", "username", "borrower_ref", "link"):
        if not isinstance(row.get(key), str | None):
            raise Refused(f"{key} of person {telegram_id} must be text")
    note = row.get("note") or {}
    if not isinstance(note, dict) or not all(isinstance(text, str) for text in note.values()):
        raise Refused(f"note of person {telegram_id} must be an object: language to text")
    return Person(
        telegram_id=telegram_id,
        name=name,
        role=row.get("role") or "borrower",
        language=row.get("language") or "en",
        username=row.get("username"),
        borrower_ref=row.get("borrower_ref"),
        link=row.get("link"),
        note=note,
        started=bool(row.get("started")),
    )
