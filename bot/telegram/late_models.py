"""aiogram without its long start: each of its models is built when it is first used.

As it is imported, aiogram builds the validators of several hundred models, which costs two seconds
of every start and restart; we use a few dozen. Its models say themselves that they may be built
late (`defer_build`). What they lack for that are the names of each other, and these they get here.
"""

import sys
from typing import Any

from pydantic import BaseModel

_NAMES: dict[str, Any] = {}
"""Every model by its name, as aiogram gives them to each other."""
_REBUILD = "model_rebuild"
_build = vars(BaseModel)[_REBUILD].__func__


def _note(_model: type[BaseModel], /, **options: Any) -> None:
    _NAMES.update(options.get("_types_namespace") or {})


def _build_with_names(model: type[BaseModel], /, **options: Any) -> bool | None:
    options.pop("_parent_namespace_depth", None)
    built: bool | None = _build(model, **{"_types_namespace": _NAMES, **options})
    return built


def _take_in() -> None:
    if "aiogram" in sys.modules:
        return  # whoever was first has built them all
    usual = vars(BaseModel)[_REBUILD]
    setattr(BaseModel, _REBUILD, classmethod(_note))
    try:
        from aiogram.methods.base import Response, TelegramMethod
        from aiogram.types.base import TelegramObject
    finally:
        setattr(BaseModel, _REBUILD, usual)
    for family in (Response, TelegramMethod, TelegramObject):
        setattr(family, _REBUILD, classmethod(_build_with_names))


_take_in()
