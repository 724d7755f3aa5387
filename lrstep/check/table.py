"""A run as rows and columns: every parameter is a row, every slot of the optimizer's state a column."""

from lrstep.core.dataset import Dataset, Floats
from lrstep.core.iteration import Iteration
from lrstep.core.rmsprop import State
from lrstep.core.settings import Settings

PARAMETERS = ("weight", "bias")

Slots = dict[str, tuple[float, ...]]
"""Name of a slot → its number for each parameter."""


def slot_names(settings: Settings) -> tuple[str, ...]:
    """The slots that these settings give the optimizer, in the order of the computation."""
    momentum, centered = ("momentum",) * (settings.momentum > 0), ("mean_gradient",) * settings.centered
    return ("accumulator", *centered, *momentum)


def columns(dataset: Dataset) -> tuple[Floats, ...]:
    """The features, each of shape (n,)."""
    return (dataset.x,)


def parameters(state: State) -> tuple[float, ...]:
    """The parameters of a state, one for each row."""
    return tuple(float(getattr(state, name)) for name in PARAMETERS)


def slots(state: State, settings: Settings) -> Slots:
    """The slots of a state that these settings have."""
    return {
        slot: tuple(float(getattr(state, f"{slot}_{name}")) for name in PARAMETERS) for slot in slot_names(settings)
    }


def engine_rows(iteration: Iteration, settings: Settings) -> dict[str, tuple[float, ...]]:
    """Everything that the engine shows for each parameter, by kind."""
    updates = (iteration.update_weight, iteration.update_bias)
    return {
        "gradient": tuple(map(float, iteration.gradient)),
        **slots(iteration.after, settings),
        "denominator": tuple(float(update.denominator) for update in updates),
        "step": tuple(float(update.step) for update in updates),
        "": parameters(iteration.after),
    }
