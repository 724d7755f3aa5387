"""The parameters of a step as panels write them: their numbers, and their formulas out of the optimizer's own rule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from lrstep.core.iteration import Phase
from lrstep.core.optimizers.base import Slot
from lrstep.core.settings import Settings
from lrstep.formulas.notation import NUMBERS, TIGHT
from lrstep.formulas.update import UpdateFormulas, parameter_letters, update_formulas, values
from lrstep.session.figures import factor
from lrstep.session.view import View

SPACED = replace(NUMBERS, signs=dict(NUMBERS.signs) | {"-": " - ", "neg": "-"})
"""Numbers put in, with the minus that a spreadsheet takes."""

CLOSE = replace(TIGHT, bare_root=False)
"""The same where there is little room."""

LEAST_DIGITS = 6


@dataclass(frozen=True)
class ParameterStep:
    """One parameter around the update of an iteration.

    Attributes:
        key: its name in ``lrstep trace``: ``weight``, ``weight_2``, ``bias``.
        letter: its letter in formulas: w, w₂, b.
        factor_letter: the letter of the feature that its gradient is multiplied with; empty for the bias.
        total: the sum in its gradient, Σ error·x.
        numbers: every number of its step, see :func:`lrstep.formulas.update.values`.
        formulas: of the optimizer.
    """

    key: str
    letter: str
    factor_letter: str
    total: float
    numbers: Mapping[str, float]
    formulas: UpdateFormulas

    @property
    def g(self) -> float:
        """∂L/∂θ."""
        return self.numbers["g before"]

    @property
    def before(self) -> float:
        """θ before the update."""
        return self.numbers["theta before"]

    @property
    def after(self) -> float:
        """θ after it."""
        return self.numbers["theta"]

    @property
    def derivative(self) -> str:
        """How its gradient is written."""
        return f"∂L/∂{self.letter}"

    @property
    def summed(self) -> str:
        """The sum in its gradient, in letters."""
        return f"Σ error·{self.factor_letter}" if self.factor_letter else "Σ error"

    def with_numbers(self, name: str, letters: Iterable[str] = (), close: bool = False) -> str:
        """The formula of a result with the numbers put in.

        Args:
            name: a result of the optimizer's rule: the letter of a slot, or ``step``.
            letters: inputs that stay letters.
            close: whether to leave out spaces, and digits beyond the sixth.
        """

        def text(value: float) -> str:
            return factor(value, LEAST_DIGITS) if close else factor(value)

        return self.formulas.with_numbers(
            name, self.numbers, text, self.formulas.between, folded=True, letters=letters,
            style=CLOSE if close else SPACED,
        )  # fmt: skip

    def in_letters(self, name: str) -> str:
        """The formula of a result in letters, settings as numbers: 0.9·v + 0.1·g²."""
        return self.with_numbers(name, ("g", *self.formulas.slots))


def parameter_steps(view: View) -> list[ParameterStep]:
    """All parameters of the iteration under the cursor, the bias last."""
    run, i = view.run, view.iteration
    letters = parameter_letters(run.parameters)
    factors = [*("x" + letter[1:] for letter in letters[:-1]), ""]
    formulas = update_formulas(run.settings)
    memories = run.memories(i.before)
    return [
        ParameterStep(
            key, letter, factor_letter, g * i.m / 2, values(run.settings, i.number, g, memory, made), formulas
        )
        for key, letter, factor_letter, g, memory, made in zip(
            run.parameters, letters, factors, i.gradient, memories, i.updates, strict=True
        )
    ]


def accumulated(settings: Settings) -> list[Slot]:
    """The slots that the phase Accumulator computes."""
    return [slot for slot in update_formulas(settings).slots.values() if slot.phase is Phase.ACCUMULATOR]


def moved(settings: Settings) -> list[Slot]:
    """The slots that the update computes, but for one that is the step itself."""
    formulas = update_formulas(settings)
    return [
        slot
        for letter, slot in formulas.slots.items()
        if slot.phase is Phase.UPDATE and formulas.trees[letter] is not formulas.trees["step"]
    ]


def formula(settings: Settings, name: str, letter: str = "") -> str:
    """A result in letters, close but for the operators between its outermost parts: μ·M + lr·g/√(v+ε).

    Args:
        settings: of the run.
        name: a result of the optimizer's rule; ``theta`` is written with its step as a formula too.
        letter: of the parameter.
    """
    formulas = update_formulas(settings)
    parts = [*formulas.between]
    if name == "theta":
        parts += ["step", *(slot.letter for slot in formulas.slots.values() if slot.phase is Phase.UPDATE)]
    return _spread(formulas.written(name, "", TIGHT, parts).replace("θ", letter))


def _spread(text: str) -> str:
    """Spaces around + and - that stand in no parenthesis."""
    made, depth = "", 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        made += f" {sign} " if sign in "+-" and not depth and place else sign
    return made
