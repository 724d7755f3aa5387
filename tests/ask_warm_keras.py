"""Stands for a process of warm_keras.py, which does what this one is asked; imports little, to be there at once."""

import marshal
import os
import signal
import socket
import sys


def ask(name: str, arguments: list[str]) -> None:
    """Have it done, pass signals on, and end as it ends."""
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(f"\0{name}")
        wanted = marshal.dumps((arguments, os.getcwd(), dict(os.environ)))  # noqa: PTH109 - pathlib takes longer
        socket.send_fds(server, [len(wanted).to_bytes(4)], [0, 1, 2])
        server.sendall(wanted)
        with server.makefile() as said:
            child = int(said.readline())
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda number, _: os.kill(child, number))
            status = int(said.readline())
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    ask(sys.argv[1], sys.argv[2:])
