"""Every screen of the sittings is as it was when somebody last looked at it: characters and styles."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

import portraits
import pytest
from sitting import Sitting, drawn
from sittings import ROOMY, SITTINGS, STROLLS, far_and_wide, wandering

from lrstep.errors import LrstepError
from lrstep.session.styled_rows import Row, plain
from lrstep.session.view import View


@pytest.fixture
def said(monkeypatch) -> dict[str, bool]:
    """Every way to say something → whether it was chosen; how much room there is decides."""
    found: dict[str, bool] = {}
    first_fit = View.first_fit

    def noting(self: View, width: int, *candidates: Row) -> Row:
        chosen = first_fit(self, width, *candidates)
        for text in plain([*candidates]):
            found.setdefault(text, False)
        found[plain([chosen])[0]] = True
        return chosen

    monkeypatch.setattr(View, "first_fit", noting)
    return found


def pages(group: str, said: dict[str, bool]) -> Iterator[tuple[str, list[str]]]:
    """A page for every word of every sitting, and every size; at last what would be said where there is other room."""
    for name, sketch in SITTINGS[group].items():
        sitting = Sitting(sketch)
        for word in ("", *sketch.words.split()):
            if word:
                sitting.do(word, sketch.sizes[0])
            for width, height in sketch.sizes:
                yield f"{name}: {word or 'opened'} at {width}x{height}", drawn(sitting.screen((width, height)).rows)
            yield f"{name}: {word or 'opened'}, its state", [*sitting.state()]
        zones = sitting.screen(sketch.sizes[-1]).zones
        yield (
            f"{name}: what a click means",
            [f"{x},{y} {width}x{height} {target}" for x, y, width, height, target in zones],
        )
    yield "with other room", [text for text, chosen in said.items() if not chosen]


@pytest.mark.parametrize("group", SITTINGS)
def test_screens(group, said, request):
    portraits.compare(group, pages(group, said), request)


@pytest.mark.parametrize("seed", (200, 202, 204))
def test_what_is_kept_of_a_screen_is_not_shown_on_another(seed):
    sketch = wandering(seed)
    sitting, size = Sitting(sketch), sketch.sizes[0]
    for word in sketch.words.split():
        shown = sitting.do(word, size).rows
        sitting.session._kept._made.clear()
        sitting.session.touch()
        assert sitting.screen(size).rows == shown, word


def strolls(seeds: Iterable[int]) -> Iterator[tuple[str, list[str]]]:
    """A line for every word of many sessions: the word, and a digest of what is seen after it, at one of two sizes."""
    for seed in seeds:
        sketch = far_and_wide(seed)
        try:
            sitting = Sitting(sketch)
        except LrstepError as error:
            yield f"stroll {seed}", [error.message]
            continue
        lines = []
        for turn, word in enumerate(("", *sketch.words.split())):
            size = sketch.sizes[turn % 2]
            painting = sitting.do(word, size) if word else sitting.screen(size)
            seen = [*drawn(painting.rows), *map(str, painting.zones), *sitting.state()]
            lines.append(f"{word or 'opened'} at {size}: {sha256(chr(10).join(seen).encode()).hexdigest()[:8]}")
        yield f"stroll {seed}: {sketch.settings} beside {sketch.against}", lines


@pytest.mark.parametrize("group", range(4))
def test_strolls(group, request):
    portraits.compare(f"strolls {group}", strolls(STROLLS[group::4]), request)


def in_rooms() -> Iterator[tuple[str, list[str]]]:
    """A page for every size, at the end of the words."""
    for name, sketch in ROOMY.items():
        sitting = Sitting(sketch)
        for word in sketch.words.split():
            sitting.do(word, sketch.sizes[0])
        for width, height in sketch.sizes:
            yield f"{name} at {width}x{height}", drawn(sitting.screen((width, height)).rows)


def test_rooms(request):
    portraits.compare("rooms", in_rooms(), request)


LIMITS = [
    (width, height) for width in (59, 60, 75, 76, 99, 100, 101) for height in (14, 15, 21, 29, 30, 35, 36, 37, 38)
]
"""Sizes on both sides of those at which the screen is laid out otherwise."""


def at_limits() -> Iterator[tuple[str, list[str]]]:
    """A line for every size: a digest of what is seen."""
    for name in ("beside", "a lesson", "scaled", "eight features"):
        sitting = Sitting(ROOMY[name])
        for word in ROOMY[name].words.split():
            sitting.do(word, (120, 40))
        screens = ((size, sitting.screen(size)) for size in LIMITS)
        seen = ((size, "\n".join([*drawn(screen.rows), *map(str, screen.zones)])) for size, screen in screens)
        yield name, [f"{size}: {sha256(text.encode()).hexdigest()[:8]}" for size, text in seen]


def test_sizes_at_limits(request):
    portraits.compare("limits", at_limits(), request)
