"""What tables, scripts, workbooks and pictures hold is as when it was last looked at."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator

import numpy as np
import openpyxl
import portraits
import pytest
from PIL import ImageDraw
from sitting import runs_of
from sittings import LONG_NAMES, made, of, with_data

from lrstep.core.dataset import Dataset
from lrstep.core.lockstep import Lane, Lockstep, in_lockstep
from lrstep.export import comparison, tables
from lrstep.export.keras_script import keras_script
from lrstep.export.pictures import write_frames, write_png
from lrstep.export.script import python_script
from lrstep.export.spans import ExportOptions, spans
from lrstep.export.workbook import write_workbook

RUNS = {
    "mlcc": of("mlcc", ""),
    "momentum, centered, shuffled": of("mlcc", "", momentum=0.9, centered=True, shuffle=True, batch_size=5, epochs=2),
    "PyTorch's, scaled to 0 … 1": of("mlcc", "", optimizer="rmsprop-pytorch", momentum=0.5, scale="minmax", epochs=2),
    "Nesterov, scaled": of(
        "flats", "", optimizer="sgd", momentum=0.9, nesterov=True, scale="standard", batch_size=5, epochs=1
    ),
    "Adam, three features": of(made(9, 3), "", optimizer="adam", batch_size=4, epochs=3),
    "Adagrad": of("outlier", "", optimizer="adagrad", epochs=1),
    "diverged": of("mlcc", "", optimizer="sgd", learning_rate=1e100, epochs=2),
    "names": of(made(5, 2, names=LONG_NAMES), "", batch_size=3, epochs=2),
    "no single plane": of(
        with_data(Dataset("flat", np.array([[1.0, 2, 7], [2, 4, 7], [4, 8, 7]]), np.arange(3.0), ("a", "b", "c"))),
        "", batch_size=2, epochs=2, scale="standard",
    ),
    "beside": of("mlcc", "", against=("batch_size=1", "batch_size=12", "optimizer=sgd lr=0.2"), epochs=2),
    "two runs": of("mlcc", "", against=("optimizer=sgd lr=0.2 batch_size=6",), epochs=2),
    "beside, scaled": of("flats", "", against=("scale=standard", "optimizer=adam"), batch_size=6, epochs=2),
}  # fmt: skip


def text_of(write: Callable[..., None], *given, **how) -> Iterator[str]:
    """The lines that are written."""
    out = io.StringIO()
    write(*given, out, **how)
    yield from portraits.rounded(out.getvalue()).splitlines()


def written(runs: Lockstep) -> Iterator[str]:
    """Every table and script of some runs."""
    if not runs.alone:
        comparison.compute(runs)
        for form in (comparison.write_table, comparison.write_json, comparison.write_csv):
            yield from text_of(form, runs)
        yield from text_of(comparison.write_table, runs, width=58)
        for form in (tables.write_json_of_runs, tables.write_csv_of_runs, tables.write_markdown_of_runs):
            yield from text_of(form, spans(runs, 2, 4))
        return
    run = runs.run
    yield from text_of(tables.write_table, run, samples=True, last=3)
    yield from text_of(tables.write_table, run, width=70)
    yield from text_of(tables.write_markdown, run, samples=True, last=2)
    yield from text_of(tables.write_csv, run, samples=True, first=2, last=3)
    yield from text_of(tables.write_json, run, first=2, last=3)
    yield from portraits.rounded(python_script(run)).splitlines()
    if run.settings.rule.keras:
        yield from portraits.rounded(keras_script(run)).splitlines()


def test_tables_and_scripts(request):
    portraits.compare("tables", ((name, written(runs_of(sketch))) for name, sketch in RUNS.items()), request)


def cells(runs: Lockstep, path) -> Iterator[str]:
    """All cells of a workbook with formula and value, and what its charts and rules refer to."""
    named = in_lockstep((Lane(runs.run, ""),)) if runs.alone else runs
    write_workbook(named, path, runs.run.n_iterations)
    formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    for sheet in formulas:
        yield f"{sheet.title} {sheet.freeze_panes}"
        for cell in filter(lambda cell: cell.value is not None, (cell for line in sheet.iter_rows() for cell in line)):
            formula = cell.value if cell.data_type == "f" else ""
            value = values[sheet.title][cell.coordinate].value
            shown = f"{value:.10g}" if isinstance(value, float) else value
            yield portraits.rounded(f"{cell.coordinate} {formula} {shown} {cell.number_format}")
    with zipfile.ZipFile(path) as packed:
        for name in sorted(packed.namelist()):
            if "charts/chart" in name:
                yield f"{name}: {re.findall(r'<(?:c:f|a:t)>([^<]*)<', packed.read(name).decode())}"


def test_workbooks(request, tmp_path):
    chosen = ("momentum, centered, shuffled", "Nesterov, scaled", "Adam, three features", "two runs", "no single plane")
    portraits.compare(
        "workbooks", ((name, cells(runs_of(RUNS[name]), tmp_path / "a.xlsx")) for name in chosen), request
    )


def strokes(runs: Lockstep, folder) -> Iterator[str]:
    """What is drawn for a report and some frames, stroke by stroke, to the pixel."""
    drawn: list[str] = []

    def noted(kind: str) -> Callable[..., None]:
        def draw(self, at, *how) -> None:
            places = [f"{side:.0f}" for side in _flat(at)]
            drawn.append(" ".join([kind, ",".join(places), *(str(getattr(one, "size", one)) for one in how)]))

        return draw

    with pytest.MonkeyPatch.context() as patch:
        for kind in ("line", "ellipse", "rectangle", "polygon", "text"):
            patch.setattr(ImageDraw.ImageDraw, kind, noted(kind))
        part = ExportOptions(1, runs.run.n_iterations, 11)
        write_png(runs, folder / "a.png", part)
        write_frames(runs, folder, part)
    return iter(drawn)


def _flat(at) -> Iterator[float]:
    for one in at:
        yield from _flat(one) if isinstance(one, tuple) else (one,)


def test_pictures(request, tmp_path):
    chosen = ("mlcc", "Adam, three features", "beside")
    portraits.compare("pictures", ((name, strokes(runs_of(RUNS[name]), tmp_path)) for name in chosen), request)
