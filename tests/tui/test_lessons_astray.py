"""Whatever is pressed between the steps of a lesson, it can be gone through to its end with what the screen says."""

import random
import re
from dataclasses import replace

import pytest

from lrstep.session.commands import COMMANDS
from lrstep.session.lesson.wording import pressed
from lrstep.sources.open_source import open_source
from lrstep.sources.samples import lessons
from lrstep.tui.stepper_app import StepperApp
from tests.tui.conftest import Driven

pytestmark = pytest.mark.usefixtures("painted")

ASTRAY = [key for command in COMMANDS if command.id not in ("quit", "check") for key in command.keys]
ASTRAY += ["escape", "enter", "escape", "enter", "3", "delete"]
SIZES = [(120, 40), (60, 15), (59, 10), (80, 24)]


async def go_astray(s, rng):
    """Press some keys that nobody asked for, now and then in a window of another size."""
    away = rng.random() < 0.2
    if away:
        await s.pilot.resize_terminal(*rng.choice(SIZES))
    await s.press(*rng.choices(ASTRAY, k=rng.randint(1, 4)))
    if away:
        await s.pilot.resize_terminal(80, 24)


async def leave(s):
    """Close what is open."""
    while s.top != "StepperScreen" or s.session.practice is not None:
        await s.press("escape")


async def come_back(s, name):
    """Close what is open, stop what goes on, show the lesson, and have its step as it began."""
    await leave(s)
    if s.session.guide is None or s.session.guide.lesson.name != name:
        s.session.course.begin(name)  # as `o` does
        await s.quiet()
    guide = s.session.guide
    if guide.hidden:
        await s.press("i")
    if guide.step is not None and not guide._begun[guide.at].is_now(s.session):
        await s.press("M")
    assert guide is s.session.guide
    return guide


def hinted(guide, step):
    """The keys that the hint names, with what is typed into a dialog."""
    typed = re.search(r"\{(go_to|compare)\} (.+?) Enter", guide.hint)
    return pressed(replace(step, text=guide.hint, press=f"{typed[1]} {typed[2]} Enter" if typed else None))


async def follow(s, guide, step):
    """Press what a step says; where that leads nowhere, leave the focus first, or do what the hint says."""
    at = guide.at
    for way in (pressed(step), ["escape", *pressed(step)], hinted(guide, step), pressed(step)):
        await leave(s)
        await s.press(*way)
        for _ in range(50):
            if guide.at > at or not (s.session.busy or step.until.get("check")):
                break
            await s.quiet()
        if guide.at > at:
            return
        if guide.ready:
            await s.press("escape", "m")
            return
    raise AssertionError((at + 1, step.text, s.place, s.text))


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """Exports and saved runs of the wrong keys, and the progress of the lessons, stay here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path / "state"))


@pytest.mark.parametrize("name", [lesson.name for lesson in lessons()])
@pytest.mark.usefixtures("alone")
async def test_no_key_breaks_a_lesson(name):
    rng = random.Random(name)
    async with StepperApp(open_source(name)).run_test(size=(80, 24)) as pilot:
        s = Driven(pilot.app, pilot)
        await s.quiet()
        steps = s.session.guide.lesson.steps
        for _ in range(4 * len(steps)):
            if rng.random() < 0.4:
                await go_astray(s, rng)
            guide = await come_back(s, name)
            if guide.step is None:
                break
            await follow(s, guide, guide.step)
            if guide.step is None:
                break
        assert guide.step is None
        await s.until(lambda: "Done · " in s.text)
