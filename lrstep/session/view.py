"""What the panels are drawn from: an iteration, a phase inside it, and how it is to be shown."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from lrstep.core.iteration import Iteration, Phase
from lrstep.core.lockstep import Lockstep
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.session.characters import to_ascii
from lrstep.session.commands import KEYS
from lrstep.session.look import CHARTS
from lrstep.session.styled_rows import Row, Rows, Span, block, fit, in_chars, row, row_width

if TYPE_CHECKING:
    from lrstep.session.lesson.guide import Guide


Made = TypeVar("Made")


class Kept:
    """The last result of each maker. It holds one result for a name and lives as long as the session."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[tuple[object, ...], Any]] = {}

    def __call__(self, name: str, inputs: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """The result of a maker: its last one, where that was made from equal inputs.

        Args:
            name: of the maker.
            inputs: all that the result depends on; runs and data sets are compared by identity.
            make: makes it.
        """
        found = self._made.get(name)
        if found is None or found[0] != inputs:
            found = self._made[name] = inputs, make()
        made: Made = found[1]
        return made


@dataclass(frozen=True, eq=False)
class View:
    """State of the stepper as panels see it.

    Attributes:
        run: the run.
        number: iteration under the cursor; 0 is the start, before any step.
        phase: how far inside the iteration; ``START`` only where number is 0.
        scroll: first visible sample of the batch table.
        first_parameter: first parameter that panels show where not all of them fit.
        focus: name of the panel that has the focus, or "".
        chart: name of the chart shown.
        charts: those that can be chosen, with their titles.
        ascii: whether only ASCII characters may be used.
        zoom: what the Surface chart shows.
        axes: the two parameters that the Surface chart shows, by their places.
        marks: panel name → span shown in its title (the check's verdict).
        outcomes: quantity → the mark beside it, in a recorded run.
        hidden: quantities that practice hides.
        model: the chosen row of the table of all models; None for that of the cursor.
        guide: the lesson that is gone through.
        newcomer: whether a person is asked what brings them here.
        keys: command → its key, as people read it.
        kept: what was made for the views before this one; a part that depends on little need not be made again.
        lockstep: this run and those beside it; None where there are none.
    """

    run: Run
    number: int
    phase: Phase
    scroll: int = 0
    first_parameter: int = 0
    focus: str = ""
    chart: str = "fit"
    charts: Mapping[str, str] = field(default_factory=lambda: CHARTS)
    ascii: bool = False
    zoom: str = "follow"
    axes: tuple[int, int] = (0, 1)
    marks: dict[str, Span] = field(default_factory=dict)
    outcomes: dict[str, Span] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    model: int | None = None
    guide: "Guide | None" = None
    newcomer: bool = False
    keys: Mapping[str, str] = field(default_factory=lambda: KEYS)
    kept: Kept = field(default_factory=Kept)
    lockstep: Lockstep | None = None

    @cached_property
    def iteration(self) -> Iteration:
        """The iteration under the cursor; at the start the first one, of which nothing has happened yet."""
        number = max(self.number, 1)
        return self.kept("iteration", (self.run, number), lambda: self.run.iteration(number))

    @cached_property
    def as_it_ran(self) -> dict[str, float]:
        """What Keras had in that iteration, by quantity; empty where the run was not recorded."""
        return self.run.as_it_ran(max(self.number, 1))

    @property
    def settings(self) -> Settings:
        """The settings of that iteration; a recorded learning rate may change."""
        return self.run.settings_at(max(self.number, 1))

    @property
    def chosen_model(self) -> int:
        """The iteration that is chosen in the table of all models."""
        return self.number if self.model is None else self.model

    @property
    def on_models(self) -> bool:
        """Whether the table of all models has the focus, as a panel or as the chart."""
        return self.focus == "models" or (self.focus == "chart" and self.chart == "models")

    def but(self, **changes: Any) -> "View":
        """The same view with other values of some attributes."""
        return replace(self, **changes)

    def reached(self, phase: Phase) -> bool:
        """Whether the quantities of a phase are there yet."""
        return self.phase >= phase

    def chars(self, text: str) -> str:
        """The text in the characters that the terminal can show."""
        return to_ascii(text) if self.ascii else text

    def row(self, cells: Row) -> Row:
        """The same for a row."""
        return in_chars(cells, self.ascii)

    def fit(self, cells: Row, width: int) -> Row:
        """The row at exactly ``width`` cells, in the characters that the terminal can show."""
        return fit(self.row(cells), width, self.chars("…"))

    def block(self, rows: Rows, width: int, height: int) -> Rows:
        """Exactly ``height`` such rows."""
        return block(map(self.row, rows), width, height, self.chars("…"))

    def first_fit(self, width: int, *candidates: Row) -> Row:
        """The first of several ways to say something that fits; the last one if none does."""
        for cells in candidates:
            if row_width(self.row(cells)) <= width:
                return cells
        return candidates[-1]

    def first_text(self, width: int, texts: Iterable[str], style: str) -> Row:
        """The same of texts, all in one style."""
        return self.first_fit(width, *(row((text, style)) for text in texts))
