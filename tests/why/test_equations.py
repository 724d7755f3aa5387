"""Every "a = b" that ``why`` prints evaluates: a, computed from the numbers printed in it, gives the digits of b."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.enough_digits import evaluated
from lrstep.formulas.numerals import parse_number
from lrstep.formulas.quantities import quantities
from lrstep.why.answer import Answer, why_text
from lrstep.why.ask_why import why
from lrstep.why.match_builder import mistake_match, right_match
from lrstep.why.question import Asked
from lrstep.why.search import MistakeHit, RightHit, Search

TYPED, MOST = parse_number("1"), 24
"""So many mistakes are typed of each run and iteration."""


@pytest.fixture(scope="module")
def printed(all_runs, other_runs) -> list[tuple[Run, str]]:
    """What is printed of right values, of mistakes in one step and in every step, and of other settings."""
    random = np.random.default_rng(3)
    lines: list[tuple[Run, str]] = []
    with np.errstate(all="ignore"):
        for run in (*list(all_runs.values())[::4], *other_runs[::2], other_runs[5], other_runs[17]):
            for number in (2, run.n_iterations):
                matches = [*_mistakes(run, number, random), *_right(run, number)]
                answer = Answer("1", Asked(None, None, None), "mistake", "", tuple(matches), (), (), 0)
                lines += [(run, line.strip()) for line in why_text(answer, 10_000)]
    return lines


def _mistakes(run, number, random):
    (ctx,) = Search(run, number).contexts
    place = number - int(ctx.numbers[0])
    known = {}
    for rewritten in (False, True):
        rows, values = next((rows, values) for rows, _, values in Search(run, number).tables(rewritten))
        for row in random.permutation(np.flatnonzero(np.isfinite(values[:, place])))[:MOST].tolist():
            mistake, key = rows[row]
            made = known.get(mistake.key) or known.setdefault(mistake.key, mistake.compute(ctx))
            parameters = tuple(float(made.get(name, ctx.right[name])[place]) for name in run.parameters)
            hit = MistakeHit(mistake, key, number, float(values[row, place]), float(ctx.right[key][place]), parameters)
            yield mistake_match(run, hit, TYPED)


def _right(run, number):
    it = run.iteration(number)
    for key, quantity in quantities(run).items():
        if quantity.per_sample:
            values = (it.prediction, it.error, it.error**2)
            for name, column in zip(("prediction", "error", "squared_error"), values, strict=True):
                yield right_match(
                    run, RightHit(name, number, float(column[0]), int(it.samples[0]), 0), TYPED, [], False
                )
            break
        yield right_match(run, RightHit(key, number, quantity.value(it)), TYPED, [], False)


def equations(line: str):
    """The pairs of formulas with an equals sign between them in which there are numbers alone."""
    parts = line.split(" = ")
    for left, right in pairwise(parts):
        left, right = left.split(": ")[-1], re.split(r"[,;] ", right)[0]
        if re.fullmatch(r"[\d.()√·/^²+−e, -]+", left) and re.fullmatch(r"\(?-?[\d.e+-]+\)?", right):
            yield left, right


def test_every_equation_that_why_prints_evaluates(printed, evaluate):
    wrong, count = [], 0
    for _, line in dict(printed_lines(printed)).items():
        for left, right in equations(line):
            count += 1
            made, shown = evaluate(left), evaluate(right)
            unit = 10.0 ** (math.floor(math.log10(abs(shown))) - 6) if shown else 1e-300
            if abs(made - shown) > 0.5000001 * unit:
                wrong.append((made, line))
    assert not wrong
    assert count >= 1300, count


def printed_lines(printed):
    """Each line once."""
    return {(run.settings, line): line for run, line in printed}


def test_a_loss_with_parameters_beside_it_is_the_loss_of_these_parameters(printed, evaluate):
    tried = 0
    for run, line in printed:
        found = re.search(r"(L|RMSE) = .* with the new .* = ([-\d.e+]+), with (.*)$", line)
        if not found:
            continue
        *weights, bias = (float(text.split(" = ")[1]) for text in found[3].split(", "))
        error = np.column_stack(run.dataset.columns) @ weights + bias - run.dataset.y
        loss = float(np.mean(error**2))
        assert (loss if found[1] == "L" else math.sqrt(loss)) == pytest.approx(float(found[2]), rel=1e-4), line
        tried += 1
    assert tried > 20


def test_what_is_printed_is_read_as_the_tests_read_it(evaluate):
    for text in ("2/4·(-80.3199733)", "√(219.361362/4)", "0.05·(-13.9)/(√(0.1·3²) + 1e-07)", "(-3)² − 2^3", "abs(-3)"):
        known = evaluated(text)
        assert known is not None
        if "abs" not in text:
            assert known == evaluate(text)
    assert evaluated("w − lr·g") is None
    assert evaluated("1/0") is None


def test_as_many_digits_are_printed_as_the_result_needs():
    run = Run(
        Dataset("far", [1e6 + 1, 1e6 + 2, 1e6 + 3], [1.0, 2.0, 4.0]), Settings(batch_size=3, weight=1.0, epochs=1)
    )
    value = run.iteration(1).after.parameters[0]
    text = "\n".join(why_text(why(run, f"{value:.9g}", "weight", 1), 1000))
    for left, right in equations(text.splitlines()[-1]):
        assert evaluated(left) == pytest.approx(float(right), rel=1e-6)
