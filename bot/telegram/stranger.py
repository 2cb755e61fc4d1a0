"""People we do not know: they may open a link, and are otherwise told how to get one."""

from dataclasses import replace

from bot.services import linking
from bot.services.audience import Known, who_is
from bot.telegram.talk import Talk


async def serve(talk: Talk) -> None:
    """A link is opened and identity asked for; anything else gets one short neutral answer."""
    command = talk.incoming.command
    if talk.incoming.blocked is not None or talk.incoming.edited:
        return
    if command is not None and command[0] == "start" and command[1]:
        await open_link(talk, command[1])
        return
    if command is not None and command[0] == "privacy":
        await talk.show("privacy.short")
        return
    await talk.show("start.no_link")


async def open_link(talk: Talk, token: str) -> None:
    """Spend the link and ask for identity in the language the lender knows the person by."""
    await linking.open_link(
        talk.tx, talk.office, talk.incoming.telegram_id, token.strip(), talk.now
    )
    found = await who_is(talk.tx, talk.incoming.telegram_id)
    assert isinstance(found, Known), "the link was just opened"
    check = await linking.identity_check(talk.tx, found.account, talk.now)
    language = talk.office.library.resolve_language(found.borrower.language)
    reader = replace(talk.reader, language=language, borrower_id=found.borrower.borrower_id)
    key = "identity.locked" if check.locked_until else f"identity.ask_{check.asks}"
    values = {"again_at": check.locked_until} if check.locked_until else {}
    await talk.tell(reader, key, values)
