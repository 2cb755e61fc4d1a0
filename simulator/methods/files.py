"""getFile: where a file can be fetched, for files of at most 20 MB."""

from __future__ import annotations

from typing import Any

from simulator.errors import bad_request
from simulator.files import MAX_DOWNLOAD
from simulator.methods.registry import Call, method
from simulator.parameters import STRING

Json = dict[str, Any]


@method("getFile", file_id=STRING)
async def get_file(call: Call) -> Json:
    file_id = call.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    stored = call.world.files.get(file_id)
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.data) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {**stored.as_file(), "file_path": stored.path}
