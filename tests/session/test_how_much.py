"""How much is shown, typed or looked at, at each of its limits and just beyond."""

import asyncio
import math
from types import SimpleNamespace

import numpy as np
import pytest

from lrstep.check.book import CheckBook
from lrstep.check.headless import _percent
from lrstep.check.quantity import ComparedQuantity
from lrstep.check.verdict import StepVerdict
from lrstep.core.dataset import Dataset
from lrstep.core.phase import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.core.state import State
from lrstep.errors import LrstepError
from lrstep.formulas.explain import explain
from lrstep.formulas.explanation import Terms
from lrstep.formulas.numerals import parse_number
from lrstep.plotting.beside import Companion, largest_rmse
from lrstep.session.check_sentences import agreed
from lrstep.session.checker import Checker
from lrstep.session.figures import one
from lrstep.session.panels import as_it_ran, computed, small
from lrstep.session.panels.bars import header
from lrstep.session.panels.batch_table import columns
from lrstep.session.panels.parameters import parameter_steps
from lrstep.session.practice import Practice, questions
from lrstep.session.session import Session
from lrstep.session.styled_rows import plain
from lrstep.session.view import View
from lrstep.sources.columns import listing
from lrstep.sources.csv_layout import CsvLayout
from lrstep.sources.open_source import open_source
from lrstep.sources.runfile import DataOrigin
from lrstep.sources.source import Source
from lrstep.tui.charts import predicted_chart, weights_chart
from lrstep.tui.dialogs.explain_dialog import Explain, _Table, _wrapped


@pytest.mark.parametrize(("size", "said"), [(12, "batch size 12 ·"), (13, "batch size 12 (asked 13, all taken) ·")])
def test_a_batch_of_more_samples_than_there_are_is_said_to_be_of_all(size, said):
    run = open_source("mlcc").changed(open_source("mlcc").settings.changed(batch_size=size)).run()
    assert said in plain([header(View(run, 0, Phase.START), 180)])[0]
    assert (" (all)" in plain([header(View(run, 0, Phase.START), 70)])[0]) == (size > 12)


@pytest.mark.parametrize(("first", "shown"), [(0, "w₁ w₂"), (1, "w₂ w₃"), (2, "w₃ b"), (7, "w₃ b")])
def test_the_smallest_screen_shows_two_parameters_from_the_chosen_one_on(first, shown):
    at = np.arange(12.0)
    run = Run(Dataset("three", np.column_stack([at, at % 5, at % 7]), at), Settings(optimizer="adam"))
    view = View(run, 2, Phase.AFTER, first_parameter=first)
    found = plain(small.lines(view, 58, 12, columns(run, 58)))
    named = [line for line in found if all(f" {letter} " in line for letter in shown.split())]
    assert len(named) == 3  # gradient, accumulator, weights
    i, letters = view.iteration, ("w₁", "w₂", "w₃", "b")
    for line, values in zip(named, (i.gradient, i.after.slots["accumulator"], i.after.parameters), strict=True):
        its = [values[letters.index(letter)] for letter in shown.split()]
        assert all(one(value).strip() in line for value in its)


def test_practice_hides_what_gives_the_answer_away():
    run = open_source("mlcc").run()
    practice, of_batches = Practice(run, 1), {"loss", "rmse", "cumulative_loss", "cumulative_rmse"}
    asked = questions(run)
    for place, key in enumerate(asked):
        assert practice.quantity == key and set(asked[place:]) <= practice.hidden
        for alike in (of_batches, {"full_loss", "full_rmse"}):
            assert (alike <= practice.hidden) == bool(alike & set(asked[place:])), key
        practice.answer("")
    assert practice.iteration == 2 and practice.quantity == asked[0]


@pytest.mark.parametrize("lines", [0, 1, 2, 3, 4])
def test_a_long_reason_in_practice_stands_in_the_place_of_the_keys(lines):
    run = open_source("mlcc").run()
    practice = Practice(run, 1)
    practice.said = " ".join(["x" * 40] * lines)
    found = plain(practice.lines(View(run, 1, Phase.LOSS), 60))
    assert len(found) == max(4, 1 + lines) and ("Esc" in found[-1]) == (lines < 3)
    assert sum("x" * 40 in line for line in found) == lines
    assert any("= " in line for line in found[1 + lines : -1]) == (lines < 2)  # how it is computed


@pytest.mark.parametrize("said", ["", "Not yet."])
@pytest.mark.parametrize("width", [60, 70, 78])
def test_a_formula_in_practice_takes_no_more_lines_than_there_are(width, said):
    table = np.arange(60.0).reshape(6, 10) % 7
    practice = Practice(Run(Dataset("d", table, np.arange(6.0)), Settings(optimizer="adam")), 1)
    longest = 0
    while practice.iteration == 1:
        practice.said = said
        found = plain(practice.lines(View(practice.run, 1, Phase.LOSS), width))
        assert len(found) == practice.HEIGHT and "Enter" in found[-1]
        longest = max(longest, sum(bool(line.strip()) for line in found[1:-1]))
        practice.answer("")
    assert longest == 2


def test_a_setting_of_0_is_shown_but_for_a_momentum_that_is_not_there():
    at = np.arange(5.0)
    for chosen, shown in (
        (Settings(rho=0.0, epsilon=0.0), "lr 0.05  ρ 0  ε 0 "),
        (Settings(optimizer="adam", beta_1=0.0, beta_2=0.0), "lr 0.05  β₁ 0  β₂ 0  ε 1e-07 "),
        (Settings(optimizer="adagrad", initial_accumulator=0.0), "lr 0.05  v₀ 0  ε 1e-07 "),
    ):
        said = plain([header(View(Run(Dataset("d", at, at), chosen), 0, Phase.START), 180)])[0]
        assert said.endswith(shown), said


def test_an_answer_has_60_characters():
    practice = Practice(open_source("mlcc").run(), 1)
    for _ in range(61):
        practice.key("1", "1")
    assert practice.typed == "1" * 60
    practice.typed = ""
    practice.paste(" " + "2" * 59)
    assert practice.typed == "2" * 59
    practice.paste("34\n5")
    assert practice.typed == "2" * 59 + "3"


@pytest.mark.parametrize(("iterations", "fits"), [(5000, 1), (5001, 0)])
def test_keras_trains_by_itself_up_to_5000_iterations(iterations, fits):
    asked = []

    async def fit(run):
        asked.append(run)
        return
        yield

    checker = Checker(lambda: None)
    checker._run = SimpleNamespace(n_iterations=iterations)
    checker._judge = SimpleNamespace(precision="float32", fit=fit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lrstep.check.drift.Drift", lambda *_: None)
        asyncio.run(checker._run_freely())
    assert len(asked) == fits


def verdict(outcomes, digits=(), precision="float32"):
    """Of numbers that agree to so many digits."""
    digits = digits or (7,) * len(outcomes)
    made = [ComparedQuantity(f"gradient_weight_{place}", 1.0, 1.0 + 10.0**-n, 10.0**-n, 1.0, 0.1, 1.0, outcome)
            for place, (outcome, n) in enumerate(zip(outcomes, digits, strict=True), 1)]  # fmt: skip
    return StepVerdict(1, precision, tuple(made))


def test_three_numbers_that_differ_are_named_and_more_are_counted():
    some = agreed(verdict(["differs"] * 3 + ["confirmed"]))
    assert some.startswith("Keras DIFFERS in ") and some.count("gradient") == 3
    assert agreed(verdict(["differs"] * 4 + ["confirmed"])) == "Keras DIFFERS in 4 of 5 numbers."


@pytest.mark.parametrize(
    ("precision", "digits", "said"),
    [
        ("float32", (8, 7, 6), "every number to 6 digits"),
        ("float32", (8, 7, 5), "every number to 7 digits, but"),
        ("float32", (9, 7, 5, 4), "every number to 7 digits, but 2 to fewer"),
        ("float32", (5, 4), "every number to 4 digits"),
        ("float64", (15, 14, 14), "every number to 14 digits"),
        ("float64", (15, 14, 13), "every number to 14 digits, but"),
    ],
)
def test_numbers_that_agree_to_fewer_digits_than_usual_are_spoken_of_apart(precision, digits, said):
    found = agreed(verdict(["confirmed"] * len(digits), digits, precision))
    assert found.startswith(f"Keras agrees in {said}")
    assert ("but gradient" in found) == said.endswith("but")


def test_30_columns_are_listed():
    for count, more in ((30, ""), (31, ", … (31 in all)")):
        names = tuple(f"c{number}" for number in range(1, count + 1))
        found = listing(CsvLayout(",", True, None, names, (True,) * count, ()))
        assert found.endswith(f", 30 'c30'{more}.") and found.count("'c") == 30


def test_a_number_has_400_characters():
    assert parse_number("0." + "1" * 398).digits == 398
    with pytest.raises(LrstepError) as caught:
        parse_number("0." + "1" * 399)
    assert caught.value.message == f"'{('0.' + '1' * 18)}'… is not a number"


def test_of_more_than_400_terms_a_number_that_was_not_looked_at_has_room():
    for count, size in ((400, 5), (401, 24)):
        cells = [("1", "12345" if row in (199, 200) else "1234") for row in range(count)]
        assert _Table(Terms(("#", "x"), count, cells.__getitem__), 60)._widths[1] == size


@pytest.mark.parametrize("width", range(16, 60))
def test_no_line_of_terms_is_wider_than_the_dialog(width):
    terms = Terms(("#", *"abcdefgh"), 2, lambda _: ("1", *("1" * size for size in (3, 7, 1, 5, 2, 8, 4, 6))))
    table = _Table(terms, width)
    lines = plain(table.lines(0, 3 * table.tall))
    assert max(map(len, lines)) <= width
    assert "".join(lines[: table.tall]).split() == ["#", *"abcdefgh"]


@pytest.mark.parametrize(("size", "lines"), [(33, 1), (34, 2)])
def test_a_row_of_terms_goes_on_in_the_next_line_where_it_is_wider_than_the_dialog(size, lines):
    terms = Terms(("#", "x"), 3, lambda _: ("1", "9" * size))
    alone = SimpleNamespace(_above=lambda *_: [], _chars=lambda cells: cells)
    _, table, whole = Explain._content(alone, SimpleNamespace(terms=terms), 40)
    assert (table.tall, whole) == (lines, 4 * lines)
    assert max(map(len, plain(table.lines(0, 9)))) == (37 if lines == 1 else 41)


def test_a_formula_goes_on_in_the_next_line_where_it_is_wider_than_the_dialog():
    whole = "w = 0.5·(1.25/7) + 3"  # 20 characters
    assert plain(_wrapped(whole, 22, "text")) == [f" {whole}"]
    assert plain(_wrapped(whole, 21, "text")) == [" w = 0.5·(1.25/7) +", "     3"]
    narrow = plain(_wrapped(whole, 14, "text"))
    assert "".join("".join(narrow).split()) == whole.replace(" ", "") and max(map(len, narrow)) <= 13


@pytest.mark.parametrize(("rows", "drawn"), [(39_999, 39_999), (40_000, 20_000)])
def test_about_20_000_predictions_are_drawn(monkeypatch, rows, drawn):
    seen, predictions = [], State.predictions
    monkeypatch.setattr(
        State, "predictions", lambda state, columns: (seen.append(len(columns[0])), predictions(state, columns))[1]
    )
    at = np.arange(float(rows))
    run = Run(Dataset("many", np.column_stack([at, at % 7]), at), Settings(weight=0.0, batch_size=2))
    predicted_chart.draw(run, 0, 40, 12, phase=Phase.START, ascii=False)
    assert seen == [drawn, 2]


def test_what_a_recording_was_computed_in_is_said_of_what_it_cannot_decide():
    checker = Checker(lambda: None, "float32")
    checker.state, checker.book = "done", CheckBook(1)
    checker._judge = SimpleNamespace(precision="float64")
    checker.book.record(verdict(["undecided"]))
    assert " ? 1 beyond float64" in plain([checker.lines(1)[0]])[0]


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.5, "50% of"), (9.99, "999% of"), (99.0, "9900% of"), (100.0, "100 times"), (2e6, "2e+06 times"),
     (math.inf, "not within")],
)  # fmt: skip
def test_how_much_of_a_bound_is_used(share, said):
    assert _percent(ComparedQuantity("loss", 1.0, 2.0, 1.0, 1.0, share, 1.0, "differs")) == said


def test_a_run_beside_is_measured_in_the_units_of_its_data_and_told_to_have_diverged_from_that_step_on():
    source = open_source("flats")
    run = source.changed(source.settings.changed(scale="standard", epochs=4)).run()
    run.advance(4)
    rmses = [run.scaling.unscaled_error(run.reference.full_loss(*run.state(at).parameters) ** 0.5) for at in range(5)]
    assert largest_rmse(run, 4) == pytest.approx(max(rmses))
    wild = Run(Dataset("d", np.arange(3.0), np.arange(3.0)), Settings(optimizer="sgd", learning_rate=1e100, weight=9.0))
    wild.advance(wild.n_iterations)
    at = wild.diverged_at
    here = [Companion(wild, 0, "", number, Phase.AFTER, True, True, 1.0) for number in (0, at - 1, at, at + 1)]
    said = [one.trouble(True) for one in here]
    assert said == ["beyond the axis"] * 2 + [f"diverged at {at}"] * 2


def test_the_axes_of_a_run_with_fewer_parameters_are_its_first_two():
    at = np.arange(6.0)
    data = Dataset("three", np.column_stack([at, at % 4, at % 5]), at)
    session = Session(Source(data, Settings(weight=0.0), DataOrigin()))
    session.open()
    session.look.axes = (2, 3)
    session.touch()
    assert session.view.axes == (2, 3)
    session.load(open_source("mlcc"))
    assert session.view.axes == (0, 1)


@pytest.mark.parametrize(("number", "marks"), [(8, 9), (40, 1)])
def test_the_points_of_a_parameter_have_marks_where_there_is_room(number, marks):
    at = np.arange(4.0)
    run = Run(Dataset("d", at, at), Settings(weight=0.5, batch_size=4, epochs=40))
    rows = plain(weights_chart.draw(run, number, 60, 14, phase=Phase.AFTER))
    # One stands in the legend; the last one may cover another.
    assert marks <= sum(line.count("■") for line in rows) <= marks + 1


@pytest.mark.parametrize(
    "chosen",
    [
        {"optimizer": "adam"},
        {"centered": True, "momentum": 0.9},
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
    ],
)
def test_what_keras_had_stands_beside_the_line_of_the_same_quantity(chosen):
    at = np.arange(6.0)
    view = View(Run(Dataset("d", np.column_stack([at, at % 4]), at), Settings(**chosen)), 2, Phase.AFTER)
    steps, values = parameter_steps(view), view.run.keyed(view.iteration.after)
    for panel, names in (
        (computed.accumulator, as_it_ran.accumulator_names),
        (computed.weights, as_it_ran.weights_names),
    ):
        for cells, name in zip(panel(view, 100, steps), names(view, steps), strict=False):
            if name in values:
                assert float(cells[-1].text) == pytest.approx(values[name], rel=1e-5, abs=1e-9), name


@pytest.mark.parametrize("direct", [12, 11])
def test_the_sum_of_all_data_is_that_of_the_loss_after_the_update(monkeypatch, direct):
    monkeypatch.setattr("lrstep.formulas.explain.DIRECT_ROWS", direct)
    run = open_source("mlcc").run()
    it = run.iteration(2)
    total = explain(run, it, Phase.AFTER, "full_loss").total
    assert float(total.rpartition(" = ")[2]) == pytest.approx(12 * it.full_loss)


def test_a_second_try_of_the_check_that_works_leaves_no_problem(monkeypatch):
    class Started:
        precision = "float32"
        running = True
        fails = True

        async def start(self):
            if self.fails:
                raise LrstepError("no Keras", "Install it.")

        async def stop(self):
            pass

    judge = Started()
    monkeypatch.setattr("lrstep.check.judge.judge_of", lambda run, precision, before: judge)
    checker, run = Checker(lambda: None), open_source("mlcc").run()
    with pytest.raises(LrstepError):
        asyncio.run(checker.open(run))
    assert checker.problem.message == "no Keras" and checker.state == "failed"
    judge.fails = False
    asyncio.run(checker.open(run))
    assert checker.problem is None and checker.state == "checking"
