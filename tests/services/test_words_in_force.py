"""Published words in every process at once, and a message that cannot be worded."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.services import planning, sending
from bot.services.office import Office
from bot.services.scripts import figures, in_force, reviewing
from scripts_library.library import default_library
from storage import promises, schema, work
from storage.engine import Storage, Transaction
from storage.records import Actor, Money, OutboxStatus, VersionId, WorkKind
from tests.services.newsroom import Newsroom
from tests.telegram.conversation import Borrower, Town

KEY = "reminder.early"
SOURCE = default_library().script(KEY, "en").source
NEW = """Hello {{ name }},

A note from {{ lender }}, in new words.
{% for loan in loans %}
{{ loan.product }}: {{ loan.due }}, due on {{ loan.due_date }}, to {{ loan.pay_to }}
{% endfor %}
To talk to a person, send /human. To stop these messages, send /stop."""


@pytest.fixture
async def room(town: Town) -> Newsroom:
    return await Newsroom.open(town)


@pytest.fixture
async def anna(town: Town) -> Borrower:
    """Five days late: a reminder goes at eleven."""
    anna = await town.borrower("B1", "Anna Berg", days_late=5)
    town.later(hours=1, minutes=5)
    return anna


async def plans(town: Town) -> None:
    async with town.storage.transaction() as tx:
        await tx.execute(schema.schedule.delete())
        for row in await tx.all(schema.borrowers.select()):
            await tx.execute(
                schema.schedule.insert().values(borrower_id=row.id, next_contact_at=town.now)
            )
        await planning.plan_due(tx, town.office, town.now, limit=50)


async def batch(town: Town, office: Office | None = None) -> sending.Batch:
    async with town.storage.transaction() as tx:
        return await sending.next_batch(tx, office or town.office, "w", town.now, limit=50)


async def test_what_was_planned_in_old_words_leaves_in_new_ones(
    room: Newsroom, anna: Borrower
) -> None:
    await plans(room.town)
    number = await room.publishes(KEY, NEW)
    (row,) = [one for one in (await batch(room.town)).ready if one.borrower_id]
    assert "in new words" in row.payload["text"]
    async with room.town.storage.reading() as tx:
        (kept,) = await tx.all(schema.outbox.select().where(schema.outbox.c.script == KEY))
    assert (kept.script_version, kept.script_variant, kept.script_language) == (number, "a", "en")


async def test_another_process_says_the_new_words_at_its_next_message(
    room: Newsroom, anna: Borrower
) -> None:
    """Its own connection, its own office: as another process on the same database."""
    town = room.town
    elsewhere = Storage(town.storage.url)
    office = replace(town.office, library=default_library(), edition=None, passed_over=[])

    async def said(tx: Transaction) -> str:
        await in_force.refresh(tx, office, town.now)
        return office.library.script(KEY, "en").body

    async with elsewhere.transaction() as tx:
        assert "new words" not in await said(tx)
    number = await room.publishes(KEY, NEW)
    async with elsewhere.transaction() as tx:
        assert "new words" in await said(tx)
        compiled = office.library.script(KEY, "en")
    await room.publishes("stop.done", "All right. /resume starts them again.")
    async with elsewhere.transaction() as tx:
        await said(tx)
        assert office.library.script(KEY, "en") is compiled, "compiled once a version"
    await room.takes_back(number)
    async with elsewhere.transaction() as tx:
        assert "new words" not in await said(tx)
    await elsewhere.close()


async def test_asking_again_reads_one_number_and_no_more(room: Newsroom) -> None:
    await room.publishes(KEY, NEW)
    await room.said(KEY)
    library = room.town.office.library
    await room.said(KEY)
    assert room.town.office.library is library


async def test_a_publish_that_is_rolled_back_was_never_said(room: Newsroom) -> None:
    checked = await room.drafts(KEY, NEW)
    await room.submits(checked.version)
    with pytest.raises(RuntimeError, match="a crash"):
        await _crashes_after_approving(room, checked.version.version_id)
    assert "new words" not in await room.said(KEY)


async def _crashes_after_approving(room: Newsroom, version_id: VersionId) -> None:
    async with room.town.storage.transaction() as tx:
        await reviewing.approve(
            tx, room.town.office, room.lin.actor, version_id, None, room.town.now
        )
        raise RuntimeError("a crash")


async def test_a_message_with_a_hole_is_withheld_alone_and_a_person_looks(
    room: Newsroom, anna: Borrower
) -> None:
    town = room.town
    fang = await town.borrower("B2", "王芳", language="zh-Hans", days_late=5)
    await room.forces_in(
        KEY,
        SOURCE.replace("variables: [name,", "variables: [name, until: {type: date},").replace(
            "This is {{ lender }}.", "Until {{ until }}."
        ),
    )
    await plans(town)
    sent = await batch(town)
    assert [one.borrower_id for one in sent.ready if one.borrower_id] == [fang.borrower_id]
    assert any("no value for 'until'" in one for one in sent.withheld)
    async with town.storage.reading() as tx:
        (task,) = await work.open_of(tx, anna.borrower_id)
        (kept,) = await tx.all(
            schema.outbox.select().where(schema.outbox.c.borrower_id == anna.borrower_id)
        )
    assert (task.kind, task.note) == (WorkKind.REVIEW, sending.WITHHELD)
    assert (kept.status, kept.message_id) == (OutboxStatus.FAILED, None)


async def test_a_text_the_program_cannot_read_any_more_is_passed_over_and_told_once(
    room: Newsroom, anna: Borrower
) -> None:
    await room.forces_in(KEY, SOURCE.replace("loans,", "loans, gone_with_the_last_release,"))
    await plans(room.town)
    sent = await batch(room.town)
    assert [one.payload["script"] for one in sent.ready if one.borrower_id] == [KEY]
    assert any("cannot be used any more" in one for one in sent.withheld)
    assert (await batch(room.town)).withheld == ()


async def test_a_text_for_what_is_said_no_more_is_passed_over(room: Newsroom) -> None:
    await room.forces_in("reminder.gone", SOURCE.replace(KEY, "reminder.gone"))
    assert "has come due" in await room.said(KEY)
    assert room.town.office.passed_over


async def test_wordings_are_shared_out_and_kept(room: Newsroom) -> None:
    town = room.town
    people = [
        await town.borrower(f"B{n}", f"Person {n}", days_late=5, telegram_id=5000 + n)
        for n in range(24)
    ]
    town.later(hours=1, minutes=5)
    await room.publishes(KEY, f"{NEW}\n\n--- variant b\n{NEW.replace('new words', 'others')}")
    await plans(town)
    rows = [one for one in (await batch(town)).ready if one.borrower_id]
    assert len(rows) == len(people)
    async with town.storage.reading() as tx:
        kept = await tx.all(schema.outbox.select().where(schema.outbox.c.script == KEY))
    by_variant = {one.id: one.script_variant for one in kept}
    assert set(by_variant.values()) == {"a", "b"}
    for row in rows:
        assert ("others" in row.payload["text"]) == (by_variant[row.outbox_id] == "b")


async def test_figures_tell_what_came_of_each_wording(room: Newsroom, anna: Borrower) -> None:
    town = room.town
    bert = await town.borrower("B2", "Bert", days_late=5)
    number = await room.publishes(KEY, NEW)
    await plans(town)
    await town.deliver()
    anna.sees("in new words")
    bert.sees("in new words")

    # Anna answers, promises and pays within the three days, Bert later
    await anna.says("I will")
    async with town.storage.transaction() as tx:
        await promises.add(
            tx, anna.borrower_id, Money(50_000, "CNY"), town.now.date() + timedelta(days=3),
            loan_id=None, actor=Actor.borrower(anna.borrower_id), now=town.now,
        )  # fmt: skip
        (loan,) = await tx.all(
            schema.loans.select().where(schema.loans.c.borrower_id == anna.borrower_id)
        )
        await tx.add(
            schema.payments, payment_ref="P1", loan_id=loan.id, amount=100,
            paid_on=town.now.date(), received_at=town.now + timedelta(hours=5),
        )  # fmt: skip
    town.later(hours=73)
    await bert.says("Sorry, only now")
    async with town.storage.reading() as tx:
        (found,) = await figures.of_script(tx, town.office, KEY, town.now)
    assert (found.version, found.variant, found.sent) == (number, "a", 2)
    assert found.delivered is not None
    assert found.delivered.hits == 2
    counts = [found.answered, found.promised, found.paid, found.complained]
    assert [one and (one.hits, one.of) for one in counts] == [(1, 2), (1, 2), (1, 2), (0, 2)]


async def test_what_left_less_than_three_days_ago_is_not_judged_yet(
    room: Newsroom, anna: Borrower
) -> None:
    await plans(room.town)
    await room.town.deliver()
    async with room.town.storage.reading() as tx:
        (found,) = await figures.of_script(tx, room.town.office, KEY, room.town.now)
    assert found.version is None
    assert found.sent == 1
    assert found.answered is None
    assert figures.told(found.answered) == "–"
