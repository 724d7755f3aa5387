"""Settings, data, batches, start, reference and positions, each by itself."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from lrstep.core.arithmetic import error, gradient, prediction, squared_error_sum
from lrstep.core.batches import Batches
from lrstep.core.compiled import gradient_function, update_function
from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.position import is_position, parse_position, position_text
from lrstep.core.reference import DIRECT_ROWS, Reference
from lrstep.core.run import Run
from lrstep.core.settings import FIELDS, Settings, fields_of
from lrstep.core.start import glorot_limit, glorot_uniform
from lrstep.core.symbols import FEW, quotient
from lrstep.errors import LrstepError, SettingsError, repeated


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("batch_size", 0), ("batch_size", -3), ("batch_size", 2.5), ("batch_size", True), ("epochs", 0),
        ("learning_rate", 0), ("learning_rate", -0.1), ("learning_rate", math.inf), ("learning_rate", math.nan),
        ("rho", 1), ("rho", -0.1), ("rho", math.nan), ("momentum", 1.01), ("momentum", -0.1), ("epsilon", -1e-9),
        ("epsilon", math.inf), ("weight", math.nan), ("bias", math.inf), ("bias", None), ("seed", -1),
        ("shuffle", 1), ("centered", "yes"), ("learning_rate", "0.1"), ("weight", 10**400),
    ],
)  # fmt: skip
def test_a_setting_out_of_range_is_refused_by_name(name, bad):
    with pytest.raises(SettingsError) as caught:
        Settings(**{name: bad})
    assert caught.value.field == name
    assert FIELDS[name].label in caught.value.message
    assert caught.value.hint.startswith("It must be")


def test_the_ends_of_the_ranges_are_accepted():
    kept = Settings(rho=0, momentum=1, epsilon=0, batch_size=1, epochs=1, learning_rate=5e-324, seed=0)
    assert (kept.rho, kept.momentum, kept.epsilon) == (0.0, 1.0, 0.0)
    assert isinstance(kept.rho, float)


@pytest.mark.parametrize("name", fields_of("rmsprop"))
def test_what_is_shown_can_be_typed_again(name):
    value = getattr(Settings(), name)
    text = "" if value is None else "no" if value is False else str(value)
    assert FIELDS[name].parse(text) == value


@pytest.mark.parametrize(("name", "text"), [("epochs", "3.5"), ("epochs", ""), ("bias", "x"), ("shuffle", "maybe")])
def test_a_typed_text_that_is_no_value_is_refused(name, text):
    with pytest.raises(SettingsError):
        FIELDS[name].parse(text)


@pytest.mark.parametrize("most", [2, 40, 60])
def test_a_message_repeats_so_much_of_a_text(most):
    assert repeated("x" * most, most) == "x" * most
    assert repeated("x" * (most + 1), most) == "x" * (most - 1) + "…"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 58, repr("x" * 58)), ("x" * 59, "'" + "x" * 58 + "…"), (10**40 - 1, "9" * 40),
        (10**40, "of more than 40 digits"),
    ],
)  # fmt: skip
def test_a_long_value_is_repeated_in_part(value, shown):
    with pytest.raises(SettingsError) as caught:
        Settings(epochs=value)
    assert caught.value.message == f"{FIELDS['epochs'].label} {shown} is not valid"


@pytest.mark.parametrize(("typed", "shown"), [("x" * 40, "x" * 40), ("x" * 41, "x" * 39 + "…")])
def test_a_long_text_is_repeated_in_part(typed, shown):
    with pytest.raises(SettingsError) as caught:
        FIELDS["epochs"].parse(typed)
    assert caught.value.message == f"{FIELDS['epochs'].label} '{shown}' is not valid"


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([], []),
        ([1.0], [1.0, 2.0]),
        ([math.nan], [1.0]),
        ([1.0], [math.inf]),
        ([[1.0]], [[1.0]]),
        ([[1.0, 2.0]], [1.0, 2.0]),
        ([[]], [1.0]),
    ],
)  # fmt: skip
def test_a_dataset_refuses_what_cannot_be_computed(x, y):
    with pytest.raises(LrstepError):
        Dataset("bad", np.array(x), np.array(y))


def test_a_dataset_cannot_be_changed_behind_the_runs_back():
    x = np.array([1.0, 2.0])
    data = Dataset("d", x, x)
    x[0] = 5
    assert data.x[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        data.x[0] = 5


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("b", [0.0, -0.0, 2.0, math.inf, math.nan])
@pytest.mark.parametrize("a", [0.0, -0.0, 1e-300, 3.0, -3.0, math.inf, -math.inf, math.nan])
def test_a_quotient_is_numpys_whatever_is_divided(a, b):
    with np.errstate(all="ignore"):
        wanted = np.float64(a) / np.float64(b)
        several = quotient(np.array([a, a]), b)
    np.testing.assert_array_equal(quotient(a, b), wanted)
    np.testing.assert_array_equal(several, [wanted, wanted])
    assert math.copysign(1.0, quotient(a, b)) == math.copysign(1.0, wanted) or math.isnan(wanted)


@profile(deadline=None)
@given(st.lists(st.tuples(*[NUMBERS] * 4), min_size=1, max_size=FEW), st.integers(1, 3), st.tuples(*[NUMBERS] * 4))
def test_the_compiled_gradient_is_to_the_bit_the_one_that_is_shown(samples, k, parameters):
    *columns, y = np.array(samples).T[: k + 1]
    *weights, bias = parameters[: k + 1]
    with np.errstate(all="ignore"):
        errors = error(prediction(weights, columns, bias), y)
        shown = [*gradient(columns, errors), squared_error_sum(errors)]
        needed = gradient_function(k)(*[column.tolist() for column in (*columns, y)], *weights, bias)
    assert np.array(needed).tobytes() == np.array(shown).tobytes() or np.isnan(shown).any()
    np.testing.assert_array_equal(needed, shown)


OPTIONS = st.fixed_dictionaries(
    {
        "momentum": st.sampled_from([0.0, 0.9]), "centered": st.booleans(), "nesterov": st.booleans(),
        "rho": st.floats(0, 0.99), "epsilon": st.sampled_from([0.0, 1e-7]), "learning_rate": st.floats(1e-6, 10),
    }
)  # fmt: skip


@profile(deadline=None, max_examples=150)
@given(st.sampled_from(list(OPTIMIZERS)), OPTIONS, st.integers(1, 9), st.lists(NUMBERS, min_size=10, max_size=10))
def test_the_compiled_update_is_to_the_bit_the_rule(name, options, number, numbers):
    has = fields_of(name)
    chosen = Settings(optimizer=name, **{key: value for key, value in options.items() if key in has})
    slots = chosen.rule.kept(chosen)
    memories = [tuple(numbers[p : p + 1 + len(slots)]) for p in (0, 4)]
    t = {"t": number} if chosen.rule.counts else {}
    letters = ("theta", *(slot.letter for slot in slots))
    ruled = [
        chosen.rule.rule(g=g, **dict(zip(letters, memory, strict=True)), **chosen.rule.bound(chosen), **t)
        for g, memory in zip(numbers[8:], memories, strict=True)
    ]
    state = [value for values in zip(*memories, strict=True) for value in values]
    made = update_function(chosen, 2)(number, *numbers[8:], *state)
    np.testing.assert_array_equal(made, [row[letter] for letter in letters for row in ruled])


@profile(deadline=None)
@given(st.integers(1, 60), st.integers(1, 70), st.booleans(), st.integers(0, 9), st.integers(1, 5))
@example(20_001, 10_000, True, 3, 2)
def test_the_batches_of_an_epoch_partition_the_data(n, size, shuffle, seed, epoch):
    batches = Batches(n, size, shuffle, seed)
    parts = [batches.rows(epoch, batch).tolist() for batch in range(1, batches.per_epoch + 1)]
    rows = [row for part in parts for row in part]
    assert sorted(rows) == list(range(n))
    assert all(len(part) == batches.size for part in parts[:-1])
    if not shuffle:
        assert rows == list(range(n))


def test_epochs_are_shuffled_differently_and_each_always_the_same():
    one, other = Batches(50, 4, True, 1), Batches(50, 4, True, 1)
    orders = [one.order(epoch).tolist() for epoch in (1, 2, 3)]
    assert orders[0] != orders[1] != orders[2]
    assert [other.order(epoch).tolist() for epoch in (3, 2, 1)] == orders[::-1]
    assert Batches(50, 4, True, 2).order(1).tolist() != orders[0]


def test_a_run_takes_the_order_it_is_given():
    data = Dataset("d", np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    each = Run(data, Settings(batch_size=2, epochs=2, order=((3, 1, 2), (2, 3, 1))))
    assert [each.iteration(number).samples.tolist() for number in range(1, 5)] == [[2, 0], [1], [1, 2], [0]]
    assert each.iteration(1).columns[0].tolist() == [3, 1]
    always = Run(data, Settings(batch_size=3, epochs=2, order=[[3, 1, 2]]))
    assert [always.iteration(number).samples.tolist() for number in (1, 2)] == [[2, 0, 1]] * 2
    with pytest.raises(SettingsError, match="the order has 2 samples, and the data 3"):
        Run(data, Settings(order=((2, 1),)))


@pytest.mark.parametrize("order", [(), ((1, 1),), ((0, 1),), ((1, 3),), ((1,), (1, 2)), ((1.0, 2.0),), 5, ((True,),)])
def test_an_order_has_each_sample_once(order):
    with pytest.raises(SettingsError, match="order"):
        Settings(order=order)


def test_an_order_contradicts_shuffling_and_gives_way_to_it():
    with pytest.raises(SettingsError, match="an order of its own and is to be shuffled"):
        Settings(order=((1, 2),), shuffle=True)
    assert Settings(order=((1, 2),)).changed(shuffle=True).order is None
    assert Settings(order=((1, 2),)).changed(shuffle=False, epochs=7).order == ((1, 2),)


def test_several_orders_are_taken_in_turn():
    orders = [(3, 1, 2), (1, 2, 3)]
    batches = Batches(3, 2, orders=orders)
    assert [(batches.order(epoch) + 1).tolist() for epoch in (1, 2, 3, 4)] == [list(orders[i]) for i in (0, 1, 0, 1)]


def test_glorot_uniform_keeps_its_limits_and_fills_them():
    drawn = [glorot_uniform(seed)[0] for seed in range(300)]
    assert pytest.approx(math.sqrt(3)) == glorot_limit()
    assert all(-glorot_limit() <= weight <= glorot_limit() for weight in drawn)
    assert min(drawn) < -1.6
    assert max(drawn) > 1.6
    assert abs(sum(drawn) / 300) < 0.2


@profile(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=3, max_size=30))
def test_least_squares_is_what_lstsq_finds(points):
    x, y = (np.array(column) for column in zip(*points, strict=True))
    if np.ptp(x) < 1e-3:
        return
    reference = Reference(Dataset("d", x, y))
    design = np.column_stack([x, np.ones_like(x)])
    (weight, bias), *_ = np.linalg.lstsq(design, y, rcond=None)
    best = np.mean((design @ [weight, bias] - y) ** 2)
    assert reference.loss == pytest.approx(best, rel=1e-6, abs=1e-6)
    for dw, db in ((1e-2, 0), (0, 1e-2), (-1e-2, 0), (0, -1e-2)):
        assert reference.full_loss(reference.weight + dw, reference.bias + db) >= reference.loss


@pytest.mark.parametrize(
    ("x", "y", "zero"),
    [
        ([1.0, 2.0, 4.0], [0.1, 0.1, 0.1], "weight"),
        ([-0.3, -0.1, 0.1, 0.3], [0.9, 0.1, 0.1, 0.9], "weight"),
        ([1.0, 2.0, 4.1], [3.0, 6.0, 3 * 4.1], "bias"),
        (np.array([1.0, 2.0, 4.0, 8.0]) / 3, np.array([1.0, 2.0, 4.0, 8.0]) / 7, "bias"),
    ],
)
def test_what_is_nothing_but_rounding_in_least_squares_is_0(x, y, zero):
    reference = Reference(Dataset("d", np.array(x), np.array(y)))
    assert getattr(reference, zero) == 0


def test_what_is_small_but_no_rounding_stays_in_least_squares():
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    reference = Reference(Dataset("d", x, 1e9 + 1e-6 * x))
    assert reference.weight == pytest.approx(1e-6, rel=0.2)
    assert Reference(Dataset("d", x, 5.0 * x + 1e-13)).bias == pytest.approx(1e-13, rel=0.1)


@profile(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=30),
    st.floats(-1e3, 1e3),
    st.floats(-1e3, 1e3),
)
def test_the_closed_form_of_the_loss_is_the_sum(points, weight, bias):
    x, y = (np.array(column) for column in zip(*points, strict=True))
    reference = Reference(Dataset("d", x, y))
    summed = float(np.mean((weight * x + bias - y) ** 2))
    one = np.array([weight]), np.array([bias])
    assert reference.full_losses(*one).tolist() == [reference.full_loss(weight, bias)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lrstep.core.reference.SUMMED", 0)  # as with very many
        assert reference.full_losses(*one) == pytest.approx([summed], rel=1e-7, abs=1e-5)


@pytest.mark.parametrize(("direct", "overflows"), [(3, False), (2, True)])
def test_where_the_closed_form_overflows_few_samples_are_summed(monkeypatch, direct, overflows):
    monkeypatch.setattr("lrstep.core.reference.SUMMED", 5)
    monkeypatch.setattr("lrstep.core.reference.DIRECT_ROWS", direct)
    reference = Reference(Dataset("d", np.array([1e-155, 2e-155, 4e-155]), np.array([1.0, 2.0, 5.0])))
    found = reference.full_losses(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert np.isfinite(found).tolist() == [not overflows] * 2
    assert overflows or found.tolist() == [reference.full_loss(0.0, 0.0), reference.full_loss(1.0, 1.0)] == [10, 17 / 3]


def test_no_line_is_best_where_all_x_are_equal():
    assert not Reference(Dataset("d", np.array([2.0, 2.0]), np.array([1.0, 3.0]))).exists
    assert not Reference(Dataset("d", np.array([2.0]), np.array([1.0]))).exists
    assert not Reference(Dataset("d", np.array([0.1] * 3), np.array([1.0, 2.0, 4.0]))).exists
    assert Reference(Dataset("d", np.array([2.0, 3.0]), np.array([1.0, 3.0]))).exists


@pytest.mark.parametrize(
    ("x", "offset"), [([[0.1, 0.2], [0.3, 0.1]], 1e6), ([[1, 2, 4], [3, 1, 3], [7, 5, 1]], 1e6 / 7)]
)
def test_no_plane_is_best_of_no_more_samples_than_features_also_far_from_0(x, offset):
    reference = Reference(Dataset("d", np.array(x) + offset, np.arange(len(x))))
    assert (reference.rank, reference.exists) == (len(x) - 1, False)


@pytest.mark.parametrize("size", [1e-200, 1e-14, 1.0, 1e14, 1e200])
def test_features_of_very_different_size_each_get_their_weight(size):
    first, second = np.array([1.0, 2.0, 4.0, 3.0]), np.array([1.0, -1.0, 1.0, 2.0])
    reference = Reference(Dataset("d", np.column_stack([first, size * second]), 3 * first + 2 * second + 1))
    w_1, w_2, b = reference.parameters
    assert reference.exists
    assert (w_1, w_2 * size, b) == pytest.approx((3.0, 2.0, 1.0))


@pytest.mark.parametrize("x", [[1e200, -1e200], [1e308, 1e308], [5e-324, 0.0]])
def test_extreme_data_overflow_quietly(x):
    reference = Reference(Dataset("d", np.array(x), np.array([1e300, -1e300])))
    assert not reference.exists
    assert reference.full_loss(1.0, 1.0) == math.inf


def test_above_the_limit_the_loss_comes_from_the_closed_form_and_agrees():
    rng = np.random.default_rng(0)
    x = rng.normal(size=DIRECT_ROWS + 1)
    data = Dataset("big", x, 3 * x + rng.normal(size=x.size))
    expected = np.mean((0.5 * data.x + 0.25 - data.y) ** 2)
    assert Reference(data).full_loss(0.5, 0.25) == pytest.approx(expected, rel=1e-12)


PLACES = {
    "5": (5, Phase.AFTER), "0": (0, Phase.START), "start": (0, Phase.START), "end": (12, Phase.AFTER),
    "e3": (7, Phase.AFTER), "e3b2": (8, Phase.AFTER), " E4B3 ": (12, Phase.AFTER), "5.gradient": (5, Phase.GRADIENT),
    "e2b1.batch": (4, Phase.BATCH),
}  # fmt: skip


def mlcc():
    return Run(Dataset("d", np.arange(12.0), np.arange(12.0)), Settings(batch_size=4, epochs=4))


@pytest.mark.parametrize("text", PLACES)
def test_a_place_is_found(text):
    assert parse_position(text, mlcc()) == PLACES[text]


@pytest.mark.parametrize("text", ["13", "e5", "e0", "e1b4", "e1b0", "x", "", "-1", "5.nothing", "0.batch", "5.start"])
def test_a_place_that_is_not_there_is_refused_with_what_there_is(text):
    with pytest.raises(LrstepError) as caught:
        parse_position(text, mlcc())
    assert caught.value.hint


@pytest.mark.parametrize("place", [(0, Phase.START), (3, Phase.AFTER), (3, Phase.BATCH), (12, Phase.UPDATE)])
def test_a_place_written_is_read_back(place):
    assert parse_position(position_text(*place), mlcc()) == place


@pytest.mark.parametrize(
    "text", ["", "five", "5.lunch", "5..batch", "-1", "5.5", "1" * 19, "٥", "e1", "end", "5.start"]
)
def test_what_no_run_file_may_have_as_its_cursor(text):
    assert not is_position(text)


@pytest.mark.parametrize("place", [(0, Phase.START), (3, Phase.AFTER), (3, Phase.BATCH)])
def test_a_written_place_may_stand_in_a_run_file(place):
    assert is_position(position_text(*place))


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("learning_rate", (5e-324, 1e308), (0.0, -5e-324)),
        ("momentum", (0.0, 1.0), (-1e-9, 1.0000001)),
        ("rho", (0.0, 0.9999999), (-1e-9, 1.0)),
        ("beta_1", (0.0, 0.9999999), (-1e-9, 1.0)),
        ("beta_2", (0.0, 0.9999999), (-1e-9, 1.0)),
        ("epsilon", (0.0, 1e9), (-1e-12,)),
        ("initial_accumulator", (0.0, 1e9), (-1e-12,)),
        ("batch_size", (1, 10**15), (0, -1, 10**15 + 1)),
        ("epochs", (1, 10**15), (0, -1, 10**15 + 1)),
        ("seed", (0, 10**15), (-1, 10**15 + 1)),
    ],
)
def test_a_setting_may_be_all_up_to_its_limits_and_no_more(name, right, wrong):
    optimizer = {"beta_1": "adam", "beta_2": "adam", "initial_accumulator": "adagrad"}.get(name, "rmsprop")
    for value in right:
        assert getattr(Settings(optimizer=optimizer, **{name: value}), name) == value
    for value in wrong:
        with pytest.raises(SettingsError):
            Settings(optimizer=optimizer, **{name: value})
