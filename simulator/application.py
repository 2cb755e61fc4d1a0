"""The whole stage as one ASGI application: the bot's door, the page's doors, the page.

Paths that begin with `/bot` or `/file/bot` never see the framework; they are the ones under load.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simulator.bot_api import BotApi
from simulator.control_api import ControlApi
from simulator.errors import ApiError, Refused
from simulator.json_door import refused, refused_by_telegram
from simulator.page_api import PageApi
from simulator.wire import Receive, Scope, Send

PAGE = Path(__file__).parent / "page"


class Application:
    def __init__(self, bot_api: BotApi) -> None:
        self._bot_api = bot_api
        page_api = PageApi(bot_api.world)
        control_api = ControlApi(bot_api.world, bot_api.faults, bot_api.journal)
        self._rest = Starlette(
            routes=[
                *page_api.routes(),
                *control_api.routes(),
                Route("/", _page),
                Mount("/page", StaticFiles(directory=PAGE, check_dir=False)),
            ],
            exception_handlers={Refused: refused, ApiError: refused_by_telegram},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith(("/bot", "/file/bot")):
            await self._bot_api(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


async def _page(request: Request) -> Response:
    index = PAGE / "index.html"
    if not index.is_file():
        return RedirectResponse("/sim/people")
    return FileResponse(index, headers={"Cache-Control": "no-cache"})


def as_asgi(application: Application) -> Any:
    """uvicorn names ASGI's types differently from Starlette; they are the same callables."""
    return application
