"""An app that ends badly in every way, in the stepper's terminal layer: ``python ending_app.py FILE [DEADLINE]``.

Where a file beside FILE is called slow, keeping takes a moment, as on a busy disk.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.widgets import Static

from lrstep.tui.terminal import lifecycle
from lrstep.tui.terminal.driver import ThriftyDriver


class Panel(Static):
    broken = False

    def render(self):
        if self.broken:
            raise ValueError("broken panel")
        return f"ready {len(self.app.screen_stack)}"


class Ending(App):
    BINDINGS: ClassVar = [
        ("a", "fail", ""),
        ("p", "panel", ""),
        ("w", "worker", ""),
        ("t", "thread", ""),
        ("m", "timer", ""),
        ("e", "end", ""),
        ("b", "block", ""),
        ("s", "stop_in_a_write", ""),
        ("q", "quit", ""),
        ("ctrl+z", "suspend_process", ""),
    ]

    def on_mount(self):
        self.app_resume_signal.subscribe(self, lambda resumed: resumed.refresh(layout=True))

    def compose(self):
        yield Panel()

    def action_fail(self):
        raise ValueError("broken action")

    def action_panel(self):
        self.query_one(Panel).broken = True
        self.query_one(Panel).refresh()

    def action_worker(self):
        async def work():
            raise ValueError("broken worker")

        self.run_worker(work())

    def action_thread(self):
        def work():
            raise ValueError("broken thread")

        self.run_worker(work, thread=True)

    def action_timer(self):
        def tick():
            raise ValueError("broken timer")

        self.set_timer(0.01, tick)

    def action_end(self):
        def close():
            raise ValueError("broken end")

        self._driver.close = close
        self.exit()

    def action_stop_in_a_write(self):
        cells = self._driver.cells
        feed = cells.feed

        def stopped(data):
            cells.feed = feed
            os.kill(os.getpid(), signal.SIGTSTP)
            return feed(data)

        cells.feed = stopped
        self.bell()

    def action_block(self):
        time.sleep(600)


def keep():
    if Path(sys.argv[1]).with_name("slow").exists():
        time.sleep(0.3)
    with Path(sys.argv[1]).open("a") as file:
        file.write("kept\n")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        lifecycle.DEADLINE = float(sys.argv[2])
    sys.exit(lifecycle.run(Ending(ThriftyDriver), keep))
