"""People we do not know: they may open a link, and are otherwise told how to get one."""

from dataclasses import replace

from bot.rules.zones import zones_of
from bot.services import linking
from bot.services.audience import Known, who_is
from bot.telegram.talk import Talk
from bot.understanding import Understanding, understand
from scripts_library.help_lines import help_lines

_HEARD = 0.5
"""Below it nothing was heard and the words only resemble such messages."""


async def serve(talk: Talk) -> None:
    """A link is opened and identity asked for; anything else gets one short neutral answer."""
    incoming = talk.incoming
    command = incoming.command
    if incoming.blocked is not None:
        return
    if command is None and in_danger(talk, incoming.text):
        await tell_help_lines(talk, talk.office.country)
    elif incoming.edited:
        return
    elif command is not None and command[0] == "start" and command[1]:
        await open_link(talk, command[1])
    elif command is not None and command[0] == "privacy":
        await talk.show("privacy.short")
    else:
        await talk.show("start.no_link")


async def open_link(talk: Talk, token: str) -> None:
    """Spend the link and ask for identity."""
    await ask_identity(talk, await spend_link(talk, token))


async def spend_link(talk: Talk, token: str) -> Known:
    """The account that the link leads to; from now on we speak the language the lender gave."""
    await linking.open_link(
        talk.tx, talk.office, talk.incoming.telegram_id, token.strip(), talk.now
    )
    found = await who_is(talk.tx, talk.incoming.telegram_id)
    assert isinstance(found, Known), "the link was just opened"
    language = found.account.language or found.borrower.language
    talk.reader = replace(
        talk.reader,
        language=talk.office.library.resolve_language(language),
        borrower_id=found.borrower.borrower_id,
    )
    return found


async def ask_identity(talk: Talk, known: Known) -> None:
    """The question, or that it has to wait, or that a person will see to it."""
    check = await linking.identity_check(talk.tx, known.account, talk.now)
    if check.locked_until is not None:
        await talk.show("identity.locked", {"again_at": check.locked_until})
    elif check.asks is None:
        await linking.tell_a_person(talk.tx, known.account, "identity_failed", talk.now)
        await talk.show("identity.person")
    else:
        await talk.show(f"identity.ask_{check.asks}")


def in_danger(talk: Talk, text: str) -> bool:
    """Whether words of somebody we do not know speak of danger to life."""
    meant = read_unknown(talk, text)
    return "crisis" in meant.intents and meant.confidence >= _HEARD


def read_unknown(talk: Talk, text: str) -> Understanding:
    """What somebody we do not know means."""
    zone = zones_of(talk.office.country)[0]
    return understand(text, now=talk.now, timezone=zone, language=talk.reader.language)


async def tell_help_lines(talk: Talk, country: str) -> None:
    lines = help_lines(country, talk.reader.language)
    await talk.show("crisis.help_lines", {"help_lines": lines})
