"""The parameters of a step as panels write them: their numbers, and their formulas out of the optimizer's own rule."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from lrstep.core.iteration import Phase
from lrstep.core.optimizers.base import Slot
from lrstep.core.settings import Settings
from lrstep.core.symbols import evaluate
from lrstep.formulas.model import model_formulas, summed, write_letters
from lrstep.formulas.notation import NUMBERS, TIGHT
from lrstep.formulas.steps import step_numbers
from lrstep.formulas.update import SETTINGS, Form, UpdateFormulas, parameter_letters, update_formulas
from lrstep.session.figures import DIGITS, LEAST_DIGITS, factor, inline
from lrstep.session.view import View

SPACED = replace(NUMBERS, signs=dict(NUMBERS.signs) | {"-": " - ", "neg": "-"})
"""Numbers put in, with the minus that a spreadsheet takes."""

CLOSE = replace(TIGHT, power=NUMBERS.power, bare_root=False)
"""The same where there is little room."""


class Notation(NamedTuple):
    """One of the ways to write a formula in a panel: what stays letters, and with how many digits the others are."""

    form: Form
    digits: int = DIGITS

    @property
    def close(self) -> bool:
        """Whether it does without spaces."""
        return self.form.style is CLOSE

    def text(self, value: float) -> str:
        """A number as it stands in the formula."""
        return factor(value, self.digits)

    def read(self, value: float) -> float:
        """What can be read of it there."""
        return float(inline(value, self.digits))

    def finer(self, more: int) -> "Notation":
        """The same with so many digits more."""
        return self._replace(digits=self.digits + more)


@lru_cache(maxsize=32)
def ways(settings: Settings, brief: bool = False) -> tuple[Notation, ...]:
    """How the optimizer's formulas can be written, the most explicit way first; in brief the gradient is a letter.

    Where there is little room, letters stand for what is a number elsewhere on the screen: the gradient, then the
    slots after they took it in, then the settings. What an iteration before has left is written as a number as long
    as it fits at all, since it stands nowhere else.
    """
    formulas = update_formulas(settings)
    inner, slots = formulas.between, tuple(slot.letter for slot in accumulated(settings))
    full = Form(inner, folded=True, style=SPACED)
    shown = replace(full, letters=("g",), results=slots, once=True)
    forms = (*([] if brief else [full]), replace(full, letters=("g",), once=True), shown)
    spelled = [Notation(replace(form, style=style)) for form in forms for style in (SPACED, CLOSE)]
    close = [replace(shown, style=CLOSE), replace(shown, style=CLOSE, letters=("g", *SETTINGS))]
    letters = replace(shown, letters=("g", *formulas.slots))
    return (
        *spelled,
        *(Notation(form, digits) for form in close for digits in (DIGITS, LEAST_DIGITS)),
        Notation(letters),
        Notation(replace(letters, style=CLOSE)),
    )


class ParameterStep(NamedTuple):
    """One parameter around the update of an iteration.

    Attributes:
        key: its name in ``lrstep trace``: ``weight``, ``weight_2``, ``bias``.
        letter: its letter in formulas: w, w₂, b.
        gradient: ∂L/∂θ in letters: 2/4·Σ error·x.
        times, total: what the sum in it is multiplied by, and that sum, Σ error·x.
        numbers: every number of its step, see :func:`lrstep.formulas.steps.step_numbers`.
        formulas: of the optimizer.
    """

    key: str
    letter: str
    gradient: str
    times: float
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

    def with_sum(self, text: str) -> str:
        """Its gradient with a text for the sum: 2/4·(-12.5)."""
        return self.gradient.partition("Σ")[0] + text

    def written(self, name: str, way: "Notation") -> str:
        """The formula of a result of the optimizer's rule: the letter of a slot, or ``step``."""
        text = self.formulas.with_numbers(name, self.numbers, way.text, way.form)
        return re.sub(r"^\((-[^()]+)\)(?=[-+·/])", r"\1", text) if way.close else text

    def by_hand(self, name: str, way: "Notation", shown: Mapping[str, float]) -> float:
        """What comes out for who computes :meth:`written` as it stands, with these numbers for its letters."""
        return self.formulas.template(name, way.form).by_hand(self.numbers, way.read, shown)

    def lettered(self, name: str) -> str:
        """The same in letters, numbers that follow from the settings aside: 0.9·v + 0.1·g²."""
        return self.written(name, ways(self.formulas.settings)[-2])


def parameter_steps(view: View) -> list[ParameterStep]:
    """All parameters of the iteration under the cursor, the bias last."""
    run, i, formulas = view.run, view.iteration, update_formulas(view.settings)
    letters, gradients = parameter_letters(run.parameters), _gradients(len(i.columns), i.m)
    return [
        ParameterStep(key, letter, *gradient, summed(g, i.m), step_numbers(run, i, place), formulas)
        for place, (key, letter, gradient, g) in enumerate(
            zip(run.parameters, letters, gradients, i.gradient, strict=True)
        )
    ]


@lru_cache(maxsize=32)
def _gradients(features: int, m: int) -> list[tuple[str, float]]:
    """The gradient of each parameter in letters but for m, and what the sum in it is multiplied by."""
    trees = model_formulas(features).gradients
    return [(write_letters(tree, count=str(m)), evaluate(tree.args[0], {"m": m})) for tree in trees]


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


def formula(settings: Settings, letter: str) -> str:
    """A parameter after the update in letters, close but for the outermost operators: w - lr·g/√(v+ε).

    Args:
        settings: of the run.
        letter: of the parameter.
    """
    formulas = update_formulas(settings)
    momentum = (slot.letter for slot in formulas.slots.values() if slot.phase is Phase.UPDATE)
    return _spread(formulas.written("theta", "", TIGHT, [*formulas.between, "step", *momentum]).replace("θ", letter))


def _spread(text: str) -> str:
    """Spaces around + and - that stand in no parenthesis."""
    made, depth = "", 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        made += f" {sign} " if sign in "+-" and not depth and place else sign
    return made
