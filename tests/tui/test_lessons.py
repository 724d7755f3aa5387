"""Each lesson, gone through with the keys that it names, ends done, and its figures are right."""

import math
import re
from types import SimpleNamespace

import pytest

from lrstep.core.run import Run
from lrstep.session.lesson.wording import pressed
from lrstep.session.session import Session
from lrstep.sources.samples import lessons
from lrstep.tui import stepper_screen

LESSONS = [lesson.name for lesson in lessons()]
BATCHES = ["full-batch", "mini-batch", "single-sample"]
"""Lessons that speak of each other's runs."""

DERIVED = {
    "one-epoch": [1 / math.sqrt(1 - 0.9), 0.7173 - 0.5419, 1.0131 - 0.9877],
    "rmsprop-or-sgd": [0.0001, 0.0005, 0.4289 / 0.114004],
    "four-frameworks": [0.99, 2.10],
    "by-hand": [5 / 2, 0.1 * 52.8617**2, 0.9 * 279.4357],
}
"""Figures of a lesson that are computed from figures that stand in it."""


async def take(s, step):
    """Press what a step says, and go on where it is only to be read."""
    guide = s.session.guide
    at, keys = guide.at, pressed(step)
    if keys:
        await s.press(*keys)
    if step.until and not guide.ready:
        await s.until(lambda: guide.at > at)
    if guide.at == at:
        assert guide.ready and not step.until, (at + 1, step.text, s.place)
        await s.press("m" if s.session.look.focus else "enter")


@pytest.mark.parametrize("name", LESSONS)
async def test_the_keys_that_a_lesson_names_lead_to_its_end_and_its_figures_are_right(stepper, name):
    async with stepper(name, size=(80, 24)) as s:
        guide = s.session.guide
        runs = []
        for number, step in enumerate(guide.lesson.steps):
            assert guide.at == number
            assert f" {number + 1} of {len(guide.lesson.steps)} · {guide.lesson.title} " in s.text, s.text
            runs += [lane.run for lane in s.session.lockstep.lanes]
            await take(s, step)
        assert guide.step is None and "Done · " in s.text
    if name in BATCHES:
        runs += [Run(runs[0].dataset, runs[0].settings.changed(batch_size=size)) for size in (1, 4, 12)]
    text = " ".join([guide.lesson.title, *(step.text for step in guide.lesson.steps)])
    known = figures(set(runs)) | {f"{value:.{digits}f}" for value in DERIVED.get(name, ()) for digits in range(1, 5)}
    assert set(re.findall(r"\d+\.\d+", text)) <= known, set(re.findall(r"\d+\.\d+", text)) - known


def figures(runs: set[Run]) -> set[str]:
    """All numbers that these runs show, without their signs, with one to four decimals."""
    values = {0.0}
    for run in runs:
        values |= {run.settings.learning_rate, run.settings.rho or 0, 1 - (run.settings.rho or 0)}
        values |= {*run.reference.parameters, run.reference.loss**0.5}
        if run.scaling is not None:
            last = run.iteration(run.n_iterations)
            values |= {run.scaling.unscaled_error(rmse) for rmse in (last.full_rmse, run.reference.loss**0.5)}
            values |= {*run.scaling.unscaled_parameters(last.after.parameters)}
        for number in range(1, run.n_iterations + 1):
            i = run.iteration(number)
            values |= {*i.before.parameters, *i.after.parameters, *map(float, i.gradient)}
            values |= {float(update["step"]) for update in i.updates} | {
                v for kept in i.after.slots.values() for v in kept
            }
            values |= {i.rmse, i.cumulative_rmse, i.full_rmse, i.full_rmse_before}
    return {f"{abs(value):.{digits}f}" for value in values for digits in range(1, 5)}


async def test_a_hint_is_given_to_who_waits_and_not_to_who_goes_on(stepper, monkeypatch):
    timers = []
    monkeypatch.setattr(stepper_screen.StepperScreen, "set_timer", lambda _, *timer: timers.append(timer))
    async with stepper("first-question") as s:
        guide = s.session.guide
        while not guide.hint:
            await take(s, guide.step)
        (after, give), step, hint = timers[-1], guide.step, guide.hint.partition(" ")[2][:20]
        assert after == 25 and hint not in s.text
        give()
        await s.pilot.pause()
        assert guide.hinted and hint in s.text
        while guide.step is step or not guide.hint:
            await take(s, guide.step)
        give()  # to who is at another step by now
        assert not guide.hinted


@pytest.mark.parametrize(
    ("guide", "focus", "does"),
    [
        (None, "", ["follow"]),
        ({"ready": True, "step": "one"}, "", ["lesson_next"]),
        ({"ready": False, "step": "one"}, "", ["follow"]),
        ({"ready": False, "step": None}, "", ["lesson_next"]),
        ({"ready": True, "step": "one"}, "gradient", []),
    ],
)
def test_enter_goes_on_in_a_lesson_and_after_its_end_else_takes_what_the_coach_offers(guide, focus, does):
    done = []
    session = SimpleNamespace(
        look=SimpleNamespace(focus=focus),
        guide=guide and SimpleNamespace(**guide),
        enabled=lambda _: True,
        do=done.append,
    )
    assert Session._enter(session) == bool(does)
    assert done == does
