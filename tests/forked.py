"""``lrstep`` in a process of its own that need not import all of it: it is forked off one that has.

Only what Python does before ``lrstep`` begins is left out; tests of that, or of what Python makes of its environment
when it starts, start a process themselves.
"""

import atexit
import contextlib
import ctypes
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TextIO

IMPORTED = ("lrstep.cli", "lrstep.export.tables", "lrstep.plain.conversation", "lrstep.why.ask_why")
ON_A_SCREEN = ("lrstep.cli.opening", "lrstep.tui.launch", "lrstep.sources.resume", "lrstep.tui.charts.fit_chart")
PATIENCE = 120
SUBREAPER = 36
"""The option of prctl by which orphans become children of this process."""


def run(*arguments: object, input: str = "", **options: object) -> subprocess.CompletedProcess[str]:
    """Run it to its end.

    Args:
        arguments: of the command line.
        input: what it reads from its standard input.
        options: cwd and env, as for :func:`subprocess.run`.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{name}" for name in ("in", "out", "err")]
        Path(files[0]).write_text(input, encoding="utf-8")
        cwd, env = str(options.get("cwd") or Path.cwd()), dict(options.get("env") or os.environ)
        status = _ask(
            _server(IMPORTED), arguments=["-m", "lrstep", *map(str, arguments)], files=files, cwd=cwd, env=env
        )
        out, err = (Path(file).read_text(encoding="utf-8") for file in files[1:])
    return subprocess.CompletedProcess(list(arguments), status, out, err)


def spawn(command: Sequence[str], tty: str, env: Mapping[str, str]) -> int:
    """Start ``python -m lrstep`` or ``python SCRIPT`` on a terminal; its process is a child of this one."""
    assert command[0] == sys.executable
    prctl = ctypes.CDLL(None).prctl
    prctl(SUBREAPER, 1)
    try:
        return _ask(_server(ON_A_SCREEN), arguments=command[1:], tty=tty, cwd=str(Path.cwd()), env=dict(env))
    finally:
        prctl(SUBREAPER, 0)


def _ask(talk: TextIO, **what: object) -> int:
    talk.write(json.dumps(what) + "\n")
    talk.flush()
    return int(talk.readline())


@cache
def _server(imported: Sequence[str]) -> TextIO:
    ours, theirs = socket.socketpair()
    server = subprocess.Popen(
        [sys.executable, "-P", __file__, str(theirs.fileno()), *imported],
        pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
    )  # fmt: skip
    theirs.close()
    talk = ours.makefile("rw", encoding="utf-8")

    def end() -> None:
        ours.shutdown(socket.SHUT_RDWR)
        server.wait()

    atexit.register(end)
    return talk


def _serve(number: int, imported: Sequence[str]) -> None:
    for name in imported:
        __import__(name)
    gc.freeze()
    link = socket.socket(fileno=number)
    with link.makefile("rw", encoding="utf-8") as talk:
        for line in talk:
            asked = json.loads(line)
            told, tell = os.pipe()
            if not (child := os.fork()):
                # What is forked off a process that ends at once is an orphan, and so a child of who asks.
                if "tty" in asked and (orphan := os.fork()):
                    os.write(tell, str(orphan).encode())
                    os._exit(0)
                for end in (link.detach(), number, told, tell):
                    with contextlib.suppress(OSError):
                        os.close(end)
                _become(**asked)
                return
            os.close(tell)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            talk.write(f"{os.read(told, 20).decode() or status}\n")
            talk.flush()
            os.close(told)


def _become(arguments: list[str], cwd: str, env: dict[str, str], files: Sequence[str] = (), tty: str = "") -> None:
    if tty:
        os.setsid()
        files = [tty] * 3
    else:
        signal.alarm(PATIENCE)
    flags = [os.O_RDWR] * 3 if tty else [os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2]
    put_in_place([os.open(file, how, 0o600) for file, how in zip(files, flags, strict=True)], cwd, env)
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


def put_in_place(files: Sequence[int], cwd: str, env: Mapping[str, str]) -> None:
    """Give a forked process the files, the folder and the environment with which another would have been started."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    streams = ("stdin", "r", None), ("stdout", "w", None), ("stderr", "w", "backslashreplace")
    for number, (name, mode, errors) in enumerate(streams):
        stream = os.fdopen(number, mode, encoding="utf-8", errors=errors, closefd=False)  # as Python makes them
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2:])
