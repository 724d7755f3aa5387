"""An optimizer is one file, a figure of the batch one entry: put into a copy of lrstep, they are everywhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lrstep
from lrstep.formulas.numerals import short

FILES = Path(__file__).with_name("new_optimizers")
STARTS = {
    "lion": "The mean gradient is 0;",
    "adadelta": "The mean square is 0;",
    "peak": "The mean square is 0.3;",
}
"""Name → what is said of it at the start."""

STEPS = {
    "lion": "direction = sign(β₁·m_w before",
    "adadelta": "delta = √(u_w before + ε)·g",
    "peak": "d_w ← κ·d_w + g_w",
}
"""Name → how a formula of it is explained; where an old number and a new one could be confused, which one is meant."""

GUESSES = {
    "lion": ["without the mean gradient of the iteration before", "with β₁ and β₂ exchanged"],
    "adadelta": ["without the mean square of the iteration before", "with rho 0.9 instead of 0.95"],
    "peak": ["with memory 0.5 instead of 0.37", "with the initial mean square 0 instead of 0.3"],
}
"""Name → what ``why`` tries."""

NAMES = tuple(STARTS)
LR, X, Y = 0.1, [[1.0, 2.5], [2.0, -1.0], [3.5, 0.5], [4.0, 1.0], [5.0, -0.5]], [3.0, 1.0, 4.0, 6.5, 5.0]


@pytest.fixture(scope="module")
def with_them(tmp_path_factory):
    """Run Python with a copy of lrstep that has the two files more."""
    folder = tmp_path_factory.mktemp("copy")
    package = Path(lrstep.__file__).parent
    shutil.copytree(package, folder / "lrstep", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(package.parent / "samples", folder / "samples")
    for name in NAMES:
        shutil.copy(FILES / f"{name}.py", folder / "lrstep" / "core" / "optimizers")
    metrics = folder / "lrstep" / "core" / "metrics.py"
    entry = """Metric(
        "mae", "mean absolute error of the batch", "MAE", lambda error, m: total(absolute(error)) / m, "mean of |error|"
    ),
    Metric(
        "relative", "relative error of the batch", "RE", lambda rmse, y, m: rmse / (total(absolute(y)) / m), "/ mean y"
    ),"""
    with_entry = (
        metrics.read_text().replace("    )\n}", f"        {entry}\n    )\n}}").replace("import Number", "import *")
    )
    metrics.write_text(with_entry)
    environment = os.environ | {"PYTHONPATH": str(folder)}

    def run(*arguments):
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture(scope="module")
def seen(with_them, tmp_path_factory):
    """What there is to see of both, with one feature and with two."""
    done = with_them(FILES / "rendered.py", tmp_path_factory.mktemp("exports"), *NAMES)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def textbook(name, features):
    """Parameters after each of six steps."""
    design = np.column_stack([np.array(X)[:, :features], np.ones(5)])
    theta, m, v, u = np.array([0.5] * features + [0.0]), 0.0, 0.0, 0.0
    s, p, d = 0.3, 0.37, -0.25
    for start in (0, 2, 4, 0, 2, 4):
        x, y = design[start : start + 2], np.array(Y[start : start + 2])
        g = 2 / len(y) * x.T @ (x @ theta - y)
        if name == "lion":
            theta = theta - LR * np.sign(0.9 * m + 0.1 * g)
            m = 0.99 * m + 0.01 * g
        elif name == "peak":
            s = 0.77 * s + 0.23 * g**2
            p = np.maximum(p, s)
            d = 0.37 * d + g / np.sqrt(p)
            theta = theta - LR * d
        else:
            v = 0.95 * v + 0.05 * g**2
            moved = np.sqrt(u + 1e-7) / np.sqrt(v + 1e-7) * g
            u = 0.95 * u + 0.05 * moved**2
            theta = theta - LR * moved
        yield theta.tolist()


@pytest.mark.parametrize("features", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_stepped_shown_explained_and_exported(seen, name, features):
    got = seen[name][features - 1]
    right = list(textbook(name, features))
    assert np.allclose(got["parameters"], right, rtol=1e-12, atol=1e-14)
    step = right[1][0] - right[2][0]
    low, high = got["screens"]
    title = name.capitalize()
    assert re.search(rf"step {LR}·.*-?\d", high)
    for screen in (low, high):
        assert not re.search(r"step.*√\(u\+", screen)  # that u is the one from before, no longer seen
        assert f"{step:.6g}"[:7] in screen.replace("e-0", "e-0") or f"{step:.5e}" in screen
    assert f"{title}  lr 0.1" in high
    assert STEPS[name].replace("_w", "_w₁" if features > 1 else "_w") in got["explained"]
    assert STARTS[name] in got["words"][0]
    assert set(GUESSES[name]) <= set(got["guesses"])
    assert all("The number is one iteration old" in words for words in got["why old"])
    assert "Step of " in got["plain"]
    assert not any("no accumulator" in words for words in got["words"])
    assert "is right: the step of the weight" in got["why"][0].replace("weight 1", "the weight").replace(
        "the the", "the"
    )
    assert f"{right[-1][0]:.6f}"[:7] in got["script"].splitlines()[-1]
    assert f"keras.optimizers.{title}(learning_rate=0.1" in got["keras"] or name == "peak"


@pytest.mark.parametrize("features", [1, 2])
def test_a_figure_of_the_batch_is_computed_explained_and_exported(seen, features):
    got = seen["lion"][features - 1]
    x, y = np.array(X)[4, :features], Y[4]
    *weights, bias = got["parameters"][1]
    error = float(x @ weights + bias - y)
    assert got["metrics"]["mae"] == pytest.approx(abs(error), rel=1e-14)
    assert "MAE = Σ abs(error) / m" in got["explained"]
    assert f"MAE = {abs(error)!r}"[:12] in got["explained"]
    assert got["table"]["mae"] == got["metrics"]["mae"]
    assert got["table"]["relative"] == pytest.approx(abs(error) / Y[4], rel=1e-14)
    lines = got["explained"].splitlines()
    assert "RE = RMSE/(Σ abs(y) / m)" in lines and f"Σ abs(y) = {Y[4]!r}" in lines
    why = " ".join(got["why mae"])
    assert "is right: the mean absolute error of the batch" in why and f" = {short(abs(error))}/1 = " in why


def test_a_setting_that_no_optimizer_had_goes_everywhere(with_them):
    others = ("--against", "keep_all=yes", "--against", "memory=0.5")
    done = with_them("-m", "lrstep", "compare", "--optimizer", "peak", "--no-keep-all", "--epochs", "1", *others)
    assert done.returncode == 0, done.stderr
    assert re.search(r"Run 2, keep all: .*\nRun 3, κ 0.5: ", done.stdout)


@pytest.mark.keras
@pytest.mark.parametrize("name", NAMES)
def test_keras_confirms_it(with_them, tmp_path, name):
    data = tmp_path / "data.csv"
    data.write_text("a,b,y\n" + "".join(f"{x[0]},{x[1]},{y}\n" for x, y in zip(X, Y, strict=True)))
    settings = ("--optimizer", name, "--lr", "0.1", "--batch-size", "2")
    columns = ("--feature", "a", "--feature", "b", "--label", "y")
    done = with_them("-m", "lrstep", "check", data, *columns, *settings, "--precision", "float64")
    assert done.returncode == (3 if name == "peak" else 0), done.stdout + done.stderr
