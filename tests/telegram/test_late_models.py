"""aiogram's models are built when they are used, and are the same models then."""

import json
import subprocess
import sys

_LATE = "from bot.telegram import late_models\n"
_SAME = """
import json
from aiogram.client.session.base import Response
from aiogram.methods import GetUpdates, SendDocument, SendMessage, SetMyCommands
from aiogram.types import (BotCommand, BotCommandScopeChat, InlineKeyboardButton,
                           InlineKeyboardMarkup, Update)

update = {"update_id": 1, "callback_query": {
    "id": "7", "chat_instance": "1", "data": "pay",
    "from": {"id": 5, "is_bot": False, "first_name": "Li", "unknown": 1},
    "message": {"message_id": 9, "date": 0, "chat": {"id": 5, "type": "private"},
                "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 2}],
                "reply_to_message": {"message_id": 8, "date": 0,
                                     "chat": {"id": 5, "type": "private"}, "text": "hi"}}}}
rows = [[InlineKeyboardButton(text="a", callback_data="b")]]
methods = [
    SendMessage(chat_id=1, text="x", reply_markup=InlineKeyboardMarkup(inline_keyboard=rows)),
    SendDocument(chat_id=1, document="file"),
    SetMyCommands(commands=[BotCommand(command="a", description="b")],
                  scope=BotCommandScopeChat(chat_id=3)),
]
answer = json.dumps({"ok": True, "result": [update]})
try:
    Update.model_validate({"update_id": "no number"})
except ValueError as error:
    refused = str(error)
print(json.dumps([
    Update.model_validate(update).model_dump(mode="json", exclude_none=True),
    [repr(one) for one in methods],
    repr(Response[GetUpdates.__returning__].model_validate_json(answer)),
    refused,
    {name: repr(field.annotation) for name, field in Update.model_fields.items()},
]))
"""


def _run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_models_that_are_built_late_read_write_and_refuse_as_always() -> None:
    assert json.loads(_run(_LATE + _SAME)) == json.loads(_run(_SAME))


def test_a_start_builds_only_what_it_uses() -> None:
    counted = (
        "from aiogram.types.base import TelegramObject\n"
        "def all_of(model):\n"
        "    return [model, *(one for sub in model.__subclasses__() for one in all_of(sub))]\n"
        "every = all_of(TelegramObject)\n"
        "print(sum(one.__pydantic_complete__ for one in every), len(every))"
    )
    built, every = map(int, _run(_LATE + counted).split())
    assert built < every / 10
