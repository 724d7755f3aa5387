"""What is said about a checked step: its digits are those of the numbers themselves."""

import math
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrstep.check.book import CheckBook
from lrstep.check.drift import FitPoint
from lrstep.check.quantity import compared
from lrstep.check.verdict import StepVerdict
from lrstep.core.iteration import Phase
from lrstep.core.state import State
from lrstep.session.check_sentences import agreed, agreement_table, drift, in_words, marks, status, summary
from lrstep.session.styled_rows import plain


def verdict(*pairs, precision="float32", bound=1e-3):
    """A step of which lrstep and Keras have these numbers."""
    names = ["loss", "gradient_weight", "gradient_bias", "weight", "bias"]
    found = [compared(name, *pair, bound, precision) for name, pair in zip(names, pairs, strict=False)]
    return StepVerdict(5, precision, tuple(found))


SAID = {
    "Keras agrees in every number to 7 digits.": [(1.0, 1.00000005), (2.0, 2.0000001)],
    "Keras agrees in every number to the last digit.": [(1.0, 1.0), (2.0, 2.0)],
    "Keras agrees in every number to 7 digits, but gradient ∂L/∂w to 3 digits, as rounding allows.": [
        (1.0, 1.00000005), (1e-5, 1.0004e-5),
    ],
    "Keras agrees in every number to 7 digits, but 2 to fewer, as rounding allows.": [
        (1.0, 1.00000005), (1e-5, 1.0004e-5), (1e-5, 1.0004e-5),
    ],
    "Keras DIFFERS in gradient ∂L/∂w.": [(1.0, 1.0), (2.0, 4.0)],
    "Keras DIFFERS in 4 of 5 numbers.": [(1.0, 1.0), *[(2.0, 4.0)] * 4],
}  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_one_plain_sentence(said):
    assert agreed(verdict(*SAID[said])) == said


def test_what_cannot_be_decided_is_said():
    one = compared("loss", 1.0, 2.0, float("inf"), "float32")
    two = compared("weight", 1.0, 1.0, 1e-3, "float32")
    assert agreed(StepVerdict(5, "float32", (one, two))) == (
        "float32 cannot decide loss of the batch; Keras agrees in 1 number to the last digit."
    )


@given(st.floats(1e-9, 1e9), st.integers(1, 7))
def test_so_many_digits_are_the_same_by_decimal_arithmetic(value, digits):
    other = value * (1 + 3 * 10.0 ** -(digits + 1))
    relative = abs(Decimal(value) - Decimal(other)) / max(Decimal(value), Decimal(other))
    claimed = int(agreement_table(verdict((value, other), bound=1e300))[1].split()[-1])
    assert relative <= Decimal(10) ** -claimed and relative > Decimal(10) ** -(claimed + 1)


def test_plain_mode_says_the_same():
    assert in_words(verdict((1.0, 1.00000005))) == ["Iteration 5: confirmed by Keras, every number to 7 digits"]


def test_the_line_counts_steps_by_their_outcome_and_a_panel_has_its_gravest_mark():
    quantity = compared("loss", 1.0, 1.0, 1.0, "float32")
    book = CheckBook(9)
    for number, outcome in enumerate(["confirmed"] * 3 + ["differs"] * 2 + ["undecided"], 1):
        book.record(StepVerdict(number, "float32", (replace(quantity, outcome=outcome),)))
    said = plain([status(book, 4, "float32")[0]])[0]
    assert "✓ 3 of 9 confirmed ✗ 2 differ (n, N) ? 1 beyond float32 · step 4 ✗ DIFFERS" in said
    for outcomes, gravest in ((["undecided", "differs", "confirmed"], "✗"), (["confirmed", "undecided"], "?")):
        quantities = tuple(replace(quantity, outcome=outcome) for outcome in outcomes)
        assert marks(StepVerdict(1, "float32", quantities), {Phase.LOSS: "rmse"})["rmse"].text == gravest


def test_under_what_differs_stand_only_the_numbers_that_do():
    beyond = compared("bias", 1.0, 2.0, math.inf, "float32")
    both = verdict((1.0, 1.0), (2.0, 4.0), (3.0, 3.0))
    told = in_words(replace(both, quantities=(*both.quantities, beyond)))
    assert beyond.outcome == "undecided"
    assert told[0] == "Iteration 5: DIFFERS from Keras" and len(told) == 2 and "∂L/∂w" in told[1]


@pytest.mark.parametrize(
    ("differing", "undecided", "more"),
    [(0, 0, ""), (1, 0, ", 1 differs"), (0, 2, ", 2 cannot be decided in float32"),
     (3, 2, ", 3 differ, 2 cannot be decided in float32")],
)  # fmt: skip
def test_what_is_not_confirmed_is_counted_apart(differing, undecided, more):
    book = SimpleNamespace(
        differing=differing, undecided=undecided, confirmed=5, checked=9, n_iterations=12, complete=False
    )
    assert summary(book, "float32") == f"Keras confirms 5 of 9 checked steps{more}; the run has 12."
    book.complete = True
    assert summary(book, "float32") == f"Keras confirms 5 of the run's 12 steps{more}."


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_free_fit_is_told_with_each_of_its_parameters(k):
    found = tuple(range(2, k + 3))
    point = FitPoint(4, 0.25, 0.5, State(tuple(map(float, found))), 0.25, 0.5, tuple(map(float, found)))
    told = drift(point, SimpleNamespace(lines=lambda differing: [f"{differing} differ"]), 7)
    names = ["weight"] if k == 1 else [f"weight {i}" for i in range(1, k + 1)]
    numbers = "   ".join(f"{name} {value}.0" for name, value in zip([*names, "bias"], found, strict=True))
    assert [line.replace("_", " ") for line in told[2:]] == [
        f"  {numbers}",
        "  prints loss 0.25   RMSE 0.5",
        "7 differ",
    ]
