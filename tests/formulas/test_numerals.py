from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstep.errors import LrstepError
from lrstep.formulas.enough_digits import evaluated, with_enough_digits
from lrstep.formulas.numerals import exact, parse_number, put, short

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE)
@settings(deadline=None)
def test_an_exact_number_reads_back_as_itself(value):
    assert float(exact(value)) == value
    assert float(put(value).strip("()")) == value
    assert exact(value).isascii()


@given(FINITE, st.integers(1, 17))
@settings(deadline=None)
def test_a_value_fits_what_it_rounds_to(value, digits):
    text = f"{value:#.{digits}g}"
    if abs(float(text)) == float("inf"):
        return
    typed = parse_number(text)
    assert typed.fits(value)
    assert typed.digits >= 1


@given(st.decimals(-1000, 1000, places=3), st.integers(2, 9))
@settings(deadline=None)
def test_a_value_a_whole_unit_away_does_not_fit(number, away):
    typed = parse_number(str(number))
    unit = Decimal(1).scaleb(number.as_tuple().exponent)
    assert not typed.fits(float(number + unit * away / 2 + unit / 10))
    assert not typed.fits(float(number - unit * away / 2 - unit / 10))


@pytest.mark.parametrize(
    ("text", "value", "digits", "half_unit"),
    [
        ("21.8", 21.8, 3, 0.05),
        ("23.10", 23.1, 4, 0.005),
        ("1e-3", 0.001, 1, 0.0005),
        ("-14.7", -14.7, 3, 0.05),
        ("−14.7", -14.7, 3, 0.05),
        ("+5", 5.0, 1, 0.5),
        ("0.050", 0.05, 2, 0.0005),
        (" .5 ", 0.5, 1, 0.05),
        ("1200", 1200.0, 4, 0.5),
    ],
)
def test_digits_and_half_units(text, value, digits, half_unit):
    typed = parse_number(text)
    assert (typed.value, typed.digits) == (value, digits)
    assert typed.half_unit == pytest.approx(half_unit, rel=1e-15)


def test_a_decimal_comma_is_read_and_noted():
    typed = parse_number("21,8")
    assert typed.value == 21.8
    assert "comma" in typed.note


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "1,2,3", "1_0", "21.8%", "--5", "1e", "٣", "1" * 500])
def test_what_is_no_number_is_refused_by_name(text):
    with pytest.raises(LrstepError, match="not a number"):
        parse_number(text)


@pytest.mark.parametrize("text", ["1e400", "-1e400", "1e99999999", "1.8e308", "9" * 310])
def test_what_is_beyond_float64_is_called_so(text):
    with pytest.raises(LrstepError, match="beyond the largest float64"):
        parse_number(text)


@pytest.mark.parametrize("text", ["1e-400", "-1e-400", "2e-324", "1.5e-99999999", "0." + "0" * 330 + "1"])
def test_what_is_below_float64_is_read_as_zero_and_noted(text):
    typed = parse_number(text)
    assert typed.value == typed.half_unit == 0
    assert typed.fits(0.0)
    assert not typed.fits(5e-324)
    assert "below the smallest float64" in typed.note


@pytest.mark.parametrize("text", ["0", "0e400", "0e99999999", "0.0e-99999999"])
def test_zero_is_zero_whatever_its_exponent(text):
    typed = parse_number(text)
    assert typed.value == 0
    assert not typed.fits(1.0)
    assert not typed.note


def test_short_keeps_whole_numbers_whole():
    assert short(12) == "12"
    assert short(21.836234, 6) == "21.8362"


@given(FINITE.filter(lambda value: 1e-6 < abs(value) < 1e6))
def test_a_formula_has_as_many_digits_as_its_result_needs(value):
    """A number less itself rounded to 15 digits, and to 16: nothing shorter gives the difference."""
    for digits in (15, 16):
        near = float(f"{value:.{digits}g}")
        if near != value:
            text = with_enough_digits(lambda write, near=near: f"{write(value)} - {write(near)}", value - near)
            assert short(evaluated(text)) == short(value - near), text
    assert with_enough_digits(lambda write: f"{write(value)}·2", value * 2).count(".") <= 1


@pytest.mark.parametrize(("text", "value", "fits"), [("1", 1.5, True), ("1", 0.5, True), ("2.5", 2.5, True),
                                                     ("0.5", 0.5625, False), ("1", 1.5000001, False)])  # fmt: skip
def test_half_a_unit_away_a_value_may_round_to_it(text, value, fits):
    assert parse_number(text).fits(value) == fits
