"""The Keras check, asked for and waited for. What it needs is imported when it is turned on."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from lrstep.core.run import Run
from lrstep.errors import LrstepError

if TYPE_CHECKING:
    import asyncio

    from lrstep.check.book import CheckBook
    from lrstep.check.client import KerasClient
    from lrstep.check.quantity import Quantity
    from lrstep.check.verdict import StepVerdict

AT_ONCE = 16
_PORTION = 256
_REPORTED = 1024


class Check:
    """Has Keras check steps of a run, in a process that lives until :meth:`stop`.

    Args:
        say: says a line.
        flush: lets it be read before a wait.
        precision: ``float32`` or ``float64``.

    Attributes:
        book: the verdicts of the present run; None while the check is off.
    """

    def __init__(self, say: Callable[..., None], flush: Callable[[], None], precision: str) -> None:
        self.precision = precision
        self.book: CheckBook | None = None
        self._say = say
        self._flush = flush
        self._run: Run | None = None
        self._runner: asyncio.Runner | None = None
        self._client: KerasClient | None = None

    def start(self, run: Run) -> bool:
        """Turn the check on; whether Keras runs. It says why if not."""
        if self._client is None:
            import asyncio

            from lrstep.check.client import KerasClient, refuse_dialects

            try:
                refuse_dialects(run.settings)
            except LrstepError as error:
                self._fail(error)
                return False
            self._say(f"Keras is starting, in {self.precision}; that takes a few seconds.")
            self._flush()
            self._runner = asyncio.Runner()
            self._client = KerasClient(self.precision)
            try:
                self._runner.run(self._client.start())
            except LrstepError as error:
                self._fail(error)
                return False
        self.use(run)
        return True

    def use(self, run: Run) -> None:
        """Check another run from now on, if the check is on."""
        if self._client is not None:
            from lrstep.check.book import CheckBook

            self._run, self.book = run, CheckBook(run.n_iterations)

    def stop(self) -> None:
        """Turn the check off; no process is left."""
        client, self._client, self.book = self._client, None, None
        runner, self._runner = self._runner, None
        if runner is not None:
            # Nobody waits any more for what was under way; a signal may have ended it in the middle.
            runner.get_loop().set_exception_handler(lambda loop, context: None)
            if client is not None:
                runner.run(client.stop())
            runner.close()

    def around(self, number: int) -> "list[StepVerdict]":
        """Check the step and those near it that have no verdict yet, in their order."""
        return self._take(self.book.pending(max(number, 1), AT_ONCE)) if self.book else []

    def all(self) -> None:
        """Check every step that has no verdict yet; say how far it is and which differ."""
        told = 0
        while self.book and (numbers := self.book.pending(1, _PORTION)) and not self.book.complete:
            for verdict in self._take(numbers):
                if verdict.outcome == "differs":
                    self._say(*in_words(verdict))
            if self.book and self.book.checked - told >= _REPORTED:
                told = self.book.checked
                self._say(self.summary)
                self._flush()

    def verdict(self, number: int) -> "StepVerdict | None":
        """The verdict on a step, which is checked now if it was not yet; None if the check is off or fails."""
        if self.book is None or not number:
            return None
        if self.book.verdict(number) is None:
            self.around(number)
        return self.book.verdict(number) if self.book else None

    @property
    def summary(self) -> str:
        """How many steps are checked and confirmed."""
        book = self.book
        if book is None:
            return "The Keras check is off."
        more = f", {book.differing} differ" if book.differing else ""
        more += f", {book.undecided} cannot be decided in {self.precision}" if book.undecided else ""
        if book.complete:
            return f"Keras confirms {book.confirmed} of the run's {book.n_iterations} steps{more}."
        return (
            f"Keras confirms {book.confirmed} of {book.checked} checked steps{more}; the run has {book.n_iterations}."
        )

    def _take(self, numbers: list[int]) -> "list[StepVerdict]":
        if self._runner is None or self._client is None or self._run is None or self.book is None:
            return []
        try:
            verdicts = self._runner.run(self._client.check(self._run, numbers))
        except LrstepError as error:
            self._fail(error)
            return []
        for verdict in verdicts:
            self.book.record(verdict)
        return sorted(verdicts, key=lambda verdict: verdict.iteration)

    def _fail(self, error: LrstepError) -> None:
        self._say(f"Keras cannot check: {error.message}", *error.hint.splitlines())
        self.stop()


def in_words(verdict: "StepVerdict") -> list[str]:
    """A verdict on one line; a step that differs has one more for each number that does."""
    worst = verdict.worst
    match verdict.outcome:
        case "confirmed":
            share = f"; {worst.label} uses {worst.share:.0%} of its bound" if worst.share else ""
            return [f"Iteration {verdict.iteration}: confirmed by Keras{share}"]
        case "undecided":
            return [f"Iteration {verdict.iteration}: cannot be decided in {verdict.precision}"]
    wrong = [quantity for quantity in verdict.quantities if quantity.outcome == "differs"]
    return [f"Iteration {verdict.iteration}: DIFFERS from Keras", *map(quantity_in_words, wrong)]


def quantity_in_words(quantity: "Quantity") -> str:
    """One number of a step: what Keras has, what lrstep has, how far apart they are and may be."""
    said = {"confirmed": "confirmed", "differs": "DIFFERS", "undecided": "cannot be decided"}[quantity.outcome]
    return (
        f"{quantity.label}: {said}; Keras {quantity.keras!r}, lrstep {quantity.engine!r}, "
        f"difference {quantity.difference:.3g}, bound {quantity.bound:.3g}"
    )
