"""Numbers that are shown in one sum add up as they stand."""

import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrstep.core.iteration import Phase
from lrstep.session.figures import adds_up, as_printed, updates
from lrstep.session.panels import compact, computed
from lrstep.session.panels.parameters import parameter_steps
from lrstep.session.session import Session
from lrstep.session.styled_rows import plain
from lrstep.sources.open_source import open_source

NUMBER = r"-?\d+\.?\d*(?:e[+-]\d+)?"


def by_hand(before, step, after):
    """What a person gets who takes the shown step from the shown number and rounds to the digits of the result."""
    result = Decimal(after)
    unit = Decimal(1).scaleb(result.as_tuple().exponent)
    return (Decimal(before) - Decimal(step)).quantize(unit, ROUND_HALF_UP) == result


def test_what_was_shown_once_did_not_add_up():
    assert not adds_up("0.5418724", "-0.0110077", "0.5528800")
    assert adds_up("0.54187236", "-0.01100769", "0.55288005")


sizes = st.sampled_from([1e-6, 1e-3, 1.0, 1e3, 1e5])


@given(st.floats(-9, 9), sizes, st.floats(-9, 9), st.sampled_from([1e-4, 1e-2, 1.0]), st.sampled_from([13, 15]))
def test_an_update_adds_up_in_the_digits_that_are_shown(before, size, step, share, width):
    before, step = before * size, step * size * share
    after = before - step
    if abs(after) < 0.01 * abs(before) or not step:
        return  # where almost nothing is left there may be no room for the digits
    (shown,) = updates([(before, step, after)], width)
    assert by_hand(*(text.strip() for text in shown))
    assert len(shown.step) == len(shown.after) == width and len(shown.before) <= width
    for text, value in zip(shown, (before, step, after), strict=True):
        assert float(text) == pytest.approx(value, rel=1e-4, abs=1e-300)


def test_numbers_that_nothing_can_be_shown_of_stand_as_they_are():
    for numbers in [(1e9, 1e9 - 1e-3, 1e-3), (float("inf"), 1.0, float("inf")), (1.0, 0.0, 1.0)]:
        (shown,) = updates([numbers])
        assert float(shown.after) == pytest.approx(numbers[2], rel=1e-6)


RUNS = [
    ("mlcc", {}), ("mlcc", {"optimizer": "sgd", "learning_rate": 0.001, "momentum": 0.9}),
    ("mlcc", {"optimizer": "adam"}),
    ("thousands", {}), ("mlcc", {"optimizer": "adagrad", "batch_size": 5}),
]  # fmt: skip


@pytest.mark.parametrize("width", [58, 70, 78, 98])
@pytest.mark.parametrize(("name", "settings"), RUNS, ids=[f"{name} {settings}" for name, settings in RUNS])
def test_what_stands_in_the_panel_adds_up(name, settings, width):
    opened = open_source(name)
    session = Session(replace(opened, settings=opened.settings.changed(**settings)))
    for number in range(1, min(session.run.n_iterations, 12) + 1):
        session.go(number, Phase.UPDATE)
        steps = parameter_steps(session.view)
        panel = compact if width == 78 else computed
        lines = "\n".join(plain(panel.weights(session.view, width, steps)))
        for p in steps:
            before, after = re.search(rf"{p.letter} +({NUMBER}) *→ +({NUMBER})", lines).groups()
            step = re.search(rf"{p.letter} +{re.escape(before)} *→[\s\S]*?step[^\n]*?({NUMBER}) *$", lines, re.M)[1]
            assert by_hand(before, step, after), lines


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (21.095312, "21.0953"), (3.9721983, "3.9722"), (535.48, "535.4800"), (0.0010001, "0.0010"),
        (1e-3, "1.0000e-03"),
        (0.00097656, "9.7656e-04"), (0.0, "0.0000e+00"), (274482.118, "274482.1"), (3.4e12, "3400000000000"),
        (-12.5, "-12.5000"), (float("nan"), "nan"), (float("inf"), "inf"),
    ],
)  # fmt: skip
def test_a_number_as_the_progress_bar_prints_it(value, printed):
    assert as_printed(value) == printed
