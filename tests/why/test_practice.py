import math

import pytest

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.formulas.quantities import quantities
from lrstep.session.practice import CARELESS, Practice, Score, hint, judge, questions


def test_the_right_value_is_right_to_the_digits_typed(all_runs, other_runs):
    for place, run in enumerate((*list(all_runs.values())[::3], *other_runs[3::4])):
        for iteration in (1, run.n_iterations):
            for quantity in questions(run):
                value = quantities(run)[quantity].value(run.iteration(iteration))
                for digits in (2, 5, 17):
                    assert judge(run, iteration, quantity, f"{value:#.{digits}g}").outcome == "right"
                if value and iteration == 1 and place < 2 and quantity in ("weight", "rmse", "cumulative_loss"):
                    wrong = judge(run, iteration, quantity, f"{value * 1.3:#.4g}")
                    assert wrong.outcome == "wrong"
                    assert wrong.answer is not None


def test_one_digit_is_too_short_unless_it_is_all(all_runs):
    run = all_runs["line16-offset"]
    assert judge(run, 1, "rmse", "4").outcome == "too short"
    first = run.iteration(1)
    assert judge(run, 1, "rmse", f"{first.rmse:.2g}").outcome == "right"
    assert judge(run, 1, "weight", repr(first.after.parameters[0])).outcome == "right"


def test_a_known_mistake_is_named(learners_run):
    it = learners_run.iteration(1)
    verdict = judge(learners_run, 1, "gradient_weight", f"{it.gradient[0] / 2:.6g}")
    assert verdict.outcome == "wrong"
    assert "without the 2" in verdict.sentence


def test_the_score_counts_right_and_wrong_only(learners_run):
    score = Score()
    for text in ("23.1", "21.8", "2"):
        score = score.counted(judge(learners_run, 1, "rmse", text))
    assert (score.right, score.wrong) == (1, 1)
    assert str(score) == "1 right, 1 wrong"


def test_questions_follow_the_computation(all_runs, other_runs):
    for run in (*all_runs.values(), *other_runs):
        phases = [quantities(run)[key].phase for key in questions(run)]
        assert phases == sorted(phases)
        assert ("momentum_weight" in questions(run)) == (bool(run.settings.momentum) and len(run.parameters) == 2)
        asked = set(run.keyed(run.start)) | {f"gradient_{name}" for name in run.parameters}
        assert asked <= set(questions(run))


def test_what_is_no_number_is_refused(learners_run):
    with pytest.raises(LrstepError, match="not a number"):
        judge(learners_run, 1, "weight", "about 3")


def test_what_is_rounded_on_the_way_is_right_and_no_reason_is_made_up(all_runs):
    run = all_runs["mlcc"]
    value = run.iteration(5).rmse
    near = judge(run, 5, "rmse", f"{value * 1.004:.5g}")
    assert near.outcome == "right"
    assert "but for rounding" in near.sentence
    practice = Practice(run, 5)
    while practice.quantity != "rmse":
        practice.answer("")
    practice.answer(f"{value * 1.3:.3g}")
    assert practice.said == "✗ Not right. With all its digits the reason may show."
    practice.answer("123.45678")
    assert practice.said == "✗ Not right, and no mistake that is known here. Try again."


def test_every_quantity_has_a_hint_that_needs_no_other_one_than_what_was_asked_before(all_runs, other_runs):
    for run in (*list(all_runs.values())[::4], *other_runs):
        for key in questions(run):
            symbol, _, formula = hint(run, key).partition(" = ")
            assert symbol == quantities(run)[key].symbol
            assert formula
            assert "step" not in formula
        order = questions(run)
        assert all(order.index(name) > order.index(f"momentum_{name}") for name in run.parameters
                   if f"momentum_{name}" in order)  # fmt: skip


def test_what_is_typed_is_no_command_and_a_paste_is_an_answer(all_runs):
    run = all_runs["mlcc"]
    practice = Practice(run, 1)
    assert not practice.key("x", "x")
    assert practice.key("space", " ")
    assert practice.typed == ""
    practice.paste(f" {run.iteration(1).loss:.7g} \nq")
    assert practice.key("q", "q")
    assert practice.key("space", " ")
    assert practice.key("backspace", None)
    assert practice.key("backspace", None)
    practice.key("enter", "\r")
    assert practice.score == Score(1, 0)


def test_few_digits_that_are_wrong_get_no_reason(all_runs):
    run = all_runs["mlcc"]
    practice = Practice(run, 5)
    practice.answer(f"{run.iteration(5).loss / 2:.3g}")
    assert practice.said == "✗ Not right. With all its digits the reason may show."
    practice.answer(f"{run.iteration(5).loss / 2:.7g}")
    assert practice.said.startswith("✗ Not right: this comes out with a factor ½. ")


def test_a_known_mistake_is_wrong_however_near_it_comes(learners_run):
    """ε under the root instead of beside it changes the step in its last digits alone."""
    run = Run(learners_run.raw, learners_run.settings.changed(epsilon=1e-3))
    it = run.iteration(1)
    gradient, squares = it.gradient[0], it.after.slots["accumulator"][0]
    mistaken = it.before.parameters[0] - run.settings.learning_rate * gradient / (math.sqrt(squares) + 1e-3)
    verdict, right = judge(run, 1, "weight", repr(mistaken)), it.after.parameters[0]
    assert abs(mistaken / right - 1) < CARELESS and mistaken != right
    assert (verdict.outcome, verdict.answer.verdict) == ("wrong", "mistake")
