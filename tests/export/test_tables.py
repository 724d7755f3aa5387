"""Tables: what is read back equals the run, and the text for people can be read."""

import csv
import io
import json
import math
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.export import tables
from lrstep.export.rows import row
from lrstep.export.text import columns
from lrstep.formulas.conditions import parse_condition

KEYS = [
    "iteration",
    "epoch",
    "batch",
    "samples",
    "weight_before",
    "bias_before",
    "gradient_weight",
    "gradient_bias",
    "accumulator_weight",
    "accumulator_bias",
    "weight",
    "bias",
    "loss",
    "rmse",
    "cumulative_loss",
    "cumulative_rmse",
    "full_loss",
    "full_rmse",
]
FIXTURE = [HealthCheck.function_scoped_fixture]

some_settings = st.fixed_dictionaries(
    {
        "n": st.integers(1, 30),
        "batch_size": st.integers(1, 12),
        "epochs": st.integers(1, 3),
        "momentum": st.sampled_from([0.0, 0.9]),
        "centered": st.booleans(),
        "shuffle": st.booleans(),
        "weight": st.one_of(st.none(), st.floats(-1e3, 1e3)),
        "learning_rate": st.sampled_from([0.05, 1e-5, 3.7]),
    }
)


def written(writer: Callable[..., None], run: Run, **how: object) -> str:
    out = io.StringIO()
    writer(run, out, **how)
    return out.getvalue()


def expected(run: Run, number: int) -> dict[str, object]:
    it = run.iteration(number)
    plain = {key: getattr(it, key) for key in ("epoch", "batch", "loss", "rmse", "cumulative_loss", "cumulative_rmse")}
    (w_before, b_before), (w, b) = it.before.parameters, it.after.parameters
    slots = {f"{slot}_{side}": value for slot, both in it.after.slots.items()
             for side, value in zip(("weight", "bias"), both, strict=True)}  # fmt: skip
    return (
        plain
        | slots
        | {
            "iteration": number,
            "samples": list(it.samples),
            "weight_before": w_before,
            "bias_before": b_before,
            "gradient_weight": it.gradient[0],
            "gradient_bias": it.gradient[1],
            "weight": w,
            "bias": b,
            "full_loss": it.full_loss,
            "full_rmse": it.full_rmse,
            "x": list(it.columns[0]),
            "y": list(it.y),
            "prediction": list(it.prediction),
            "error": list(it.error),
        }
    )


def keys_of(run: Run, samples: bool) -> list[str]:
    keys = list(KEYS)
    keys += ["momentum_weight", "momentum_bias"] if run.settings.momentum else []
    keys += ["mean_gradient_weight", "mean_gradient_bias"] if run.settings.centered else []
    return keys + (["x", "y", "prediction", "error"] if samples else [])


@settings(deadline=None, max_examples=30, suppress_health_check=FIXTURE)
@given(how=some_settings, samples=st.booleans())
def test_json_read_back_equals_the_run(make_run, how, samples) -> None:
    run = make_run(**how)
    read = json.loads(written(tables.write_json, run, samples=samples))
    assert list(read) == ["dataset", "settings", "iterations", "diverged_at"]
    assert read["dataset"] == {"name": "mlcc", "feature": "weight", "label": "miles", "n_samples": how["n"]}
    assert list(read["settings"]) == list(run.settings.as_document())
    assert read["settings"]["weight"] == run.start.weights[0]
    assert read["settings"]["batch_size"] == min(how["batch_size"], how["n"])
    assert len(read["iterations"]) == run.n_iterations
    for number, values in enumerate(read["iterations"], 1):
        wanted = expected(run, number)
        assert list(values) == keys_of(run, samples)
        assert values == {key: wanted[key] for key in values}


@settings(deadline=None, max_examples=30, suppress_health_check=FIXTURE)
@given(how=some_settings, samples=st.booleans())
def test_csv_read_back_equals_the_run(make_run, how, samples) -> None:
    run = make_run(**how)
    read = list(csv.DictReader(io.StringIO(written(tables.write_csv, run, samples=samples))))
    assert len(read) == run.n_iterations
    for number, texts in enumerate(read, 1):
        wanted = expected(run, number)
        assert list(texts) == keys_of(run, samples)
        for key, text in texts.items():
            value = [float(part) for part in text.split()] if isinstance(wanted[key], list) else float(text)
            assert value == wanted[key]


@settings(deadline=None, max_examples=25, suppress_health_check=FIXTURE)
@given(how=some_settings, data=st.data())
def test_a_range_is_the_same_part_of_the_whole(make_run, how, data) -> None:
    run = make_run(**how)
    first = data.draw(st.integers(1, run.n_iterations))
    last = data.draw(st.integers(first, run.n_iterations))
    whole = list(tables.rows(make_run(**how)))
    assert list(tables.rows(run, first, last)) == whole[first - 1 : last]


@pytest.mark.parametrize(("first", "last", "named"), [(0, None, "--from 0"), (1, 13, "--to 13"), (5, 4, "--to 4")])
def test_a_range_outside_the_run_is_refused_by_name(make_run, first, last, named) -> None:
    with pytest.raises(LrstepError, match=named):
        tables.rows(make_run(), first, last)


def test_numbers_that_overflowed_are_written_and_marked(make_run) -> None:
    run = make_run(learning_rate=1e200, epochs=8)
    read = json.loads(written(tables.write_json, run))
    diverged = read["diverged_at"]
    assert diverged is not None
    assert not math.isfinite(sum(v for v in read["iterations"][diverged - 1].values() if isinstance(v, float)))
    assert all(math.isfinite(row["weight"]) for row in read["iterations"][: diverged - 1])
    assert json.loads(written(tables.write_json, run, last=1))["diverged_at"] in (None, 1)
    for writer in (tables.write_csv, tables.write_table, tables.write_markdown):
        assert "inf" in written(writer, run, samples=True)
    assert f"from iteration {diverged} on" in written(tables.write_table, run)


def table_numbers(text: str) -> list[list[float]]:
    """The rows of the iterations, without that of the start."""
    lines = text.split("\n\n")[1].splitlines()[2:]
    return [[float(cell) for cell in line.split()] for line in lines if line.split()[0] != "0"]


def test_the_table_shows_eight_digits_in_120_columns(make_run) -> None:
    run = make_run()
    text = written(tables.write_table, run)
    assert max(map(len, text.splitlines())) <= 120
    assert text.isascii()
    shown = table_numbers(text)
    assert len(shown) == 12
    for number, cells in enumerate(shown, 1):
        it = run.iteration(number)
        wanted = [number, it.epoch, it.batch, it.loss, it.rmse, it.cumulative_rmse, *it.gradient]
        wanted += [*it.after.parameters, it.full_loss, it.full_rmse]
        assert cells == pytest.approx(wanted, rel=5e-8)


def test_the_table_begins_with_the_start(make_run) -> None:
    run = make_run(n=30)
    cells = written(tables.write_table, run).split("\n\n")[1].splitlines()[2].split()
    assert cells[:8] == ["0", *["-"] * 7]
    wanted = [*run.start.parameters, run.iteration(1).full_loss_before, run.iteration(1).full_rmse_before]
    assert [float(cell) for cell in cells[8:]] == pytest.approx(wanted, rel=5e-8)
    assert "\n   0 " not in written(tables.write_table, run, first=2)


def test_a_table_that_just_fits_is_whole(make_run) -> None:
    run = make_run()
    whole = written(tables.write_table, run, width=None)
    needed = max(map(len, whole.split("\n\n")[1].splitlines()))
    assert written(tables.write_table, run, width=needed) == whole
    narrower = written(tables.write_table, run, width=needed - 1).split("\n\n")[1]
    assert max(map(len, narrower.splitlines())) < needed


@pytest.mark.parametrize(("features", "width"), [(1, 80), (1, 118), (3, 80), (3, 100), (3, 66)])
def test_a_table_has_the_columns_that_a_width_has_room_for(make_run, features, width) -> None:
    run = make_run(features=features)
    wide, fitted = (written(tables.write_table, run, width=w).split("\n\n") for w in (None, width))
    assert max(map(len, fitted[1].splitlines())) <= width
    if fitted[1] == wide[1]:
        assert width > 80
        return
    heads, *rows = (line.split() for line in fitted[1].splitlines()[1:])
    shown = [name for name in run.parameters if name in heads]
    assert heads == ["iter", "epoch", "batch", "loss", "RMSE", *shown, "RMSE"]
    left_out = ", ".join(name for name in run.parameters if name not in shown)
    assert not left_out or f"left out for {width} columns: {left_out}\n" in f"{fitted[0]}\n"
    keys = [column.key for column in columns(run)]
    places = [
        keys.index(key) for key in ("iteration", "epoch", "batch", "loss", "cumulative_rmse", *shown, "full_rmse")
    ]
    expected = [line.split() for line in wide[1].splitlines()[2:]]
    assert rows == [[cells[place] for place in places] for cells in expected]


WHERE = "loss rises and full_rmse<20"


def test_where_leaves_the_iterations_at_which_it_holds(make_run) -> None:
    run = make_run(n=30, batch_size=1, epochs=50)
    where = parse_condition(WHERE, run)
    whole = [row(run, run.iteration(number)) for number in range(1, run.n_iterations + 1)]
    holds = [k for k, now in enumerate(whole[1:], 1) if now["loss"] > whole[k - 1]["loss"] and now["full_rmse"] < 20]
    assert 0 < len(holds) < len(whole) - 1
    numbers = [k + 1 for k in holds]
    found = json.loads(written(tables.write_json, run, where=where))
    assert [values["iteration"] for values in found["iterations"]] == numbers
    assert found["iterations"] == [whole[k] for k in holds]
    lines = list(csv.DictReader(io.StringIO(written(tables.write_csv, run, where=where))))
    assert [int(line["iteration"]) for line in lines] == numbers
    text = written(tables.write_table, run, where=where)
    assert [int(cells[0]) for cells in table_numbers(text)] == numbers
    assert f"only where {WHERE}" in text


def test_where_nothing_holds_there_are_heads_alone(make_run) -> None:
    run = make_run()
    where = parse_condition("nan", run)
    assert written(tables.write_csv, run, where=where) == written(tables.write_csv, run).partition("\n")[0] + "\n"
    assert json.loads(written(tables.write_json, run, where=where))["iterations"] == []
    assert table_numbers(written(tables.write_table, run, where=where)) == []
    start = parse_condition("iteration<1", run)
    assert "\n   0 " in written(tables.write_table, run, where=start)


def test_the_columns_of_the_table_stand_under_their_headings(make_run) -> None:
    lines = written(tables.write_table, make_run(n=30, batch_size=1, epochs=40)).splitlines()[8:]
    assert len({len(line) for line in lines}) == 1


def test_each_sample_is_shown_below_its_iteration(make_run) -> None:
    run = make_run(n=7, batch_size=3, epochs=1)
    block = written(tables.write_table, run, samples=True, first=3).splitlines()[-2:]
    assert block[0].split() == ["#", "x", "y", "prediction", "error", "error^2"]
    shown = [float(cell) for cell in block[1].split()]
    it = run.iteration(3)
    assert shown == pytest.approx(
        [7, it.columns[0][0], it.y[0], it.prediction[0], it.error[0], it.error[0] ** 2], rel=5e-8
    )


def test_markdown_is_a_table_of_the_same_numbers(make_run) -> None:
    run = make_run(name="a|b_c")
    text = written(tables.write_markdown, run, samples=True)
    assert text.startswith("# a\\|b\\_c: 12 samples")
    first, second = (
        [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("| ")]
        for part in text.split("## Samples")
    )
    plain = table_numbers(written(tables.write_table, run))
    assert [[float(cell) for cell in cells] for cells in first[2:]] == plain
    assert all(len(cells) == len(first[0]) for cells in first)
    assert len(second) == 2 + 12 * 4


class _Counting(io.StringIO):
    """Notes which iteration the run had computed when something was first written."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.computed: list[int] = []

    def write(self, text: str) -> int:
        self.computed.append(self.run.computed)
        return super().write(text)


@pytest.mark.parametrize("writer", [tables.write_json, tables.write_csv, tables.write_table, tables.write_markdown])
def test_writing_begins_before_the_run_is_computed(make_run, writer) -> None:
    run = make_run(batch_size=1, epochs=150)
    out = _Counting(run)
    writer(run, out)
    assert sum(1 for computed in out.computed if computed < run.n_iterations) > run.n_iterations / 2


@pytest.mark.parametrize("writer", [tables.write_table, tables.write_markdown])
@pytest.mark.parametrize(("n", "epochs"), [(1, 1), (2, 1), (1, 2)])
def test_one_of_a_kind_is_not_many(make_run, writer, n, epochs) -> None:
    heading = written(writer, make_run(n=n, batch_size=1, epochs=epochs))[:300]
    for number, noun in ((n, "sample"), (epochs, "epoch"), (n * epochs, "iteration")):
        assert (f"{number} {noun}," in heading) == (number == 1)
        assert (f"{number} {noun}s," in heading) == (number > 1)


OF_OPTIMIZERS = {
    "rmsprop": {"accumulator"},
    "sgd": set(),
    "adagrad": {"accumulator"},
    "adam": {"accumulator", "mean_gradient"},
    "rmsprop-tf1": {"accumulator"},
}


@pytest.mark.parametrize("optimizer", OF_OPTIMIZERS)
@pytest.mark.parametrize("features", [1, 3])
def test_the_keys_are_those_of_the_optimizer_and_the_features(make_run, optimizer, features) -> None:
    run = make_run(features=features, optimizer=optimizer)
    read = json.loads(written(tables.write_json, run, samples=True))
    names = {"weight", "bias"} if features == 1 else {"weight_1", "weight_2", "weight_3", "bias"}
    xs = ["x"] if features == 1 else ["x_1", "x_2", "x_3"]
    wanted = {f"{stem}_{name}" for stem in {"gradient"} | OF_OPTIMIZERS[optimizer] for name in names}
    wanted |= names | {f"{name}_before" for name in names} | {*xs, "y", "prediction", "error"}
    wanted |= {"iteration", "epoch", "batch", "samples", "loss", "rmse", "cumulative_loss", "cumulative_rmse",
               "full_loss", "full_rmse"}  # fmt: skip
    first = read["iterations"][0]
    assert set(first) == wanted
    assert read["settings"]["optimizer"] == optimizer
    data = read["dataset"]
    if features == 1:
        assert data["feature"] == "weight" and "features" not in data
    else:
        assert data["features"] == ["weight", "wind", "rain"] and "feature" not in data
        assert read["settings"]["weight"] == [first[f"weight_{i}_before"] for i in (1, 2, 3)]
    for place, x in enumerate(xs):
        assert first[x] == run.dataset.columns[place][:4].tolist()


def test_the_table_names_the_optimizer_its_settings_and_every_parameter(make_run) -> None:
    run = make_run(features=3, optimizer="sgd", momentum=0.9, nesterov=True, weight=(1.0, 2.0, 3.0))
    text = written(tables.write_table, run)
    assert "features weight, wind, rain, label miles" in text
    assert "SGD: learning rate 0.05, momentum 0.9, Nesterov\n" in text
    assert "start: weight_1 1.0, weight_2 2.0, weight_3 3.0, bias 0.0\n" in text
    it = run.iteration(2)
    wanted = [2, 1, 2, it.loss, it.rmse, it.cumulative_rmse, *it.gradient, *it.after.parameters]
    assert table_numbers(text)[1] == pytest.approx([*wanted, it.full_loss, it.full_rmse], rel=5e-8)
