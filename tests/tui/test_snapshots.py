"""How the screens look, as pictures; after a wanted change: pytest tests/tui/test_snapshots.py --snapshot-update"""

from dataclasses import replace

import pytest

from lrstep.sources.against import Comparison, parse_against
from lrstep.sources.open_source import open_source
from lrstep.tui.stepper_app import StepperApp

SIZES = [(80, 24), (120, 40), (200, 60)]


def app(source=None, **settings):
    opened = open_source(source)
    return StepperApp(replace(opened, settings=opened.settings.changed(**settings)))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    "keys", ["", "right right right right right", "right right down down down"], ids=["start", "step", "phase"]
)
def test_the_stepper(snap_compare, size, keys):
    assert snap_compare(app(), terminal_size=size, press=keys.split())


@pytest.mark.parametrize("chart", "234")
def test_the_charts(snap_compare, chart):
    assert snap_compare(app(), terminal_size=(120, 40), press=["end", chart])


def test_all_models(snap_compare):
    assert snap_compare(app(), terminal_size=(80, 24), press=["right"] * 5 + ["5", "down"])


def test_momentum_and_centered(snap_compare):
    assert snap_compare(
        app(momentum=0.9, centered=True, shuffle=True), terminal_size=(80, 24), press=["right", "right"]
    )


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_adam(snap_compare, size):
    assert snap_compare(app(optimizer="adam"), terminal_size=size, press=["right"] * 5)


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_two_features(snap_compare, size, tmp_path):
    rooms, area, price = [2, 3, 3, 4, 5, 5], [48, 61, 75, 90, 104, 131], [131, 178, 190, 244, 275, 340]
    path = tmp_path / "flats.csv"
    lines = [f"{r},{a},{p}" for r, a, p in zip(rooms, area, price, strict=True)]
    path.write_text("\n".join(["rooms,area,price", *lines]))
    opened = open_source(str(path), ["rooms", "area"], "price")
    made = StepperApp(replace(opened, settings=opened.settings.changed(weight=(1.0, 2.0))))
    assert snap_compare(made, terminal_size=size, press=["right", "right"])


@pytest.mark.parametrize(("size", "keys"), [((80, 24), "6"), ((80, 24), "4"), ((120, 40), "2")], ids=str)
def test_side_by_side(snap_compare, size, keys):
    source = open_source()
    against = ("batch_size=1", "batch_size=12", "optimizer=sgd lr=0.2")
    compared = replace(source, comparison=Comparison(tuple(map(parse_against, against))))
    assert snap_compare(StepperApp(compared), terminal_size=size, press=["right"] * 5 + [keys])


@pytest.mark.parametrize("key", ["s", "x", "question_mark", "w", "g", "p"])
def test_the_dialogs(snap_compare, key):
    async def still(pilot):
        # A blinking cursor would make the picture depend on the moment.
        for field in pilot.app.screen.query("Input"):
            field.cursor_blink = False

    assert snap_compare(app(), terminal_size=(80, 24), press=["right", key], run_before=still)


def test_a_lesson(snap_compare):
    assert snap_compare(app("first-question"), terminal_size=(80, 24))
