"""Questions in plain mode: explanations, why, the Keras check, practice."""

import time
from typing import TYPE_CHECKING

from lrstep.core.iteration import Phase
from lrstep.core.position import position_text
from lrstep.errors import LrstepError
from lrstep.plain.talk import PATIENCE, Commands, Talk
from lrstep.plain.voice import WIDTH
from lrstep.session.check_sentences import in_words, quantity_in_words

if TYPE_CHECKING:
    from lrstep.formulas.explanation import Explanation

_TERMS = 8
"""So many terms of a sum are said unless all are asked for."""


class Questions(Commands):
    """The commands that look into an iteration."""

    # --- explanations ----------------------------------------------------------------------------

    def do_explain(self, rest: str) -> None:
        """The arithmetic of this phase, or of a quantity that was named, in full precision."""
        from lrstep.formulas.explain import explain, quantities_of

        words = rest.split()
        everything = bool(words) and words[-1].lower() == "all"
        name = " ".join(words[: -1 if everything else None])
        phase, quantity = self._meant(name)
        e = explain(self._session.run, self._session.run.iteration(max(self._session.number, 1)), phase, quantity)
        self._say(f"{e.title}.", *e.lines())
        if e.result:
            self._say(f"Result: {e.result}")
        if e.keras:
            self._say(f"Keras, as it ran: {e.keras}")
        for origin in e.sources:
            if origin.iteration is None or origin.phase is None:
                self._say(f"From {origin.label}")
            else:
                self._say(f"From {origin.label}: g {position_text(origin.iteration, origin.phase)}")
        self._terms(e, everything)
        others = [key for key in quantities_of(phase, self._session.run) if key != e.quantity]
        if others and not name:
            self._say(f"Also here: {', '.join(f'x {key}' for key in others)}")

    def _meant(self, name: str) -> tuple[Phase, str | None]:
        """Phase and quantity that a name stands for; without one those under the cursor."""
        from lrstep.formulas.quantities import parse_meant, quantities

        if not name:
            return Phase(max(self._session.phase, Phase.BATCH)), None
        if name.lower() in ("batch", "predictions"):
            return Phase[name.upper()], None
        # A step is explained with the parameter that it moves.
        run = self._session.run
        meant = quantities(run)[parse_meant(name, run)[0].removeprefix("step_")]
        return meant.phase, None if meant.per_sample else meant.key

    def _terms(self, e: "Explanation", everything: bool) -> None:
        if e.terms is None:
            return
        shown = e.terms.count if everything else min(_TERMS, e.terms.count)
        for number in range(shown):
            cells = zip(e.terms.headers, e.terms.row(number), strict=True)
            self._say(", ".join(f"{head} {cell}" for head, cell in cells))
        if shown < e.terms.count:
            self._say(f"and {e.terms.count - shown} more; x {e.quantity} all shows all of them.")

    def do_why(self, rest: str) -> None:
        """What gives a number: ``w 21.8``, ``w 21.8 rmse``, ``w -105.7 gradient 1``."""
        from lrstep.why.answer import why_text
        from lrstep.why.ask_why import why

        number, *meant = rest.split() or [""]
        if not number:
            raise LrstepError("why is which number different?", "w 21.8, or w 21.8 rmse, or w 21.8 rmse 3.")
        iteration = int(meant.pop()) if meant and meant[-1].isdecimal() and len(meant[-1]) < 18 else None
        meant = [word for word in meant if word.lower() != "iteration"]
        found = _Patience(self._talk)
        answer = why(
            self._session.run, number, " ".join(meant) or None, iteration, self._session.number or None,
            progress=found.search, pause=found.wait,
        )  # fmt: skip
        for line in why_text(answer, WIDTH):
            self._say(line.lstrip(), indent=line[: len(line) - len(line.lstrip())])

    # --- the Keras check -------------------------------------------------------------------------

    def do_check(self, rest: str) -> None:
        """The Keras check: this step and those around; ``all``, ``off``, ``float32`` or ``float64``."""
        wish = rest.lower()
        if wish not in ("", "all", "off", "float32", "float64"):
            raise LrstepError(f"check {rest} is not known", "c; c all; c float64; c float32; c off.")
        if wish == "off":
            self._talk.check.stop()
            self._say(self._talk.check.summary)
            return
        if wish.startswith("float") and self._session.run.recorded:
            raise LrstepError(f"Keras computed this run in {self._session.checker.computed_in}", "c; c all; c off.")
        if wish.startswith("float") and wish != self._session.checker.precision:
            self._talk.check.stop()
            self._session.checker.precision = wish
        if self._session.checker.book is None and not self._talk.check.start(self._session.run):
            return
        if wish == "all":
            self._talk.check.all()
        else:
            self._check_here()
        if self._session.checker.book is not None:
            self._say(self._talk.check.summary)

    def _check_here(self) -> None:
        known = self._session.checker.verdict(self._session.number)
        if known is None:
            for verdict in self._talk.check.around(self._session.number):
                self._say(*in_words(verdict))
        else:
            self._say(f"Iteration {self._session.number} in {known.precision}: {known.outcome}")
            self._say(*map(quantity_in_words, known.quantities))

    # --- practice --------------------------------------------------------------------------------

    def do_practice(self, rest: str) -> None:
        """Begin or leave practice."""
        practice = self._session.practice
        self._session.do("practice")
        if practice is not None:
            self._say(f"Practice ends: {practice.score}.")
            return
        self._say("Practice: type the value that is asked; an empty line shows it, p leaves.")
        self._talk.tell()

    def takes_answer(self, line: str) -> bool:
        """Take a line as an answer in practice; whether it was one."""
        practice = self._session.practice
        if practice is None or (line and not line.lstrip("+-−.,")[:1].isdecimal()):
            return False
        before = practice.iteration
        practice.answer(line)
        self._session.ask_next()
        self._say(practice.said)
        if practice.iteration != before:
            self._talk.given(practice)
        self._talk.ask(practice)
        return True


class _Patience:
    """Says what is being searched, as often as a person may begin to wonder."""

    def __init__(self, talk: Talk) -> None:
        self._talk, self._what, self._said = talk, "", time.monotonic()

    def search(self, what: str) -> None:
        """Another thing is being searched."""
        self._what = what

    def wait(self) -> None:
        """Say it now and then."""
        if self._what and time.monotonic() - self._said > PATIENCE:
            self._said = time.monotonic()
            self._talk.say(f"Searching {self._what}.")
            self._talk.voice.flush()
