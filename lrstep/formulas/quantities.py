"""The quantities of an iteration: what each is called, how it is computed, and where it stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from lrstep.core.iteration import Iteration, Phase
from lrstep.core.metrics import METRICS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.formulas.model import letter, model_formulas, write_letters
from lrstep.formulas.notation import BOOK
from lrstep.formulas.update import parameter_letters, update_formulas

SPACED = replace(BOOK, signs=dict(BOOK.signs) | {"/": " / "})
"""Letters with room around the line of a fraction."""


class Quantity(NamedTuple):
    """One figure of an iteration.

    Attributes:
        key: its name in ``lrstep trace``.
        label: what it is called in a sentence.
        symbol: its letter in formulas.
        formula: how it is computed, in letters.
        phase: the phase that computes it.
        rank: how likely a person means it; what Keras prints comes first.
        aliases: other names a person may give it.
        stem: what it is of a parameter: ``gradient``, ``step``, the name of a slot; empty for the parameter itself.
        parameter: the place of the parameter that it belongs to; None for what belongs to none.
        per_sample: whether each sample has one.
    """

    key: str
    label: str
    symbol: str
    formula: str
    phase: Phase
    rank: int
    aliases: tuple[str, ...] = ()
    stem: str = ""
    parameter: int | None = None
    per_sample: bool = False

    def value(self, iteration: Iteration) -> float:
        """Its value in an iteration, with the bits of ``lrstep trace``; not for what each sample has."""
        p = self.parameter
        if p is None:
            return iteration.metrics[self.key] if self.key in METRICS else float(getattr(iteration, self.key))
        if not self.stem:
            return iteration.after.parameters[p]
        if self.stem == "gradient":
            return float(iteration.gradient[p])
        return float(iteration.updates[p]["step"]) if self.stem == "step" else iteration.after.slots[self.stem][p]


def quantities(run: Run) -> Mapping[str, Quantity]:
    """Key → quantity, of all that a run has."""
    return _quantities(run.settings, run.parameters)


def value_at(run: Run, key: str, iteration: int) -> float:
    """The value of a quantity in an iteration; not for what each sample has."""
    return quantities(run)[key].value(run.iteration(iteration))


def applicable(run: Run) -> list[str]:
    """The quantities that exist once per iteration in this run."""
    return [key for key, quantity in quantities(run).items() if not quantity.per_sample]


@lru_cache(maxsize=16)
def _quantities(settings: Settings, parameters: tuple[str, ...]) -> Mapping[str, Quantity]:
    made = [*_losses(parameters), *_of_parameters(settings, parameters), *_of_samples(len(parameters) - 1)]
    return MappingProxyType({quantity.key: quantity for quantity in made})


def _losses(parameters: tuple[str, ...]) -> Iterator[Quantity]:
    written = model_formulas(len(parameters) - 1).written
    so_far, new = " over the epoch so far", f" with the new {listed(parameter_letters(parameters))}"
    rmse, loss = written("rmse", "count") + so_far, written("loss", "count") + so_far
    yield Quantity("cumulative_rmse", "RMSE of the epoch so far", "RMSE", rmse, Phase.LOSS, 0,
                   ("keras_rmse", "epoch_rmse", "root_mean_squared_error"))  # fmt: skip
    yield Quantity(
        "cumulative_loss", "loss of the epoch so far", "L", loss, Phase.LOSS, 0, ("keras_loss", "epoch_loss")
    )
    yield Quantity("full_rmse", "RMSE of all data after the update", "RMSE", written("rmse", "n") + new,
                   Phase.AFTER, 1, ("val_rmse", "val_root_mean_squared_error"))  # fmt: skip
    yield Quantity("full_loss", "loss of all data after the update", "L", written("loss", "n") + new,
                   Phase.AFTER, 1, ("val_loss",))  # fmt: skip
    for metric in reversed(METRICS.values()):
        yield Quantity(metric.key, metric.label, metric.symbol, written(metric.key), Phase.LOSS, 2, metric.aliases)


def _of_parameters(settings: Settings, parameters: tuple[str, ...]) -> Iterator[Quantity]:
    """What there is of each parameter: itself, its gradient, its slots in the order of the phases, its step."""
    model = model_formulas(len(parameters) - 1)
    places = list(enumerate(zip(parameters, parameter_letters(parameters), strict=True)))
    for p, (name, sign) in places:
        aliases = (name.replace("weight", "w"), name.replace("weight_", "w")) if name.startswith("weight_") else ()
        formula = step_formula(settings, "theta", sign)
        label = f"{'value of ' if '_' in name else ''}{name.replace('_', ' ')} after the update"
        yield Quantity(name, label, sign, formula, Phase.UPDATE, 1, aliases, "", p)
    for p, (name, sign) in places:
        formula = write_letters(model.gradients[p])
        label = f"gradient of {called(name)}"
        yield Quantity(f"gradient_{name}", label, f"g_{sign}", formula, Phase.GRADIENT, 3, (), "gradient", p)
    slots = sorted(settings.rule.kept(settings), key=lambda slot: slot.phase)
    of_rule = [(slot.name, slot.label, slot.letter, slot.phase) for slot in slots]
    for stem, said, result, phase in (*of_rule, ("step", "step", "step", Phase.UPDATE)):
        rank = 3 if stem == "accumulator" else 4
        for p, (name, sign) in places:
            formula, label = step_formula(settings, result, sign), f"{said} of {called(name)}"
            yield Quantity(f"{stem}_{name}", label, f"{result}_{sign}", formula, phase, rank, (), stem, p)


def called(name: str) -> str:
    """A parameter in a sentence: the weight, the bias, weight 2."""
    return name.replace("_", " ") if "_" in name else f"the {name}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Names in a sentence: w₁, w₂ and b."""
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def step_formula(settings: Settings, name: str, sign: str) -> str:
    """A result of the rule for one parameter, with everything but slots and step written out."""
    formulas = update_formulas(settings)
    inner = [other for other in formulas.trees if other not in formulas.slots and other != "step"]
    return formulas.written(name, sign, SPACED, inner).replace("step", f"step_{sign}")


def _of_samples(features: int) -> Iterator[Quantity]:
    model = model_formulas(features)
    written, at = model.written, Phase.PREDICTIONS
    yield Quantity("prediction", "prediction", "ŷ", written("prediction"), at, 6, per_sample=True)
    yield Quantity("error", "error", "error", written("error"), at, 6, per_sample=True)
    yield Quantity("squared_error", "squared error", "error²", written("squared_error"), at, 6, per_sample=True)
    for name in model.features:
        sign, alias = letter(name), name.replace("x", "feature")
        label = alias.replace("_", " ")
        yield Quantity(name, label, sign, f"{sign} of the sample", Phase.BATCH, 7, (alias,), per_sample=True)
    yield Quantity("y", "label", "y", "y of the sample", Phase.BATCH, 7, ("label",), per_sample=True)


def groups(run: Run) -> dict[str, tuple[str, ...]]:
    """Names that stand for more than one quantity, the one that is called so first, or that other programs use."""
    *weights, bias = run.parameters
    made = {
        "rmse": ("rmse", "cumulative_rmse", "full_rmse"),
        "loss": ("loss", "cumulative_loss", "full_loss"),
        "weight": tuple(weights),
        "bias": (bias,),
        "w": tuple(weights),
        "b": (bias,),
        "slope": tuple(weights),
        "intercept": (bias,),
    }
    for stem in ("gradient", *(slot.name for slot in run.slots), "step"):
        made[stem] = tuple(f"{stem}_{name}" for name in run.parameters)
    if squares := made.get("accumulator", made.get("momentum")):
        made["velocity"] = squares
    return made


def parse_meant(name: str, run: Run) -> tuple[str, ...]:
    """The quantities of a run that a person's name for one may mean.

    Raises:
        LrstepError: no quantity of this run is called so.
    """
    wanted = name.strip().lower().replace(" ", "_").replace("-", "_")
    known, several = quantities(run), groups(run)
    if wanted in several:
        return several[wanted]
    for quantity in known.values():
        if wanted == quantity.key or wanted in quantity.aliases:
            return (quantity.key,)
    names = ", ".join(dict.fromkeys([*several, *known]))
    raise LrstepError(f"No quantity is called {name!r} in this run", f"Use one of: {names}.")
