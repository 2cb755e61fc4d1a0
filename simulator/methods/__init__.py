"""The methods of the Bot API, one module per subject; importing this package fills the table."""

from simulator.methods import (
    callbacks,
    chats,
    commands,
    copying,
    editing,
    files,
    identity,
    media,
    messages,
    topics,
    updates,
)
from simulator.methods.registry import METHODS

__all__ = [
    "METHODS",
    "callbacks",
    "chats",
    "commands",
    "copying",
    "editing",
    "files",
    "identity",
    "media",
    "messages",
    "topics",
    "updates",
]
