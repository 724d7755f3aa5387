"""What one iteration hands to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lrstep.core.arithmetic import prediction
from lrstep.core.dataset import Floats


@dataclass(frozen=True)
class State:
    """The parameters, and what the optimizer remembers of each.

    Attributes:
        parameters: the weight of each feature, then the bias, shape (k + 1,).
        slots: name of a slot of the optimizer → its value for each parameter.
    """

    parameters: tuple[float, ...]
    slots: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def weights(self) -> tuple[float, ...]:
        """The weight of each feature, shape (k,)."""
        return self.parameters[:-1]

    @property
    def bias(self) -> float:
        """The bias (intercept)."""
        return self.parameters[-1]

    def predictions(self, columns: Sequence[Floats]) -> Floats:
        """ŷ of samples, whose features are k arrays of shape (m,)."""
        with np.errstate(all="ignore"):
            return np.asarray(prediction(self.weights, columns, self.bias))

    @property
    def numbers(self) -> tuple[float, ...]:
        """All numbers: the parameters, then slot by slot."""
        return (*self.parameters, *(value for values in self.slots.values() for value in values))


def parameter_names(features: int) -> tuple[str, ...]:
    """What the parameters are called: ``weight`` and ``bias``, or ``weight_1`` … ``weight_k`` and ``bias``."""
    weights = ("weight",) if features == 1 else tuple(f"weight_{i}" for i in range(1, features + 1))
    return (*weights, "bias")
