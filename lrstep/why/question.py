"""What is asked: which quantity, of which iteration, and what is right there."""

import math
from dataclasses import dataclass

from lrstep.core.run import Run
from lrstep.formulas.quantities import parse_meant, quantities, value_at
from lrstep.why.worlds import COMMON, KNOWN, RARE


@dataclass(frozen=True)
class Question:
    """What a person asks: quantities meant (or none), iteration asked for (or None), where the cursor is."""

    meant: tuple[str, ...]
    iteration: int | None
    focus: int

    @classmethod
    def of(cls, run: Run, meant: str | None, iteration: int | None, cursor: int | None) -> "Question":
        """From what a person gave.

        A name that is itself a key of ``lrstep trace`` means that quantity alone: ``rmse`` is the RMSE of the batch.
        Where a quantity is named and no iteration, it is the one under the cursor, or the only one.

        Raises:
            LrstepError: no quantity is called as ``meant``.
        """
        named: tuple[str, ...] = ()
        if meant:
            named = parse_meant(meant, run)
            key = meant.strip().lower().replace(" ", "_").replace("-", "_")
            named = (key,) if key in named else named
        place = iteration or ((cursor or (1 if run.n_iterations == 1 else None)) if named else None)
        return cls(named, place, iteration or cursor or 1)

    def fits(self, quantity: str, iteration: int | None) -> bool:
        """Whether a quantity of an iteration is what was asked for, as far as that was said."""
        return (not self.meant or quantity in self.meant) and self.iteration in (None, iteration)

    @property
    def said(self) -> bool:
        """Whether the person said what the number was meant to be."""
        return bool(self.meant) or self.iteration is not None

    def right(self, run: Run, quantity: str, iteration: int | None) -> float | None:
        """The right value of a quantity there; None where there is none, or none for all the samples."""
        if iteration is None or quantities(run)[quantity].per_sample:
            return None
        return value_at(run, quantity, iteration)

    def rank_of_reading(self, run: Run, quantity: str, iteration: int | None) -> int | None:
        """How likely another figure of the run stands where this one was meant; None where that is far-fetched."""
        if not self.meant or not self.iteration:
            return KNOWN
        same_quantity, t = quantity in self.meant, self.iteration
        per_epoch = run.batches.per_epoch
        if same_quantity:
            near = iteration in (t - 1, t + 1, t * per_epoch)
            return COMMON if near else KNOWN if iteration in (t - per_epoch, t + per_epoch, None) else RARE
        if iteration == t:
            losses = [key for key in (quantity, self.meant[0]) if key.endswith(("loss", "rmse"))]
            return COMMON if len(losses) == 2 else KNOWN
        return None


@dataclass(frozen=True)
class Asked:
    """What was asked about, and the right value.

    Attributes:
        quantity: its key, None where nothing was said.
        iteration: None where nothing was said.
        right: the value there; None where it is not known which.
    """

    quantity: str | None
    iteration: int | None
    right: float | None

    @property
    def known(self) -> bool:
        """Whether there is a right value."""
        return self.right is not None and math.isfinite(self.right)
