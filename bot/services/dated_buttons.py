"""Buttons that name a sum and its day: "Yes, I will pay 200.00 on Friday 4 December".

What a press sends back carries both, so a record of the press reads like the button did.
"""

from datetime import date

from bot.services.saying import Choice
from scripts_library.library import Library
from storage.currencies import MINOR_DIGITS
from storage.records import Money


def dated_choice(library: Library, language: str, name: str, day: date, amount: Money) -> Choice:
    """A button with the label `button.<name>`; a press sends back "name:2026-12-04:20000:USD"."""
    sent = f"{day}:{amount.minor}:{amount.currency}"
    return Choice(in_full(library, language, name, sent), f"{name}:{sent}")


def in_full(library: Library, language: str, name: str, sent: str) -> str:
    """The label `button.<name>` with the sum and the day of what was `sent` filled in."""
    label = library.label(f"button.{name}", language)
    named = day_and_amount(sent)
    if named is None:
        return label
    formats = library.language(language).formats
    day, amount = named
    filled = label.replace("{day}", formats.near_day(day))
    return filled.replace("{amount}", formats.money(amount))


def day_and_amount(sent: str) -> tuple[date, Money] | None:
    """What "2026-12-04:20000:USD" says; None for anything else."""
    day, _, rest = sent.partition(":")
    minor, _, currency = rest.partition(":")
    if not minor.isdecimal() or len(minor) > _MOST_DIGITS or currency not in MINOR_DIGITS:
        return None
    try:
        return date.fromisoformat(day), Money(int(minor), currency)
    except ValueError:
        return None


_MOST_DIGITS = 18
