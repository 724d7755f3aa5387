"""One quantity with its whole arithmetic, and a way to where each of its inputs came from."""

import textwrap
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from lrstep.app.canvas import Canvas
from lrstep.app.cells import Row, Rows, Span, block, fit, row
from lrstep.app.theme import styles
from lrstep.app.view import to_ascii
from lrstep.core.iteration import Iteration, Phase
from lrstep.core.run import Run
from lrstep.explain.phases import Explanation, Origin, explain, quantities_of

if TYPE_CHECKING:
    from lrstep.app.main import Stepper

_KEYS = (
    " ↑ ↓ PgUp PgDn scroll · ← → other quantity · 1-9 go to where a number came from · Esc closes",
    " ↑ ↓ scroll · ← → other · 1-9 go to source · Esc closes",
    " ↑ ↓ ← → 1-9 Esc",
)


class Explain(ModalScreen[Origin | None]):
    """Formula in letters, formula with numbers, sources, and the terms of each sum.

    Only the visible terms are made, so a batch of any size opens at once. Gives the place to go to, or None.

    Args:
        run: the run.
        iteration: the iteration to explain.
        phase: the phase of the quantity.
        quantity: its key; by default the phase's main one.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,x,q,enter", "cancel", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home", "scroll(-1000000000)", show=False),
        Binding("end", "scroll(1000000000)", show=False),
        Binding("right,l,tab", "other(1)", show=False),
        Binding("left,h,shift+tab", "other(-1)", show=False),
        *(Binding(str(number), f"origin({number})", show=False) for number in range(1, 10)),
    ]
    app: "Stepper"

    def __init__(self, run: Run, iteration: Iteration, phase: Phase, quantity: str | None = None) -> None:
        super().__init__()
        self._of_run, self._iteration, self._phase = run, iteration, phase
        keys = quantities_of(phase, run.settings)
        self._quantity = quantity if quantity in keys else keys[0]
        self._first = 0
        self._last = 0
        self._canvas: Canvas | None = None

    def compose(self) -> ComposeResult:
        """One canvas."""
        self._canvas = Canvas(styles(self.app.looks), id="canvas")
        yield self._canvas

    @property
    def explanation(self) -> Explanation:
        """What is shown."""
        return explain(self._of_run, self._iteration, self._phase, self._quantity)

    def on_mount(self) -> None:
        """Show it."""
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Lay it out anew."""
        self._paint()

    def _paint(self) -> None:
        width, height = self.size
        if not width or self._canvas is None:
            return
        e = self.explanation
        head = [self._chars(cells) for cells in self._above(e, width)]
        room = height - 2
        count = e.terms.count if e.terms else 0
        self._last = max(0, len(head) + (count + 1 if count else 0) - room)
        self._first = max(0, min(self._first, self._last))
        shown = head[self._first : self._first + room]
        first_term = max(0, self._first - len(head) - 1)
        shown += self._terms(e, first_term, room - len(shown), self._first <= len(head))
        title = row((f" {e.title} ", "strong"), "  ", *self._others())
        more = f" lines {self._first + 1}-{self._first + room} " if self._last else ""
        keys = next((text for text in _KEYS if len(text) + len(more) <= width), "")
        bar = row((keys, "bar"), (more, "warn"))
        rows = [self._chars(title), *block(shown, width, room), self._chars(bar)]
        self._canvas.paint([fit(cells, width) for cells in rows])

    def _others(self) -> Row:
        keys = quantities_of(self._phase, self._of_run.settings)
        if len(keys) < 2:
            return ()
        return tuple(Span(f" {key} ", "focus" if key == self._quantity else "dim") for key in keys)

    def _above(self, e: Explanation, width: int) -> Rows:
        lines: Rows = [row(""), *_wrapped(e.formula, width, "dim"), row("")]
        if e.total:
            lines += _wrapped(e.total, width, "text")
        for step in e.steps:
            if step.letters != e.formula:
                lines += _wrapped(step.letters, width, "dim")
            lines += _wrapped(step.numbers, width, "changed")
        if e.result:
            lines += [row(""), row((" result ", "dim"), (f" {e.result} ", "strong"))]
        if e.sources:
            lines += [row(""), row((" from", "dim"))]
            for number, origin in enumerate(e.sources, 1):
                there = origin.phase is not None and number <= 9
                lines.append(row((f"  {number if there else ' '} ", "key"), (origin.label, "text")))
        return [*lines, row("")]

    def _terms(self, e: Explanation, first: int, room: int, with_head: bool) -> Rows:
        if e.terms is None or room < 1:
            return []
        terms = e.terms
        shown = [terms.row(i) for i in range(first, min(first + room, terms.count))]
        widths = [max(len(cells[c]) for cells in (terms.headers, *shown)) for c in range(len(terms.headers))]
        head = [row((" " + _columns(terms.headers, widths), "dim"))] if with_head else []
        return [self._chars(cells) for cells in [*head, *(row(" " + _columns(cells, widths)) for cells in shown)]]

    def _chars(self, cells: Row) -> Row:
        return tuple(Span(to_ascii(span.text), span.style) for span in cells) if self.app.ascii else cells

    def action_scroll(self, lines: int) -> None:
        """Scroll the terms."""
        self._first = max(0, min(self._first + lines, self._last))
        self._paint()

    def action_page(self, direction: int) -> None:
        """Scroll by half a screen."""
        self.action_scroll(direction * max(1, self.size.height // 2))

    def action_other(self, direction: int) -> None:
        """Explain the next quantity of the phase."""
        keys = quantities_of(self._phase, self._of_run.settings)
        self._quantity = keys[(keys.index(self._quantity) + direction) % len(keys)]
        self._first = 0
        self._paint()

    def action_origin(self, number: int) -> None:
        """Go to where an input came from."""
        sources = self.explanation.sources
        if number <= len(sources) and sources[number - 1].phase is not None:
            self.dismiss(sources[number - 1])

    def action_cancel(self) -> None:
        """Back to the stepper."""
        self.dismiss(None)

    def on_mouse_scroll_down(self) -> None:
        """Scroll the terms."""
        self.action_scroll(3)

    def on_mouse_scroll_up(self) -> None:
        """Scroll back."""
        self.action_scroll(-3)


def _wrapped(text: str, width: int, style: str) -> Rows:
    """Lines of at most ``width``, never broken inside a number."""
    lines = textwrap.wrap(
        text, max(20, width - 2), subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
    return [row((f" {line}", style)) for line in lines] or [row("")]


def _columns(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
