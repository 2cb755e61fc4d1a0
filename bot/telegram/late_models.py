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
_build = BaseModel.model_rebuild.__func__  # type: ignore[attr-defined]  # a classmethod has one


def _note(_model: type[BaseModel], /, **options: Any) -> None:
    _NAMES.update(options.get("_types_namespace") or {})


def _build_with_names(model: type[BaseModel], /, **options: Any) -> bool | None:
    options.pop("_parent_namespace_depth", None)
    built: bool | None = _build(model, **{"_types_namespace": _NAMES, **options})
    return built


def _take_in() -> None:
    if "aiogram" in sys.modules:
        return  # whoever was first has built them all
    usual = BaseModel.model_rebuild
    BaseModel.model_rebuild = classmethod(_note)  # type: ignore[assignment, method-assign]
    try:
        from aiogram.methods.base import Response, TelegramMethod
        from aiogram.types.base import TelegramObject
    finally:
        BaseModel.model_rebuild = usual  # type: ignore[method-assign]
    for family in (Response, TelegramMethod, TelegramObject):
        family.model_rebuild = classmethod(_build_with_names)  # type: ignore[assignment, method-assign]


_take_in()
