"""``why`` names what went wrong in runs that are written out by hand, and accuses nobody by chance."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.numerals import parse_number
from lrstep.formulas.quantities import quantities
from lrstep.why.ask_why import why
from lrstep.why.chance import Chances

_SPEC = importlib.util.spec_from_file_location("wrong_runs", Path(__file__).with_name("wrong_runs.py"))
wrong_runs = sys.modules["wrong_runs"] = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(wrong_runs)
CAUSES, HELD_OUT, train = wrong_runs.CAUSES, wrong_runs.HELD_OUT, wrong_runs.train

AT = 5


@pytest.fixture(scope="module")
def run():
    return Run(Dataset("mlcc", wrong_runs.X, wrong_runs.Y), Settings(weight=0.08255479319424332))


def test_the_run_written_out_by_hand_is_the_right_one_where_nothing_is_wrong(run):
    for row in train():
        it = run.iteration(row["iteration"])
        for key in ("weight", "bias", "loss", "cumulative_rmse", "full_loss", "gradient_weight", "accumulator_weight"):
            assert quantities(run)[key].value(it) == pytest.approx(row[key], rel=1e-9)


@pytest.mark.parametrize(("causes", "least"), [(CAUSES, 0.97), (HELD_OUT, 0.85)])
def test_most_causes_are_named_and_hardly_any_wrong(run, causes, least):
    asked = [(cause, key, value) for cause, key, value in wrong_runs.typed([c for c in causes if not c.only], AT)]
    found, wrong = 0, 0
    for cause, key, value in asked:
        answer = why(run, f"{value:#.5g}", key, AT)
        assert answer.verdict != "right", (cause.name, key, value)
        labels = [label for match in answer.matches[:3] for label in (match.label, *match.also)]
        is_named = any(wrong_runs.named(cause, label) for label in labels) or "rounded to" in cause.words
        found += is_named
        wrong += not is_named and answer.verdict == "mistake"
    assert len(asked) > 300
    assert found >= least * len(asked)
    assert wrong <= 0.03 * len(asked)


@pytest.mark.parametrize(("digits", "most"), [(3, 0), (4, 0.1), (5, 0.03), (6, 0.03)])
def test_random_numbers_are_not_accused(run, digits, most):
    random, accused, count = np.random.default_rng(digits), 0, 0
    for key in ("weight", "rmse", "cumulative_loss", "gradient_weight"):
        right = quantities(run)[key].value(run.iteration(AT))
        for factor in random.uniform(0.5, 1.5, 40).tolist():
            answer = why(run, f"{right * factor:#.{digits}g}", key, AT)
            count += 1
            accused += answer.verdict == "mistake"
            if digits == 3:
                assert answer.verdict in ("unsure", "rounded", "right")
    assert accused <= most * count


def test_right_values_are_right_at_any_digits(run):
    for number in (1, 5, 12):
        it = run.iteration(number)
        for key in ("weight", "rmse", "cumulative_loss", "full_rmse", "gradient_bias", "accumulator_weight"):
            value = quantities(run)[key].value(it)
            for digits in (3, 4, 5, 7, 17):
                answer = why(run, f"{value:#.{digits}g}", key, number)
                assert (answer.verdict, answer.matches[0].kind) == ("right", "right")
                assert (answer.asked.quantity, answer.asked.iteration, answer.asked.right) == (key, number, value)


def test_a_value_that_is_off_by_more_than_float32_explains_is_not_right(run):
    value = run.iteration(AT).after.parameters[0]
    assert why(run, f"{value * (1 + 2e-5):.7f}", "weight", AT).verdict != "right"
    assert why(run, repr(float(np.float32(value))), "weight", AT).verdict == "right"


def test_the_first_line_says_what_is_right_and_how_far_off_the_number_is(run):
    right = run.iteration(AT).rmse
    sentence = why(run, f"{right * 1.25:.6g}", "rmse", AT).sentence
    assert sentence.startswith(f"The RMSE of the batch of iteration 5 is {right:.8g}; yours is 25 % above.")


def test_the_contract_for_json(run):
    rows = train(lr=0.5)
    made = json.loads(json.dumps(why(run, f"{rows[4]['weight']:.6f}", "weight", AT).as_dict()))
    assert made["asked"] == {"quantity": "weight", "iteration": 5, "right": run.iteration(5).after.parameters[0]}
    assert made["verdict"] == "mistake"
    first = made["matches"][0]
    assert {"kind", "name", "quantity", "iteration", "value", "chance"} <= first.keys()
    assert (first["kind"], first["quantity"], first["iteration"]) == ("setting", "weight", 5)
    assert first["value"] == pytest.approx(rows[4]["weight"], rel=1e-12)
    assert 0 <= first["chance"] < 0.03


def test_no_rule_of_lrstep_is_used_by_the_runs_written_out():
    assert "lrstep" not in " ".join(vars(wrong_runs))


def test_the_chance_is_how_many_of_evenly_spread_values_fit():
    chances = Chances(parse_number("20.000"))
    chances.add(np.array([1]), np.linspace(10, 30, 20_001)[None])
    assert chances.of(1) == pytest.approx(20_001 * 0.001 / 20, rel=1e-2)
