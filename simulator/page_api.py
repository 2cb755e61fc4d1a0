"""`/sim/people`, `/sim/chats`, `/sim/events`: everything the chat page shows and does.

The page is a person's Telegram: it reads what that person would see and acts as that person. Tests
use the same doors, so that a test and a visitor of the demo cannot do different things.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from simulator import people_acts
from simulator.chats import Chat
from simulator.errors import Refused
from simulator.files import StoredFile
from simulator.json_door import (
    asked_number,
    number_of,
    optional_number,
    path_number,
    read_json,
    read_object,
    text_of,
)
from simulator.messages import StoredMessage
from simulator.people import person_from_json
from simulator.world import World

Json = dict[str, Any]

LARGEST_FILE = 200 * 1024 * 1024


class PageApi:
    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> list[Route]:
        chat = "/sim/people/{person:int}/chats/{chat}"
        return [
            Route("/sim/people", self.people),
            Route("/sim/people", self.put_people, methods=["POST"]),
            Route("/sim/people/{person:int}/chats", self.chats),
            Route(f"{chat}/messages", self.write, methods=["POST"]),
            Route(f"{chat}/messages/{{message:int}}", self.edit, methods=["PUT"]),
            Route(f"{chat}/messages/{{message:int}}", self.take_back, methods=["DELETE"]),
            Route(f"{chat}/topics/{{thread:int}}", self.delete_topic, methods=["DELETE"]),
            Route(f"{chat}/read", self.read, methods=["POST"]),
            Route("/sim/people/{person:int}/press", self.press, methods=["POST"]),
            Route("/sim/people/{person:int}/press/{query}", self.press_state),
            Route("/sim/people/{person:int}/block", self.block, methods=["POST"]),
            Route("/sim/people/{person:int}/deactivate", self.deactivate, methods=["POST"]),
            Route("/sim/chats/{chat}/messages", self.messages),
            Route("/sim/files/{file_id}", self.file),
            Route("/sim/commands", self.commands),
            Route("/sim/events", self.events),
        ]

    async def people(self, request: Request) -> JSONResponse:
        return JSONResponse([person.as_listed() for person in self.world.people.values()])

    async def put_people(self, request: Request) -> JSONResponse:
        rows = await read_json(request)
        people = [person_from_json(row) for row in (rows if isinstance(rows, list) else [rows])]
        for person in people:
            self.world.put_person(person)
        self.world.show_people([person.telegram_id for person in people])
        return JSONResponse([person.as_listed() for person in people])

    async def chats(self, request: Request) -> JSONResponse:
        person = self.world.person(request.path_params["person"])
        chats = [
            self._listed(chat, person.telegram_id, person.unread.get(chat.chat_id, 0))
            for chat in self.world.chats.values()
            if person.telegram_id in chat.members and chat.migrated_to is None
        ]
        return JSONResponse(chats)

    async def messages(self, request: Request) -> JSONResponse:
        chat = self.world.chat(path_number(request, "chat"))
        viewer = asked_number(request, "viewer", 0)
        if viewer:
            self._check_member(viewer, chat)
            self._mark_read(viewer, chat)
        after = asked_number(request, "after", 0)
        return JSONResponse(self._shown(self.world.messages.in_chat(chat.chat_id, after)))

    async def write(self, request: Request) -> JSONResponse:
        person, chat_id = request.path_params["person"], path_number(request, "chat")
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            sent = await self._attach(request, person, chat_id)
        else:
            body = await read_object(request)
            kind = next((name for name in people_acts.SHARED if name in body), None)
            if kind is not None:
                sent = [people_acts.share(self.world, person, chat_id, kind, body[kind])]
            else:
                sent = people_acts.say(
                    self.world,
                    person,
                    chat_id,
                    text_of(body, "text"),
                    optional_number(body, "reply_to"),
                    text_of(body, "forward_from_name", "") or None,
                    optional_number(body, "message_thread_id"),
                )
        return JSONResponse({"messages": self._shown(sent)})

    async def edit(self, request: Request) -> JSONResponse:
        body = await read_object(request)
        message = people_acts.edit(
            self.world,
            request.path_params["person"],
            path_number(request, "chat"),
            request.path_params["message"],
            text_of(body, "text"),
        )
        return JSONResponse(self.world.as_shown(message))

    async def take_back(self, request: Request) -> JSONResponse:
        person, chat_id = request.path_params["person"], path_number(request, "chat")
        people_acts.take_back(self.world, person, chat_id, request.path_params["message"])
        return JSONResponse({"deleted": True})

    async def delete_topic(self, request: Request) -> JSONResponse:
        person, chat_id = request.path_params["person"], path_number(request, "chat")
        people_acts.delete_topic(self.world, person, chat_id, request.path_params["thread"])
        return JSONResponse({"deleted": True})

    async def read(self, request: Request) -> JSONResponse:
        chat = self.world.chat(path_number(request, "chat"))
        self._check_member(request.path_params["person"], chat)
        self._mark_read(request.path_params["person"], chat)
        return JSONResponse({"unread": 0})

    async def press(self, request: Request) -> JSONResponse:
        body = await read_object(request)
        pressed = people_acts.press(
            self.world,
            request.path_params["person"],
            number_of(body, "chat_id"),
            number_of(body, "message_id"),
            text_of(body, "data"),
        )
        return JSONResponse({"query_id": pressed.query_id})

    async def press_state(self, request: Request) -> JSONResponse:
        query_id = request.path_params["query"]
        state = self.world.presses.state_of(query_id, request.path_params["person"])
        if state is None:
            raise Refused(f"there was no press {query_id}", status=404)
        return JSONResponse(state)

    async def block(self, request: Request) -> JSONResponse:
        body = await read_object(request)
        if not isinstance(body.get("blocked"), bool):
            raise Refused("blocked must be true or false")
        telegram_id = request.path_params["person"]
        people_acts.block(self.world, telegram_id, body["blocked"])
        return JSONResponse(self.world.person(telegram_id).as_listed())

    async def deactivate(self, request: Request) -> JSONResponse:
        """The person deletes the account."""
        person = self.world.person(request.path_params["person"])
        person.deactivated = True
        self.world.show_people([person.telegram_id])
        return JSONResponse(person.as_listed())

    async def file(self, request: Request) -> Response:
        stored = self.world.files.get(request.path_params["file_id"])
        if stored is None:
            raise Refused("there is no such file", status=404)
        headers = {"Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
        if stored.kind == "document":
            headers["Content-Disposition"] = "attachment"
        return Response(stored.data, media_type=_media_type(stored), headers=headers)

    async def commands(self, request: Request) -> JSONResponse:
        telegram_id = asked_number(request, "telegram_id", 0)
        person = self.world.person(telegram_id)
        chat = self.world.chat(asked_number(request, "chat_id", telegram_id))
        return JSONResponse(self.world.commands.shown_to(telegram_id, person.language, chat))

    async def events(self, request: Request) -> StreamingResponse:
        viewer = asked_number(request, "viewer", 0) or None
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(
            self.world.events.listen(viewer), media_type="text/event-stream", headers=headers
        )

    async def _attach(self, request: Request, person: int, chat_id: int) -> list[StoredMessage]:
        async with request.form(max_files=20, max_part_size=1024 * 1024) as form:
            fields = {key: value for key, value in form.items() if isinstance(value, str)}
            uploads = [value for value in form.getlist("file") if isinstance(value, UploadFile)]
            kind = people_acts.file_kind(fields.get("kind", "document"))
            files: list[StoredFile] = []
            for upload in uploads:
                data = await upload.read()
                if len(data) > LARGEST_FILE:
                    raise Refused("this stage takes files of at most 200 MB", status=413)
                name, mime = upload.filename or kind, upload.content_type or ""
                files.append(self.world.files.add(kind, data, name, mime))
        return people_acts.attach(
            self.world,
            person,
            chat_id,
            files,
            fields.get("caption", ""),
            optional_number(fields, "reply_to"),
            fields.get("forward_from_name") or None,
            optional_number(fields, "duration") or 0,
            optional_number(fields, "message_thread_id"),
        )

    def _listed(self, chat: Chat, viewer: int, unread: int) -> Json:
        last = self.world.messages.last(chat.chat_id)
        title = self.world.name_of(self.world.bot_id) if chat.is_private else chat.title
        return {
            "chat_id": chat.chat_id,
            "type": chat.type,
            "title": title,
            "members": list(chat.members),
            "bot_status": chat.bot_status,
            "topics": [
                {"thread_id": topic.thread_id, "name": topic.name} for topic in chat.topics.values()
            ],
            "last_message": self.world.as_shown(last) if last is not None else None,
            "unread": unread,
        }

    def _check_member(self, telegram_id: int, chat: Chat) -> None:
        self.world.person(telegram_id)
        if telegram_id not in chat.members:
            raise Refused(f"{telegram_id} is not in chat {chat.chat_id}", status=404)

    def _mark_read(self, telegram_id: int, chat: Chat) -> None:
        person = self.world.person(telegram_id)
        if person.unread.pop(chat.chat_id, 0):
            self.world.show_people([telegram_id])

    def _shown(self, messages: Iterable[StoredMessage]) -> list[Json]:
        return [self.world.as_shown(message) for message in messages]


def _media_type(stored: StoredFile) -> str:
    """Never a type that a browser would run as a page of ours."""
    kind = stored.mime_type
    if stored.kind == "photo":
        return kind if kind.startswith("image/") and "svg" not in kind else "image/jpeg"
    if stored.kind == "voice":
        return kind if kind.startswith("audio/") else "audio/ogg"
    return "application/octet-stream" if "html" in kind or "svg" in kind or "xml" in kind else kind
