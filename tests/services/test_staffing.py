"""Who works here: added by the system or an admin, gone with nothing left in hand."""

import pytest

from bot.errors import InputRefused, NotAllowed
from bot.services import emergency, staffing
from storage import staff
from storage.records import Actor, Role, StaffId
from tests.telegram.conversation import Town

SYSTEM = Actor.system()


async def put(
    town: Town,
    actor: Actor = SYSTEM,
    *,
    telegram_id: int = 77,
    name: str = "Lin",
    languages: tuple[str, ...] = ("zh-CN", "en"),
) -> bool:
    async with town.storage.transaction() as tx:
        return await staffing.put_staff(
            tx, town.office, actor, telegram_id, role=Role.COLLECTOR, name=name,
            languages=languages, skills=["hardship"], now=town.now,
        )  # fmt: skip


async def test_adding_somebody_twice_changes_nothing_and_languages_get_our_names(
    town: Town,
) -> None:
    assert await put(town)
    assert not await put(town)
    async with town.storage.reading() as tx:
        (lin,) = await staffing.everyone(tx)
    assert (lin.role, lin.languages, lin.skills) == (
        Role.COLLECTOR,
        ("zh-Hans", "en"),
        ("hardship",),
    )


async def test_a_language_we_have_no_words_in_is_kept_for_borrowers_who_speak_it(
    town: Town,
) -> None:
    await put(town, languages=("ru",))
    async with town.storage.reading() as tx:
        (lin,) = await staffing.everyone(tx)
    assert lin.languages == ("ru",)


async def test_what_cannot_be_a_person_is_refused(town: Town) -> None:
    with pytest.raises(InputRefused, match="no language"):
        await put(town, languages=("not a language",))
    with pytest.raises(InputRefused, match="above zero"):
        await put(town, telegram_id=-5)
    with pytest.raises(InputRefused, match="--name"):
        await put(town, name=" ")


async def test_only_an_admin_or_the_system_lets_people_in(town: Town) -> None:
    with pytest.raises(NotAllowed):
        await put(town, Actor.staff(StaffId(1), Role.SUPERVISOR))
    assert await put(town, Actor.staff(StaffId(1), Role.ADMIN))


async def test_who_was_disabled_has_no_access_until_added_again(town: Town) -> None:
    await put(town)
    async with town.storage.transaction() as tx:
        assert await staffing.disable_staff(tx, town.office, SYSTEM, 77, town.now)
        assert not await staffing.disable_staff(tx, town.office, SYSTEM, 77, town.now)
        assert await staff.by_telegram_id(tx, 77) is None
    assert await put(town)
    async with town.storage.reading() as tx:
        assert await staff.by_telegram_id(tx, 77) is not None


async def test_the_first_admins_come_from_the_settings_and_only_while_there_is_none(
    town: Town,
) -> None:
    async with town.storage.transaction() as tx:
        assert await staffing.bootstrap_admins(tx, [1, 2, 2], town.now) == 2
        assert await staffing.bootstrap_admins(tx, [1, 2, 3], town.now) == 0
        assert [one.role for one in await staffing.everyone(tx)] == [Role.ADMIN, Role.ADMIN]


async def test_a_disabled_admin_does_not_come_back_through_the_settings(town: Town) -> None:
    async with town.storage.transaction() as tx:
        await staffing.bootstrap_admins(tx, [1], town.now)
        await staffing.disable_staff(tx, town.office, SYSTEM, 1, town.now)
        assert await staffing.bootstrap_admins(tx, [1], town.now) == 0


async def test_the_emergency_stop_is_a_switch_for_supervisors_admins_and_the_system(
    town: Town,
) -> None:
    async with town.storage.transaction() as tx:
        for actor in (SYSTEM, *(Actor.staff(StaffId(1), r) for r in emergency.MAY_STOP)):
            assert await emergency.stop_all(tx, actor, True, town.now)
            assert not await emergency.stop_all(tx, actor, True, town.now)
            assert await emergency.is_stopped(tx)
            assert await emergency.stop_all(tx, actor, False, town.now)
        for role in set(Role) - emergency.MAY_STOP:
            with pytest.raises(NotAllowed):
                await emergency.stop_all(tx, Actor.staff(StaffId(1), role), True, town.now)
        assert not await emergency.is_stopped(tx)
