"""Looking into an iteration in plain mode: explanations, why, the Keras check, practice."""

from typing import TYPE_CHECKING

from lrstep.core.iteration import Phase
from lrstep.core.position import position_text
from lrstep.errors import LrstepError
from lrstep.plain.check import in_words, quantity_in_words
from lrstep.plain.moving import Moving
from lrstep.plain.voice import WIDTH
from lrstep.sources.source import Source

if TYPE_CHECKING:
    from lrstep.formulas.explanation import Explanation
    from lrstep.session.practice import Practice

_TERMS = 8
"""So many terms of a sum are said unless all are asked for."""


class Looking(Moving):
    """The commands that look into an iteration.

    Attributes:
        practice: what is asked, while practising.
    """

    practice: "Practice | None" = None

    def load(self, source: Source) -> None:
        """Start another run; practice ends."""
        self.practice = None
        super().load(source)

    def tell(self, whole: bool) -> None:
        """Say what is under the cursor; while practising, only what the iteration begins with, and ask."""
        if self.practice is None:
            super().tell(whole)
        else:
            self.practice.move_to(max(self.number, 1))
            self._given(self.practice)
            self._ask(self.practice)

    # --- explanations ----------------------------------------------------------------------------

    def do_explain(self, rest: str) -> None:
        """The arithmetic of this phase, or of a quantity that was named, in full precision."""
        from lrstep.formulas.explanation import explain, quantities_of

        words = rest.split()
        everything = bool(words) and words[-1].lower() == "all"
        name = " ".join(words[: -1 if everything else None])
        phase, quantity = self._meant(name)
        e = explain(self.run, self.run.iteration(max(self.number, 1)), phase, quantity)
        self.say(f"{e.title}.", *e.formula.splitlines())
        self.say(*filter(None, [e.total, *(step.numbers for step in e.steps)]))
        if e.result:
            self.say(f"Result: {e.result}")
        for origin in e.sources:
            if origin.iteration is None or origin.phase is None:
                self.say(f"From {origin.label}")
            else:
                self.say(f"From {origin.label}: g {position_text(origin.iteration, origin.phase)}")
        self._terms(e, everything)
        others = [key for key in quantities_of(phase, self.run.settings) if key != e.quantity]
        if others and not name:
            self.say(f"Also here: {', '.join(f'x {key}' for key in others)}")

    def _meant(self, name: str) -> tuple[Phase, str | None]:
        """Phase and quantity that a name stands for; without one those under the cursor."""
        from lrstep.formulas.quantities import PER_SAMPLE, QUANTITIES, parse_meant

        if not name:
            return Phase(max(self.phase, Phase.BATCH)), None
        if name.lower() in ("batch", "predictions"):
            return Phase[name.upper()], None
        # A step is explained with the parameter that it moves.
        quantity = parse_meant(name)[0].replace("step_", "")
        return QUANTITIES[quantity].phase, None if quantity in PER_SAMPLE else quantity

    def _terms(self, e: "Explanation", everything: bool) -> None:
        if e.terms is None:
            return
        shown = e.terms.count if everything else min(_TERMS, e.terms.count)
        for number in range(shown):
            cells = zip(e.terms.headers, e.terms.row(number), strict=True)
            self.say(", ".join(f"{head} {cell}" for head, cell in cells))
        if shown < e.terms.count:
            self.say(f"and {e.terms.count - shown} more; x {e.quantity} all shows all of them.")

    def do_why(self, rest: str) -> None:
        """What gives a number: ``w 21.8``, ``w 21.8 rmse``, ``w -105.7 gradient 1``."""
        from lrstep.why.answer import why_text
        from lrstep.why.ask_why import why

        number, *meant = rest.split() or [""]
        if not number:
            raise LrstepError("why is which number different?", "w 21.8, or w 21.8 rmse, or w 21.8 rmse 3.")
        iteration = int(meant.pop()) if meant and meant[-1].isdecimal() and len(meant[-1]) < 18 else None
        meant = [word for word in meant if word.lower() != "iteration"]
        answer = why(self.run, number, " ".join(meant) or None, iteration, self.number or None)
        for line in why_text(answer, WIDTH):
            self.say(line.lstrip(), indent=line[: len(line) - len(line.lstrip())])

    # --- the Keras check -------------------------------------------------------------------------

    def do_check(self, rest: str) -> None:
        """The Keras check: this step and those around; ``all``, ``off``, ``float32`` or ``float64``."""
        wish = rest.lower()
        if wish not in ("", "all", "off", "float32", "float64"):
            raise LrstepError(f"check {rest} is not known", "c; c all; c float64; c float32; c off.")
        if wish == "off":
            self.check.stop()
            self.say(self.check.summary)
            return
        if wish.startswith("float") and wish != self.check.precision:
            self.check.stop()
            self.check.precision = wish
        if self.check.book is None and not self.check.start(self.run):
            return
        if wish == "all":
            self.check.all()
        else:
            self._check_here()
        if self.check.book is not None:
            self.say(self.check.summary)

    def _check_here(self) -> None:
        known = self.check.book.verdict(self.number) if self.check.book else None
        if known is None:
            for verdict in self.check.around(self.number):
                self.say(*in_words(verdict))
        else:
            self.say(f"Iteration {self.number} in {known.precision}: {known.outcome}")
            self.say(*map(quantity_in_words, known.quantities))

    # --- practice --------------------------------------------------------------------------------

    def do_practice(self, rest: str) -> None:
        """Begin or leave practice."""
        if self.practice is not None:
            self.say(f"Practice ends: {self.practice.score}.")
            self.practice = None
            return
        from lrstep.session.practice import Practice

        self.practice = Practice(self.run, max(self.number, 1))
        self.say("Practice: type the value that is asked; an empty line shows it, p leaves.")
        self.tell(whole=False)

    def takes_answer(self, line: str) -> bool:
        """Take a line as an answer in practice; whether it was one."""
        practice = self.practice
        if practice is None or (line and not line.lstrip("+-−.,")[:1].isdecimal()):
            return False
        before = practice.iteration
        practice.typed = line
        practice.key("enter", None)
        self.say(practice.said)
        if practice.iteration != before:
            self._given(practice)
        self._ask(practice)
        return True

    def _given(self, practice: "Practice") -> None:
        """What an iteration begins with, in full precision: the person is to compute the rest."""
        from lrstep.formulas.quantities import QUANTITIES

        self.run.advance(practice.iteration)
        self.number, self.phase = practice.iteration, Phase.BATCH
        self.account.place(self.view)
        self.account.samples(self.view)
        before = self.view.iteration.before
        for name, value in self.run.keyed(before).items():
            label = QUANTITIES[name].label.removesuffix(" after the update")
            self.say(f"Before, {label}: {value!r}")

    def _ask(self, practice: "Practice") -> None:
        from lrstep.formulas.quantities import QUANTITIES

        practice.typed = ""
        self.phase = practice.phase
        self.say(f"Iteration {practice.iteration} ({practice.score}): {QUANTITIES[practice.quantity].label}?")
