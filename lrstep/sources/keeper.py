"""The place in a run, kept while the run is open: a process that is killed loses seconds of it, not all."""

import contextlib
import threading
from collections.abc import Callable, Iterator

from lrstep.errors import LrstepError
from lrstep.sources import lesson_progress, resume
from lrstep.sources.runfile import RunFile

EVERY = 1.0
"""Seconds between two looks whether there is something new to keep."""

PATIENCE = 1.0
"""Seconds that the last keeping waits for one that hangs."""


class Keeper:
    """Keeps a run whenever it has changed, and knows why it could not.

    Args:
        run: gives the run as it is now, or None while it is on the way to its first place; called in whatever
            thread keeps it.
        told: hears once, in that thread, when trouble begins.

    Attributes:
        trouble: why the run was not kept the last time; empty where it was.
    """

    def __init__(self, run: Callable[[], RunFile | None], told: Callable[[str], None]) -> None:
        self.trouble = ""
        self._run = run
        self._told = told
        self._kept: RunFile | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()

    def keep(self, anew: bool = False) -> None:
        """Keep the run if it has changed; nothing is raised.

        Args:
            anew: keep it also where it has not changed: another lrstep may have kept its own meanwhile.
        """
        if not self._lock.acquire(timeout=PATIENCE):
            self.trouble = "the disk does not answer"
            return
        before = self.trouble
        try:
            run = self._run()
            if run is not None and (anew or before or run != self._kept):
                resume.keep(run)
                lesson_progress.keep(run)
                self._kept, self.trouble = run, ""
        except LrstepError as error:
            self.trouble = error.message
        except Exception as error:  # whatever it is must neither end the run nor stand in the way of an end
            self.trouble = f"{type(error).__name__}: {error}"
        finally:
            self._lock.release()
        if self.trouble and not before:
            self._told(f"The place is not kept for --resume: {self.trouble}.")

    def at_the_end(self) -> str:
        """Keep the run a last time.

        Returns:
            What a person is to know about it, empty if all is well.
        """
        self._over.set()
        self._told = lambda message: None
        self.keep(anew=True)
        return f"the place was not kept for --resume: {self.trouble}" if self.trouble else ""

    @contextlib.contextmanager
    def now_and_then(self) -> Iterator[None]:
        """Keep it every second in which it changed, in a thread, so that a slow disk holds up nothing."""
        threading.Thread(target=self._keep_on, name="lrstep-keeper", daemon=True).start()
        try:
            yield
        finally:
            self._over.set()

    def _keep_on(self) -> None:
        while not self._over.wait(EVERY):
            with contextlib.suppress(RuntimeError):  # who is told may be about to end
                self.keep()
