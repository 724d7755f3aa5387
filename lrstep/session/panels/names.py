"""The panels in the order of the computation, and which phases each of them shows: the one map of both."""

from typing import NamedTuple

from lrstep.core.iteration import Phase


class Panel(NamedTuple):
    """A panel: its title, and the phases in which it is the one that is filled, the main one first."""

    title: str
    phases: tuple[Phase, ...]


PANELS = {
    "batch": Panel("1 Batch", (Phase.BATCH,)),
    "predictions": Panel("2 Predictions", (Phase.PREDICTIONS,)),
    "gradient": Panel("3 Gradient", (Phase.GRADIENT,)),
    "accumulator": Panel("4 Accumulator", (Phase.ACCUMULATOR,)),
    "weights": Panel("5 Weights", (Phase.UPDATE,)),
    "rmse": Panel("6 RMSE", (Phase.LOSS, Phase.AFTER)),
}
"""Name → panel; Tab goes through them."""

SCROLLING = ("gradient", "accumulator", "weights")
"""Panels with a line for each parameter, in which the keys that scroll go from parameter to parameter."""

PANEL_OF = {phase: name for name, panel in PANELS.items() for phase in panel.phases}
"""Phase → the panel that shows it; the start has none."""

PHASE_NAMES = {
    Phase.START: "start",
    Phase.BATCH: "1 batch",
    Phase.PREDICTIONS: "2 predictions",
    Phase.LOSS: "loss and metrics",
    Phase.GRADIENT: "3 gradient",
    Phase.ACCUMULATOR: "4 accumulator",
    Phase.UPDATE: "5 update",
    Phase.AFTER: "6 after the update",
}
"""Phase → what it is called where the place in a run is told."""


def phase_of(panel: str, phase: Phase) -> Phase:
    """The phase that is meant where a panel has the focus, with the cursor in a phase."""
    phases = PANELS[panel].phases if panel in PANELS else (phase,)
    return phase if phase in phases else phases[0]
