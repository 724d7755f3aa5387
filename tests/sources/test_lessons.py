"""Lesson files: what is wrong in one is named; how far one has come is kept."""

from dataclasses import replace

import pytest

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.session.lesson.guide import require
from lrstep.session.session import Session
from lrstep.sources import lesson_progress, resume
from lrstep.sources.open_source import open_source, side_by_side
from lrstep.sources.samples import lessons

HEAD = 'title = "Mine"\n[data]\nsample = "mlcc"\n[[steps]]\ntext = "Press {next}."\nuntil = { at = 1 }\n'


@pytest.fixture
def lesson(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return str(path)

    return write


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path / "state"))


def test_every_lesson_that_comes_with_lrstep_can_be_gone_through():
    for one in lessons():
        source = open_source(one.name)
        require(source)
        assert len(source.lesson.steps) == one.steps and source.lesson.name == one.name


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ('txt = "a"', "step 2: unknown key 'txt'"),
        ("hint = 3", "step 2: hint is not a text: 3"),
        ('hint = "only"', "step 2: there is no text"),
        ('text = "a"\nuntil = 3', "step 2: until is no table: 3"),
        ('text = "a"\nuntil = { att = 3 }', "step 2: until has an unknown condition 'att'"),
        ('text = "a"\nuntil = { at = 1.5 }', "step 2: until.at 1.5 is not valid"),
        ('text = "a"\nuntil = { check = false }', "step 2: until.check false is not valid"),
        ('text = "a"\nuntil = { tolerance = 1 }', "step 2: until.tolerance belongs to an answer"),
        ('text = "a"\nuntil = { settings = { lr = 1 } }', "step 2: until.settings has no 'lr'"),
        (
            'text = "a"\nuntil = { settings = { epochs = 0 } }',
            "step 2: until.settings: epochs 0 is not valid",
        ),
        (f'text = "{"a" * 401}"', "step 2: text has 401 characters"),
    ],
)
def test_a_step_of_a_wrong_form_is_refused_by_number_and_line(lesson, step, said):
    with pytest.raises(LrstepError, match="line 7: ") as refused:
        open_source(lesson(f"{HEAD}[[steps]]\n{step}\n"))
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ('text = "Press {nxt}."', "there is no command 'nxt'"),
        ('text = "a"\nhint = "{hlp}"', "there is no command 'hlp'"),
        ('text = "a"\nuntil = { command = "whi" }', "there is no command 'whi'"),
        ('text = "a"\nuntil = { at = 13 }', "until.at: this run has no iteration 13"),
        ('text = "a"\nuntil = { where = "rmsee<1" }', "until.where: no quantity is called 'rmsee'"),
        ('text = "a"\nuntil = { chart = "rms" }', "until.chart 'rms' is not known"),
        ('text = "a"\nuntil = { phase = "losses" }', "until.phase 'losses' is not known"),
        ('text = "a"\nshow = "panel"', "show 'panel' is not known"),
        (f'text = "{"word " * 60}"', "text takes 4 lines at 80 columns"),
        (f'text = "a"\nhint = "{"word " * 20}"', "hint takes 2 lines at 80 columns"),
    ],
)
def test_what_the_stepper_does_not_have_is_refused_by_step(lesson, step, said):
    source = open_source(lesson(f"{HEAD}[[steps]]\n{step}\n"))
    with pytest.raises(LrstepError) as refused:
        Session(source)
    assert f"mine.toml, step 2: {said}" in refused.value.message


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('title = "Mine"\nsteps = 3\n[data]\nsample = "mlcc"\n', "line 2: steps are tables"),
        ('[data]\nsample = "mlcc"\n[[steps]]\ntext = "a"\n', "a lesson has a title"),
        (f'title = "{"a" * 45}"\n[data]\nsample = "mlcc"\n[[steps]]\ntext = "a"\n', "line 1: the title has 45"),
    ],
)
def test_a_lesson_has_a_title_that_fits_and_steps_that_are_tables(lesson, head, said):
    with pytest.raises(LrstepError, match=said):
        open_source(lesson(head))


def test_where_the_settings_change_in_it_places_are_those_of_the_new_run(lesson):
    settings = 'text = "a"\nuntil = { settings = { epochs = 5 } }\n'
    require(open_source(lesson(f'{HEAD}[[steps]]\n{settings}[[steps]]\ntext = "b"\nuntil = {{ at = 15 }}\n')))


def walked(name, commands):
    session = Session(open_source(name))
    session.open()
    for command in commands:
        session.do(command)
    return session


def test_a_lesson_goes_on_where_it_was_left(state):
    name = "epoch-reset"
    assert lesson_progress.progress(name, 7) == ""
    left = walked(name, ["epoch_next", "next"])
    assert left.guide.at == 2
    lesson_progress.keep(left.kept)
    assert lesson_progress.progress(name, 7) == "2 of 7 steps"
    again = Session(lesson_progress.gone_on(open_source(name)))
    again.open()
    assert (again.guide.at, again.number) == (2, 4)
    lesson_progress.keep(replace(again.kept, step=7))
    assert lesson_progress.progress(name, 7) == "✓ done"
    lesson_progress.keep(replace(again.kept, step=1))  # done is done
    assert lesson_progress.progress(name, 7) == "✓ done"
    assert lesson_progress.gone_on(open_source(name)).step == 0


def test_a_lesson_of_ones_own_is_kept_by_its_path_and_resumed(lesson, state):
    path = lesson(f'{HEAD}[[steps]]\ntext = "b"\n')
    session = walked(path, ["next"])
    resume.keep(session.kept)
    source = resume.reopen(resume.kept().run).source
    assert (source.lesson.title, source.lesson.name, source.step, source.cursor) == ("Mine", path, 1, "1")
    lesson("gone = 1")
    assert resume.reopen(resume.kept().run).source.lesson is None  # the run goes on without it


def test_opening_another_lesson_keeps_the_one_before_and_undo_comes_back_to_it(state):
    session = walked("epoch-reset", ["epoch_next", "begin_words"])
    assert session.guide.lesson.name == "second-question"
    assert lesson_progress.progress("epoch-reset", 7) == "1 of 7 steps"
    session.do("undo")
    assert (session.guide.lesson.name, session.guide.at, session.number) == ("epoch-reset", 1, 3)


def rmse_of(source, **changes):
    run = Run(source.dataset, source.settings.changed(**changes))
    return [run.iteration(number).full_rmse for number in range(1, run.n_iterations + 1)], run


def test_what_is_said_of_sgd_with_features_of_unlike_size_is_computed():
    source = open_source("rmsprop-or-sgd")
    rmsprop, sgd = (one.run() for one in side_by_side(source))
    rooms, area, _ = sgd.iteration(1).gradient
    assert int(area / rooms) == 22
    assert [round(abs(update["step"]), 4) for update in rmsprop.iteration(1).updates[:2]] == [0.0316, 0.0316]
    assert int(rmsprop.iteration(100).after.weights[0] / sgd.iteration(100).after.weights[0]) == 19
    losses, _ = rmse_of(source, optimizer="sgd", learning_rate=0.0005)
    assert losses == sorted(losses) and losses[9] > 1e6


def test_keras_3_and_tf_keras_2_differ_far_behind_the_digits_that_keras_prints():
    source = open_source("four-frameworks")
    (keras, _), (older, _) = rmse_of(source), rmse_of(source, optimizer="rmsprop-tf2")
    assert keras != older and keras == pytest.approx(older, rel=1e-7)


def test_what_is_said_of_learning_rates_is_computed():
    source = open_source("learning-rate")
    (low, _), (high, run) = rmse_of(source, learning_rate=0.005), rmse_of(source, learning_rate=0.5)
    assert low == sorted(low, reverse=True)  # it crawls
    assert min(high[-30:]) > 2 * run.reference.loss**0.5  # it circles


def test_what_is_said_of_batches_and_of_steps_is_computed():
    whole, _ = rmse_of(open_source("full-batch"))
    mini, run = rmse_of(open_source("mini-batch"))
    assert whole == sorted(whole, reverse=True) and mini == sorted(mini, reverse=True)
    of_batches = [run.iteration(number).rmse for number in range(1, 13)]
    assert (round(min(of_batches), 4), round(max(of_batches), 4)) == (6.8605, 28.9126)
    run = open_source("one-epoch").run()
    steps = [abs(float(run.iteration(n).updates[0]["step"])) / 0.05 for n in range(1, run.n_iterations + 1)]
    assert round(steps[0], 2) == 3.16 == round(max(steps), 2) and sum(step < 1 for step in steps) > len(steps) / 2


def test_what_is_said_of_the_data_and_the_recorded_order_is_so():
    rooms, area = open_source("rmsprop-or-sgd").dataset.columns
    assert (rooms.min(), rooms.max(), area.min(), area.max()) == (1, 6, 30, 131)
    run = open_source("your-own-run").run()
    assert (run.iteration(1).samples + 1).tolist() == [6, 10, 8, 5]
    assert (run.iteration(5).samples + 1).tolist() == [6, 12, 11, 8]


def test_a_step_may_begin_with_the_panels_or_a_chart(lesson):
    steps = '[[steps]]\ntext = "b"\nshow = "weights"\n[[steps]]\ntext = "c"\nshow = "panels"\n'
    session = Session(open_source(lesson(HEAD + steps)))
    session.open()
    session.do("next")
    assert (session.look.chart, session.look.with_chart) == ("weights", True)
    session.do("lesson_next")
    assert not session.look.with_chart
