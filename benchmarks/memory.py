"""Resident memory of one stepper, and of many open at once."""

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.programs import FLOOR, STEPPER
from benchmarks.terminal import Terminal

INSTANCES = 30
SECONDS = 5.0
BATCHES = 6
"""So many are started at a time."""


def megabytes(pid: int) -> dict[str, float]:
    """Resident memory: Rss all of it, Pss with shared pages divided among their users, Uss what is its own."""
    found: dict[str, float] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, amount, *_ = line.split()
        found[name[:-1]] = int(amount) / 1024
    return found | {"Uss": found["Private_Clean"] + found["Private_Dirty"]}


def quiet(terminals: list[Terminal], seconds: float) -> None:
    """Read from all of them until none has written for so long."""
    last = time.perf_counter()
    while time.perf_counter() - last < seconds:
        moved = [terminal.pump(0.001) for terminal in terminals]
        if any(moved):
            last = time.perf_counter()


def with_many(command: tuple[str, ...], look: Callable[[list[Terminal]], dict[str, float]]) -> dict[str, float]:
    """Open many terminals with the command, wait until all are painted, look, and close them."""
    with contextlib.ExitStack() as stack:
        opened: list[Terminal] = []
        for _ in range(0, INSTANCES, BATCHES):
            opened += [stack.enter_context(Terminal(command, size=(120, 40))) for _ in range(BATCHES)]
            while not all(b"teration" in terminal.output for terminal in opened):
                quiet(opened, 0.05)
            quiet(opened, 0.5)
        return look(opened)


def _look(opened: list[Terminal]) -> dict[str, float]:
    before = sum(terminal.cpu_seconds() for terminal in opened)
    start = time.perf_counter()
    written = sum(len(terminal.output) for terminal in opened)
    quiet(opened, SECONDS)
    elapsed = time.perf_counter() - start
    each = [megabytes(terminal.pid) for terminal in opened]
    found = {name: statistics.median(sizes[name] for sizes in each) for name in ("Rss", "Pss", "Uss")}
    found["cpu"] = (sum(terminal.cpu_seconds() for terminal in opened) - before) / elapsed / len(opened) * 100
    return found | {"bytes": sum(len(terminal.output) for terminal in opened) - written}


def measure() -> Iterator[Figure]:
    """Memory and CPU of 30 idle steppers beside 30 one-Static apps."""
    least, found = with_many(FLOOR, _look), with_many(STEPPER, _look)
    where = f"each of {INSTANCES} idle steppers"
    yield Figure(f"resident memory (RSS) of {where}", found["Rss"], "MB", least["Rss"])
    yield Figure(f"its share (PSS) of {where}", found["Pss"], "MB", least["Pss"])
    yield Figure(f"its own memory (USS) of {where}", found["Uss"], "MB", least["Uss"], most=80)
    yield Figure(f"CPU of {where}", found["cpu"], "%", least["cpu"], most=1)
    yield Figure(f"bytes written by {INSTANCES} idle steppers", found["bytes"], "B", most=0)
