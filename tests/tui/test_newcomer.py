"""A newcomer is asked once what brings them; each answer is a key, and every other key does what it always does."""

import pytest

from lrstep.session.commands import COMMANDS
from lrstep.sources.open_source import open_source
from lrstep.sources.samples import lessons
from lrstep.tui.stepper_app import StepperApp
from tests.tui.conftest import Driven

ASKED = "What brings you here?"


async def shown(pilot, *keys):
    driven = Driven(pilot.app, pilot)
    await pilot.pause()
    assert ASKED in driven.text
    await driven.press(*keys)
    return driven


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (60, 15)])
async def test_the_numbers_of_the_first_question_are_two_keys_away(size):
    async with StepperApp(open_source(), newcomer=True).run_test(size=size) as pilot:
        s = await shown(pilot, "7", "right")
        assert "23.1404" in s.text and "21.836" in s.text and ASKED not in s.text


async def test_just_the_stepper_has_its_key_on_the_screen_which_puts_lessons_away_later():
    async with StepperApp(open_source(), newcomer=True).run_test(size=(80, 24)) as pilot:
        s = await shown(pilot)
        assert "0 just the stepper" in s.text
        await s.press("0")
        assert ASKED not in s.text and s.place == (0, "start")
        await s.press("8", "0")
        assert s.session.guide.hidden
        await s.press("8")
        assert not s.session.guide.hidden


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_question_and_lessons_leave_the_batch_visible(size):
    async with StepperApp(open_source(), newcomer=True).run_test(size=size) as pilot:
        s = await shown(pilot)
        assert s.session.look.visible >= 4
        for lesson in lessons():
            s.session.course.begin(lesson.name)
            await s.pilot.pause()
            rows = 5 - len(s.session.run.parameters)
            assert s.session.look.visible >= min(rows, s.session.view.iteration.m), lesson.name


@pytest.mark.parametrize(("key", "lesson"), [("8", "second-question"), ("9", "your-own-run")])
async def test_the_other_answers_begin_their_lessons_and_no_lesson_is_needed(key, lesson):
    async with StepperApp(open_source(), newcomer=True).run_test(size=(120, 40)) as pilot:
        s = await shown(pilot, key)
        assert s.session.guide.lesson.name == lesson and ASKED not in s.text
        await s.press("u")
        assert s.session.run.raw.name == "mlcc" and ASKED not in s.text


@pytest.mark.parametrize("key", ["right", "space", "end", "2", "tab", "escape", "t"])
async def test_every_other_key_does_what_it_does_in_the_stepper_and_closes_the_question(key, stepper):
    async with stepper(size=(120, 40)) as s:
        await s.press(key)
        place, look, text = s.place, s.session.look, s.text
    async with StepperApp(open_source(), newcomer=True).run_test(size=(120, 40)) as pilot:
        s = await shown(pilot, key)
        assert (s.place, s.session.look, s.text) == (place, look, text)


def test_the_three_answers_stand_in_the_help_too():
    helps = {command.help: command.shown for command in COMMANDS}
    assert helps["Keras prints another number than I compute"] == "7"
    assert helps["What are epoch, batch, iteration?"] == "8"
    assert helps["My own data or my own Keras run"] == "9"
