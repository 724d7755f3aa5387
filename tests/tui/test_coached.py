"""The coach on the screen: one line that Enter takes, Esc sends away, u takes back; quiet where all is well."""

import pytest

from lrstep.errors import LrstepError
from lrstep.session.coach.coach import AT_ONCE

CRAWLS = "Enter: learning rate 20"


def line(s):
    """The lines under the panels, without the keys."""
    return s.lines[-4 if len(s.lines) >= 30 else -3 : -1]


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize("ascii", [False, True])
async def test_its_line_stands_above_what_keras_prints_and_is_never_cut(stepper, size, ascii):
    async with stepper("thousands", size=size, ascii=ascii) as s:
        await s.press("right")
        said, *message = line(s)
        assert CRAWLS in said and not said.rstrip().endswith(("…", "..."))
        assert message[0].startswith(" Keras") and "3823.24" in message[0]
        assert len(s.lines) == size[1]


async def test_enter_follows_and_u_comes_back(stepper):
    async with stepper("thousands", size=(80, 24)) as s:
        await s.press("right", "right", "enter")
        assert (s.top, s.place, s.session.run.settings.learning_rate) == ("StepperScreen", (0, "start"), 20.0)
        assert "begins anew with learning rate 20" in s.text
        await s.press("end")
        assert "learning rate" not in " ".join(line(s))
        await s.press("u")
        assert (s.place, s.session.run.settings.learning_rate) == ((2, "after"), 0.05)
        await s.press("F")
        assert s.session.run.settings.scale == "standard"


async def test_enter_explains_a_panel_with_the_focus_and_where_there_is_no_cure(stepper):
    async with stepper("thousands") as s:
        await s.press("right", "tab")
        assert "f: learning rate 20" in line(s)[0]
        await s.press("enter")
        assert s.top == "Explain"
        await s.press("escape", "f")
        assert s.session.run.settings.learning_rate == 20
        await s.press("right", "enter")
        assert s.top == "Explain"


@pytest.mark.parametrize("first", ["a", "tab"])
async def test_esc_ends_first_what_was_begun(stepper, first):
    async with stepper("thousands", size=(80, 24)) as s:
        await s.press("right", *["minus"] * 7, first, "escape")
        assert not s.session.playing and not s.session.look.focus and s.session.coaching.advice()
        await s.press("escape")
        assert not s.session.coaching.advice()


async def test_esc_sends_it_away_and_a_click_takes_it(stepper):
    async with stepper("thousands", size=(80, 24)) as s:
        await s.press("right", "escape")
        assert CRAWLS not in s.text
        await s.press("s", "enter")  # the same settings: the same run
        assert CRAWLS not in s.text
    async with stepper("thousands", size=(80, 24)) as s:
        await s.press("right")
        await s.pilot.click(offset=(3, 21))
        await s.quiet()
        assert s.session.run.settings.learning_rate == 20


async def test_it_is_quiet_on_the_run_that_was_asked_for_until_the_end(stepper):
    async with stepper(size=(80, 24)) as s:
        for _ in range(11):
            await s.press("right")
            assert "Enter:" not in s.text
        await s.press("right")
        assert "RMSE 15.6, not 0.935. Enter: learning rate 0.02 and 100 epochs" in line(s)[0]
        assert line(s)[1].startswith(" Keras: 16.4245")


async def test_of_a_long_run_it_thinks_while_the_keys_rest(stepper):
    async with stepper("thousands", epochs=AT_ONCE, learning_rate=1e-5) as s:
        await s.press("right")
        assert "Enter:" not in s.text
        await s.until(lambda: "Enter: " in s.text)
        assert s.session.run.computed < 10  # the models that are seen, and no further


async def test_with_the_check_on_all_three_lines_are_there(stepper):
    async with stepper("thousands", size=(80, 24)) as s:
        await s.press("right")
        s.session.checker.state, s.session.checker.problem = "failed", LrstepError("no Keras here")
        s.session.touch()
        await s.pilot.pause()
        advice, message, check = s.lines[-4:-1]
        assert CRAWLS in advice and message.startswith(" Keras: 3823.24") and "no Keras here" in check
