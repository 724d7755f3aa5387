"""Explain a phase of an iteration: which of its quantities, and how it was computed."""

from dataclasses import replace

from lrstep.core.iteration import Iteration, Phase
from lrstep.core.metrics import METRICS
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.computations import explain_batch, explain_gradient, explain_loss, explain_predictions
from lrstep.formulas.explanation import Explanation
from lrstep.formulas.numerals import agreeing_digits, agreement, exact
from lrstep.formulas.quantities import quantities
from lrstep.formulas.steps import explain_nothing_kept, explain_step


def quantities_of(phase: Phase, run: Run) -> tuple[str, ...]:
    """Keys of what can be explained in a phase, the main one first."""
    if phase in (Phase.START, Phase.BATCH):
        return ("batch",)
    if phase is Phase.PREDICTIONS:
        return ("predictions",)
    if phase is Phase.LOSS:
        return (*METRICS, "cumulative_loss", "cumulative_rmse")
    found = tuple(key for key, one in quantities(run).items() if one.phase is phase and one.stem != "step")
    return found or ("nothing_kept",)


def explain(run: Run, iteration: Iteration, phase: Phase, quantity: str | None = None) -> Explanation:
    """Explain one quantity of one phase of an iteration.

    Args:
        run: the run that the iteration belongs to.
        iteration: its quantities.
        phase: which phase.
        quantity: a key of :func:`quantities_of`; without it the phase's main one.

    Raises:
        LrstepError: the phase has no such quantity.
    """
    known = quantities_of(phase, run)
    key = quantity or known[0]
    if key not in known:
        raise LrstepError(f"{key!r} is not computed in this phase", f"It has: {', '.join(known)}.")
    found = quantities(run).get(key)
    made = _explained(run, iteration, phase, key)
    theirs = run.as_it_ran(iteration.number)
    if found is None or key not in theirs:
        return made
    digits = agreement(agreeing_digits(found.value(iteration), theirs[key]))
    return replace(made, keras=f"{exact(theirs[key])}, which agrees to {digits}")


def _explained(run: Run, iteration: Iteration, phase: Phase, key: str) -> Explanation:
    without = {"batch": explain_batch, "predictions": explain_predictions, "nothing_kept": explain_nothing_kept}
    if key in without:
        return without[key](run, iteration)
    of_phase = {Phase.LOSS: explain_loss, Phase.AFTER: explain_loss, Phase.GRADIENT: explain_gradient}
    return of_phase.get(phase, explain_step)(run, iteration, quantities(run)[key])
