"""`/clock` and the rest of `/sim`: what a demo's script, a trainer or a test steers.

The clock, the groups, the faults, the record of what crossed the wire, and a fresh start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator import group_acts
from simulator.chats import Chat
from simulator.clock import as_rfc3339, from_rfc3339
from simulator.errors import Refused
from simulator.faults import KINDS, Faults
from simulator.journal import Journal
from simulator.json_door import (
    asked_number,
    number_of,
    optional_number,
    path_number,
    read_object,
    text_of,
)
from simulator.next_due import next_due_at
from simulator.world import World

Json = dict[str, Any]

MOST_AT_ONCE = 1_000


class ControlApi:
    def __init__(self, world: World, faults: Faults, journal: Journal) -> None:
        self.world = world
        self.faults = faults
        self.journal = journal

    def routes(self) -> list[Route]:
        group = "/sim/groups/{chat}"
        return [
            Route("/clock", self.clock),
            Route("/clock", self.move_clock, methods=["POST"]),
            Route("/sim/readyz", self.readyz, methods=["POST"]),
            Route("/sim/bot", self.bot),
            Route("/sim/bot", self.put_bot, methods=["POST"]),
            Route("/sim/groups", self.groups),
            Route("/sim/groups", self.make_group, methods=["POST"]),
            Route(f"{group}/members", self.add_member, methods=["POST"]),
            Route(f"{group}/members/{{person:int}}", self.remove_member, methods=["DELETE"]),
            Route(f"{group}/bot", self.bot_status, methods=["POST"]),
            Route(f"{group}/migrate", self.migrate, methods=["POST"]),
            Route("/sim/faults", self.list_faults),
            Route("/sim/faults", self.add_fault, methods=["POST"]),
            Route("/sim/faults", self.drop_faults, methods=["DELETE"]),
            Route("/sim/faults/{fault:int}", self.drop_fault, methods=["DELETE"]),
            Route("/sim/requests", self.requests),
            Route("/sim/requests", self.forget_requests, methods=["DELETE"]),
            Route("/sim/updates", self.updates),
            Route("/sim/settings", self.settings),
            Route("/sim/settings", self.put_settings, methods=["POST"]),
            Route("/sim/reset", self.reset, methods=["POST"]),
        ]

    async def clock(self, request: Request) -> JSONResponse:
        return JSONResponse({"now": as_rfc3339(self.world.clock.now())})

    async def move_clock(self, request: Request) -> JSONResponse:
        body = await read_object(request)
        clock, before = self.world.clock, self.world.clock.now()
        if set(body) == {"advance_s"}:
            seconds = body["advance_s"]
            if not isinstance(seconds, int | float) or isinstance(seconds, bool):
                raise Refused("advance_s must be a number of seconds")
            clock.advance(seconds)
        elif set(body) == {"to"} and body["to"] == "next":
            due = await next_due_at(self.world.settings.readyz_urls)
            # what is due already needs no jump, only the moment the bot takes for it
            clock.advance(max(0.0, (due - clock.now()).total_seconds()))
        elif set(body) == {"to"}:
            clock.set_to(from_rfc3339(text_of(body, "to")))
        else:
            raise Refused('give {"advance_s": seconds}, {"to": "next"} or {"to": a moment}')
        self.world.show_clock()
        return JSONResponse({"now": as_rfc3339(clock.now()), "before": as_rfc3339(before)})

    async def readyz(self, request: Request) -> JSONResponse:
        """Where `{"to": "next"}` asks for the next due moment."""
        urls = (await read_object(request)).get("urls")
        if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
            raise Refused("urls must be a list of addresses")
        self.world.settings.readyz_urls[:] = urls
        return JSONResponse({"urls": urls})

    async def bot(self, request: Request) -> JSONResponse:
        names = ("id", "username", "first_name")
        told = {name: self.world.bot[name] for name in names}
        return JSONResponse(told | {"zone": self.world.settings.zone})

    async def put_bot(self, request: Request) -> JSONResponse:
        body = await read_object(request)
        names = [name for name in ("first_name", "username") if name in body]
        changes: Json = {name: text_of(body, name) for name in names}
        if not all(changes.values()):
            raise Refused("a name of the bot cannot be empty")
        self.world.bot = {**self.world.bot, **changes}
        self.world.events.publish("bot", changes)
        return await self.bot(request)

    async def groups(self, request: Request) -> JSONResponse:
        groups = [chat for chat in self.world.chats.values() if not chat.is_private]
        return JSONResponse([_group_json(chat) for chat in groups])

    async def make_group(self, request: Request) -> JSONResponse:
        body = await read_object(request)
        members = body.get("members")
        if not isinstance(members, list) or not all(isinstance(member, int) for member in members):
            raise Refused("members must be a list of Telegram ids")
        kind = text_of(body, "type", "supergroup")
        chat = group_acts.make_group(
            self.world,
            text_of(body, "title"),
            "group" if kind == "group" else "supergroup",
            members,
            optional_number(body, "chat_id"),
            is_forum=bool(body.get("is_forum")),
            bot_is_admin=bool(body.get("bot_is_admin")),
        )
        return self._changed(chat)

    async def add_member(self, request: Request) -> JSONResponse:
        body = await read_object(request)
        telegram_id = number_of(body, "telegram_id")
        group_acts.add_member(self.world, path_number(request, "chat"), telegram_id)
        return self._changed(self.world.chat(path_number(request, "chat")), telegram_id)

    async def remove_member(self, request: Request) -> JSONResponse:
        telegram_id = request.path_params["person"]
        by = asked_number(request, "by", telegram_id)
        group_acts.remove_member(self.world, path_number(request, "chat"), telegram_id, by)
        return self._changed(self.world.chat(path_number(request, "chat")), telegram_id)

    async def bot_status(self, request: Request) -> JSONResponse:
        body = await read_object(request)
        group_acts.set_bot_status(self.world, path_number(request, "chat"), text_of(body, "status"))
        return self._changed(self.world.chat(path_number(request, "chat")))

    async def migrate(self, request: Request) -> JSONResponse:
        return JSONResponse(
            _group_json(group_acts.migrate(self.world, path_number(request, "chat")))
        )

    async def list_faults(self, request: Request) -> JSONResponse:
        rules = [fault.as_json() for fault in self.faults.all()]
        return JSONResponse({"faults": rules, "kinds": KINDS})

    async def add_fault(self, request: Request) -> JSONResponse:
        fault = self.faults.add(await read_object(request))
        self.world.events.publish("faults", {})
        return JSONResponse(fault.as_json())

    async def drop_faults(self, request: Request) -> JSONResponse:
        self.faults.remove()
        self.world.events.publish("faults", {})
        return await self.list_faults(request)

    async def drop_fault(self, request: Request) -> JSONResponse:
        self.faults.remove(request.path_params["fault"])
        self.world.events.publish("faults", {})
        return await self.list_faults(request)

    async def requests(self, request: Request) -> JSONResponse:
        asked: Callable[[str], str | None] = request.query_params.get
        return JSONResponse(
            self.journal.page(
                asked_number(request, "after", 0),
                _limit(request),
                asked("method"),
                asked("chat_id"),
            )
        )

    async def forget_requests(self, request: Request) -> JSONResponse:
        self.journal.clear()
        return JSONResponse({"requests": []})

    async def updates(self, request: Request) -> JSONResponse:
        """Every update that happened, how often it was handed out and what became of it."""
        after, limit = asked_number(request, "after", 0), _limit(request)
        self.world.updates.expire()
        rows = [update for update in self.world.updates.history if update.update_id > after]
        page = rows[:limit]
        return JSONResponse(
            {
                "updates": [update.as_listed() for update in page],
                "pending": len(self.world.updates.pending),
                "next_after": page[-1].update_id if page else after,
                "polling": self.world.updates.polling,
                "webhook": self.world.webhook.url or None,
            }
        )

    async def settings(self, request: Request) -> JSONResponse:
        return JSONResponse(self._settings())

    async def put_settings(self, request: Request) -> JSONResponse:
        """Flood limits, privacy mode and topics in private chats, while everything runs."""
        body = await read_object(request)
        for name, value in body.items():
            if name not in self._settings() or not isinstance(value, bool):
                raise Refused(f"{name} is not a switch; there are {', '.join(self._settings())}")
        world = self.world
        world.settings.strict_limits = body.get("strict_limits", world.settings.strict_limits)
        world.topics_in_private = body.get("topics_in_private", world.topics_in_private)
        world.reads_all_group_messages = body.get(
            "reads_all_group_messages", world.reads_all_group_messages
        )
        return JSONResponse(self._settings())

    async def reset(self, request: Request) -> JSONResponse:
        self.world.reset()
        self.faults.remove()
        self.journal.clear()
        return JSONResponse({"now": as_rfc3339(self.world.clock.now())})

    def _changed(self, chat: Chat, *others: int) -> JSONResponse:
        """Tell the pages of those concerned that their list of chats is another."""
        self.world.events.publish("chats", {"chat_id": chat.chat_id}, {*chat.members, *others})
        return JSONResponse(_group_json(chat))

    def _settings(self) -> Json:
        return {
            "strict_limits": self.world.settings.strict_limits,
            "reads_all_group_messages": self.world.reads_all_group_messages,
            "topics_in_private": self.world.topics_in_private,
        }


def _limit(request: Request) -> int:
    return min(max(asked_number(request, "limit", 100), 1), MOST_AT_ONCE)


def _group_json(chat: Chat) -> Json:
    return {
        "chat_id": chat.chat_id,
        "type": chat.type,
        "title": chat.title,
        "members": list(chat.members),
        "bot_status": chat.bot_status,
        "is_forum": chat.is_forum,
        "migrated_to": chat.migrated_to,
    }
