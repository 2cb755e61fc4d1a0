"""What a borrower's words mean, read with what is known of them: language, zone, what is due."""

import re

from bot.telegram.talk import BorrowerTalk
from bot.understanding import Slot, Understanding, understand

SURE = 0.7
"""From here on a reading may be acted on; below it is a hunch, and a person has to look."""
_YES, _NO = "answer.yes", "answer.no"


async def read(talk: BorrowerTalk, text: str) -> Understanding:
    situation = await talk.situation()
    due = next(iter(situation.standing.due.values()), None)
    oldest = situation.standing.oldest_unpaid
    return understand(
        text,
        now=talk.now,
        timezone=situation.zone.key,
        language=talk.reader.language,
        balance=str(due) if due else None,
        due_date=oldest.due_date if oldest else None,
    )


def named_slot(meant: Understanding) -> Slot | None:
    """The first day or amount that was promised or offered."""
    return next(iter((*meant.promise, *meant.proposed)), None)


def several_promised(meant: Understanding) -> bool:
    """Whether more than one payment was: "300 on Friday, the rest on Sunday"."""
    return meant.main == "promise" and len(set(meant.promise)) > 1


def says_yes(talk: BorrowerTalk, text: str) -> bool:
    """Nothing but a yes, in any language we speak."""
    return names(talk, text, _YES)


def says_no(talk: BorrowerTalk, text: str) -> bool:
    return names(talk, text, _NO)


def names(talk: BorrowerTalk, text: str, key: str) -> bool:
    """Nothing but one of the words under the label `key`, in any language we speak."""
    return _folded(text) in _words(talk, key)


def without(talk: BorrowerTalk, text: str, key: str) -> str:
    """The text less the words under the label `key`: "450 a month" is 450."""
    for words in sorted(_words(talk, key), key=len, reverse=True):
        text = re.sub(re.escape(words), " ", text, flags=re.IGNORECASE)
    return text.strip()


def button_named(talk: BorrowerTalk, text: str) -> str | None:
    """The name of the button whose label was typed instead of pressed, in any language."""
    wanted = _folded(text)
    for tag in talk.office.library.languages:
        for key, label in talk.office.library.language(tag).labels.items():
            if key.startswith("button.") and _folded(label) == wanted:
                return key.removeprefix("button.")
    return None


def _words(talk: BorrowerTalk, key: str) -> set[str]:
    return {
        _folded(word)
        for words in talk.office.library.labels_of(key).values()
        for word in words.split(",")
    }


def _folded(text: str) -> str:
    return text.casefold().strip(" .!?\t\n\u3002\uff01\uff1f\u300c\u300d")
