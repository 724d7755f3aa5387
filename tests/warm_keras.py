"""A Python whose TensorFlow is loaded already: its processes are forked off one that has loaded it.

To load it takes two seconds of a processor, each of the many times that a test wants real Keras. The variable by which
a person names the Python with TensorFlow names this one; a test of how that process starts, and of what it inherits,
unsets it.
"""

import contextlib
import gc
import marshal
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from forked import put_in_place

VARIABLE = "LRSTEP_KERAS_PYTHON"
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}
ASKING = Path(__file__).with_name("ask_warm_keras.py")


@contextlib.contextmanager
def offered(folder: Path) -> Iterator[None]:
    """Name it in the environment; it loads TensorFlow when it is first asked."""
    program = folder / "python"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("")  # Linux finds a name, which is no path
        listening.listen(64)
        name = listening.getsockname()[1:].decode()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{ASKING}" "{name}" "$@"\n')
        program.chmod(0o755)
        server = subprocess.Popen(
            [sys.executable, __file__, str(listening.fileno())], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, pass_fds=[listening.fileno()], env=os.environ | QUIET,
            start_new_session=True,
        )  # fmt: skip
    os.environ[VARIABLE] = str(program)
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        server.communicate()


def serve(number: int) -> None:
    """Fork off a process for each that asks, until the standard input closes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    listening = socket.socket(fileno=number)
    while listening in select.select([listening, 0], [], [])[0]:
        _load()
        asker, _ = listening.accept()
        if not os.fork():
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listening.close()
            _attend(asker)
            return
        asker.close()


def _load() -> None:
    if "keras" not in sys.modules:
        gc.disable()
        import keras  # noqa: F401
        import tensorflow  # noqa: F401

        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        gc.enable()


def _attend(asker: socket.socket) -> None:
    """Do what is asked in a process; end it when the one who asks ends, and tell how it ended."""
    length, files, _, _ = socket.recv_fds(asker, 4, 3)
    wanted = asker.recv(int.from_bytes(length), socket.MSG_WAITALL)
    child = os.fork()
    if not child:
        asker.close()
        _become(files, *marshal.loads(wanted))
        return
    for file in files:
        os.close(file)
    with contextlib.suppress(OSError):  # who asks may have been ended meanwhile
        asker.sendall(f"{child}\n".encode())
    ended = os.pidfd_open(child)
    if ended not in select.select([ended, asker], [], [])[0]:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(OSError):
        asker.sendall(f"{status}\n".encode())
    os._exit(0)


def _become(files: list[int], arguments: list[str], cwd: str, env: dict[str, str]) -> None:
    os.setsid()
    put_in_place(files, cwd, env)
    sys.path.remove(str(Path(__file__).parent))
    sys.path[:0] = filter(None, env.get("PYTHONPATH", "").split(os.pathsep))
    if alone := arguments[0] == "-P":
        del arguments[0]
    if arguments[0] == "-c":
        sys.argv = ["-c", *arguments[2:]]
        exec(arguments[1], {"__name__": "__main__"})
        return
    sys.argv = arguments
    if not alone:
        sys.path.insert(0, str(Path(arguments[0]).parent.absolute()))
    runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
