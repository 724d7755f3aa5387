"""The optimizers, one file each: a new file in this folder is a new optimizer, and nothing else has to change."""

from importlib import import_module
from pathlib import Path

from lrstep.core.optimizers.base import Optimizer

FIRST = ("rmsprop", "sgd", "adagrad", "adam")
"""What is listed before the others."""


def _found() -> dict[str, Optimizer]:
    modules = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in ("__init__", "base"))
    made = [import_module(f"{__name__}.{name}").OPTIMIZER for name in modules]
    first = [optimizer for name in FIRST for optimizer in made if optimizer.name == name]
    return {optimizer.name: optimizer for optimizer in [*first, *made]}


OPTIMIZERS: dict[str, Optimizer] = _found()
"""Name → optimizer."""

OF_KERAS = tuple(name for name, optimizer in OPTIMIZERS.items() if optimizer.keras)
"""Those that Keras 3 has."""

RMSPROPS = tuple(name for name in OPTIMIZERS if name.startswith("rmsprop"))
"""RMSprop in the forms of several frameworks."""
