"""All models: a row for each iteration from the start on, with its parameters and what they are worth.

Only the rows that are seen are made, so that it costs the same for any number of iterations.
"""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from lrstep.core.phase import Phase
from lrstep.core.run import SLICE, Run
from lrstep.formulas.update import parameter_letters
from lrstep.session.figures import DIGITS, LEAST_DIGITS, column
from lrstep.session.styled_rows import Row, Rows, Span, row, row_width, text_width
from lrstep.session.view import View

TITLE = "All models"

COUNTED = "iter"

HERE = "▸"
"""What stands in front of the cursor's row."""

END = "*"
"""What stands behind the RMSE of an epoch's last iteration."""

_MEANING = (
    "Keras prints the RMSE of the epoch so far, each batch with the weights from before its update; "
    "all data: with the weights of this row."
)

LEGEND = 10
"""Lines from which one is spent on what the table shows."""

HEADS = {
    "loss": ("loss of the batch", "loss", "loss"),
    "cumulative_rmse": ("RMSE: Keras prints", "Keras prints", "RMSE Keras", "Keras"),
    "full_rmse": ("RMSE: all data", "RMSE all data", "RMSE all", "all"),
}
"""The quantity of a column → what the column is called, the longest way first."""

SINCE = {"loss": Phase.LOSS, "cumulative_rmse": Phase.LOSS, "full_rmse": Phase.AFTER}
"""The phase in which they come to be known; parameters come with the update."""


class TableFormat(NamedTuple):
    """One way to write the table; the first that fits in the width is taken.

    Attributes:
        parameters: how many of them there are.
        loss: whether the loss of the batch is there.
        apart: whether epoch and batch are columns of their own; else they are one word, such as e2b3.
        tag: whether words tell where an epoch ends, and the heads are the long ones.
        named: whether the heads are names, and no shorter ones.
        digits: of the numbers.
        gap: blanks between two columns.
    """

    parameters: int
    loss: bool
    apart: bool = True
    tag: bool = False
    named: bool = False
    digits: int = DIGITS
    gap: int = 2


class TableColumn(NamedTuple):
    """A column: its head, a text and a style for each row, and the phase that computes it."""

    head: str
    texts: Sequence[str]
    styles: Sequence[str]
    since: Phase = Phase.START


class ModelsTable(NamedTuple):
    """A table: its head, each row without the number of the iteration in front, and how wide that is.

    The spans of a row are its columns; ``since`` are the phases that compute them.
    """

    head: Row
    rows: Rows
    number: int
    since: tuple[Phase, ...]


def models(view: View, width: int, height: int, legend: bool = True) -> Rows:
    """The table with its head, and what it shows in a line below, where there is room and it is wanted."""
    shown = models_shown(view, height, legend)
    last = shown.stop - 1
    seen = min(last, view.run.reach)
    if 0 < (seen - view.run.computed) * view.run.batches.size <= SLICE:
        view.run.advance(seen)  # what takes no time; else the rows are filled in once they are computed
    last = min(last, view.run.computed, view.number - 1 if view.hidden else last)  # practice hides what comes
    inputs = (view.run, shown, last, width, view.first_parameter)
    made = view.kept(TITLE, inputs, lambda: _made(*inputs))
    lines: Rows = [made.head]
    for place, cells in zip(shown, made.rows, strict=True):
        if place == view.number > 0:
            known = map(view.reached, made.since)
            cells = tuple(s if k else s._replace(text=" " * len(s.text)) for s, k in zip(cells, known, strict=True))
        mark = Span(
            f"{HERE if place == view.number else ' '}{place:>{made.number}}",
            "strong" if place == view.number else "dim",
        )
        chosen = view.on_models and place == view.chosen_model
        lines.append(tuple(Span(text, "focus") for text, _ in (mark, *cells)) if chosen else (mark, *cells))
    return [*lines, *_legend(view, width, height - len(lines))] if legend else lines


def models_shown(view: View, height: int, legend: bool = True) -> range:
    """The iterations that have a row in a table of so many lines, from its second one on.

    They are those around the chosen one, and move by half a page.
    """
    room, last = max(1, height - 1 - (legend and height >= LEGEND)), view.run.n_iterations
    half = max(1, room // 2)
    first = view.chosen_model // half * half - half // 2
    first = max(0, min(first, last + 1 - room))
    return range(first, min(first + room, last + 1))


def keys(view: View) -> str:
    """What keys do while the table has the focus; empty while it has not."""
    arrows = f"{view.keys['phase_back']} {view.keys['phase_next']}"
    return f"{arrows} choose · Enter goes there · Esc leaves" if view.on_models else ""


def _legend(view: View, width: int, height: int) -> Rows:
    """The keys, and what else can be said whole in so many lines."""
    ends = f"{END} an epoch ends: Keras keeps this RMSE."
    of_keys = [text.replace(" choose", "") if len(text) > width - 2 else text for text in [keys(view)] if text][:height]
    for says in (f"{ends} {_MEANING}", ends, ""):
        texts = textwrap.wrap(view.chars(says), width - 2)
        if len(of_keys) + len(texts) <= height:
            break
    return [row((f" {text}", "dim")) for text in (*of_keys, *texts)]


def _made(run: Run, shown: range, last: int, width: int, first_parameter: int) -> ModelsTable:
    """The table in the first form that fits."""
    forms = list(_forms(len(run.parameters)))
    for form in forms:
        made = _written(run, shown, last, form, first_parameter)
        if row_width(made.head) <= width:
            break
    return made


def _forms(parameters: int) -> list[TableFormat]:
    """All forms, the one with the most to read first."""
    digits = range(DIGITS, LEAST_DIGITS - 1, -1)
    whole = [TableFormat(parameters, True, tag=True), TableFormat(parameters, True, named=True)]
    whole += [TableFormat(parameters, True, apart, digits=d) for apart, d in product((True, False), digits)]
    whole += [TableFormat(parameters, False, apart, digits=d) for apart, d in product((True, False), digits)]
    close = [TableFormat(parameters, False, False, digits=d, gap=1) for d in (LEAST_DIGITS, LEAST_DIGITS - 1)]
    close += [TableFormat(count, False, False, digits=LEAST_DIGITS, gap=1) for count in range(parameters - 1, 0, -1)]
    return whole + close


def _written(run: Run, shown: range, last: int, form: TableFormat, first_parameter: int) -> ModelsTable:
    """The table in a form: columns of texts, each as wide as it has to be."""
    ends = [number > 0 and number % run.batches.per_epoch == 0 for number in shown]
    columns = [*_places(run, shown, form), *_figures(run, shown, last, form, first_parameter, ends)]
    if form.tag:
        tags = [run.batches.position(number)[0] if end else 0 for number, end in zip(shown, ends, strict=True)]
        columns.append(TableColumn("", [f"epoch {tag} ends" if tag else "" for tag in tags], ["keras"] * len(tags)))
    sizes = [max(text_width(text) for text in (part.head, *part.texts)) for part in columns]
    padded = [
        part._replace(head=part.head.rjust(size), texts=[text.rjust(size) for text in part.texts])
        for part, size in zip(columns, sizes, strict=True)
    ]
    gap = " " * form.gap
    head = "".join(gap + part.head for part in padded)
    rows = [tuple(Span(gap + part.texts[place], part.styles[place]) for part in padded) for place in range(len(shown))]
    number = max(len(str(run.n_iterations)), len(COUNTED) if form.apart else 0)
    since = tuple(part.since for part in padded)
    return ModelsTable(row((f" {COUNTED if form.apart else '':>{number}}{head}", "dim")), rows, number, since)


def _places(run: Run, shown: range, form: TableFormat) -> list[TableColumn]:
    """Where an iteration stands: its epoch and the batch in it."""
    positions = [run.batches.position(number) if number else None for number in shown]
    dim = ["dim"] * len(shown)
    if form.apart:
        parts = ([str(at[part]) if at else "-" for at in positions] for part in (0, 1))
        return [TableColumn(name, texts, dim) for name, texts in zip(("epoch", "batch"), parts, strict=True)]
    size = len(f"e{run.settings.epochs}b{run.batches.per_epoch}")
    return [TableColumn("", [(f"e{at[0]}b{at[1]}" if at else "-").ljust(size) for at in positions], dim)]


def _figures(
    run: Run, shown: range, last: int, form: TableFormat, first_parameter: int, ends: Sequence[bool]
) -> Iterator[TableColumn]:
    """Parameters, loss, and RMSE; nothing where it is not known, and at the start where there is no batch."""
    names = run.parameters
    first = min(first_parameter, len(names) - form.parameters)
    chosen = names[first : first + form.parameters]
    letters = dict(zip(names, parameter_letters(names), strict=True))
    numbers = np.arange(shown.start, min(last, shown.stop - 1) + 1)
    for name in (*chosen, *(["loss"] if form.loss else []), "cumulative_rmse", "full_rmse"):
        values = run.series(name, numbers)
        begins = 0 if name in letters or name == "full_rmse" or shown.start else 1
        texts = [""] * begins + column(values[begins:].tolist(), form.digits)
        texts += [""] * (len(shown) - len(texts))
        styles = ["warn" if text and not text.strip("-infa") else "text" for text in texts]
        if name == "cumulative_rmse":
            texts = [text + (END if end else " ") for text, end in zip(texts, ends, strict=True)]
            styles = ["keras" if end and style == "text" else style for end, style in zip(ends, styles, strict=True)]
        size = max(map(len, texts)) + form.gap - 1
        head = letters.get(name, "") or _head(HEADS[name], size, form)
        yield TableColumn(head, texts, styles, SINCE.get(name, Phase.UPDATE))
    if len(chosen) < len(names):
        yield TableColumn("…", [""] * len(shown), ["dim"] * len(shown))


def _head(heads: Sequence[str], size: int, form: TableFormat) -> str:
    """What a column is called: the longest name that fits, where the table need not be narrow."""
    if form.tag or form.named:
        return heads[0 if form.tag else 1]
    return next((head for head in heads[1:] if len(head) <= size), heads[-1])
