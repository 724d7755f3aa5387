"""The stepper under Textual's pilot."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual import events
from textual.keys import _character_to_key

from lrstep.session.styled_rows import plain
from lrstep.sources.open_source import open_source
from lrstep.tui.stepper_app import StepperApp

SIGNS = {
    "⏎": "enter", "⎋": "escape", "→": "right", "←": "left", "⇥": "tab", "⌫": "backspace", "⇓": "shift+down",
}  # fmt: skip


class Driven:
    """A stepper with a pilot: press keys, read the screen."""

    def __init__(self, app, pilot):
        self.app = app
        self.pilot = pilot

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.quiet()  # a key may wait for the one before it

    async def type(self, text):
        names = {".": "full_stop", "-": "minus", "_": "underscore", "/": "slash", " ": "space", ",": "comma"}
        await self.press(*(names.get(character, character) for character in text))

    def send(self, keys):
        """Hand all keys to the app before it has dealt with the first of them."""
        for character in keys:
            key = SIGNS.get(character) or _character_to_key(character)
            self.app.post_message(events.Key(key, None if character in SIGNS else character))

    async def quiet(self):
        """Wait until all of them have been dealt with."""
        for _ in range(400):
            await self.pilot.pause()
            if not self.app._keys._busy and not self.app._keys._waiting:
                return
            await asyncio.sleep(0.005)

    async def until(self, condition, tries=400):
        """Wait until something holds, however slow the machine is."""
        for _ in range(tries):
            if condition():
                return
            await asyncio.sleep(0.02)
        raise AssertionError("it never came")

    async def hurry(self, keys):
        """Press keys as quickly as they can be taken; ⏎ ⎋ → ← ⇥ ⌫ ⇓ stand for the keys without a character."""
        self.send(keys)
        await self.quiet()
        await self.pilot.pause()

    @property
    def stepper(self):
        return next(screen for screen in self.app.screen_stack if hasattr(screen, "canvas"))

    @property
    def session(self):
        return self.stepper.session

    @property
    def place(self):
        return self.session.number, self.session.phase.name.lower()

    @property
    def lines(self):
        return plain(self.stepper.canvas.rows)

    @property
    def text(self):
        return "\n".join(self.lines)

    @property
    def dialog(self):
        """The lines of the dialog on top."""
        region = self.app.screen.children[0].region
        strips = self.app.screen._compositor.render_strips()[region.y : region.bottom]
        return [strip.crop(region.x, region.right).text for strip in strips]

    @property
    def top(self):
        """Name of the screen on top."""
        return type(self.app.screen).__name__


@asynccontextmanager
async def stepping(source=None, size=(120, 40), at=None, ascii=False, **settings):
    opened = open_source(source)
    opened = replace(opened, settings=opened.settings.changed(**settings))
    app = StepperApp(opened, at, ascii=ascii)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Driven(app, pilot)
        if app.is_running:
            app.screen._compositor.render_update(full=True)


@pytest.fixture
def stepper():
    """``async with stepper(source, size, **settings) as s:`` opens a stepper."""
    return stepping
