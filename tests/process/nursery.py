"""Bots by the dozen: one process loads libraries and words once, and every bot is a fork of it.

Loading takes a bot seconds, its work between two kills a part of one. From the fork on each is a
process of its own that runs `remindful run` as if it had been started so.

async with nursery() as bots:
    process = await bots.start(folder, log, env)
"""

import asyncio
import importlib
import json
import os
import select
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

_STRICT = [sys.executable, "-W", "error", "-m", "tests.process.nursery"]
_ROOT = Path(__file__).parents[2]


class Started:
    """A process as asyncio has them, as far as tests ask."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def returncode(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    def ended(self, code: int) -> None:
        self._ended.set_result(code)


class Nursery:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._started: asyncio.Queue[Started] = asyncio.Queue()
        self._running: dict[int, Started] = {}

    async def start(self, folder: Path, log: Path, env: Mapping[str, str]) -> Started:
        """A bot with these settings; what it prints is added to `log`."""
        asked = json.dumps({"folder": str(folder), "log": str(log), "env": dict(env)})
        assert self._process.stdin is not None
        self._process.stdin.write(f"{asked}\n".encode())
        return await self._started.get()

    async def listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            pid, *code = json.loads(line)
            if code:
                self._running.pop(pid).ended(code[0])
            else:
                self._running[pid] = Started(pid)
                self._started.put_nowait(self._running[pid])

    def kill_all(self) -> None:
        for one in self._running.values():
            one.kill()


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """Everything that it started is gone afterwards."""
    process = await asyncio.create_subprocess_exec(
        *_STRICT, cwd=_ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()  # everything is loaded
    bots = Nursery(process)
    listening = asyncio.create_task(bots.listen())
    try:
        yield bots
    finally:
        bots.kill_all()
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening


def _serve() -> None:
    """A line out when everything is loaded. Then a line in: what to start, and out: [pid] when it
    was, [pid, code] when it has ended."""
    from bot import cli
    from bot.understanding import learn
    from scripts_library.library import Library

    for loaded_before_anybody_asks in ("bot.commands.running", "bot.beginning", "bot.application"):
        importlib.import_module(loaded_before_anybody_asks)
    learn(rest=0)
    with mock.patch.object(Library, "load", return_value=Library.load()):
        _say()
        _start_what_is_asked_for(cli.main)


def _start_what_is_asked_for(main: Callable[[], None]) -> None:
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    alive = 0
    more, seen = True, b""
    while more or alive:
        ready, _, _ = select.select([woken, *([0] if more else [])], [], [])
        if 0 in ready:
            read = os.read(0, 65_536)
            more = bool(read)
            *lines, seen = (seen + read).split(b"\n")
            for line in lines:
                _say(_fork(json.loads(line), main))
                alive += 1
        if woken in ready:
            os.read(woken, 65_536)
        while alive and (ended := os.waitpid(-1, os.WNOHANG))[0]:
            alive -= 1
            _say(ended[0], os.waitstatus_to_exitcode(ended[1]))


def _say(*told: int) -> None:
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


def _fork(asked: dict[str, Any], main: Callable[[], None]) -> int:
    pid = os.fork()
    if not pid:
        _become_a_bot(asked, main)
    return pid


def _become_a_bot(asked: dict[str, Any], main: Callable[[], None]) -> NoReturn:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, theirs)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["remindful", "run"]
    code = 70
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
