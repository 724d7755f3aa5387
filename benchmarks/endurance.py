"""Random keys, mouse events and resizes for a long time: python -m benchmarks.endurance --seconds 1200

Now and then the screen that came about by sending only what changed is compared with the same screen
drawn afresh. Memory is watched: after a warm-up it may only grow by the history of the run.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.terminal import Terminal, Timeout

KEYS = (
    *["right"] * 12, *["left"] * 6, "l", "h", "space", "backspace", *["down"] * 6, "up", "j", "k", "pagedown", "pageup",
    "[", "]", "home", "end", "a", "+", "-", "t", "t", "1", "2", "3", "4", "z", "z", "tab", "tab", "shift+tab",
    ".", ",", "x", "x", "enter", "enter", "escape", "escape", "escape", "g", "w", "p", "o", "s", "e", "i", "n", "N",
    "r", "?", "f1", "5", "7", "9", "0",
)  # fmt: skip
"""Every key but those that quit (the palette can too), suspend, start Keras or save a file."""

SIZES = ((80, 24), (120, 40), (200, 60), (100, 30), (60, 15), (79, 23), (40, 10), (161, 47))
BURST = 40
"""Events between two comparisons."""


PROGRAM = """
import asyncio, faulthandler, os, signal
os.chdir({folder!r})
def doing(number, frame):
    with open("doing.txt", "w") as file:
        faulthandler.dump_traceback(file)
        for task in asyncio.all_tasks():
            task.print_stack(file=file)
signal.signal(signal.SIGUSR1, doing)
from lrstep.cli import main
main()
"""


@dataclass
class Report:
    """What happened: events sent, comparisons made, memory in MB at each of them, and what went wrong."""

    events: int = 0
    compared: int = 0
    memory: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """MB between the end of the warm-up, a fifth of the time, and the largest figure after it."""
        after = self.memory[len(self.memory) // 5 :]
        return max(after) - after[0] if after else 0.0


def endure(seconds: float, seed: int, *arguments: str) -> Report:
    """Treat the stepper badly for so many seconds; the same seed sends the same events."""
    chance = random.Random(seed)
    report = Report()
    # Dialogs that write files do so in a folder that is thrown away.
    with tempfile.TemporaryDirectory() as folder:
        env = {"LRSTEP_STATE_DIR": folder, "COLORTERM": None, "LRSTEP_CONFIG": str(Path(folder) / "none.toml")}
        command = (sys.executable, "-c", PROGRAM.format(folder=folder), *arguments)
        with Terminal(command, size=(80, 24), env=env) as terminal:
            terminal.wait_for("teration", quiet=0.3)
            end = time.monotonic() + seconds
            while time.monotonic() < end and not report.wrong:
                for _ in range(BURST):
                    event(terminal, chance)
                    report.events += 1
                    terminal.pump(chance.choice((0, 0, 0.002, 0.02)))
                compare(terminal, report)
            if not report.wrong:
                leave(terminal, report)
            if report.wrong and terminal.poll() is None:
                terminal.kill(signal.SIGUSR1)  # what it is doing
                terminal.pump(0.5)
        for log in ("error.log", "doing.txt"):
            path = Path(folder) / log
            if path.exists() and path.stat().st_size:
                report.wrong.append(path.read_text(encoding="utf-8"))
    return report


def event(terminal: Terminal, chance: random.Random) -> None:
    """One key, a few at once, a mouse event or a resize."""
    kind = chance.random()
    # Not the last row: a click on the footer may quit.
    x, y = chance.randint(1, terminal.screen.columns), chance.randint(1, terminal.screen.lines - 1)
    if kind < 0.80:
        terminal.press(chance.choice(KEYS))
    elif kind < 0.88:
        # As a slow link or a paste brings them: in one piece.
        terminal.press(*chance.choices(KEYS, k=chance.randint(2, 6)))
    elif kind < 0.93:
        terminal.mouse_move(x, y)
    elif kind < 0.97:
        terminal.click(x, y)
    elif kind < 0.985:
        terminal.send(f"\x1b[<{chance.choice((64, 65))};{x};{y}M")
    else:
        terminal.resize(*chance.choice(SIZES))


def compare(terminal: Terminal, report: Report) -> None:
    """The screen as it came about against the same screen drawn afresh."""
    for _ in range(4):  # out of every dialog, out of playing, practising, the focus
        terminal.press("escape")
        terminal.settle(0.15)
    calm(terminal)
    size = terminal.screen.columns, terminal.screen.lines
    seen = terminal.cells
    for again in ((size[0] + 1, size[1]), size):
        written = len(terminal.output)
        terminal.resize(*again)
        # A busy machine may take its time until it begins to draw.
        for _ in range(50):
            if len(terminal.output) > written or terminal.poll() is not None:
                break
            terminal.pump(0.1)
        calm(terminal)
    fresh = terminal.cells
    if terminal.poll() is not None:
        ended = f"it ended with status {terminal.status} after {report.events} events"
        report.wrong.append(f"{ended}\n{terminal.said[-3000:]}")
        return
    report.compared += 1
    report.memory.append(resident(terminal.pid))
    if seen != fresh:
        y = next(y for y, (a, b) in enumerate(zip(seen, fresh, strict=True)) if a != b)
        lines = ["".join(cell.data for cell in row[y]) for row in (seen, fresh)]
        x = next(x for x, (a, b) in enumerate(zip(seen[y], fresh[y], strict=True)) if a != b)
        cells = f"first at column {x}: {seen[y][x]} instead of {fresh[y][x]}"
        where = f"after {report.events} events at {size} row {y} shows"
        report.wrong.append(f"{where}\n{lines[0]}\ninstead of\n{lines[1]}\n{cells}")


def calm(terminal: Terminal) -> None:
    """Wait until nothing is written and nothing computed: on a busy machine a pause alone says little."""
    while True:
        before = terminal.cpu_seconds()
        terminal.settle(0.3)
        if terminal.cpu_seconds() - before < 0.03:
            return


def leave(terminal: Terminal, report: Report) -> None:
    """Quit, and look at how it ended."""
    if terminal.poll() is None:
        terminal.resize(80, 24)
        terminal.press("escape")
        terminal.settle(0.3)
        terminal.press("ctrl+c")
        try:
            ended = terminal.wait_for_exit() == 0 and terminal.restored()
        except Timeout as error:
            report.wrong.append(str(error))
            return
        if not ended:
            report.wrong.append(f"it ended with status {terminal.status}, restored: {terminal.restored()}")


def resident(pid: int) -> float:
    """Resident memory in MB."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    report = endure(options.seconds, options.seed, "mlcc", "--epochs", "50")
    print(f"{report.events} events, {report.compared} comparisons")
    print(f"memory {report.memory[0]:.0f} → {report.memory[-1]:.0f} MB, after the warm-up {report.growth:+.1f} MB")
    tenth = max(1, len(report.memory) // 10)
    print("memory over time, MB:", *(f"{memory:.0f}" for memory in report.memory[::tenth]))
    print("\n".join(report.wrong) or "no exception; every screen equal to one drawn afresh")
    sys.exit(bool(report.wrong))


if __name__ == "__main__":
    main()
