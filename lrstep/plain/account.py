"""An iteration as text, the meaning before the number, in the order of the computation.

The arithmetic comes from the panels of the screen, and so do the numbers.
"""

from collections.abc import Callable, Sequence

from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.core.settings import FIELDS, Settings
from lrstep.export.text import scaled
from lrstep.formulas.divergence import has_diverged
from lrstep.formulas.numerals import agreeing_digits, agreement
from lrstep.formulas.quantities import called, quantities
from lrstep.plain.voice import WIDTH, Voice
from lrstep.plural import counted
from lrstep.session.figures import inline, one, updates
from lrstep.session.narration import line, narrate
from lrstep.session.panels import as_it_ran, computed
from lrstep.session.panels.bars import options_in_use
from lrstep.session.panels.batch_table import columns, table
from lrstep.session.panels.names import PHASE_NAMES
from lrstep.session.panels.parameters import accumulated, moved, parameter_steps
from lrstep.session.styled_rows import Row, beside, plain
from lrstep.session.view import View

ROWS = 8
"""So many samples of a batch are shown unless all are asked for."""

LISTED = 20
"""So many sample numbers of a batch are listed."""

_PORTION = 1000
_WIDE = 1000
"""Width at which a panel never has to leave a number out."""


class Account:
    """Tells about a place in a run.

    Args:
        voice: says it.
    """

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.say = voice.say

    def opening(self, run: Run, title: str) -> None:
        """Data and settings."""
        s, n, data = run.settings, run.batches.n, run.raw
        if title:
            self.say(f"{title}.")
        named = "features" if len(data.features) > 1 else "feature"
        asked = f" (asked {s.batch_size}, all taken)" if s.batch_size > n else ""
        self.say(
            f"Data {data.name}: {counted(n, 'sample')}, {named} {data.feature}, label {data.label}.",
            f"Batch size {run.batches.size}{asked}, {counted(s.epochs, 'epoch')}, "
            f"{counted(run.n_iterations, 'iteration')}.",
        )
        self.say(f"{s.rule.title}: {', '.join(_options(s))}.")
        if run.scaling is not None:
            self.say(f"All numbers are of the data after {scaled(run)}.")

    def place(self, view: View) -> None:
        """Iteration, epoch and batch; which samples; what is wrong with the run, if anything."""
        run = view.run
        if not view.number:
            self.say(f"Start, before iteration 1 of {run.n_iterations}.")
            return
        i = view.iteration
        phase = f", phase {PHASE_NAMES[view.phase]}" if view.phase != Phase.AFTER else ""
        self.say(
            f"Iteration {i.number} of {run.n_iterations}, epoch {i.epoch} of {run.settings.epochs}, "
            f"batch {i.batch} of {run.batches.per_epoch}{phase}."
        )
        if has_diverged(run, i, view.phase):
            self.say(f"Diverged at iteration {run.diverged_at or i.number}: the numbers are no longer finite.")
        if view.phase in (Phase.BATCH, Phase.AFTER):
            self.say(f"Batch of {counted(i.m, 'sample')}: {_samples(view)}.")

    def whole(self, view: View) -> None:
        """A whole iteration, or the start."""
        for part in self._parts()[Phase.PREDICTIONS :] if view.number else [self.start]:
            part(view)

    def phase(self, view: View) -> None:
        """What the phase under the cursor computes."""
        self._parts()[view.phase](view)

    def _parts(self) -> list[Callable[[View], None]]:
        """What is said of each phase, in their order; batch and predictions are one table."""
        of_batch = [self.samples, self.samples, self.loss, self.gradient]
        return [self.start, *of_batch, self.accumulator, self.update, self.after]

    def words(self, view: View) -> None:
        """What happens here and why, in a sentence or two."""
        if not view.number:
            self.say(line(view.run, None, view.phase))
            return
        self.say(" ".join(_text(cells) for cells in narrate(view, 200, 4)))

    # --- the phases ------------------------------------------------------------------------------

    def start(self, view: View) -> None:
        """The state before the first iteration."""
        for key, value in zip(view.run.parameters, view.run.start.parameters, strict=True):
            self.say(f"{_name(key)}: {one(value).strip()}")
        self._least_squares(view)

    def samples(self, view: View, all_of_them: bool = False) -> None:
        """The samples of the batch with what is computed for each of them."""
        m = view.iteration.m
        shown = m if all_of_them or m <= ROWS + 2 else ROWS
        for first in range(0, shown, _PORTION):
            lines = _table(view, first, min(_PORTION, shown - first))
            self.voice.rows(lines if not first else lines[1:])
        if shown < m:
            self.say(f"and {m - shown} more samples; batch shows all of them.")

    def loss(self, view: View) -> None:
        """RMSE and loss with the weights from before the update; what Keras prints."""
        i = view.iteration
        self.say(
            f"This batch, weights before the update: {_figures(i.rmse, i.loss)}",
            f"Keras prints, epoch so far ({i.cumulative_count} of {counted(view.run.batches.n, 'sample')}): "
            f"{_figures(i.cumulative_rmse, i.cumulative_loss)}",
        )
        self._as_it_ran(view, "loss", "of this batch loss ")
        self._as_it_ran(view, "cumulative_loss", "printed loss ")
        self._as_it_ran(view, "cumulative_rmse", "printed RMSE ")

    def gradient(self, view: View) -> None:
        """All derivatives."""
        steps = parameter_steps(view)
        names = [f"Gradient of {called(p.key)}" for p in steps]
        self._computed(view, names, computed.gradient(view, _WIDE, steps), as_it_ran.gradient_names(view, steps))

    def accumulator(self, view: View) -> None:
        """What the optimizer keeps of the gradients."""
        steps, slots = parameter_steps(view), accumulated(view.run.settings)
        rows = computed.accumulator(view, _WIDE, steps)
        if not slots:
            self.say(_text(rows[0]))
            return
        names = [f"{slot.label.capitalize()} of {called(p.key)}" for p in steps for slot in slots]
        self._computed(view, names, rows, as_it_ran.accumulator_names(view, steps))

    def update(self, view: View) -> None:
        """The steps with what the update keeps of them, and the parameters after them."""
        steps, kept = parameter_steps(view), moved(view.run.settings)
        rows = computed.weights(view, _WIDE, steps)
        size, keys = len(rows) // len(steps), as_it_ran.weights_names(view, steps)
        for place, p in enumerate(steps):
            first, *others = rows[place * size : (place + 1) * size]
            key, *other_keys = keys[place * size : (place + 1) * size]
            names = [*(slot.label.capitalize() for slot in kept), "Step"]
            self._computed(view, [f"{name} of {called(p.key)}" for name in names], others, other_keys)
            before, step, _ = updates([(p.before, p.numbers["step"], p.after)], computed.RESULT)[0]
            step = step.strip()
            self.say(f"{_name(p.key)}: {_result(first)}, before {before}")
            self.say(f"{p.letter} = {before} - {f'({step})' if step.startswith('-') else step}", indent="  ")
            self._as_it_ran(view, key)

    def after(self, view: View) -> None:
        """All data with the weights from before and after the update, and the goal."""
        i = view.iteration
        self.say(
            f"All data before the update: {_figures(i.full_rmse_before, i.full_loss_before)}",
            "All data after the update, Keras's val_root_mean_squared_error and val_loss: "
            f"{_figures(i.full_rmse, i.full_loss)}",
        )
        if view.run.scaling is not None:
            self.say(f"In the data's units: {_in_units_of_data(view)}")
        self._least_squares(view)

    def _least_squares(self, view: View) -> None:
        goal = view.run.reference
        if goal.exists:
            self.say(f"Least squares: {_named(view.run, goal.parameters)}")
        else:
            self.say(f"Least squares: {computed.no_goal(view)}")

    def _computed(self, view: View, names: list[str], rows: list[Row], keys: list[str]) -> None:
        """Lines of a panel, each a text that ends in its result: name and result first, then the text.

        ``keys`` are the quantities of the lines, by which what was recorded of them is found.
        """
        for name, cells, key in zip(names, rows, keys, strict=True):
            self.say(f"{name}: {_result(cells)}")
            formula = _text(cells[:-1]).removesuffix("=").rstrip()
            formula = formula if " = " in formula else formula.replace(" ", " = ", 1)
            self.say(formula, indent="  ")
            self._as_it_ran(view, key)

    def _as_it_ran(self, view: View, key: str, what: str = "") -> None:
        """What Keras had, where that was recorded, and to how many digits it agrees."""
        if key in view.as_it_ran:
            mine, theirs = quantities(view.run)[key].value(view.iteration), view.as_it_ran[key]
            agrees = f"agrees to {agreement(agreeing_digits(mine, theirs))}"
            self.say(f"Keras, as it ran: {what}{inline(theirs)}, {agrees}", indent="  ")


def _table(view: View, first: int, count: int) -> list[str]:
    left, right = table(view.but(scroll=first), columns(view.run, WIDTH - 1), count + 1)
    if view.phase == Phase.BATCH:
        right = [()] * len(left)
    return plain(beside(left, right))


def _in_units_of_data(view: View) -> str:
    """Parameters and RMSE of scaled data as they are without scaling."""
    scaling, i = view.run.scaling, view.iteration
    assert scaling is not None
    named = _named(view.run, scaling.unscaled_parameters(i.after.parameters))
    return f"{named}, RMSE {inline(scaling.unscaled_error(i.full_rmse))}"


def _named(run: Run, values: Sequence[float]) -> str:
    """Parameters with their values, within a sentence."""
    return ", ".join(f"{_name(key).lower()} {inline(one)}" for key, one in zip(run.parameters, values, strict=True))


def _name(key: str) -> str:
    """A parameter at the start of a sentence."""
    return key.replace("_", " ").capitalize()


def _options(settings: Settings) -> list[str]:
    """The settings of the optimizer in words, ε last."""
    numbers, switches = options_in_use(settings)
    told = [f"{name.replace('_', ' ')} {inline(value)}" for name, value in numbers.items()]
    told += [FIELDS[name].label for name in switches]
    told += [f"shuffled with seed {settings.seed}"] if settings.shuffle else []
    told.sort(key=lambda text: text.startswith("epsilon"))
    return [f"learning rate {inline(settings.learning_rate)}", *told]


def _result(cells: Row) -> str:
    return cells[-1].text.strip()


def _text(cells: Row) -> str:
    return " ".join("".join(span.text for span in cells).split())


def _figures(rmse: float, loss: float) -> str:
    return f"RMSE {one(rmse).strip()}, loss {one(loss).strip()}"


def _samples(view: View) -> str:
    numbers = [str(sample + 1) for sample in view.iteration.samples[:LISTED].tolist()]
    more = view.iteration.m - len(numbers)
    if more and view.run.batches.in_order_of_data:
        return f"{numbers[0]} to {view.iteration.samples[-1] + 1}"
    return " ".join(numbers) + (f" and {more} more" if more else "")
