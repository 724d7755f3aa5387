"""The workbook: values as the run has them, and formulas that compute the same, for other settings too."""

import errno
import gc
import math
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from lrstep.core.batches import Batches
from lrstep.core.dataset import Dataset
from lrstep.core.lockstep import Lane, Lockstep, in_lockstep
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.symbols import Leaf
from lrstep.errors import LrstepError
from lrstep.export import workbook
from lrstep.export.progress import Cancelled
from lrstep.export.rows import row
from lrstep.export.sheet_columns import MAX_ROWS, SheetLayout, iterations_layout, samples_layout, start_formulas
from lrstep.formulas.notation import CELL, Writer

Cells = dict[tuple[str, str], float]


def alone(run: Run) -> Lockstep:
    return in_lockstep((Lane(run, ""),))


def layout(run: Run) -> SheetLayout:
    return iterations_layout(run, full_loss_by_sample=True)


def expected(run: Run, last: int | None = None) -> Iterator[tuple[str, str, float]]:
    """(sheet, cell, number) of every quantity, taken from the run by itself."""
    letters, top = layout(run).letters, 3
    for number in range(1, (last or run.n_iterations) + 1):
        it = run.iteration(number)
        quantities = row(run, it) | {"m": len(it.y), "epoch_count": it.cumulative_count}
        for parameter, made in zip(run.parameters, it.updates, strict=True):
            quantities |= {
                f"{name}_{parameter}": made[name] for name in ("root", "denominator", "step") if name in made
            }
        del quantities["samples"]
        for key, value in quantities.items():
            yield "Iterations", f"{letters[key]}{number + 3}", value
        columns = (*it.columns, it.y, it.prediction, it.error)
        for at, sample in enumerate(it.samples, top):
            *xy, p, e = (float(column[at - top]) for column in columns)
            values = (number, sample + 1, *xy, p, e, e * e, *(e * x for x in xy[:-1]))
            for letter, value in zip("ABCDEFGHIJKL", values, strict=False):
                yield "Samples", f"{letter}{at}", value
        top += len(it.y)


def assert_equal(read: Callable[[str, str], object], run: Run, tolerance: float = 1e-12) -> None:
    for sheet, cell, value in expected(run):
        assert read(sheet, cell) == pytest.approx(value, rel=tolerance, abs=1e-14), (sheet, cell)


def stored(path: Path) -> Callable[[str, str], object]:
    book = openpyxl.load_workbook(path, data_only=True)
    return lambda sheet, cell: book[sheet][cell].value


def assert_equal_least_squares(read: Callable[[str, str], object], place: dict[str, str], run: Run) -> None:
    for name, value in zip(run.parameters, run.reference.parameters, strict=True):
        assert read("Settings", place[f"least_squares_{name}"]) == pytest.approx(value, rel=1e-9, abs=1e-14), name


def addresses(book: openpyxl.Workbook) -> dict[str, str]:
    """The named cells of the sheet Settings."""
    names = book.defined_names
    places = {name: defined.attr_text.split("!") for name, defined in names.items()}
    return {name: cell.replace("$", "") for name, (sheet, cell) in places.items() if sheet == "Settings"}


def address(path: Path, name: str) -> str:
    return addresses(openpyxl.load_workbook(path))[name]


class Recalculated:
    """A workbook computed by the package formulas, with some cells replaced."""

    def __init__(self, path: Path, **inputs: float) -> None:
        import formulas

        self.book = path.name
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = formulas.ExcelModel().loads(str(path)).finish()
            self.solution = model.calculate(inputs={self.name(key): value for key, value in inputs.items()})

    def name(self, place: str) -> str:
        sheet, cell = place.split("_")
        return f"'[{self.book}]{sheet.upper()}'!{cell}"

    def __call__(self, sheet: str, cell: str) -> object:
        value = self.solution[self.name(f"{sheet}_{cell}")]
        return float(getattr(value, "value", [[value]])[0][0])


@pytest.fixture
def book(tmp_path, make_run) -> Callable[..., tuple[Path, Run]]:
    def write(**settings: object) -> tuple[Path, Run]:
        run = make_run(**settings)
        path = tmp_path / "run.xlsx"
        workbook.write_workbook(alone(run), path, run.n_iterations)
        return path, run

    return write


CASES = {
    "plain": {},
    "momentum": {"momentum": 0.9, "shuffle": True, "seed": 7},
    "centered": {"centered": True, "n": 13, "batch_size": 5},
    "both": {"centered": True, "momentum": 0.5, "n": 11, "batch_size": 4, "shuffle": True},
    "one_sample": {"n": 1, "epochs": 6},
    "full_batch": {"batch_size": 100, "epochs": 12},
    "one_by_one": {"batch_size": 1, "rho": 0.0},
    "three_features": {"features": 3, "batch_size": 5, "shuffle": True, "weight": (0.5, -1.0, 2.0)},
    "standard": {"scale": "standard"},
    "minmax_three": {"scale": "minmax", "features": 3, "batch_size": 5},
    "three_features_both": {"features": 3, "centered": True, "momentum": 0.5},
    "sgd": {"optimizer": "sgd", "learning_rate": 0.01},
    "nesterov": {"optimizer": "sgd", "learning_rate": 0.005, "momentum": 0.9, "nesterov": True},
    "adagrad": {"optimizer": "adagrad", "initial_accumulator": 0.25, "features": 3},
    "adam": {"optimizer": "adam"},
    "adam_three_features": {"optimizer": "adam", "features": 3, "batch_size": 5},
    **{name: {"optimizer": name, "momentum": 0.9, "centered": True} for name in OPTIMIZERS if "-" in name},
}


@pytest.mark.parametrize("case", CASES)
def test_every_formula_carries_the_value_of_the_run(book, case) -> None:
    path, run = book(**CASES[case])
    assert_equal(stored(path), run, tolerance=2e-16)


@pytest.mark.parametrize("case", ["momentum", "adam_three_features", "standard"])
def test_recalculating_gives_the_run(book, case) -> None:
    path, run = book(n=7, **CASES[case], epochs=2)
    assert_equal(Recalculated(path), run)


def test_changed_settings_and_data_recompute_the_whole_run(book) -> None:
    path, run = book(n=7, momentum=0.9, centered=True, epochs=2)
    changes = {"learning_rate": 0.0123, "momentum": 0.5, "rho": 0.8, "epsilon": 1e-3, "bias": -2.5, "weight": 0.7}
    names = {name: name for name in changes} | {"bias": "start_bias", "weight": "start_weight"}
    y = run.dataset.y.copy()
    y[4] = 3.75
    inputs = {f"Settings_{address(path, names[key])}": value for key, value in changes.items()}
    inputs["Data_C6"] = 3.75
    other = Run(Dataset("other", run.dataset.x, y), run.settings.changed(**changes))
    assert_equal(Recalculated(path, **inputs), other)


def test_changed_data_are_scaled_anew(book) -> None:
    path, run = book(n=7, scale="standard", optimizer="adam", epochs=2)
    y = run.raw.y.copy()
    y[4] = 37.5
    other = Run(Dataset("other", run.raw.x, y), run.settings)
    assert_equal(Recalculated(path, Data_C6=37.5), other)


def test_every_number_of_adam_and_of_three_features_can_be_changed(book) -> None:
    path, run = book(n=7, optimizer="adam", features=3, epochs=2)
    changes = {"learning_rate": 0.2, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.1}
    weights = (1.5, -0.5, 0.25)
    inputs = {f"Settings_{address(path, name)}": value for name, value in changes.items()}
    inputs |= {f"Settings_{address(path, f'start_weight_{i}')}": weight for i, weight in enumerate(weights, 1)}
    x = run.dataset.x.copy()
    x[4, 2] = -7.5
    inputs["Data_D6"] = -7.5
    settings = run.settings.changed(**changes, weight=weights)
    assert_equal(Recalculated(path, **inputs), Run(Dataset("other", x, run.dataset.y), settings))


def test_of_equal_values_of_the_feature_the_line_is_level_also_where_their_mean_is_rounded(tmp_path) -> None:
    run = Run(Dataset("d", [0.1, 0.1, 0.1], [5.0, 6.3, 7.0]), Settings(epochs=1))
    path = tmp_path / "run.xlsx"
    workbook.write_workbook(alone(run), path, 1)
    assert_equal_least_squares(Recalculated(path), addresses(openpyxl.load_workbook(path)), run)


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_computes_the_run_with_another_learning_rate(book, tmp_path) -> None:
    paths, places, runs = [], [], []
    for case in CASES:
        path, run = book(**CASES[case])
        # openpyxl drops the stored values, so that LibreOffice has to compute all of them.
        changed = openpyxl.load_workbook(path)
        places.append(addresses(changed))
        changed["Settings"][places[-1]["learning_rate"]].value = 0.0123
        paths.append(tmp_path / f"{case}.xlsx")
        changed.save(paths[-1])
        runs.append(Run(run.raw, run.settings.changed(learning_rate=0.0123)))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", tmp_path / "out", *paths], check=True, capture_output=True, timeout=300)
    for path, place, run in zip(paths, places, runs, strict=True):
        read = stored(tmp_path / "out" / path.name)
        assert_equal(read, run, tolerance=1e-9)
        assert_equal_least_squares(read, place, run)


def side_by_side(path, *runs: Run, pace: str | None = None) -> Lockstep:
    lanes = (Lane(run, f"run number {place}") for place, run in enumerate(runs, 1))
    made = in_lockstep(tuple(lanes), pace)
    workbook.write_workbook(made, path, made.run.n_iterations)
    return made


def of_run(read: Callable[[str, str], object], number: int) -> Callable[[str, str], object]:
    """Of a workbook with several runs what the sheets of one of them hold."""
    return lambda sheet, cell: read(sheet if number == 1 else f"{sheet} {number}", cell)


@pytest.fixture
def three(make_run) -> tuple[Run, Run, Run]:
    other = make_run(optimizer="sgd", learning_rate=0.001, momentum=0.9)
    first = make_run()
    return first, Run(first.raw, first.settings.changed(batch_size=5)), other


def test_a_workbook_of_several_runs_holds_each_of_them_and_one_chart_with_all(three, tmp_path) -> None:
    path = tmp_path / "runs.xlsx"
    side_by_side(path, *three)
    names = ["Settings", "Data", "Samples", "Iterations"]
    read = openpyxl.load_workbook(path)
    assert read.sheetnames == ["Side by side", *names, *(f"{name} {place}" for place in (2, 3) for name in names)]
    cells = stored(path)
    for number, run in enumerate(three, 1):
        assert_equal(of_run(cells, number), run)
    ends = [run.iteration(run.n_iterations).full_rmse for run in three]
    assert [cells("Side by side", f"D{row}") for row in (5, 6, 7)] == pytest.approx(ends, rel=1e-14)
    told = [cells("Side by side", f"E{row}") for row in (5, 6, 7)]
    assert ["lowest" if end == min(ends) else None for end in ends] == [text or None for text in told]
    (chart,) = read["Side by side"]._charts
    letters = [iterations_layout(run, True, epochs=True).letters for run in three]
    for place, (series, run) in enumerate(zip(chart.series, three, strict=True)):
        sheet = f"'Iterations {place + 1}'" if place else "Iterations"
        at = letters[place]["full_rmse"]
        assert series.yVal.numRef.f == f"{sheet}!${at}$3:${at}${run.n_iterations + 3}"
        across = letters[place]["epochs"]
        assert series.xVal.numRef.f == f"{sheet}!${across}$3:${across}${run.n_iterations + 3}"
        assert cells(sheet.strip("'"), f"{across}{run.n_iterations + 3}") == run.settings.epochs
        assert series.tx.v == f"{place + 1} run number {place + 1}"


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_computes_each_of_several_runs_with_its_own_settings_and_the_data_of_all(three, tmp_path) -> None:
    path, changed = tmp_path / "runs.xlsx", tmp_path / "changed.xlsx"
    side_by_side(path, *three)
    read = openpyxl.load_workbook(path)
    rates = (0.0123, 0.07, 0.0005)
    for number, rate in enumerate(rates, 1):
        sheet = read["Settings" if number == 1 else f"Settings {number}"]
        (place,) = [row[1] for row in sheet.iter_rows(max_col=3) if row[2].value == "learning_rate"]
        place.value = rate
    read["Data"]["C5"].value = 2.5
    read.save(changed)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", tmp_path / "out", changed], check=True, capture_output=True, timeout=300)
    y = three[0].raw.y.copy()
    y[3] = 2.5
    cells = stored(tmp_path / "out" / changed.name)
    for number, (run, rate) in enumerate(zip(three, rates, strict=True), 1):
        # The third run has data of its own, which only happen to be the same.
        dataset = Dataset("changed", run.raw.x, y) if number < 3 else run.raw
        again = Run(dataset, run.settings.changed(learning_rate=rate))
        assert_equal(of_run(cells, number), again, tolerance=1e-9)


def test_up_to_60_iterations_the_points_of_a_curve_are_marked(make_run, tmp_path) -> None:
    path = tmp_path / "runs.xlsx"
    side_by_side(path, *(make_run(batch_size=12, epochs=epochs) for epochs in (60, 61)))
    (chart,) = openpyxl.load_workbook(path)["Side by side"]._charts
    assert [series.marker.symbol not in (None, "none") for series in chart.series] == [True, False]


def test_a_run_that_diverges_is_told_and_does_not_squash_the_others_in_the_chart(make_run, tmp_path) -> None:
    path = tmp_path / "runs.xlsx"
    calm, wild = make_run(), make_run(optimizer="sgd", learning_rate=1e200)
    side_by_side(path, calm, wild, make_run(optimizer="sgd", learning_rate=9.0))
    assert [stored(path)("Side by side", cell) for cell in ("D6", "E5")] == ["diverged", "lowest"]
    highest = max(calm.series("full_loss", np.arange(calm.n_iterations + 1))) ** 0.5
    (chart,) = openpyxl.load_workbook(path)["Side by side"]._charts
    assert highest <= chart.y_axis.scaling.max <= 2 * highest
    assert [series.tx.v.partition(": ")[2] for series in chart.series] == ["", "", "beyond the axis"]
    side_by_side(path, calm, make_run(batch_size=1))
    (chart,) = openpyxl.load_workbook(path)["Side by side"]._charts
    assert chart.y_axis.scaling.max is None


def test_a_minus_before_a_square_has_the_meaning_of_the_formula() -> None:
    square = Leaf("x").square()
    write = Writer(CELL, lambda name: name).write
    assert write(-square) == "-(x^2)"  # a spreadsheet takes -x^2 for (-x)^2
    assert write((-Leaf("x")).square()) == "(-x)^2"
    assert write(1 - square) == "1-x^2"


def test_every_number_of_iterations_is_a_formula_besides_the_start(book) -> None:
    path, run = book(**CASES["both"])
    sheet = openpyxl.load_workbook(path)["Iterations"]
    starts = start_formulas(run)
    for column in layout(run).columns:
        letter = layout(run).letters[column.key]
        for number in range(1, run.n_iterations + 1):
            assert str(sheet[f"{letter}{number + 3}"].value).startswith("=")
        start = sheet[f"{letter}3"].value
        if starts.get(column.key) in ("0", "0.0"):
            assert start == 0
        else:
            assert start is None or str(start).startswith("=")
    samples = openpyxl.load_workbook(path)["Samples"]
    for cells in samples.iter_rows(min_row=3):
        constants = [cell.column_letter for cell in cells if not str(cell.value).startswith("=")]
        assert constants == [samples_layout(run).letters["row"]]


def test_the_slots_begin_with_what_a_recorded_run_began_with(make_run, tmp_path) -> None:
    run, in_float32 = make_run(optimizer="adagrad"), float(np.float32(0.1))
    run.start.slots["accumulator"] = (in_float32, in_float32)
    workbook.write_workbook(alone(run), tmp_path / "run.xlsx", 1)
    read = openpyxl.load_workbook(tmp_path / "run.xlsx")
    assert read["Settings"][addresses(read)["initial_accumulator"]].value == in_float32


def test_the_sheets_look_as_a_person_would_set_them(book) -> None:
    path, run = book()
    read = openpyxl.load_workbook(path)
    assert read.sheetnames == ["Settings", "Data", "Samples", "Iterations"]
    assert (read["Iterations"].freeze_panes, read["Samples"].freeze_panes) == ("D3", "C3")
    assert [cell.value for cell in read["Data"][1]] == ["row", run.dataset.feature, run.dataset.label]
    for one in (layout(run), samples_layout(run)):
        sheet = read[one.sheet]
        for place, column in enumerate(one.columns, 1):
            assert sheet.cell(1, place).value == column.heading
            assert sheet.cell(2, place).value == column.words
    assert len(read["Settings"]._charts) == 2
    names = {"learning_rate", "rho", "epsilon", "batch_size", "start_weight", "start_bias"}
    assert names <= set(read.defined_names)


def test_inputs_keep_all_their_digits(make_run, tmp_path) -> None:
    run = make_run(weight=0.1234567890123456789, learning_rate=0.1 + 0.2)
    workbook.write_workbook(alone(run), tmp_path / "a.xlsx", run.n_iterations)
    read = stored(tmp_path / "a.xlsx")
    assert read("Settings", address(tmp_path / "a.xlsx", "start_weight")) == run.start.weights[0]
    assert read("Settings", address(tmp_path / "a.xlsx", "learning_rate")) == 0.1 + 0.2


def test_the_closed_form_of_the_full_loss_gives_the_same(make_run, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(workbook, "SUMMED_TERMS", 0)
    run = make_run(epochs=2)
    workbook.write_workbook(alone(run), tmp_path / "a.xlsx", run.n_iterations)
    assert_equal(Recalculated(tmp_path / "a.xlsx"), run)
    letter = layout(run).letters["full_loss"]
    assert "least_squares_loss" in openpyxl.load_workbook(tmp_path / "a.xlsx")["Iterations"][f"{letter}4"].value


def test_a_diverged_run_shows_errors_from_there_on(book) -> None:
    path, run = book(learning_rate=1e200, epochs=3)
    read = stored(path)
    run.advance(run.n_iterations)
    assert run.diverged_at is not None
    for sheet, cell, value in expected(run):
        wanted = value if math.isfinite(value) else "#NUM!"
        assert read(sheet, cell) == wanted


def test_only_the_first_iterations_on_request(make_run, tmp_path) -> None:
    run = make_run()
    workbook.write_workbook(alone(run), tmp_path / "a.xlsx", 5)
    read = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert read["Iterations"].max_row == 5 + 3
    assert read["Samples"].max_row == 5 * 4 + 2
    assert "of 12 in 4 epochs" in [cell for row in read["Settings"].iter_rows(values_only=True) for cell in row]


@pytest.mark.parametrize("epochs", [1, 2])
def test_one_iteration_or_epoch_is_not_many(book, epochs) -> None:
    path, _ = book(batch_size=12, epochs=epochs)
    sheet = openpyxl.load_workbook(path)["Settings"]
    words = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    many = "s" if epochs > 1 else ""
    assert words[0].endswith(f"{epochs} iteration{many}")
    assert f"of {epochs} in {epochs} epoch{many}" in words


@pytest.mark.parametrize(("n", "size"), [(12, 4), (13, 5), (1000, 7), (1_048_574, 1_048_574), (700_000, 300_000)])
def test_the_iterations_that_fit_are_as_many_as_possible(n, size) -> None:
    batches = Batches(n, size)
    fit = workbook.iterations_that_fit(batches)
    assert batches.seen(fit) + 2 <= MAX_ROWS
    assert batches.seen(fit + 1) + 2 > MAX_ROWS
    workbook.refuse_too_long(batches, fit)
    with pytest.raises(LrstepError, match=f"--to {fit}"):
        workbook.refuse_too_long(batches, fit + 1)


def test_data_too_long_for_a_sheet_is_refused() -> None:
    with pytest.raises(LrstepError, match=r"\.csv"):
        workbook.refuse_too_long(Batches(MAX_ROWS, 10), 1)


def test_cancelling_leaves_no_temporary_files(make_run, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(workbook, "MEMORY_CELLS", 0)

    def tick(done: int) -> None:
        if done >= 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        workbook.write_workbook(alone(make_run()), tmp_path / "a.xlsx", 12, tick)
    assert [entry.name for entry in tmp_path.iterdir() if entry.name != "a.xlsx"] == []


@pytest.mark.parametrize("error", [Cancelled(), OSError(errno.ENOSPC, "No space left on device")])
def test_a_stop_while_packing_is_raised_and_nothing_is_printed(make_run, tmp_path, monkeypatch, error) -> None:
    run = make_run(epochs=40)
    packed = []

    def tick(done: int) -> None:
        if done == run.n_iterations:
            packed.append(done)
            if len(packed) == 8:
                raise error

    gc.collect()  # what earlier tests left behind is not this one's
    printed = []
    monkeypatch.setattr(sys, "unraisablehook", printed.append)
    with pytest.raises(type(error)):
        workbook.write_workbook(alone(run), tmp_path / "a.xlsx", run.n_iterations, tick)
    error.__traceback__ = error.__context__ = error.__cause__ = None
    gc.collect()
    assert len(packed) >= 8
    assert printed == []


@pytest.mark.parametrize(("features", "said"), [(1, ["feature"]), (3, ["weight", "wind", "rain"])])
def test_the_samples_say_which_column_is_which_feature(book, features, said) -> None:
    path, _ = book(features=features, epochs=1)
    texts = [str(cell.value) for row in openpyxl.load_workbook(path)["Samples"].iter_rows(max_row=2) for cell in row]
    assert [text for text in texts if "from the sheet Data" in text][:features] == [
        f"{name}, from the sheet Data" for name in said
    ]


def test_of_scaled_runs_side_by_side_the_rmse_is_in_the_units_of_the_data(make_run, tmp_path) -> None:
    path, plain = tmp_path / "runs.xlsx", make_run(epochs=3)
    runs = (plain, Run(plain.raw, plain.settings.changed(scale="standard")))
    side_by_side(path, *runs)
    cells = stored(path)
    for at, run in zip(("D5", "D6"), runs, strict=True):
        parameters = run.state(run.n_iterations).parameters
        slope, bias = run.scaling.unscaled_parameters(parameters) if run.scaling else parameters
        errors = slope * plain.raw.x + bias - plain.raw.y
        assert cells("Side by side", at) == pytest.approx(math.sqrt(float(np.mean(errors**2))), rel=1e-12)
