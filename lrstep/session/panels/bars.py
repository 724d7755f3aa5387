"""The lines around the panels: header, position, ribbon of batches, what happens now."""

from collections.abc import Callable
from typing import NamedTuple

from lrstep.core.iteration import Phase
from lrstep.core.settings import FIELDS, Settings
from lrstep.formulas.divergence import has_diverged
from lrstep.plural import counted
from lrstep.session.figures import inline
from lrstep.session.panels.names import PHASE_NAMES
from lrstep.session.styled_rows import Row, Span, fit, row, row_width
from lrstep.session.view import View
from lrstep.visible import visible

BY = {"iteration": "iteration", "samples": "samples seen", "epoch": "epoch"}
"""Pace of runs side by side → what it goes by."""


class Box(NamedTuple):
    """One batch in the ribbon: its number from 1, and its cells."""

    batch: int
    cells: Row


def header(view: View, width: int) -> Row:
    """Data set, columns and settings of the run: as much of them as there is room for, the numbers first."""
    run, s = view.run, view.run.settings
    n, size = run.batches.n, run.batches.size
    samples, epochs = counted(n, "sample"), counted(s.epochs, "epoch")
    asked, all_ = (f" (asked {s.batch_size}, all taken)", " (all)") if s.batch_size > n else ("", "")
    name, used = f" {run.raw.name}", f" · {columns_in_use(view)}"
    kind = ", recorded" if run.recorded else "" if run.scaling is None else f", {s.scale} scaling"
    data = f"{name}{kind} · {samples} · batch size {size}{asked} · {epochs}"
    name, short = f"{name}{kind if run.scaling is None else ', scaled'}", f" · batch {size}{all_}"
    numbers, switches = _options(view)
    optimizer = f"{s.rule.title}  {'  '.join([*numbers, *switches])} "
    # Which framework's form of RMSprop it is goes before words about the data: formulas do not tell it at a glance.
    framework = s.rule.title.partition(" of ")[2]
    of = f"{framework}  " if framework else ""
    brief, bare = (f"{of}{' '.join(options)} " for options in ([*numbers, *switches], numbers))
    several = [(data + used, brief), *((f"{name}{used}{short}", right) for right in (optimizer, brief, bare))]
    fewer = [f"{name}{short}", name] if framework else []
    lefts = [
        (data + used, optimizer),
        *(several if len(run.dataset.features) > 1 else []),
        *((left, right) for left in (data, f"{name} · {n}{short} · {epochs}") for right in (optimizer, brief, bare)),
        *((left, right) for left in fewer for right in (brief, bare)),
    ]
    head = Span(" lrstep", "strong")
    for left, right in lefts:
        gap = width - row_width(view.row(row(head, left, right)))
        if gap >= 1:
            return row(head, (left, "bar"), (" " * gap, "bar"), (right, "bar"))
    end = row((f" {bare.removeprefix(of)}", "bar"))
    return (*fit(view.row(row(head, (name, "bar"))), width - row_width(view.row(end))), *end)


def _options(view: View) -> tuple[list[str], list[str]]:
    """The settings of the optimizer: those with letters and numbers, and what is switched on."""
    s = view.settings
    numbers, switches = options_in_use(s)
    lettered = [f"{FIELDS[name].symbol} {inline(value)}" for name, value in numbers.items()]
    switched = [*(FIELDS[name].label for name in switches), *([f"shuffled {s.seed}"] if s.shuffle else [])]
    return [f"lr {inline(s.learning_rate)}", *lettered], switched


def options_in_use(settings: Settings) -> tuple[dict[str, float], list[str]]:
    """The options of the optimizer: those with numbers, ε last, without a momentum of 0; and those switched on."""
    names = sorted(settings.rule.options, key=lambda name: name == "epsilon")
    values = {name: getattr(settings, name) for name in names if name != "momentum" or settings.momentum}
    numbers = {name: value for name, value in values.items() if not isinstance(value, bool)}
    return numbers, [name for name, value in values.items() if value is True]


def columns_in_use(view: View) -> str:
    """Which columns are features and which is the label."""
    dataset = view.run.raw
    return f"{', '.join(map(visible, dataset.features))} → {visible(dataset.label)}"


def position(view: View, width: int) -> Row:
    """Epoch, batch, iteration and phase in words, and what is wrong with the run, if anything."""
    run, i = view.run, view.iteration
    if view.number == 0:
        where = f" Start, before iteration 1 of {run.n_iterations}"
    else:
        where = (
            f" Epoch {i.epoch} of {run.settings.epochs} · Batch {i.batch} of {run.batches.per_epoch}"
            f" · Iteration {i.number} of {run.n_iterations}"
        )
    parts = [Span(where, "strong")]
    if view.phase not in (Phase.START, Phase.AFTER):
        parts.append(Span(f" · {PHASE_NAMES[view.phase]}", "focus"))
    if view.number and has_diverged(run, i, view.phase):
        parts.append(Span(f" · diverged at iteration {run.diverged_at or i.number}", "bad"))
    used = row_width(view.row(tuple(parts)))
    parts += view.first_fit(width - used, *(row((text, "focus")) for text in _lockstep(view)), ())
    return fit(view.row(tuple(parts)), max(width, 0)) if row_width(view.row(tuple(parts))) > width else tuple(parts)


def _lockstep(view: View) -> tuple[str, ...]:
    """Which of several runs this is, and at which pace they go, the longest way to say it first."""
    runs = view.lockstep
    if runs is None:
        return ()
    of, by = f"run {runs.shown + 1} of {len(runs.lanes)}", f"by {BY[runs.pace]}"
    return f" · {of}: {runs.lanes[runs.shown].label} · {by}", f" · {of} · {by}", f" · {by}"


def ribbon(view: View, width: int) -> list[Box]:
    """The samples of the epoch in their order, cut into batches: done, current, to come.

    As many batches around the current one as fit, with their samples if there is room, else with
    their range or their number.
    """
    batches = view.run.batches
    describe: Callable[[View, int], str]
    for describe in (_samples, _span):
        if batches.per_epoch <= 400 and (describe is _span or batches.n <= width):
            boxes = [_box(view, batch, describe) for batch in range(1, batches.per_epoch + 1)]
            if sum(row_width(view.row(box.cells)) for box in boxes) <= width:
                return boxes
    return _window(view, width)


def _window(view: View, width: int) -> list[Box]:
    current, last = view.iteration.batch, view.run.batches.per_epoch
    describe = _samples if view.iteration.m * 6 <= width else _span
    chosen = [_box(view, current, describe)]
    room = width - row_width(view.row(chosen[0].cells)) - 4
    before, after = current - 1, current + 1
    while before >= 1 or after <= last:
        place = before if before >= 1 and (current - before <= after - current or after > last) else after
        box = _box(view, place, describe)
        room -= row_width(view.row(box.cells))
        if room < 0:
            break
        if place == before:
            chosen.insert(0, box)
            before -= 1
        else:
            chosen.append(box)
            after += 1
    start = [Box(0, row((" …" if chosen[0].batch > 1 else "  ", "dim")))]
    end = [Box(0, row(("…" if chosen[-1].batch < last else " ", "dim")))]
    return start + chosen + end


def _box(view: View, batch: int, describe: Callable[[View, int], str]) -> Box:
    i = view.iteration
    inside = describe(view, batch)
    done = view.number > 0 and batch < i.batch
    text = (f"[{inside}]", "batch") if batch == i.batch else (inside, "done" if done else "dim")
    return Box(batch, row(("▕", "frame"), text, ("▏", "frame")))


def _samples(view: View, batch: int) -> str:
    rows = view.run.batches.rows(view.iteration.epoch, batch)
    return " ".join(str(sample + 1) for sample in rows.tolist())


def _span(view: View, batch: int) -> str:
    batches = view.run.batches
    if not batches.in_order_of_data:
        return f"batch {batch}"
    span = batches.span(batch)
    return str(span.stop) if span.stop - span.start == 1 else f"{span.start + 1}-{span.stop}"
