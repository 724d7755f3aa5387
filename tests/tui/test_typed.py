"""Keys that come together, as over a slow link: each goes where a person who waited would have typed it."""

import asyncio

import pytest
from textual import events
from textual.widgets import Input

from lrstep.tui.dialogs.help_dialog import Help
from lrstep.tui.terminal.terminal_app import TerminalApp

pytestmark = pytest.mark.usefixtures("painted")


@pytest.mark.parametrize(
    ("keys", "place", "top"),
    [
        ("g5⏎", (5, "after"), "StepperScreen"),
        ("→→g7⏎→", (8, "after"), "StepperScreen"),
        ("g5⏎→→←", (6, "after"), "StepperScreen"),
        ("g99⏎", (0, "start"), "Ask"),
        ("g5⏎g3⏎", (3, "after"), "StepperScreen"),
        ("?→⎋→", (1, "after"), "StepperScreen"),
        ("xx→", (1, "after"), "StepperScreen"),
        ("xqxqxq→", (1, "after"), "StepperScreen"),
        ("s⎋→", (1, "after"), "StepperScreen"),
        ("s⎋s⎋s⎋→", (1, "after"), "StepperScreen"),
        ("e⎋S⎋w⎋o⎋→", (1, "after"), "StepperScreen"),
        ("w21.8⏎", (0, "start"), "Why"),
        ("→→→→→→→→", (8, "after"), "StepperScreen"),
    ],
)
async def test_keys_sent_at_once(stepper, keys, place, top):
    async with stepper() as s:
        await s.hurry(keys)
        assert (s.place, s.top) == (place, top)


async def test_text_typed_at_once_is_whole(stepper):
    async with stepper() as s:
        await s.hurry("w21.8362⇥rmse⇥2")
        assert [field.value for field in s.app.screen.query(Input)] == ["21.8362", "rmse", "2"]


async def test_settings_typed_at_once_take_effect(stepper):
    async with stepper(batch_size=4) as s:
        await s.hurry("s" + "⌫" * 4 + "0.25⏎→")
        assert s.session.source.settings.learning_rate == 0.25
        assert s.place == (1, "after")


async def test_a_paste_goes_to_the_field_that_is_opening(stepper):
    async with stepper() as s:
        s.send("g")
        s.app.post_message(events.Paste("e2b1"))
        await s.hurry("⏎")
        assert s.place == (4, "after")


async def test_a_held_key_is_painted_once(stepper):
    async with stepper() as s:
        painted = []
        paint = s.stepper.canvas.paint
        s.stepper.canvas.paint = lambda rows: (painted.append(rows), paint(rows))
        await s.hurry("→" * 10)
        assert s.place == (10, "after")
        assert len(painted) < 5


@pytest.mark.parametrize("action", ["go_to", "settings", "why", "open", "export", "save", "help", "explain", "notes"])
async def test_a_dialog_may_be_closed_at_any_moment_of_its_opening(stepper, action):
    async with stepper("outlier") as s:
        for turns in (0, 9, 25):
            await s.press("home")
            s.stepper.action_do(action)
            while s.top == "StepperScreen":
                await asyncio.sleep(0)
            for _ in range(turns):
                await asyncio.sleep(0)
            dialog = s.app.screen
            dialog.dismiss(None)
            dialog.dismiss(None)
            while s.top != "StepperScreen":
                await asyncio.sleep(0.005)
            await s.press("right")
            assert (s.place, s.top) == ((1, "after"), "StepperScreen"), turns


async def test_enter_as_a_line_feed_is_enter(stepper):
    async with stepper() as s:
        s.send("g5")
        s.app.post_message(events.Key("ctrl+j", "\n"))
        await s.quiet()
        assert (s.place, s.top) == ((5, "after"), "StepperScreen")


@pytest.mark.parametrize("clicks", [2, 3])
async def test_clicks_beside_the_palette_close_the_palette_alone(stepper, clicks):
    async with stepper() as s:
        await s.press("ctrl+p")
        assert s.top == "Palette"
        for _ in range(clicks):
            for kind in (events.MouseDown, events.MouseUp):
                s.app.post_message(kind(None, 0, 0, 0, 0, 1, False, False, False, 0, 0))
        await s.quiet()
        await s.press("right")
        assert (s.place, s.top) == ((1, "after"), "StepperScreen")


async def test_what_was_typed_before_ctrl_c_and_waits_is_dropped(stepper, monkeypatch):
    async with stepper() as s:
        for _ in range(100):
            s.app.screen.post_message(events.MouseMove(None, 5, 5, 0, 0, 0, False, False, False, 5, 5))
        assert s.app.keys_waiting >= 100, "what the screen has not looked at counts"
        await s.quiet()
        assert s.app.keys_waiting == 0
        monkeypatch.setattr(TerminalApp, "interrupted", True)
        s.app.post_message(events.AppBlur())
        s.send("l")
        await s.quiet()
        assert (s.place, s.app.app_focus) == ((0, "start"), True)
        await s.press("ctrl+c")
        assert s.app._exit


async def test_a_click_outside_of_a_window_that_has_shrunk_does_nothing(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.press("ctrl+p")
        s.app.screen.post_message(events.Click(None, 90, 42, 0, 0, 1, False, False, False, 90, 42))
        await s.quiet()
        assert s.top == "Palette"


async def test_a_click_where_the_footer_was_does_nothing_while_the_screen_is_too_small(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.pilot.resize_terminal(40, 10)
        await s.pilot.pause()
        for x in range(0, 40, 2):
            await s.pilot.click(offset=(x, 9))
        await s.pilot.resize_terminal(80, 24)
        await s.press("right")
        assert (s.place, s.top) == ((1, "after"), "StepperScreen")


@pytest.mark.parametrize("key", ["", "g", "s", "w", "o", "e", "S", "x", "p", "question_mark", "ctrl+p"])
async def test_no_size_is_an_error(stepper, key):
    async with stepper(size=(80, 24)) as s:
        await s.press("right", *([key] if key else []))
        for size in ((1, 1), (2, 24), (80, 1), (4, 2), (7, 9), (11, 5)):
            await s.pilot.resize_terminal(*size)
            await s.pilot.pause()
        await s.press("escape", "left")
        await s.pilot.resize_terminal(80, 24)
        await s.press("escape", "home", "right")
        assert (s.place, s.top) == ((1, "after"), "StepperScreen")


async def test_a_dialog_closes_while_another_one_opens_on_top_of_it(stepper):
    async with stepper() as s:
        await s.press("g")
        s.app.push_screen(Help())
        s.app.screen_stack[-2].dismiss("3")
        await asyncio.sleep(0.1)
        await s.quiet()
        assert (s.place, s.top) == ((3, "after"), "StepperScreen")


async def test_a_dialog_closes_with_what_is_on_top_of_it(stepper):
    async with stepper() as s:
        await s.press("g", "ctrl+p")
        assert s.top == "Ask"  # its commands are the stepper's
        s.app.push_screen(Help())
        await s.pilot.pause()
        assert s.top == "Help"
        s.app.screen_stack[-2].dismiss("3")
        await s.quiet()
        await s.pilot.pause()
        assert (s.place, s.top) == ((3, "after"), "StepperScreen")
