"""Two admins who change what the bot says, for tests of versions.

room = await Newsroom.open(town)
number = await room.publishes("stop.done", "All right. /resume starts reminders again.")
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bot.services.scripts import drafting, in_force, reviewing
from bot.services.scripts.drafting import Checked
from bot.services.scripts.reviewing import TakenBack
from storage import scripts, staff
from storage.records import Actor, Role, ScriptVersion, StaffMember, VersionId
from tests.telegram.conversation import Town


@dataclass
class Newsroom:
    town: Town
    dana: StaffMember
    lin: StaffMember

    @classmethod
    async def open(cls, town: Town) -> Self:
        people = [await town.staff(name, Role.ADMIN) for name in ("Dana", "Lin")]
        async with town.storage.reading() as tx:
            found = [await staff.by_telegram_id(tx, one.telegram_id) for one in people]
        dana, lin = found
        assert dana is not None
        assert lin is not None
        return cls(town, dana, lin)

    async def drafts(
        self,
        key: str,
        words: str,
        *,
        language: str = "en",
        by: Actor | None = None,
        seen: tuple[VersionId, int] | None = None,
    ) -> Checked:
        async with self.town.storage.transaction() as tx:
            return await drafting.write(
                tx, self.town.office, by or self.dana.actor, key, language, words,
                seen=seen, now=self.town.now,
            )  # fmt: skip

    async def submits(self, version: ScriptVersion, why: str = "") -> None:
        async with self.town.storage.transaction() as tx:
            await drafting.submit(
                tx, self.town.office, self.dana.actor, version.version_id, version.revision, why,
                self.town.now,
            )  # fmt: skip

    async def approves(
        self,
        version: ScriptVersion,
        *,
        by: Actor | None = None,
        effective_from: datetime | None = None,
    ) -> ScriptVersion:
        async with self.town.storage.transaction() as tx:
            return await reviewing.approve(
                tx, self.town.office, by or self.lin.actor, version.version_id, version.revision,
                self.town.now, effective_from=effective_from,
            )  # fmt: skip

    async def publishes(
        self,
        key: str,
        words: str,
        *,
        language: str = "en",
        effective_from: datetime | None = None,
    ) -> VersionId:
        checked = await self.drafts(key, words, language=language)
        await self.submits(checked.version)
        await self.approves(checked.version, effective_from=effective_from)
        return checked.version.version_id

    async def forces_in(self, key: str, source: str, *, language: str = "en") -> VersionId:
        """Past every check, as an older program may have left it."""
        async with self.town.storage.transaction() as tx:
            return await scripts.add_published(
                tx, key, language, source, "", Actor.system(), self.town.now
            )

    async def takes_back(self, version_id: VersionId) -> TakenBack:
        async with self.town.storage.transaction() as tx:
            return await reviewing.roll_back(
                tx, self.town.office, self.dana.actor, version_id, self.town.now
            )

    async def said(self, key: str, language: str = "en") -> str:
        """The body that would be said now."""
        async with self.town.storage.transaction() as tx:
            await in_force.refresh(tx, self.town.office, self.town.now)
        return self.town.office.library.script(key, language).body
