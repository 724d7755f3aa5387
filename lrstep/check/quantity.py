"""One number of a step, by the engine and by Keras: what it is called, and whether the two agree."""

import math
import re
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from lrstep.core.iteration import Phase
from lrstep.core.metrics import METRICS
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.formulas.numerals import agreeing_digits, same
from lrstep.formulas.update import parameter_letters

Outcome = Literal["confirmed", "differs", "undecided"]

KINDS = {
    "iteration": ("number of the iteration", Phase.BATCH),
    "epoch": ("epoch", Phase.BATCH),
    "batch_number": ("number of the batch", Phase.BATCH),
    "samples": ("sample numbers", Phase.BATCH),
    "batch": ("batch", Phase.BATCH),
    "before": ("state before", Phase.BATCH),
    "start": ("state that the run starts with", Phase.BATCH),
    "prediction": ("prediction", Phase.PREDICTIONS),
    "error": ("error", Phase.PREDICTIONS),
    **{key: (metric.label, Phase.LOSS) for key, metric in METRICS.items()},
    "cumulative_count": ("samples of the epoch so far", Phase.LOSS),
    "cumulative_loss": ("loss of the epoch so far", Phase.LOSS),
    "cumulative_rmse": ("RMSE of the epoch so far", Phase.LOSS),
    "gradient": ("gradient ∂L/∂{}", Phase.GRADIENT),
    "update": ("update beside the state after", Phase.UPDATE),
    "weight": ("weight {}", Phase.UPDATE),
    "bias": ("bias {}", Phase.UPDATE),
    "full_loss_before": ("loss of all data before", Phase.AFTER),
    "full_loss": ("loss of all data", Phase.AFTER),
    "full_rmse": ("RMSE of all data", Phase.AFTER),
    "diverged": ("mark of divergence", Phase.AFTER),
}
"""Kind of a quantity → how a person reads it, with a place for the parameter, and the phase whose panel shows it.

What an optimizer's rule computes of each parameter has the name that the rule gives it.
"""

SLOT_PHASES = {slot.name: slot.phase for optimizer in OPTIMIZERS.values() for slot in optimizer.slots}


@dataclass(frozen=True)
class ComparedQuantity:
    """One number of a step, by the engine and by Keras.

    Attributes:
        name: a kind of :data:`KINDS` or a result of the rule, and the parameter where it is one's:
            ``gradient_weight``; of the predictions and errors, the one that uses most of its bound.
        engine, keras: the two values.
        difference: |engine − keras|.
        bound: by how much two correct computations may differ; inf where the precision cannot decide.
        share: difference / bound; 0 where they are equal.
        ulps: the difference in units in the last place of the check's precision.
        outcome: ``confirmed``, ``differs``, or ``undecided``: the precision cannot hold or resolve
            this number, so that the comparison says nothing about the engine.
    """

    name: str
    engine: float
    keras: float
    difference: float
    bound: float
    share: float
    ulps: float
    outcome: Outcome

    @property
    def confirmed(self) -> bool:
        """Whether Keras confirms the engine's number."""
        return self.outcome == "confirmed"

    @property
    def digits(self) -> float:
        """To how many significant digits the two values agree; inf where they are equal."""
        return agreeing_digits(self.engine, self.keras)

    @property
    def label(self) -> str:
        """How a person reads its name."""
        return label_of(self.name)

    @property
    def phase(self) -> Phase:
        """The phase it belongs to."""
        kind = _parts(self.name)[0]
        return KINDS[kind][1] if kind in KINDS else SLOT_PHASES.get(kind, Phase.UPDATE)


def label_of(name: str) -> str:
    """How a person reads the name of a quantity."""
    kind, parameter = _parts(name)
    said = KINDS[kind][0] if kind in KINDS else f"{kind.replace('_', ' ')} of {{}}"
    return said.format(*parameter_letters([parameter]))


def _parts(name: str) -> tuple[str, str]:
    """Kind and parameter of a name; a parameter is of a kind of its own."""
    found = re.fullmatch(r"(?:(.+)_)?((weight|bias)(?:_\d+)?)", name)
    return (found[1] or found[3], found[2]) if found and name not in KINDS else (name, name)


def quantity_dict(quantity: ComparedQuantity) -> dict[str, object]:
    """A quantity for JSON."""
    return {key: plain(value) for key, value in asdict(quantity).items()}


def plain(value: object) -> object:
    """A value for JSON, which has no word for numbers that are not finite: they become texts."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def compared(
    name: str, engine: float, keras: float, bound: float, precision: str, settled: bool = True
) -> ComparedQuantity:
    """A number of the engine beside Keras's.

    Args:
        name: as in :class:`ComparedQuantity`. engine, keras: the values. bound: of their difference.
        precision: ``float32`` or ``float64``.
        settled: every correct computation ends in the same infinity, or in nan, where one overflows; not so
            where the order of a sum decides it.
    """
    engine, keras = float(engine), float(keras)
    if same(engine, keras):
        return ComparedQuantity(name, engine, keras, 0.0, bound, 0.0, 0.0, "confirmed")
    difference = abs(engine - keras)
    if math.isnan(difference):
        difference = math.inf
    ulps = ulps_of(difference, max(abs(engine), abs(keras)), precision)
    if not math.isfinite(bound):
        apart = settled and _ends_apart(engine, keras, precision)
        return ComparedQuantity(name, engine, keras, difference, bound, 0.0, ulps, "differs" if apart else "undecided")
    outcome: Outcome = "confirmed" if difference <= bound else "differs"
    return ComparedQuantity(
        name, engine, keras, difference, bound, difference / bound if bound else math.inf, ulps, outcome
    )


def exact(name: str, engine: float, right: float) -> ComparedQuantity:
    """A number that must be right to the last bit and is not."""
    difference = abs(engine - right)
    ulps = ulps_of(difference, right, "float64")
    return ComparedQuantity(name, float(engine), float(right), difference, 0.0, math.inf, ulps, "differs")


def _ends_apart(engine: float, keras: float, precision: str) -> bool:
    """Whether two numbers that are not finite cannot both be right.

    Opposite infinities never are. An infinity and nan are not in float64, which is the engine's own; float32 may
    have overflowed earlier on the way.
    """
    if math.isfinite(engine) or math.isfinite(keras):
        return False
    return precision == "float64" or (math.isinf(engine) and math.isinf(keras))


def ulps_of(difference: float, at: float, precision: str) -> float:
    """A difference in units in the last place of a number."""
    with np.errstate(all="ignore"):
        unit = float(np.spacing(np.dtype(precision).type(abs(at))))
    return difference / unit if math.isfinite(unit) else math.inf
