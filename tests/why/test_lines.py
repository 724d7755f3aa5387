import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.session.narration import line


def test_every_phase_of_every_iteration_has_a_short_line(all_runs, other_runs):
    for run in (*all_runs.values(), *other_runs):
        for number in range(1, run.n_iterations + 1):
            it = run.iteration(number)
            for phase in tuple(Phase)[:-1]:
                text = line(run, it, phase)
                assert 20 < len(text) <= 130, text
                assert text.endswith(".")
                assert "nan" not in text
                assert "inf" not in text


@pytest.mark.parametrize(
    ("name", "number", "phase", "said"),
    [
        ("mlcc", 1, Phase.BATCH, "first 4 samples"),
        ("mlcc", 2, Phase.BATCH, "next 4 samples"),
        ("mlcc", 4, Phase.BATCH, "Epoch 2 begins"),
        ("line16", 7, Phase.BATCH, "shuffled"),
        ("mlcc short last batch, momentum", 3, Phase.BATCH, "short"),
        ("mlcc short last batch, momentum", 1, Phase.UPDATE, "momentum adds nothing"),
        ("mlcc short last batch, momentum", 2, Phase.UPDATE, "momentum"),
        ("mlcc centered", 2, Phase.UPDATE, "variance"),
        ("mlcc", 1, Phase.UPDATE, "however large g is"),
        ("mlcc", 1, Phase.PREDICTIONS, "initial weight"),
        ("mlcc", 5, Phase.PREDICTIONS, "iteration 4 left"),
        ("mlcc", 4, Phase.ACCUMULATOR, "does not reset"),
        ("mlcc", 5, Phase.LOSS, "epoch so far"),
    ],
)
def test_a_line_is_about_this_iteration(all_runs, name, number, phase, said):
    run = all_runs[name]
    assert said in line(run, run.iteration(number), phase)


def test_the_start_and_a_run_that_diverges_have_lines_of_their_own():
    run = Run(Dataset("steep", [1e150, 2e150], [1.0, 3.0]), Settings(batch_size=1, weight=1e10))
    assert "start" in line(run, None, Phase.START)
    it = run.iteration(2)
    assert it.diverged
    assert "diverged" in line(run, it, Phase.UPDATE)


def test_a_batch_of_all_samples_is_called_so(learners_run):
    assert "whole data set" in line(learners_run, learners_run.iteration(1), Phase.BATCH)


def test_direction_words_follow_the_signs():
    rising = Run(Dataset("up", [1.0, 2.0], [10.0, 20.0]), Settings(batch_size=2, weight=0.0))
    falling = Run(Dataset("down", [1.0, 2.0], [-10.0, -20.0]), Settings(batch_size=2, weight=0.0))
    assert "raise" in line(rising, rising.iteration(1), Phase.GRADIENT)
    assert "up by" in line(rising, rising.iteration(1), Phase.UPDATE)
    assert "below" in line(rising, rising.iteration(1), Phase.PREDICTIONS)
    assert "lower weight" in line(falling, falling.iteration(1), Phase.GRADIENT)
    assert "down by" in line(falling, falling.iteration(1), Phase.UPDATE)
