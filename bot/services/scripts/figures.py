"""How a text does: for each wording what came of it within 72 hours, with the doubt it deserves.

Two wordings that were sent by chance to different people may be compared; bounds that overlap
mean that nothing is known yet.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rules.shares import Share, share
from bot.services.office import Office
from bot.services.scripts import texts
from storage import script_figures
from storage.engine import Transaction

LOOKED_BACK = timedelta(days=90)
WITHIN = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Figures:
    """One wording's. `version` None: the file's words. A share is None while nothing is known."""

    language: str
    variant: str
    version: int | None
    sent: int
    delivered: Share | None
    answered: Share | None
    promised: Share | None
    paid: Share | None
    complained: Share | None


async def of_script(tx: Transaction, office: Office, key: str, now: datetime) -> list[Figures]:
    """The wordings that were sent in the last 90 days. Raises Refusal for what nobody says."""
    texts.text_of(office.files, key, office.files.languages[0])
    found = await script_figures.of_script(tx, key, since=now - LOOKED_BACK, now=now, within=WITHIN)
    return [
        Figures(
            one.language,
            one.variant,
            one.version,
            one.tried,
            share(one.delivered, one.tried),
            share(one.answered, one.watched),
            share(one.promised, one.watched),
            share(one.paid, one.watched),
            share(one.complained, one.watched),
        )
        for one in found
    ]


def told(one: Share | None) -> str:
    """A share as figures: "41 % (36-46), 160/390"; a dash while nothing is known."""
    if one is None:
        return "–"
    return f"{one.share:.0%} ({one.low:.0%}–{one.high:.0%}), {one.hits}/{one.of}"
