"""One quantity with its whole arithmetic, and a way to where each of its inputs came from."""

import re
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from lrstep.core.iteration import Iteration, Phase
from lrstep.core.run import Run
from lrstep.formulas.explain import explain, quantities_of
from lrstep.formulas.explanation import Explanation, Origin, Terms
from lrstep.session.styled_rows import Row, Rows, Span, block, fit, in_chars, row, row_width, text_width
from lrstep.tui.canvas import Canvas
from lrstep.tui.dialogs.dialog import Dialog

_KEYS = (
    " ↑ ↓ PgUp PgDn scroll · ← → other quantity · 1-9 go to where a number came from · Esc closes",
    " ↑ ↓ scroll · ← → other · 1-9 go to source · Esc closes",
    " ↑ ↓ ← → 1-9 Esc",
)

_WIDEST = 118
"""Columns of an explanation that does not fill the screen."""


class Explain(Dialog[Origin | None]):
    """Formula in letters, formula with numbers, sources, and the terms of each sum.

    Only the visible terms are made, so a batch of any size opens at once. Gives the place to go to, or None.

    Args:
        run: the run.
        iteration: the iteration to explain.
        phase: the phase whose quantities are explained, the main one first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("x,q,enter", "leave"),
        ("down,j", "scroll(1)"),
        ("up,k", "scroll(-1)"),
        ("pagedown,space", "page(1)"),
        ("pageup", "page(-1)"),
        ("home", "scroll(-1000000000)"),
        ("end", "scroll(1000000000)"),
        ("right,l,tab", "other(1)"),
        ("left,h,shift+tab", "other(-1)"),
        *((str(number), f"origin({number})") for number in range(1, 10)),
    ]

    def __init__(self, run: Run, iteration: Iteration, phase: Phase) -> None:
        super().__init__()
        self._of_run, self._iteration, self._phase = run, iteration, phase
        self._quantity = quantities_of(phase, run)[0]
        self._first = self._last = 0
        self._canvas = Canvas("canvas")
        self._box = Vertical(self._canvas, id="box")

    def compose(self) -> ComposeResult:
        """One canvas, in a frame where it does not fill the screen."""
        yield self._box

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
        if not width:
            return
        e = self.explanation
        width = min(width - 2, _WIDEST)
        head, table, whole = self._content(e, width)
        titles = self._titles(e, width)
        framed = whole + len(titles) + 3 <= height
        if framed:
            height = whole + len(titles) + 1
        else:
            width = self.size.width
            titles, (head, table, whole) = self._titles(e, width), self._content(e, width)
        self._box.set_class(framed, "framed")
        self._box.styles.width, self._box.styles.height = width + 2 * framed, height + 2 * framed
        room = height - len(titles) - 1
        self._last = max(0, whole - room)
        self._first = max(0, min(self._first, self._last))
        shown = head[self._first : self._first + room]
        if table:
            begin = max(0, self._first - len(head))
            shown += [self._chars(cells) for cells in table.lines(begin, room - len(shown))]
        more = f" lines {self._first + 1}-{self._first + room} " if self._last else ""
        keys = next((text for text in _KEYS if len(text) + len(more) <= width), "")
        bar = row((keys, "bar"), (more, "warn"))
        rows = [*map(self._chars, titles), *block(shown, width, room), self._chars(bar)]
        self._canvas.paint([fit(cells, width) for cells in rows])

    def _titles(self, e: Explanation, width: int) -> Rows:
        """What is explained, and what else can be; in two lines where one is too short."""
        title, others = row((f" {e.title} ", "strong")), self._others()
        both = row(*title, "  ", *others)
        return [both] if row_width(both) <= width else [title, others]

    def _content(self, e: Explanation, width: int) -> "tuple[Rows, _Table | None, int]":
        """The lines above the terms, their table, and how many lines both have."""
        head = [self._chars(cells) for cells in self._above(e, width)]
        table = _Table(e.terms, width - 2) if e.terms else None
        # The heads of the table stand above its rows; a row may take more than one line.
        return head, table, len(head) + (table.tall * (1 + table.terms.count) if table else 0)

    def _others(self) -> Row:
        keys = quantities_of(self._phase, self._of_run)
        others = (Span(f" {key} ", "focus" if key == self._quantity else "dim") for key in keys)
        return tuple(others) if len(keys) > 1 else ()

    def _above(self, e: Explanation, width: int) -> Rows:
        letters = {step.letters for step in e.steps}
        # Of several formulas each stands above its own numbers.
        general = [line for line in e.formula.splitlines() if len(e.steps) == 1 or line not in letters]
        lines: Rows = [row("")]
        for line in general:
            lines += _wrapped(line, width, "dim")
        if general:
            lines.append(row(""))
        for line in e.total.splitlines():
            lines += _wrapped(line, width, "text")
        for step in e.steps:
            if step.letters not in general:
                lines += _wrapped(step.letters, width, "dim")
            lines += _wrapped(step.numbers, width, "changed")
        if e.result:
            lines += [row(""), row((" result ", "dim"), (f" {e.result} ", "strong"))]
        if e.keras:
            lines += _wrapped(f"Keras, as it ran: {e.keras}", width, "keras")
        if e.sources:
            lines += [row(""), row((" from", "dim"))]
            for number, origin in enumerate(e.sources, 1):
                there = origin.phase is not None and number <= 9
                lines.append(row((f"  {number if there else ' '} ", "key"), (origin.label, "text")))
        return [*lines, row("")]

    def _chars(self, cells: Row) -> Row:
        return in_chars(cells, self.app.ascii)

    def action_scroll(self, lines: int) -> None:
        """Scroll the terms."""
        self._first = max(0, min(self._first + lines, self._last))
        self._paint()

    def action_page(self, direction: int) -> None:
        """Scroll by half a screen."""
        self.action_scroll(direction * max(1, self.size.height // 2))

    def action_other(self, direction: int) -> None:
        """Explain the next quantity of the phase."""
        keys = quantities_of(self._phase, self._of_run)
        self._quantity = keys[(keys.index(self._quantity) + direction) % len(keys)]
        self._first = 0
        self._paint()

    def action_origin(self, number: int) -> None:
        """Go to where an input came from."""
        sources = self.explanation.sources
        if number <= len(sources) and sources[number - 1].phase is not None:
            self.dismiss(sources[number - 1])

    def on_mouse_scroll_down(self) -> None:
        """Scroll the terms."""
        self.action_scroll(3)

    def on_mouse_scroll_up(self) -> None:
        """Scroll back."""
        self.action_scroll(-3)


def _wrapped(text: str, width: int, style: str) -> Rows:
    """Lines of at most ``width``, broken at blanks and before · and /, never inside a number."""
    lines, line = [], ""
    for piece in re.findall(r"\s*[·/]?[^\s·/]*", text):
        if line.strip() and text_width(line + piece) > width - 2:
            lines.append(line)
            line = "    " + piece.lstrip()
        else:
            line += piece
    return [row((f" {line}", style)) for line in [*lines, line]]


class _Table:
    """Terms as lines of a width; where a row is too wide it goes on in the next line."""

    SAMPLED = 200

    def __init__(self, terms: Terms, width: int) -> None:
        self.terms = terms
        count, some = terms.count, self.SAMPLED
        rows = [terms.row(i) for i in (*range(min(count, some)), *range(max(count - some, 0), count))]
        # A number in full has at most 24 characters; what was not looked at may be that wide.
        least = 24 if count > 2 * some else 0
        first, *sizes = (max(map(len, column)) for column in zip(terms.headers, *rows, strict=True))
        self._widths = [first + bool(least), *(max(size, least) for size in sizes)]
        self._parts: list[list[int]] = [[]]
        used = 0
        for column, size in enumerate(self._widths):
            if self._parts[-1] and used + size + 2 > width:
                self._parts.append([])
                used = 6
            self._parts[-1].append(column)
            used += size + 2
        self.tall = len(self._parts)

    def lines(self, first: int, count: int) -> Rows:
        """Lines from ``first`` on; the heads are line 0."""
        made: Rows = []
        for number in range(first, min(first + count, self.tall * (1 + self.terms.count))):
            place, part = divmod(number, self.tall)
            cells = self.terms.row(place - 1) if place else self.terms.headers
            text = "  ".join(cells[c].rjust(self._widths[c]) for c in self._parts[part])
            made.append(row((f" {'      ' if part else ''}{text}", "text" if place else "dim")))
        return made
