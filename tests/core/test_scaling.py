"""Scaling: the columns as NumPy alone scales them, and the parameters mapped back to the data's units."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.scaling import WAYS, Scaling
from lrstep.core.settings import Settings
from lrstep.errors import SettingsError

METHODS = tuple(WAYS)


@st.composite
def datasets(draw):
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    n, k = draw(st.integers(3, 12)), draw(st.integers(1, 3))
    sizes = 10.0 ** np.array(draw(st.lists(st.integers(-6, 6), min_size=k + 1, max_size=k + 1)))
    table = (rng.normal(size=(n, k + 1)) + rng.normal(size=k + 1)) * sizes
    return Dataset("d", table[:, :k], table[:, k])


def scaled_by_hand(values, method):
    if method == "standard":
        mean = sum(values) / len(values)
        width = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
        return [(value - mean) / width for value in values]
    return [(value - min(values)) / (max(values) - min(values)) for value in values]


@given(datasets(), st.sampled_from(METHODS))
def test_every_column_is_scaled_by_itself(dataset, method):
    made = Scaling.of(dataset, method).applied(dataset)
    for before, after in zip((*dataset.columns, dataset.y), (*made.columns, made.y), strict=True):
        np.testing.assert_allclose(after, scaled_by_hand(before.tolist(), method), rtol=1e-9, atol=1e-9)
    assert made.features == tuple(f"{name}, scaled" for name in dataset.features)


@given(datasets(), st.sampled_from(METHODS), st.integers(0, 99))
def test_mapped_back_the_parameters_predict_the_same(dataset, method, seed):
    run = Run(dataset, Settings(scale=method, seed=seed, bias=0.3))
    *weights, bias = run.scaling.unscaled_parameters(run.start.parameters)
    predicted = dataset.x.reshape(len(dataset), -1) @ weights + bias
    scaled = run.dataset.x.reshape(len(dataset), -1) @ run.start.weights + run.start.bias
    errors = [run.scaling.unscaled_error(error) for error in scaled - run.dataset.y]
    np.testing.assert_allclose(predicted - dataset.y, errors, rtol=1e-6, atol=1e-7 * np.abs(dataset.y).max())


@given(datasets(), st.sampled_from(METHODS))
def test_least_squares_of_scaled_data_is_that_of_the_data(dataset, method):
    plain, scaled = Run(dataset, Settings()).reference, Run(dataset, Settings(scale=method))
    if plain.exists and len(dataset) > len(dataset.columns) + 2:
        found = scaled.scaling.unscaled_error(scaled.reference.loss**0.5)
        assert found == pytest.approx(plain.loss**0.5, rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_column_of_equal_values_stays_as_it_is(method):
    data = Dataset("d", [[1.0, 0.1], [2.0, 0.1], [4.0, 0.1]], [3.0, 5.0, 4.0], ("tons", "year"), "price")
    run = Run(data, Settings(scale=method))
    assert run.scaling.constant == (False, True, False)
    assert run.dataset.columns[1].tolist() == [0.1, 0.1, 0.1]
    assert run.dataset.features == ("tons, scaled", "year")
    twins = Run(Dataset("d", run.raw.x, run.raw.y, ("a", "a"), "a"), Settings(scale=method)).dataset
    assert (*twins.features, twins.label) == ("a, scaled", "a", "a, scaled")


@pytest.mark.parametrize(
    ("method", "x"), [("standard", [1e200, -1e200]), ("standard", [0, 1e-200]), ("minmax", [1.7e308, -1.7e308])]
)
def test_numbers_that_cannot_be_scaled_are_refused(method, x):
    with pytest.raises(SettingsError, match="the numbers of tons cannot be scaled") as caught:
        Run(Dataset("d", x, [1, 2], "tons"), Settings(scale=method))
    assert caught.value.field == "scale"


def test_a_run_begun_again_scales_the_data_once():
    run = Run(Dataset("d", [1, 2, 4], [3, 5, 4]), Settings(scale="standard"))
    assert run.again().dataset.x.tolist() == run.dataset.x.tolist() != run.raw.x.tolist()
    assert Run(run.raw, Settings()).dataset is run.raw
