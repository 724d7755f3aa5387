"""What is decided by a limit: exactly at it, and one beyond it."""

import math

import numpy as np
import pytest

from lrstep.core.batches import Batches
from lrstep.core.dataset import Dataset
from lrstep.core.phase import Phase
from lrstep.core.run import Run
from lrstep.core.scaling import Scaling
from lrstep.core.settings import Settings
from lrstep.plotting.ticks import Interval, tick_step, ticks
from lrstep.session.characters import to_ascii
from lrstep.session.coach import learning_rates
from lrstep.session.coach.about_the_data import about, about_the_data
from lrstep.session.coach.outlook import Goal, Outlook
from lrstep.session.figures import _at_least, as_printed, column, comes_to, decimals_of, one
from lrstep.session.lesson.wording import wrapped
from lrstep.session.look import Look
from lrstep.session.panels import bars
from lrstep.session.panels.dock import dock
from lrstep.session.panels.parameters import parameter_steps
from lrstep.session.session import Session
from lrstep.session.styled_rows import plain, row_width
from lrstep.session.view import View
from lrstep.sources.open_source import open_source


def run_of(n, **settings):
    at = np.arange(float(n))
    return Run(Dataset("made", at, 3 - at**2), Settings(**{"weight": 0.5} | settings))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (999.4, "999"), (999.6, "1,000"), (-999.4, "-999"), (-12_600, "-12,600"), (9.99e11, "999,000,000,000"),
        (1e12, "1e+12"), (-1e12, "-1e+12"), (0.05124, "0.0512"),
    ],
)  # fmt: skip
def test_numbers_in_sentences(value, text):
    assert about(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1e-3, "1.0000e-03"), (1.001e-3, "0.0010"), (-1e-3, "-1.0000e-03"), (99.99, "99.9900"),
                        (100, "100.0000"), (1000, "1000.000"), (1e6, "1000000"), (9.9e6, "9900000"),
                        (9.5e15, "9500000000000000"), (1e16, "1.0000e+16"), (-4e82, "-4.0000e+82")],
)  # fmt: skip
def test_numbers_as_keras_prints_them(value, text):
    assert as_printed(value) == text


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1e8], ["100000000"]), ([9.99e8], ["999000000"]), ([1e9], ["1.00000e+09"]), ([1e-3], ["0.0010000000"]),
        ([9.99e-4], ["9.99000e-04"]), ([1.0, 1e-4], ["1.0000000", "0.0001000"]),
        ([1.0, 9e-5], ["1.0000000", "9.00000e-05"]),
        ([0.0, 1.0], ["0.0000000", "1.0000000"]),
    ],
)  # fmt: skip
def test_numbers_of_a_column(values, texts):
    assert column(values) == texts


@pytest.mark.parametrize(
    ("value", "text"), [(9.99e14, "9.99000e+14"), (12345678.0, "12345678.0"), (123456789.0, "1.23457e+08")]
)
def test_large_numbers_stand_whole_as_long_as_there_is_room(value, text):
    assert one(value).strip() == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"), [(1e-3, 4, "0.00100000"), (1e-4, 5, "0.000100000"), (1e-5, 5, "1.0000000e-05")]
)
def test_a_small_number_has_up_to_four_decimals_more(value, decimals, text):
    assert _at_least(value, decimals) == text


@pytest.mark.parametrize(
    ("width", "count", "step"),
    [(10, 5, 2), (10, 4, 5), (1, 1, 1), (5, 5, 1), (5.0001, 5, 2), (50, 5, 10), (2e-7, 1, 2e-7)],
)
def test_a_step_that_just_does_is_taken(width, count, step):
    assert tick_step(width, count) == step


@pytest.mark.parametrize(
    ("high", "most", "labels"),
    [
        (5e11, 3, ["0", "2e11", "4e11"]), (12e11, 3, ["0", "5e11", "1.0e12"]), (8, 5, ["0", "2", "4", "6", "8"]),
        (8, 4, ["0", "5"]), (3e-9, 3, ["1e-9", "2e-9", "3e-9"]), (1, 0, []),
    ],
)  # fmt: skip
def test_as_many_ticks_as_there_may_be(high, most, labels):
    assert [tick.label for tick in ticks(Interval(0.5e-9 if high < 1e-6 else 0.0, high), most)] == labels


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adagrad"])
def test_how_far_an_optimizer_travels_is_computed_up_to_200_steps_and_then_extrapolated(optimizer):
    run, steps = run_of(8, optimizer=optimizer), learning_rates.STEPS
    far = [learning_rates._travel(run, 2.0, count) for count in (steps - 1, steps, steps + 1, 4 * steps)]
    assert far == sorted(far)
    power = {"sgd": 1.0, "adam": 1.0, "adagrad": 0.5}[optimizer]
    assert far[3] / far[1] == pytest.approx(4**power, rel=0.1)
    assert far[2] / far[1] == pytest.approx((1 + 1 / steps) ** power, rel=1e-3)
    assert far[1] / far[0] == pytest.approx((1 + 1 / steps) ** power, rel=1e-3)


@pytest.mark.parametrize("batch_size", [1, 3, 4])
@pytest.mark.parametrize("ascii", [False, True])
def test_the_ribbon_has_all_samples_or_all_batches_where_they_just_fit(batch_size, ascii):
    view = View(run_of(21, batch_size=batch_size, epochs=2), 3, Phase.AFTER, ascii=ascii)
    for describe in (bars._samples, bars._span):
        boxes = [bars._box(view, batch, describe) for batch in range(1, view.run.batches.per_epoch + 1)]
        size = sum(row_width(view.row(box.cells)) for box in boxes)
        assert bars.ribbon(view, size) == boxes
        assert bars.ribbon(view, size - 1) != boxes


@pytest.mark.parametrize(("n", "whole"), [(400, True), (401, False)])
def test_up_to_400_batches_the_ribbon_is_whole_where_there_is_room(n, whole):
    boxes = bars.ribbon(View(run_of(n, batch_size=1), 200, Phase.AFTER), 10_000)
    assert ([box.batch for box in boxes] == [*range(1, n + 1)]) == whole


@pytest.mark.parametrize("number", [1, 2, 11, 20, 21])
@pytest.mark.parametrize("width", [16, 24, 31, 40, 55])
def test_a_part_of_the_ribbon_is_as_long_as_it_can_be_and_says_where_it_goes_on(number, width):
    view = View(run_of(21, batch_size=1), number, Phase.AFTER)
    first, *boxes, last = bars.ribbon(view, width)
    batches = [box.batch for box in boxes]
    assert batches == [*range(batches[0], batches[-1] + 1)] and number in batches
    assert ("…" in plain([first.cells])[0]) == (batches[0] > 1)
    assert ("…" in plain([last.cells])[0]) == (batches[-1] < 21)
    sizes = [row_width(box.cells) for box in (first, *boxes, last)]
    assert sum(sizes) <= width
    before, after = number - batches[0], batches[-1] - number
    assert abs(before - after) <= 1 or (batches[0] == 1 or batches[-1] == 21)


def test_what_is_typed_as_an_answer_is_seen_to_its_end():
    session = Session(open_source("by-hand"))
    session.open()
    while not session.guide.asks:
        session.do("lesson_next")
    for character in "1.234567890123456":
        session.answer(character, character)
    assert "567890123456_" in plain([dock(session.view, 60).keys])[0]


@pytest.mark.parametrize(
    ("constant", "said"), [((0,), "f1 does not vary"), ((0, 2), "f1 and f3 do not vary"), ((), None)]
)
@pytest.mark.parametrize("scale", ["none", "standard"])
def test_features_that_are_the_same_in_every_row_are_listed(constant, said, scale):
    table = np.column_stack([np.arange(5.0) ** (place + 1) for place in range(3)])
    table[:, list(constant)] = 7.0
    found = list(
        about_the_data(Run(Dataset("d", table, np.arange(5.0) ** 2, ("f1", "f2", "f3")), Settings(scale=scale)))
    )
    assert found == [] if said is None else all(text.startswith(said) for text in found)
    if said:
        assert ("not scaled" in found[0]) == (scale != "none")
        assert f"a weight of {'it' if len(constant) == 1 else 'them'} can do no more" in found[0]


def test_look_never_goes_beyond_what_there_is():
    look = Look(visible_parameters=3)
    look.move_parameter(9, 5)
    assert look.parameter == 2
    look.move_parameter(-9, 5)
    assert look.parameter == 0
    look.visible = 4
    look.move_scroll(99, 9)
    assert look.scroll == 5
    look.move_scroll(-99, 9)
    assert look.scroll == 0
    look.move_model(99, 3, 12)
    assert look.model == 12


@pytest.mark.parametrize(("first", "last"), [(1, 1), (4, 6), (1, 9), (3, 4)])
def test_batches_of_a_stretch_are_those_of_its_iterations(first, last):
    batches = Batches(10, 4)
    got = [(epoch, span.indices(10)) for epoch, spans in batches.stretch(first, last) for span in spans]
    place = [batches.position(number) for number in range(first, last + 1)]
    assert got == [(epoch, batches.span(batch).indices(10)) for epoch, batch in place]


def test_a_play_in_the_middle_goes_on_from_there_and_one_at_the_end_from_the_start():
    session = Session(open_source("mlcc"))
    session.open()
    session.go(3)
    session.do("play")
    assert (session.number, session.playing) == (3, True)
    session.do("play")
    assert (session.number, session.playing) == (3, False)
    session.do("end")
    session.do("play")
    assert (session.number, session.playing) == (0, True)


@pytest.mark.parametrize(
    ("value", "text", "same"),
    [(1.25, "1.2", False), (1.2499, "1.2", True), (1.151, "1.2", True), (math.inf, "1.2", True), (1.35, "1.3", False)],
)
def test_a_number_comes_to_what_it_is_rounded_to(value, text, same):
    assert decimals_of(text) == 1
    assert comes_to(value, text) == same


@pytest.mark.parametrize("box", ["─", "╿", "│", "╭"])
def test_every_line_of_a_frame_has_an_ascii_character(box):
    assert to_ascii(box).isascii()


@pytest.mark.parametrize(
    ("start", "end", "share"), [(5.0, 3.0, 0.5), (5.0, 5.0, 0.0), (1.0, 1.0, 1.0), (0.5, 2.0, 1.0)]
)
def test_who_starts_at_the_lowest_rmse_has_made_the_whole_way(start, end, share):
    goal = Goal(lowest=1.0, near=1.05, exact=False)
    assert Outlook(goal, 9, start, end, end, start, False, None, None, None).share == share


@pytest.mark.parametrize(
    ("width", "texts"), [(6, ["one", "two", "six"]), (7, ["one two", "six"]), (11, ["one two six"])]
)
def test_words_are_broken_where_they_just_do_not_fit(width, texts):
    assert plain(wrapped([("one two six", False)], width)) == texts


@pytest.mark.parametrize("count", [23, 24, 25, 40])
def test_of_an_answer_in_practice_the_last_24_characters_are_seen(count):
    session = Session(open_source("mlcc"))
    session.open()
    session.do("practice")
    typed = "".join(str(place % 10) for place in range(1, count + 1))
    for character in typed:
        session.answer(character, character)
    assert plain(session.practice.lines(session.view, 120))[0].endswith(f" = {typed[-24:]}_")


@pytest.mark.parametrize(("lines", "height", "keys"), [(1, 4, True), (2, 4, True), (3, 4, False), (5, 6, False)])
def test_a_long_reason_in_practice_takes_the_place_of_the_keys(lines, height, keys):
    session = Session(open_source("mlcc"))
    session.open()
    session.do("practice")
    session.practice.said = " ".join(["a" * 70] * lines)
    shown = plain(session.practice.lines(session.view, 80))
    assert len(shown) == height and ("Enter takes it" in shown[-1]) == keys
    assert [text.strip()[:1] for text in shown[1 : lines + 1]] == ["a"] * lines
    assert any(" = " in text for text in shown[lines + 1 :]) == (lines == 1)


def test_of_a_dozen_features_each_has_its_own_letter():
    table = np.arange(36.0).reshape(3, 12) % 7
    steps = parameter_steps(View(Run(Dataset("d", table, np.arange(3.0)), Settings()), 1, Phase.AFTER))
    assert [step.gradient for step in steps[8:]] == [
        *(f"2/3·Σ error·{x}" for x in ("x₉", "x₁₀", "x₁₁", "x₁₂")), "2/3·Σ error"
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["standard", "minmax"])
def test_a_single_sample_is_not_scaled(method):
    data = Dataset("one", np.array([4.0]), np.array([7.0]))
    assert Scaling.of(data, method) == ((0.0, 0.0), (1.0, 1.0), (True, True))
