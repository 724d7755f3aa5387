"""The stepper under Textual's pilot."""

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from lrstep.app import gallery
from lrstep.app.cells import plain
from lrstep.app.main import Stepper
from lrstep.sources.source import open_source


@pytest.fixture(autouse=True, scope="session")
def charts_loaded():
    """Have charts on the first screen: the app itself shows them a moment later."""
    gallery.load()


class Driven:
    """A stepper with a pilot: press keys, read the screen."""

    def __init__(self, app, pilot):
        self.app = app
        self.pilot = pilot

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text):
        names = {".": "full_stop", "-": "minus", "_": "underscore", "/": "slash", " ": "space", ",": "comma"}
        await self.press(*(names.get(character, character) for character in text))

    @property
    def stepper(self):
        return next(screen for screen in self.app.screen_stack if hasattr(screen, "canvas"))

    @property
    def place(self):
        return self.stepper.number, self.stepper.phase.name.lower()

    @property
    def lines(self):
        return plain(self.stepper.canvas.rows)

    @property
    def text(self):
        return "\n".join(self.lines)

    @property
    def top(self):
        """Name of the screen on top."""
        return type(self.app.screen).__name__


@asynccontextmanager
async def stepping(source=None, size=(120, 40), at=None, ascii=False, **settings):
    opened = open_source(source)
    opened = replace(opened, settings=opened.settings.changed(**settings))
    app = Stepper(opened, at, ascii=ascii)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Driven(app, pilot)


@pytest.fixture
def stepper():
    """``async with stepper(source, size, **settings) as s:`` opens a stepper."""
    return stepping
