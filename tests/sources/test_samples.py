"""The samples and lessons: complete, and as their words say."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.session.lesson.course import following
from lrstep.sources.open_source import open_source
from lrstep.sources.runfile import save
from lrstep.sources.samples import catalogue, get, lessons, samples_folder

SAMPLES = [sample.name for sample in catalogue()]
LESSONS = [lesson.name for lesson in lessons()]


def opened(name: str) -> Run:
    source = open_source(name)
    run = Run(source.dataset, source.settings)
    run.advance(run.n_iterations)
    return run


def test_every_file_of_the_folder_is_listed_and_the_reverse():
    files = [path for path in samples_folder().iterdir() if path.suffix in (".csv", ".toml")]
    assert sorted(path.name for path in files) == sorted(
        [*(sample.path.name for sample in catalogue()), "samples.toml"]
    )
    assert sorted(LESSONS) == sorted(path.stem for path in (samples_folder() / "lessons").iterdir())
    assert not set(SAMPLES) & set(LESSONS)


def test_every_sample_says_what_it_is():
    for sample in catalogue():
        assert sample.title and sample.shows and sample.source
        assert "\n" not in sample.shows and len(sample.shows) <= 120
        assert (sample.settings.weight is None) == (sample.name != "mlcc") and sample.settings.seed == 0


def test_the_recorded_sample_opens_as_it_ran_also_where_a_run_file_names_it(tmp_path):
    source = open_source("own-run")
    first = source.run().iteration(1)
    assert source.recorded and source.dataset.name == "own-run" and source.n_iterations == 12
    assert (first.before.parameters[0], first.loss) == pytest.approx((-1.2654018, 1180.6676))
    assert len(set(source.settings.order)) == 4 and tuple(range(1, 13)) not in source.settings.order
    save(tmp_path / "later.toml", source.run_file(cursor="5"))
    again = open_source(str(tmp_path / "later.toml"))
    assert again.recorded and again.cursor == "5" and again.title == source.title
    assert not again.changed(again.settings.changed(learning_rate=0.1)).recorded


def test_the_script_of_the_recorded_sample_has_its_data_and_settings():
    text = (samples_folder() / "own-run.py").read_text()
    recorded, mlcc = open_source("own-run"), open_source("mlcc")
    assert "RMSprop(learning_rate=0.05)" in text and "batch_size=4, epochs=4" in text and "seed(" not in text
    assert recorded.settings.changed(order=None, weight=None) == mlcc.settings.changed(weight=None)
    x, y = (re.search(rf"^{name} = np.array\((\[.*\])\)$", text, re.MULTILINE)[1] for name in "xy")
    assert recorded.dataset.x.tolist() == mlcc.dataset.x.tolist() == json.loads(x)
    assert recorded.dataset.y.tolist() == mlcc.dataset.y.tolist() == json.loads(y)


def test_an_unknown_sample_is_refused_with_the_closest():
    assert get("mlcc").path.name == "mlcc.csv"
    with pytest.raises(LrstepError, match="Did you mean 'noisy'"):
        get("nosy")


def test_mlcc_is_the_first_question_and_the_second():
    run = opened("mlcc")
    assert run.dataset.x.tolist() == list(range(1, 13))
    assert run.dataset.y.tolist() == [5, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32, 33.8, 38.2]
    assert run.n_iterations == 12
    first = opened("first-question").iteration(1)
    assert round(first.loss, 2) == 535.48 and round(first.full_loss, 2) == 476.82


@pytest.mark.parametrize(("name", "bias"), [("line16", 0.2), ("line16-offset", 5.2)])
def test_the_lines_of_16(name, bias):
    run = opened(name)
    assert run.dataset.x.tolist() == list(range(16))
    np.testing.assert_allclose(run.dataset.y, 0.5 * run.dataset.x + bias, rtol=1e-15)
    last = [run.iteration(number).full_rmse for number in range(run.n_iterations - 15, run.n_iterations + 1)]
    if name == "line16":
        assert round(min(last), 2) == 0.06 and round(max(last), 2) == 0.11
        steps = [abs(run.iteration(number).updates[0]["step"]) for number in range(1, run.n_iterations + 1)]
        longest = [max(steps[begin : begin + 4]) for begin in range(7 * 4, len(steps), 4)]  # from epoch 8 on
        assert longest == sorted(longest)
    else:
        weights = run.series("weight", np.arange(run.n_iterations + 1))
        assert weights.max() > 0.8 and abs(weights[-1] - 0.5) < 0.1
        biases = run.series("bias", np.arange(run.n_iterations - 39, run.n_iterations + 1))  # ten epochs
        assert (round(biases.min(), 2), round(biases.max(), 2)) == (4.83, 4.93)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_anscombes_sets_share_their_statistics(number):
    run = opened(f"anscombe-{number}")
    x, y = run.dataset.x, run.dataset.y
    assert (x.mean(), round(float(y.mean()), 2)) == (9, 7.5)
    assert round(float(x.var(ddof=1)), 2) == 11 and round(float(y.var(ddof=1)), 1) == 4.1
    assert round(float(np.corrcoef(x, y)[0, 1]), 2) == 0.82
    assert (round(run.reference.weight, 2), round(run.reference.bias, 1)) == (0.5, 3)
    assert round(run.reference.loss**0.5, 2) == 1.12
    assert run.iteration(run.n_iterations).full_rmse < 1.14


def test_the_gradient_of_the_area_is_some_20_times_that_of_the_rooms():
    run = opened("flats")
    ratios = [run.iteration(number).gradient[1] / run.iteration(number).gradient[0] for number in range(1, 11)]
    assert all(19 < ratio < 26 for ratio in ratios) and run.dataset.features == ("rooms", "area")


def test_noisy_comes_near_and_keeps_its_noise():
    run = opened("noisy")
    after = run.iteration(run.n_iterations).after
    assert len(run.dataset) == 200
    assert abs(after.weights[0] - 3) < 0.1 and abs(after.bias + 1) < 0.1
    assert round(run.iteration(run.n_iterations).full_rmse, 1) == round(run.reference.loss**0.5, 1) == 0.9


def test_the_batch_with_the_outlier_stands_out():
    run = opened("outlier")
    first, second, third = (run.iteration(run.n_iterations - back) for back in (2, 1, 0))
    assert (round(first.rmse, 1), round(second.rmse, 1), round(third.rmse, 1)) == (2.1, 4.1, 18.7)
    assert 8 in third.samples and round(third.after.weights[0], 1) == 2.5


def test_thousands_crawl_until_scaled_or_stepped_faster():
    run, scaled = opened("thousands"), opened("thousands-scaled")
    np.testing.assert_allclose(run.dataset.y, scaled.dataset.y * 1000)
    assert run.iteration(run.n_iterations).full_rmse > 0.99 * run.iteration(1).full_rmse
    assert round(run.iteration(run.n_iterations).after.weights[0], 1) == 5.8 and round(run.reference.weight) == 1543
    assert scaled.iteration(scaled.n_iterations).full_rmse < 1.01 * scaled.reference.loss**0.5
    fast = Run(run.dataset, run.settings.changed(learning_rate=50))
    assert round(fast.iteration(fast.n_iterations).after.weights[0]) == 1466


def test_the_three_batch_sizes_differ_in_nothing_else():
    runs = [open_source(name).settings for name in ("full-batch", "mini-batch", "single-sample")]
    assert [run.batch_size for run in runs] == [12, 4, 1]
    assert len({run.changed(batch_size=1) for run in runs}) == 1


def test_the_samples_are_found_in_an_installed_package_too(tmp_path):
    shutil.copytree(Path(sys.modules["lrstep"].__file__ or "").parent, tmp_path / "lrstep")
    shutil.copytree(samples_folder(), tmp_path / "lrstep" / "samples")
    code = "from lrstep.sources.samples import catalogue, lessons; print(catalogue()[0].path, lessons()[0].path)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    base = tmp_path.resolve() / "lrstep" / "samples"
    assert done.stdout.split() == [str(base / "mlcc.csv"), str(base / "lessons" / "first-question.toml")]


def test_listing_the_samples_needs_no_numpy():
    code = "import sys; from lrstep.sources.samples import catalogue; catalogue(); print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_each_lesson_leads_to_the_next_one():
    assert [following(name) for name in LESSONS] == [*LESSONS[1:], ""]
    assert following("mine") == ""
