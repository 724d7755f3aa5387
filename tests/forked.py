"""``lrstep`` in a process of its own that need not import all of it: it is forked off one that has.

Only what Python does before ``lrstep`` begins is left out; tests of that start a process themselves.
"""

import atexit
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

IMPORTED = ("lrstep.cli", "lrstep.export.tables", "lrstep.plain.conversation", "lrstep.why.ask_why")
PATIENCE = 120


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
        asked = {"arguments": list(map(str, arguments)), "files": files, "cwd": str(options.get("cwd") or Path.cwd())}
        talk = _server()
        talk.write(json.dumps(asked | {"env": dict(options.get("env") or os.environ)}) + "\n")
        talk.flush()
        status = int(talk.readline())
        out, err = (Path(file).read_text(encoding="utf-8") for file in files[1:])
    return subprocess.CompletedProcess(list(arguments), status, out, err)


@cache
def _server():
    ours, theirs = socket.socketpair()
    server = subprocess.Popen(
        [sys.executable, "-P", __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
    )
    theirs.close()
    talk = ours.makefile("rw", encoding="utf-8")

    def end() -> None:
        ours.shutdown(socket.SHUT_RDWR)
        server.wait()

    atexit.register(end)
    return talk


def _serve(number: int) -> None:
    for name in IMPORTED:
        __import__(name)
    link = socket.socket(fileno=number)
    with link.makefile("rw", encoding="utf-8") as talk:
        for line in talk:
            if not (child := os.fork()):
                link.detach()
                os.close(number)
                _become(**json.loads(line))
                return
            talk.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
            talk.flush()


def _become(arguments: list[str], files: list[str], cwd: str, env: dict[str, str]) -> None:
    signal.alarm(PATIENCE)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    for number, (file, flags) in enumerate(zip(files, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        os.dup2(os.open(file, flags, 0o600), number)
    sys.argv = ["lrstep", *arguments]
    runpy.run_module("lrstep", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
