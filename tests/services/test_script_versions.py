"""A text from its draft to what is said, on both databases: who may, in which order, and back."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import NotAllowed, Refusal
from bot.services.scripts import browsing, drafting, eyes, reviewing
from scripts_library.library import default_library
from storage import schema
from storage.records import Actor, Role, StaffId, VersionId, VersionState
from tests.services.newsroom import Newsroom
from tests.telegram.conversation import Town

KEY = "stop.done"
ONE = "All right. From now on no reminders. /resume starts them again."
TWO = "Very well. From now on no reminders. /resume starts them again."
FILE = default_library().script(KEY, "en").body


@pytest.fixture
async def room(town: Town) -> Newsroom:
    return await Newsroom.open(town)


async def test_words_are_said_once_a_second_admin_approved_them(room: Newsroom) -> None:
    checked = await room.drafts(KEY, ONE)
    assert (checked.findings, checked.version.state) == ((), VersionState.DRAFT)
    assert await room.said(KEY) == FILE
    await room.submits(checked.version, "shorter")
    assert await room.said(KEY) == FILE
    with pytest.raises(Refusal, match="own_words"):
        await room.approves(checked.version, by=room.dana.actor)
    published = await room.approves(checked.version)
    assert (published.state, published.why) == (VersionState.PUBLISHED, "shorter")
    assert await room.said(KEY) == ONE


async def test_each_way_back_leads_to_what_was_said_before(room: Newsroom) -> None:
    first = await room.publishes(KEY, ONE)
    room.town.later(hours=1)
    second = await room.publishes(KEY, TWO)
    assert await room.said(KEY) == TWO
    with pytest.raises(Refusal, match="not_said"):
        await room.takes_back(first)
    back = await room.takes_back(second)
    assert back.back_to is not None
    assert back.back_to.version_id == first
    assert await room.said(KEY) == ONE
    assert (await room.takes_back(first)).back_to is None
    assert await room.said(KEY) == FILE
    with pytest.raises(Refusal, match="not_said"):
        await room.takes_back(first)


async def test_a_text_waits_for_its_day(room: Newsroom) -> None:
    tomorrow = room.town.now + timedelta(days=1)
    await room.publishes(KEY, ONE, effective_from=tomorrow)
    assert await room.said(KEY) == FILE
    room.town.now = tomorrow - timedelta(microseconds=1)
    assert await room.said(KEY) == FILE
    room.town.now = tomorrow
    assert await room.said(KEY) == ONE


async def test_a_text_that_waits_can_be_taken_back_before_it_is_ever_said(room: Newsroom) -> None:
    tomorrow = room.town.now + timedelta(days=1)
    number = await room.publishes(KEY, ONE, effective_from=tomorrow)
    await room.takes_back(number)
    room.town.now = tomorrow
    assert await room.said(KEY) == FILE


async def test_a_moment_gone_by_is_no_day_to_begin(room: Newsroom) -> None:
    checked = await room.drafts(KEY, ONE)
    await room.submits(checked.version)
    with pytest.raises(Refusal, match="when_how"):
        await room.approves(checked.version, effective_from=room.town.now)


async def test_what_has_faults_goes_no_further(room: Newsroom) -> None:
    checked = await room.drafts(KEY, "Hello {{ nmae }}")
    assert not checked.may_go_on
    with pytest.raises(Refusal, match="not_clean") as refused:
        await room.submits(checked.version)
    assert refused.value.values["findings"][0]["value"] == "nmae"


async def test_a_harmful_text_is_never_said_whoever_approves_it(room: Newsroom) -> None:
    checked = await room.drafts(KEY, "If you do not pay we will tell your boss and your family.")
    assert any("the guard says block" in one.reason for one in checked.findings)
    with pytest.raises(Refusal, match="not_clean"):
        await room.submits(checked.version)


async def test_a_hard_word_may_stand_if_people_say_so(room: Newsroom) -> None:
    checked = await room.drafts(KEY, "You must pay this at once. /resume starts reminders.")
    assert [one.doubt for one in checked.findings] == [True]
    await room.submits(checked.version)
    await room.approves(checked.version)
    assert "at once" in await room.said(KEY)


async def test_only_admins_change_words(room: Newsroom) -> None:
    checked = await room.drafts(KEY, ONE)
    await room.submits(checked.version)
    for role in set(Role) - {Role.ADMIN}:
        somebody = Actor.staff(StaffId(room.lin.staff_id), role)
        with pytest.raises(NotAllowed):
            await room.drafts("stop.review", ONE, by=somebody)
        with pytest.raises(NotAllowed):
            await room.approves(checked.version, by=somebody)
        async with room.town.storage.transaction() as tx:
            with pytest.raises(NotAllowed):
                await eyes.set_needed(tx, room.town.office, somebody, False, room.town.now)
            with pytest.raises(NotAllowed):
                await drafting.discard(tx, somebody, checked.version.version_id, room.town.now)


async def test_only_what_waits_for_a_review_can_be_approved(room: Newsroom) -> None:
    checked = await room.drafts(KEY, ONE)
    with pytest.raises(Refusal, match="not_waiting"):
        await room.approves(checked.version)
    await room.submits(checked.version)
    await room.approves(checked.version)
    with pytest.raises(Refusal, match="not_waiting"):
        await room.approves(checked.version)


async def test_a_text_that_changed_after_the_look_is_not_approved(room: Newsroom) -> None:
    looked_at = (await room.drafts(KEY, ONE)).version
    await room.submits(looked_at)
    newer = await room.drafts(KEY, TWO, seen=(looked_at.version_id, looked_at.revision))
    assert newer.version.state is VersionState.DRAFT
    await room.submits(newer.version)
    with pytest.raises(Refusal, match="changed_meanwhile"):
        await room.approves(looked_at)
    await room.approves(newer.version)
    assert await room.said(KEY) == TWO


async def test_of_two_who_begin_at_once_one_is_told(room: Newsroom) -> None:
    results = await asyncio.gather(
        room.drafts(KEY, ONE), room.drafts(KEY, TWO, by=room.lin.actor), return_exceptions=True
    )
    refused = [one for one in results if isinstance(one, Refusal)]
    assert [one.script for one in refused] == ["scripts.changed_meanwhile"]
    assert refused[0].values["who"] in ("Dana", "Lin")


async def test_of_two_who_save_the_same_draft_one_is_told(room: Newsroom) -> None:
    draft = (await room.drafts(KEY, ONE)).version
    seen = (draft.version_id, draft.revision)
    results = await asyncio.gather(
        room.drafts(KEY, ONE + " Thank you.", seen=seen),
        room.drafts(KEY, TWO, by=room.lin.actor, seen=seen),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Refusal) for one in results) == 1


async def test_a_dropped_draft_leaves_room_for_another(room: Newsroom) -> None:
    draft = (await room.drafts(KEY, ONE)).version
    async with room.town.storage.transaction() as tx:
        await drafting.discard(tx, room.lin.actor, draft.version_id, room.town.now)
        with pytest.raises(Refusal, match="changed_meanwhile"):
            await drafting.discard(tx, room.lin.actor, draft.version_id, room.town.now)
    await room.publishes(KEY, TWO)
    assert await room.said(KEY) == TWO


async def test_one_admin_is_enough_where_the_house_says_so(room: Newsroom) -> None:
    async with room.town.storage.transaction() as tx:
        assert await eyes.set_needed(tx, room.town.office, room.lin.actor, False, room.town.now)
        assert not await eyes.are_needed(tx)
    checked = await room.drafts(KEY, ONE)
    await room.submits(checked.version)
    await room.approves(checked.version, by=room.dana.actor)
    assert await room.said(KEY) == ONE
    async with room.town.storage.transaction() as tx:
        assert await eyes.set_needed(tx, room.town.office, room.dana.actor, True, room.town.now)
        assert await eyes.are_needed(tx)


async def test_a_change_of_buttons_is_made_in_every_language(room: Newsroom) -> None:
    source = default_library().script(KEY, "en").source
    english = await room.drafts(KEY, source.replace("[[resume, human]]", "[[resume]]"))
    behind = {one.mend.partition(" ")[0] for one in english.findings}
    assert all("buttons differs" in one.reason for one in english.findings)
    assert f"scripts_library/zh-Hans/{KEY.replace('.', '/')}.md" in behind
    for tag in default_library().languages:
        if tag != "en":
            twin = default_library().by_key[KEY][tag].source
            await room.drafts(KEY, twin.replace("[[resume, human]]", "[[resume]]"), language=tag)
    async with room.town.storage.reading() as tx:
        again = await drafting.look(tx, room.town.office, english.version.version_id)
    assert again.findings == ()


async def test_the_difference_shows_what_changes(room: Newsroom) -> None:
    await room.publishes(KEY, ONE)
    draft = await room.drafts(KEY, ONE.replace("All right", "Very well"))
    await room.said(KEY)
    async with room.town.storage.reading() as tx:
        change = await browsing.difference(tx, room.town.office, draft.version)
    assert f"-{ONE}" in change.told
    assert "+Very well" in change.told
    assert (change.gone, change.added) == ((), ())


async def test_everything_is_kept_with_who_and_when(room: Newsroom) -> None:
    number = await room.publishes(KEY, ONE)
    await room.takes_back(number)
    async with room.town.storage.reading() as tx:
        rows = await tx.all(schema.audit.select().where(schema.audit.c.subject == f"script:{KEY}"))
        (version,) = await browsing.history(tx, room.town.office, KEY, "en")
    dana, lin = str(room.dana.actor), str(room.lin.actor)
    assert [(row.act, row.actor) for row in rows] == [
        ("script.drafted", dana),
        ("script.submitted", dana),
        ("script.published", lin),
        ("script.rolled_back", dana),
    ]
    assert (version.written_by, version.published_by, version.retired_by) == (dana, lin, dana)
    assert version.state is VersionState.RETIRED


async def test_an_unknown_version_is_refused_everywhere(room: Newsroom) -> None:
    unknown, now = VersionId(99), room.town.now
    async with room.town.storage.transaction() as tx:
        with pytest.raises(Refusal, match="no_version"):
            await drafting.look(tx, room.town.office, unknown)
        with pytest.raises(Refusal, match="no_version"):
            await drafting.discard(tx, room.dana.actor, unknown, now)
        with pytest.raises(Refusal, match="no_version"):
            await reviewing.roll_back(tx, room.town.office, room.dana.actor, unknown, now)
        with pytest.raises(Refusal, match="no_version"):
            await reviewing.send_back(tx, room.town.office, room.dana.actor, unknown, None, "", now)
