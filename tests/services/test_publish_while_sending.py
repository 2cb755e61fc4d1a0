"""Words change while messages leave: every message is whole, in old words or in new ones."""

import asyncio

from bot.services import planning, sending
from storage import schema
from tests.services.newsroom import Newsroom
from tests.telegram.conversation import Town

KEY = "reminder.early"
PEOPLE = 30
WORDS = """Hello {{{{ name }}}},

Edition {edition}, first line. {{{{ lender }}}}
{{% for loan in loans %}}
{{{{ loan.product }}}}: {{{{ loan.due }}}}, due on {{{{ loan.due_date }}}}, to {{{{ loan.pay_to }}}}
{{% endfor %}}
Edition {edition}, last line. Person: /human, stop: /stop."""


async def test_each_message_is_of_one_edition_and_says_which(town: Town) -> None:
    room = await Newsroom.open(town)
    for number in range(PEOPLE):
        await town.borrower(f"B{number}", "Anna", days_late=5, telegram_id=5000 + number)
    town.later(hours=1, minutes=5)
    async with town.storage.transaction() as tx:
        for row in await tx.all(schema.borrowers.select()):
            await tx.execute(
                schema.schedule.insert().values(borrower_id=row.id, next_contact_at=town.now)
            )
        await planning.plan_due(tx, town.office, town.now, limit=PEOPLE)
    published: list[int] = []
    sent: dict[int, str] = {}

    async def publish() -> None:
        for edition in range(1, 6):
            published.append(await room.publishes(KEY, WORDS.format(edition=edition)))
            await asyncio.sleep(0)

    async def send(worker: str) -> None:
        while len(sent) < PEOPLE:
            known = len(published)
            async with town.storage.transaction() as tx:
                batch = await sending.next_batch(tx, town.office, worker, town.now, limit=4)
            assert batch.withheld == ()
            for row in batch.ready:
                if row.borrower_id is not None:
                    sent[row.outbox_id] = row.payload["text"]
                    said = row.payload["text"]
                    editions = [n for n in range(1, 6) if f"Edition {n}," in said]
                    assert len(editions) <= 1, said
                    assert sum(said.count(f"Edition {n},") for n in editions) in (0, 2), said
                    if known:
                        assert editions, "published before this batch began"
                        assert editions[0] >= known, "older than what was published"
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(publish())
        tasks.create_task(send("one"))
        tasks.create_task(send("two"))

    async with town.storage.reading() as tx:
        kept = await tx.all(schema.outbox.select().where(schema.outbox.c.script == KEY))
    assert len(kept) == PEOPLE
    for row in kept:
        said = sent[row.id]
        edition = published.index(row.script_version) + 1 if row.script_version else None
        assert (edition is None) == ("Edition" not in said)
        assert edition is None or f"Edition {edition}, last line" in said
