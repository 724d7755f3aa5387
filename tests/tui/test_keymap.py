"""Keys of a person's own: they work, those they replace do not, and footer and help show them."""

import random

import pytest

from lrstep.session.commands import COMMANDS
from lrstep.sources.config_reader import FIXED, parse
from lrstep.sources.open_source import open_source
from lrstep.tui.stepper_app import StepperApp

ACTIONS = {command.id: command.keys for command in COMMANDS}
FREE = ["f5", "f6", "y", "Y", "ctrl+n", "semicolon", "shift+right", "ö", "ß", "ctrl+underscore"]


def stepper(text):
    """A stepper with a configuration."""
    return StepperApp(open_source(), keys=parse(text, "config.toml", ACTIONS).keys)


async def press(pilot, *keys):
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


@pytest.mark.parametrize("key", FREE)
async def test_a_new_key_works_and_those_it_replaces_do_not(key):
    app = stepper(f'[keys]\nnext = "{key}"\n')
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, *ACTIONS["next"])
        assert app._first.session.number == 0
        await press(pilot, key, key)
        assert app._first.session.number == 2
        await press(pilot, "left")
        assert app._first.session.number == 1


async def test_two_commands_can_exchange_their_keys():
    app = stepper('[keys]\nnext = ["left", "h"]\nback = ["right", "l", "space"]\n')
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "left", "h", "left")
        assert app._first.session.number == 3
        await press(pilot, "right", "space")
        assert app._first.session.number == 1


@pytest.mark.parametrize("seed", range(3))
async def test_any_permutation_of_the_keys_does_what_it_says(seed):
    """Every one of some moves gets the keys of another one; the cursor tells which move was made."""
    pick = random.Random(seed)
    moves = ["next", "back", "phase_next", "epoch_next", "end", "start"]
    given = dict(zip(moves, pick.sample(moves, len(moves)), strict=True))
    lines = [f"{move} = {list(ACTIONS[other])!r}".replace("'", '"') for move, other in given.items()]
    app = stepper("[keys]\n" + "\n".join(lines))
    places = {"next": 7, "back": 5, "phase_next": 7, "epoch_next": 9, "end": 12, "start": 0}
    async with app.run_test(size=(100, 30)) as pilot:
        for move, other in given.items():
            app._first.session.go(6)
            await press(pilot, ACTIONS[other][0])
            assert app._first.session.number == places[move], (move, other)


@pytest.mark.parametrize(("key", "top"), [("ctrl+p", "Palette"), ("escape", "StepperScreen")])
async def test_what_cannot_be_rebound_does_what_it_always_did(key, top):
    assert key in FIXED
    app = stepper('[keys]\npalette = "f5"\nnext = "f6"\n')
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, key)
        assert type(app.screen).__name__ == top
        assert app._first.session.number == 0


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
async def test_it_can_always_be_left(key):
    assert key in FIXED
    app = stepper('[keys]\nquit = "f5"\n')
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, key)
    assert app.return_code == 0 and not app.is_running


async def test_footer_help_and_palette_show_the_new_key():
    app = stepper('[keys]\nnext = "f5"\n')
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        footer = "".join(span.text for span in app._first.canvas.rows[-1])
        assert "f5 next" in footer.lower() and "→" not in footer
        offered = {command.title: command.help for command in app._first.commands()}
        assert offered["Next iteration"].lower() == "f5"
        await press(pilot, "question_mark")
        lines = str(app.screen.query_one("Static").render()).splitlines()
        shown = next(line for line in lines if line.endswith("next iteration"))
        assert shown.lower().split()[0] == "f5" and "→" not in shown
