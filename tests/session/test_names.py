"""The names of the numbers, place by place: "Keras prints" stands on the running mean of the epoch."""

import io
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from lrstep.export.report import CURVES
from lrstep.export.sheet_columns import iterations_layout
from lrstep.export.text import write_table
from lrstep.session.narration import narrate
from lrstep.session.panels import losses
from lrstep.session.panels.batch_table import columns
from lrstep.session.panels.models import models
from lrstep.session.panels.small import lines as small_lines
from lrstep.session.session import Session
from lrstep.session.styled_rows import plain
from lrstep.sources.open_source import open_source

CASES = {
    "as asked": {},
    "one by one": {"batch_size": 1, "epochs": 2},
    "all at once": {"batch_size": 12},
    "a short last batch": {"batch_size": 5},
    "Adam": {"optimizer": "adam", "learning_rate": 0.5},
    "shuffled": {"shuffle": True, "seed": 3, "batch_size": 3},
}


def printed(x, y, before, batches):
    """RMSE and loss that Keras prints: a running mean, over samples, of the epoch, weights from before each update."""
    squares = [(w * x[i] + b - y[i]) ** 2 for (w, b), batch in zip(before, batches, strict=True) for i in batch]
    return math.sqrt(sum(squares) / len(squares)), sum(squares) / len(squares)


@pytest.fixture(params=CASES, scope="module")
def case(request):
    """A session, and for each iteration what Keras prints and what it prints of all data as validation data."""
    opened = open_source("mlcc")
    session = Session(replace(opened, settings=opened.settings.changed(**CASES[request.param])))
    run = session.run
    x, y = opened.dataset.x, opened.dataset.y
    found = {}
    for number in range(1, run.n_iterations + 1):
        first = (number - 1) // run.batches.per_epoch * run.batches.per_epoch + 1
        steps = [run.iteration(k) for k in range(first, number + 1)]
        w, b = steps[-1].after.parameters
        of_all = float(np.mean((w * x + b - y) ** 2))
        epoch = printed(x, y, [i.before.parameters for i in steps], [i.samples for i in steps])
        found[number] = epoch, (math.sqrt(of_all), of_all)
    return session, found


def shown(text):
    return [float(word) for word in re.findall(r"-?\d+\.\d*(?:e[+-]\d+)?|-?\d+e[+-]\d+", text)]


def seen(session, found):
    """Views of the first, of a middle and of the last iteration, with what is right there."""
    for number in sorted({1, len(found) // 2 + 1, len(found)}):
        session.go(number)
        yield session.view, *found[number]


def is_there(text, right):
    assert shown(text) == pytest.approx(right, rel=2e-6), text


@pytest.mark.parametrize("width", [70, 98])
def test_panel_6_with_its_figures_below_each_other(case, width):
    for view, epoch, of_all in seen(*case):
        lines = plain(losses.losses(view, width))
        line = next(line for line in lines if "← Keras prints" in line)
        assert line.startswith(" epoch so far")
        is_there(line.partition("12")[2] if "of 12" in line else line, epoch)
        tag = "← val_root_mean_squared_error, val_loss" if width > 90 else "← Keras's val_"
        is_there(next(line for line in lines if tag in line), of_all)
        assert all(len(line) <= width for line in lines)


def test_panel_6_with_its_figures_beside_each_other(case):
    for view, epoch, of_all in seen(*case):
        head, *values = plain(losses.losses_across(view, 78))
        for name, right in (("epoch ← Keras prints", epoch), ("all, after ← val_", of_all)):
            at = head.index(name) + losses.TITLE - 1
            is_there(" ".join(line[at:].split()[0] for line in values), right)


def test_the_smallest_screen(case):
    for view, epoch, of_all in seen(*case):
        lines = plain(small_lines(view, 60, 12, columns(view.run, 60)))
        is_there(next(line for line in lines if "Keras prints" in line), epoch)
        is_there(next(line for line in lines if "All, w after" in line), of_all)


@pytest.mark.parametrize("width", [78, 98, 130])
def test_all_models(case, width):
    session, found = case
    session.go(1)
    head, *rows = plain(models(session.view, width, len(found) + 2, legend=False))
    names = re.split(r"\s{2,}", head.strip())
    place = next(place for place, name in enumerate(names) if "Keras" in name)
    assert names[place] == {78: "RMSE Keras", 98: "Keras prints", 130: "RMSE: Keras prints"}[width]
    for number, (epoch, of_all) in found.items():
        row = next(row for row in rows if row.strip("▸ ").split()[0] == str(number)).replace("▸", " ").split()
        assert float(row[place].rstrip("*")) == pytest.approx(epoch[0], rel=1e-4)
        assert float(row[place + 1]) == pytest.approx(of_all[0], rel=1e-4)
        assert row[place].endswith("*") == (number % session.run.batches.per_epoch == 0)


@pytest.mark.parametrize("width", [None, 80])
def test_the_table_of_trace(case, width):
    session, found = case
    out = io.StringIO()
    write_table(session.run, out, width=width)
    lines = out.getvalue().splitlines()
    groups = lines.index("") + 1
    end = lines[groups].index("Keras prints") + len("Keras prints")
    assert lines[groups + 1][:end].endswith("RMSE")
    rows = lines[groups + 3 : groups + 3 + len(found)]
    for row, (epoch, of_all) in zip(rows, found.values(), strict=True):
        assert float(row[:end].split()[-1]) == pytest.approx(epoch[0], rel=1e-7)
        assert float(row.split()[-1]) == pytest.approx(of_all[0], rel=1e-7)
    assert "Keras prints: RMSE of the epoch so far" in out.getvalue()
    assert "all data, after: Keras's val_loss and val_root_mean_squared_error" in out.getvalue()


def test_the_sentence(case):
    for view, epoch, of_all in seen(*case):
        text = " ".join(line.strip() for line in plain(narrate(view, 198, 2)))
        assert shown(text.partition("Keras prints RMSE")[2])[0] == pytest.approx(epoch[0], rel=1e-7, abs=0.50001e-4)
        of_all_data = re.search(r"all data give ([^ ]+?)(: val_root_mean_squared_error)?\.( |$)", text)
        assert float(of_all_data[1]) == pytest.approx(of_all[0], rel=1e-7, abs=0.50001e-4)
        assert bool(of_all_data[2]) == (view.iteration.batch == view.run.batches.per_epoch)


def test_pictures_and_sheets(case):
    session, found = case
    name = {label: key for key, label, *_ in CURVES}["epoch so far (Keras prints)"]
    for number, (epoch, _) in found.items():
        assert session.run.series(name, np.array([number]))[0] == pytest.approx(epoch[0], rel=1e-9)
    words = {column.heading: (column.key, column.words) for column in iterations_layout(session.run, True).columns}
    assert (
        words["loss, epoch so far"][0] == "cumulative_loss"
        and "Keras prints it as loss" in words["loss, epoch so far"][1]
    )
    key, said = words["RMSE, epoch so far"]
    assert key == "cumulative_rmse" and "Keras prints it as root_mean_squared_error" in said
    assert "val_loss" in words["loss, all data"][1] and "val_root_mean_squared_error" in words["RMSE, all data"][1]
