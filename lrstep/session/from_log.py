"""What can be said of the start of a training from what was printed of it: the body of ``lrstep from-log``."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.start import glorot_limit
from lrstep.errors import LrstepError
from lrstep.formulas.numerals import short
from lrstep.formulas.quantities import listed
from lrstep.plural import counted
from lrstep.session.start_weight import StartWeight, can_be_searched, least_loss, start_weights
from lrstep.sources.progress_log import ProgressLog

RECORD = """Record the training, then every batch and every number of it is known:
  lrstep record train.py
In a notebook: lrstep recorder > lrstep_recorder.py, and callbacks=[Recorder("run.toml")] in fit."""


@dataclass(frozen=True)
class FromLog:
    """What was found.

    Attributes:
        settings: of the training, with the batch size and the epochs that the log shows.
        found: the weights that have the printed loss of epoch 1, the likeliest first.
        sure: the one that it was, None where that cannot be told.
        paragraphs: the answer.
    """

    settings: Settings
    found: tuple[StartWeight, ...]
    sure: StartWeight | None
    paragraphs: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, strings and numbers, for JSON."""
        return {
            "weight": self.sure.weight if self.sure else None,
            "error": self.sure.error if self.sure else None,
            "bias": self.settings.bias,
            "batch_size": self.settings.batch_size,
            "candidates": [
                {
                    "weight": one.weight, "error": one.error, "epochs_confirmed": one.followed,
                    "largest_difference": one.apart, "losses": list(one.losses),
                }
                for one in self.found
            ],
            "answer": list(self.paragraphs),
        }  # fmt: skip


def from_log(dataset: Dataset, settings: Settings, log: ProgressLog) -> FromLog:
    """Find the start weight behind a log.

    Args:
        dataset: what was trained on.
        settings: of the training; its weight is not looked at.
        log: what was printed.

    Raises:
        LrstepError: there are several features, or the log counts other batches than these data and settings make.
    """
    if len(dataset.columns) != 1:
        problem = f"{len(dataset.columns)} features have as many start weights, and the log has one number for them"
        raise LrstepError(problem, RECORD)
    printed = [epoch.loss for epoch in log.epochs if epoch.loss is not None]
    settings = _with_batches(settings, len(dataset), log.counted).changed(epochs=len(printed), weight=None)
    run = Run(dataset, settings)
    if run.batches.per_epoch > 1 and not can_be_searched(run):
        return FromLog(settings, (), None, (_unknown_order(run), RECORD))
    found = tuple(start_weights(dataset, settings, printed))
    sure, paragraphs = _Answer(run, log, found).judged()
    if log.more:
        paragraphs.append("Another fit follows in the log; this is of the first.")
    return FromLog(settings, found, sure, tuple(paragraphs))


def _with_batches(settings: Settings, n: int, counted_to: int) -> Settings:
    """The settings with the batch size that the log shows."""
    size = min(settings.batch_size, n)
    made = math.ceil(n / size)
    if counted_to in (0, made, n):  # old versions count samples
        return settings.changed(batch_size=size)
    if counted_to == 1:
        return settings.changed(batch_size=n)
    sizes = [each for each in range(1, n + 1) if math.ceil(n / each) == counted_to]
    if not sizes:
        hint = f"No batch size cuts {counted(n, 'sample')} into so many: are these the data of the training?"
    elif len(sizes) == 1:
        hint = f"Give --batch-size {sizes[0]}."
    else:
        hint = f"Give --batch-size, one of {sizes[0]} … {sizes[-1]}."
    raise LrstepError(
        f"the log counts {counted_to} batches an epoch, and batch size {size} makes {made} of {n} samples", hint
    )


def _unknown_order(run: Run) -> str:
    """Why the text alone decides nothing."""
    return (
        f"The text cannot decide it. An epoch has {run.batches.per_epoch} batches, and what is printed depends on "
        "which samples are in which of them: Keras shuffles them in each epoch, unless fit has shuffle=False, and "
        "prints no word of it."
    )


class _Answer:
    """The judgement of what was found, in sentences.

    Args:
        run: of the training; its weight is not looked at.
        log: what was printed.
        found: the weights that have the loss of epoch 1.
    """

    def __init__(self, run: Run, log: ProgressLog, found: Sequence[StartWeight]) -> None:
        self.run, self.log, self.found = run, log, found
        self.whole = run.batches.per_epoch == 1
        self.printed = [epoch.loss.text if epoch.loss else "" for epoch in log.epochs]

    def judged(self) -> tuple[StartWeight | None, list[str]]:
        """Which weight it was, if that can be told, and the answer."""
        if not self.found:
            return None, self._none()
        later = len(self.printed) - 1
        confirmed = [one for one in self.found if one.followed]
        if not later and not self.whole:
            return None, [self._if_in_order(), RECORD]
        if later and not confirmed:
            return None, self._not_followed()
        if len(confirmed) == 1:
            return confirmed[0], self._confirmed(confirmed[0])
        drawn = [one for one in confirmed or self.found if one.drawn]
        return (drawn[0] if len(drawn) == 1 else None), self._by_the_draw(drawn, confirmed)

    def _none(self) -> list[str]:
        bias = f"with the bias {short(self.run.settings.bias)}"
        if not self.run.dataset.x.any():
            return ["Of a feature that is 0 in every sample any start weight has the same loss.", RECORD]
        if not self.whole:
            limit = short(glorot_limit(), 4)
            sought = f"No start weight between -{limit} and {limit} gives the {self.printed[0]} of epoch 1 {bias}"
            return [f"{sought} and the batches in the order of the data.", _unknown_order(self.run), RECORD]
        least = least_loss(self.run.dataset, self.run.settings.bias)
        known = f"the least is {short(least)}" if math.isfinite(least) else "no loss of theirs is a finite number"
        problem = f"No start weight has the loss {self.printed[0]} of epoch 1 {bias}: {known}."
        return [problem, "Are these the data, the label and the bias of the training?", RECORD]

    @property
    def _why(self) -> str:
        n, weights = self.run.batches.n, listed([weight_text(one) for one in self.found])
        if self.whole:
            all_of_them = f"all {n} samples have" if n > 1 else "the one sample has"
            where = f"which {all_of_them} at the start{', as they are one batch' * (n > 1)}"
        else:
            where = f"{self.run.batches.per_epoch} batches in the order of the data"
        has = "Two weights have it" if len(self.found) == 2 else "One weight has it"
        has = has if len(self.found) < 3 else f"{len(self.found)} weights have it"
        return f"Epoch 1 printed the loss {self.printed[0]}, {where}. {has}: {weights}."

    def _confirmed(self, best: StartWeight) -> list[str]:
        later = len(self.printed) - 1
        epochs = "the epoch" if best.followed == 1 else f"the {best.followed} epochs"
        said = f"Sure: {epochs} after it printed what {weight_text(best)} leads to, at most {best.apart:.1g} apart."
        for other in self.found[1:]:
            said += f" With {weight_text(other)} epoch 2 would have printed {other.losses[1]:.4f} and not "
            said += f"{self.printed[1]}."
        if not self.whole:
            said += " So the batches were in the order of the data (shuffle=False)."
        lines = [self._head(best), self._why, said]
        if best.followed < later:
            number = best.followed + 2
            lines.append(
                f"From epoch {number} on it is otherwise: {self.printed[number - 1]} was printed, and "
                f"{best.losses[number - 1]:.4f} computed. Two right runs part so in the end, by rounding alone; or a "
                "setting changed there."
            )
        return lines

    def _by_the_draw(self, drawn: list[StartWeight], confirmed: list[StartWeight]) -> list[str]:
        """The later epochs, if there are any, tell the weights not apart."""
        limit = short(glorot_limit(), 4)
        fit = "The epochs after it fit each." if confirmed else "A second epoch in the log would tell them apart."
        where = f"Keras draws a start weight between -{limit} and {limit} (Glorot uniform), and"
        if len(drawn) == 1:
            return [self._head(drawn[0]), self._why, f"{fit} {where} only {weight_text(drawn[0])} lies there."]
        lie = f"{listed([weight_text(one) for one in drawn])} lie there" if drawn else "none lies there"
        return [self._why, f"Which of them it was cannot be told. {fit} {where} {lie}.", RECORD]

    def _if_in_order(self) -> str:
        return (
            f"{_unknown_order(self.run)} If it was not shuffled, the start weight was "
            f"{listed([weight_text(one) for one in self.found], 'or')}; a second epoch in the log would confirm that."
        )

    def _not_followed(self) -> list[str]:
        would = listed([f"{one.losses[1]:.4f} from {weight_text(one)}" for one in self.found], "or")
        said = f"Epoch 2 printed {self.printed[1]}, and these settings lead to {would}."
        if not self.whole:
            not_in_order = f"In the order of the data it was not: {said[0].lower()}{said[1:]}"
            return [_unknown_order(self.run), not_in_order, RECORD]
        mend = "Another optimizer, learning rate, bias or other data were used: give those of the training as settings."
        return [self._why, f"{said} {mend}"]

    def _head(self, one: StartWeight) -> str:
        bias = short(self.run.settings.bias)
        return f"The start weight was {weight_text(one)} (± {_rounded_up(one.error)}), with the bias {bias}."


def weight_text(one: StartWeight) -> str:
    """A weight with the digits that are known of it, and at least six."""
    known = math.ceil(-math.log10(one.error)) + 1 if one.error > 0 else 17
    six = 5 - math.floor(math.log10(abs(one.weight))) if one.weight else 0
    text = f"{one.weight:.{max(0, min(max(known, six), 17))}f}"
    return text if float(text) else text.removeprefix("-")


def _rounded_up(error: float) -> str:
    """An error in one digit, written out."""
    digits = max(0, -math.floor(math.log10(error))) if error > 0 else 0
    return f"{math.ceil(error * 10**digits) / 10**digits:.{digits}f}"
