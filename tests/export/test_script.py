"""The run as a script: it prints what ``lrstep trace`` prints, with nothing but NumPy."""

import io
import os
import re
import runpy
import subprocess
import sys

import numpy as np
import openpyxl
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.export.export_file import export
from lrstep.export.rows import row
from lrstep.export.tables import write_table

CASES = {
    **{name: {"optimizer": name} for name in OPTIMIZERS},
    **{
        f"{name}-momentum": {"optimizer": name, "momentum": 0.9}
        for name, optimizer in OPTIMIZERS.items()
        if "momentum" in optimizer.options
    },
    **{
        f"{name}-centered": {"optimizer": name, "momentum": 0.5, "centered": True, "shuffle": True}
        for name, optimizer in OPTIMIZERS.items()
        if "centered" in optimizer.options
    },
    "nesterov": {"optimizer": "sgd", "momentum": 0.9, "nesterov": True, "learning_rate": 0.01},
    "shuffled": {"shuffle": True, "seed": 5, "n": 40, "batch_size": 17},
    "orders-of-its-own": {"order": ((3, 1, 2, 5, 4), (5, 4, 3, 2, 1)), "n": 5, "batch_size": 2, "epochs": 5},
    "diverged": {"optimizer": "sgd", "learning_rate": 1e60},
    "divided-by-zero": {"epsilon": 0.0, "centered": True, "n": 2, "batch_size": 1},
}


def printed_by_trace(run: Run) -> list[list[str]]:
    out = io.StringIO()
    write_table(run, out)
    start, *lines = out.getvalue().split("\n\n")[1].splitlines()[2:]
    assert start.split()[0] == "0"  # the script prints the iterations, not the start
    return [line.split() for line in lines]


@pytest.mark.parametrize("features", [1, 3])
@pytest.mark.parametrize("case", CASES)
def test_the_script_prints_what_trace_prints(make_run, tmp_path, capsys, case, features) -> None:
    run = make_run(**CASES[case] | {"features": features})
    export(run, tmp_path / "run.py")
    left = runpy.run_path(str(tmp_path / "run.py"))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[1:]] == printed_by_trace(run)
    end = run.state(run.n_iterations)
    np.testing.assert_array_equal(left["theta"], end.parameters)
    for slot, values in end.slots.items():
        np.testing.assert_array_equal(left[slot], values)


@pytest.mark.parametrize("scale", ["standard", "minmax"])
@pytest.mark.parametrize("features", [1, 3])
def test_a_script_scales_the_data_itself_and_maps_the_parameters_back(make_run, tmp_path, capsys, scale, features):
    run = make_run(scale=scale, features=features)
    export(run, tmp_path / "run.py")
    left = runpy.run_path(str(tmp_path / "run.py"))
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[1:]] == printed_by_trace(run)
    np.testing.assert_array_equal(left["y"], run.dataset.y)
    mapped = run.scaling.unscaled_parameters(run.state(run.n_iterations).parameters)
    printed = [float(word) for word in last.removeprefix("in the data's units: ").replace("RMSE ", "").split()]
    np.testing.assert_allclose(printed[:-1], mapped, rtol=1e-12)
    assert printed[-1] == row(run, run.iteration(run.n_iterations))["unscaled_full_rmse"]


def test_of_two_columns_with_one_name_that_which_varies_is_scaled(tmp_path, capsys):
    twins = Dataset("twins", [[1, 5], [1, 6], [1, 7]], [2, 3, 5], ("a", "a"), "y")
    run = Run(twins, Settings(scale="standard", epochs=1))
    export(run, tmp_path / "run.py")
    left = runpy.run_path(str(tmp_path / "run.py"))
    np.testing.assert_array_equal([left["x_1"], left["x_2"]], run.dataset.columns)
    export(run, tmp_path / "run.xlsx")
    book = openpyxl.load_workbook(tmp_path / "run.xlsx")
    widths = [book.defined_names[f"width_x_{i}"].attr_text.partition("!")[2] for i in (1, 2)]
    assert [book["Settings"][width].value for width in widths] == [1, "=STDEVP(raw_x_2)"]


def test_changed_data_are_mapped_back_by_their_own_scaling(make_run, tmp_path, capsys):
    run = make_run(scale="standard")
    export(run, tmp_path / "run.py")
    script = (tmp_path / "run.py").read_text()
    (tmp_path / "run.py").write_text(script.replace("38.2]", "83.2]"))
    runpy.run_path(str(tmp_path / "run.py"))
    *_, last = capsys.readouterr().out.splitlines()
    other = Run(Dataset("other", run.raw.x, [*run.raw.y[:-1], 83.2]), run.settings)
    mapped = other.scaling.unscaled_parameters(other.state(other.n_iterations).parameters)
    printed = [float(word) for word in re.findall(r"-?\d+\.\d+", last)]
    assert printed[:-1] == pytest.approx(mapped, rel=1e-12)
    assert printed[-1] == row(other, other.iteration(other.n_iterations))["unscaled_full_rmse"]


def test_it_runs_by_itself_without_lrstep(make_run, tmp_path) -> None:
    run = make_run(optimizer="adam", features=3, shuffle=True)
    export(run, tmp_path / "run.py", kind="python")
    command = [sys.executable, "-W", "error", "run.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [line.split() for line in done.stdout.splitlines()[1:]] == printed_by_trace(run)
    assert "import lrstep" not in (tmp_path / "run.py").read_text()


def test_where_a_feature_is_0_no_sum_is_negative_zero(tmp_path, capsys) -> None:
    run = Run(Dataset("d", [0.0, 1.0], [1.0, 2.0]), Settings(batch_size=1, epochs=1, weight=0.0))
    export(run, tmp_path / "run.py")
    runpy.run_path(str(tmp_path / "run.py"))
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == printed_by_trace(run)


def test_names_from_outside_stay_comments(tmp_path, capsys) -> None:
    wicked = 'a"""\nprint(1)\\'
    run = Run(Dataset(wicked, [1.0, 2.0], [2.0, 3.0], wicked, wicked), Settings(epochs=1))
    export(run, tmp_path / "run.py")
    runpy.run_path(str(tmp_path / "run.py"))
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == printed_by_trace(run)


def test_an_input_that_is_needed_again_keeps_its_old_value(make_run, tmp_path, capsys, monkeypatch) -> None:
    from dataclasses import replace

    from lrstep.core.optimizers import rmsprop

    def late(theta, g, v, *, lr, rho):  # the step uses the accumulator from before
        new = rho * v + (1 - rho) * g * g
        step = lr * g / (v + 1.0)
        return {"v": new, "step": step, "theta": theta - step}

    slots = (rmsprop.OPTIMIZER.slots[0],)
    odd = replace(rmsprop.OPTIMIZER, name="sgd", options={"rho": 0.9}, slots=slots, rule=late)
    monkeypatch.setitem(OPTIMIZERS, "sgd", odd)
    run = make_run(optimizer="sgd", rho=0.9)
    export(run, tmp_path / "run.py")
    runpy.run_path(str(tmp_path / "run.py"))
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == printed_by_trace(run)


@pytest.mark.parametrize("name", [name for name, optimizer in OPTIMIZERS.items() if not optimizer.keras])
def test_a_dialect_has_no_keras_script(make_run, tmp_path, name) -> None:
    with pytest.raises(LrstepError, match="Keras 3 has no such optimizer"):
        export(make_run(optimizer=name), tmp_path / "run.py", kind="keras")
    assert not list(tmp_path.iterdir())


@pytest.mark.keras
def test_keras_makes_the_same_runs(make_run, tmp_path, keras_python) -> None:
    """One process runs all scripts: to load Keras takes longer than they do."""
    cases = {name: how for name, how in CASES.items() if how.get("optimizer", "rmsprop") in WITH_KERAS}
    for name in ("diverged", "divided-by-zero"):
        del cases[name]
    # Each optimizer with one feature and with three, its variants with the one or the other.
    of = {name: (1, 3) if name in WITH_KERAS else (1 + turn % 2 * 2,) for turn, name in enumerate(cases)}
    runs = {f"{name}-{k}": make_run(**cases[name] | {"features": k}) for name in cases for k in of[name]}
    for name, run in runs.items():
        export(run, tmp_path / f"{name}.py", kind="keras")
    code = "import runpy, sys\nfor name in sys.argv[1:]:\n    print('run', name)\n    runpy.run_path(name)"
    command = [keras_python, "-c", code, *(f"{name}.py" for name in runs)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env=dict(os.environ))
    parts = done.stdout.split("run ")[1:]
    assert len(parts) == len(runs)
    for part, (name, run) in zip(parts, runs.items(), strict=True):
        shown = [[float(cell) for cell in line.split()] for line in part.splitlines()[2:]]
        assert len(shown) == run.n_iterations
        for number, numbers in enumerate(shown, 1):
            it = run.iteration(number)
            wanted = [number, it.epoch, it.batch, it.cumulative_loss, it.cumulative_rmse, *it.after.parameters]
            assert numbers == pytest.approx(wanted, rel=1e-3, abs=1e-3), (name, number)


WITH_KERAS = [name for name, optimizer in OPTIMIZERS.items() if optimizer.keras]


@pytest.mark.parametrize("features", [1, 3])
def test_long_data_are_wrapped_and_each_of_their_lines_is_indented(make_run, tmp_path, features) -> None:
    export(make_run(n=60, features=features), tmp_path / "run.py")
    lines = (tmp_path / "run.py").read_text().splitlines()
    begins = [place for place, line in enumerate(lines) if re.match(r"\w+ = np\.array\(\[$", line)]
    for begin in begins:
        end = next(place for place, line in enumerate(lines[begin:], begin) if line.startswith("]"))
        assert end > begin + 2 and all(re.match(r"    [-\d]", line) for line in lines[begin + 1 : end])
    assert len(begins) == features + 1
