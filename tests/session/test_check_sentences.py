"""What is said about a checked step: its digits are those of the numbers themselves."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrstep.check.book import CheckBook
from lrstep.check.quantity import compared
from lrstep.check.verdict import StepVerdict
from lrstep.core.iteration import Phase
from lrstep.session.check_sentences import agreed, agreement_table, in_words, marks, status
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
