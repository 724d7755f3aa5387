"""The quantities of an iteration: what each is called, how it is computed, and where it stands."""

from dataclasses import dataclass

from lrstep.core.iteration import Phase
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError


@dataclass(frozen=True)
class Quantity:
    """One figure of an iteration.

    Attributes:
        key: its name in ``lrstep trace``.
        label: what it is called in a sentence.
        symbol: its letter in formulas.
        formula: how it is computed, in letters.
        phase: the phase that computes it.
        rank: how likely a person means it; what Keras prints comes first.
        aliases: other names a person may give it.
    """

    key: str
    label: str
    symbol: str
    formula: str
    phase: Phase
    rank: int
    aliases: tuple[str, ...] = ()

    @property
    def side(self) -> str:
        """``weight`` or ``bias`` for what exists once for each of the two, else empty."""
        return next((side for side in ("weight", "bias") if self.key.endswith(side)), "")


def _pair(stem: str, label: str, symbol: str, formula: str, phase: Phase, rank: int) -> list[Quantity]:
    """The weight's and the bias's version of a quantity; θ and the index p in a formula become theirs."""
    return [
        Quantity(
            f"{stem}{side}", label.format(side=side), f"{symbol}_{letter}" if symbol else letter,
            for_side(formula, letter), phase, rank,
        )
        for side, letter in (("weight", "w"), ("bias", "b"))
    ]  # fmt: skip


def for_side(formula: str, letter: str) -> str:
    """A formula for both parameters, written for one of them: θ → w, g_p → g_w, error·xᵖ → error·x."""
    return (
        formula.replace("·x^p", "·x" if letter == "w" else "").replace("_p", f"_{letter}").replace("θ", letter)
    )  # fmt: skip


QUANTITIES: dict[str, Quantity] = {
    quantity.key: quantity
    for quantity in (
        Quantity("cumulative_rmse", "RMSE of the epoch so far", "RMSE", "√(Σ error² / count) over the epoch so far",
                 Phase.LOSS, 0, ("keras_rmse", "epoch_rmse", "root_mean_squared_error")),
        Quantity("cumulative_loss", "loss of the epoch so far", "L", "Σ error² / count over the epoch so far",
                 Phase.LOSS, 0, ("keras_loss", "epoch_loss")),
        Quantity("full_rmse", "RMSE over all samples after the update", "RMSE", "√(Σ error² / n) with the new w and b",
                 Phase.AFTER, 1, ("val_rmse", "val_root_mean_squared_error")),
        Quantity("full_loss", "loss over all samples after the update", "L", "Σ error² / n with the new w and b",
                 Phase.AFTER, 1, ("val_loss",)),
        Quantity("rmse", "RMSE of the batch", "RMSE", "√(Σ error² / m)", Phase.LOSS, 2, ("batch_rmse",)),
        Quantity("loss", "loss of the batch", "L", "Σ error² / m", Phase.LOSS, 2, ("batch_loss", "mse")),
        *_pair("", "{side} after the update", "", "θ − step_p", Phase.UPDATE, 1),
        *_pair("gradient_", "gradient of the {side}", "g", "2/m·Σ error·x^p", Phase.GRADIENT, 3),
        *_pair("accumulator_", "accumulator of the {side}", "v", "ρ·v_p + (1 − ρ)·g_p²", Phase.ACCUMULATOR, 3),
        *_pair("mean_gradient_", "mean gradient of the {side}", "a", "ρ·a_p + (1 − ρ)·g_p", Phase.ACCUMULATOR, 4),
        *_pair("momentum_", "momentum of the {side}", "M", "μ·M_p + lr·g_p / √(v_p + ε)", Phase.UPDATE, 4),
        *_pair("step_", "step of the {side}", "step", "lr·g_p / √(v_p + ε)", Phase.UPDATE, 4),
        Quantity("prediction", "prediction", "ŷ", "w·x + b", Phase.PREDICTIONS, 6),
        Quantity("error", "error", "error", "ŷ − y", Phase.PREDICTIONS, 6),
        Quantity("squared_error", "squared error", "error²", "(ŷ − y)²", Phase.PREDICTIONS, 6),
        Quantity("x", "feature", "x", "x of the sample", Phase.BATCH, 7, ("feature",)),
        Quantity("y", "label", "y", "y of the sample", Phase.BATCH, 7, ("label",)),
    )
}  # fmt: skip
"""Key → quantity."""

PER_SAMPLE = ("prediction", "error", "squared_error", "x", "y")

GROUPS: dict[str, tuple[str, ...]] = {
    "rmse": ("rmse", "cumulative_rmse", "full_rmse"),
    "loss": ("loss", "cumulative_loss", "full_loss"),
    "weight": ("weight",),
    "bias": ("bias",),
    "w": ("weight",),
    "b": ("bias",),
    "slope": ("weight",),
    "intercept": ("bias",),
    "gradient": ("gradient_weight", "gradient_bias"),
    "accumulator": ("accumulator_weight", "accumulator_bias"),
    "velocity": ("accumulator_weight", "accumulator_bias"),
    "momentum": ("momentum_weight", "momentum_bias"),
    "step": ("step_weight", "step_bias"),
}
"""Names that stand for more than one quantity, the one that is called so first, or that other programs use."""


def parse_meant(name: str) -> tuple[str, ...]:
    """The quantities that a person's name for one may mean.

    Raises:
        LrstepError: no quantity is called so.
    """
    wanted = name.strip().lower().replace(" ", "_").replace("-", "_")
    if wanted in GROUPS:
        return GROUPS[wanted]
    for quantity in QUANTITIES.values():
        if wanted == quantity.key or wanted in quantity.aliases:
            return (quantity.key,)
    known = ", ".join(dict.fromkeys([*GROUPS, *QUANTITIES]))
    raise LrstepError(f"No quantity is called {name!r}", f"Use one of: {known}.")


def right_formula(key: str, settings: Settings) -> str:
    """How a quantity is computed with these settings: centered and momentum change the step."""
    formula = QUANTITIES[key].formula
    if settings.centered:
        for letter in "wb":
            formula = formula.replace(f"√(v_{letter} + ε)", f"√(v_{letter} − a_{letter}² + ε)")
    if settings.momentum > 0 and key.startswith("step_"):
        return f"μ·M_{key[5]} + {formula}"
    return formula
