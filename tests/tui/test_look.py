"""How it looks, as far as that can be computed: contrast of every style, no empty third of a screen, nothing cut."""

import itertools
import re
from itertools import groupby

import pytest
from rich.style import Style
from textual import constants
from textual.color import Color

from lrstep.errors import LrstepError
from lrstep.session.look import CHARTS
from lrstep.session.session import Session
from lrstep.session.styled_rows import in_chars, plain, row_width
from lrstep.sources.open_source import open_source
from lrstep.sources.samples import catalogue, lessons
from lrstep.tui.footer import Footer
from lrstep.tui.launch import launch
from lrstep.tui.layout import compose, has_lesson_beside
from lrstep.tui.status_lines import status_lines
from lrstep.tui.stepper_app import StepperApp, _themes
from lrstep.tui.stepper_screen import StepperScreen
from lrstep.tui.theme import BACKGROUNDS, PALETTES, styles

SIZES = [(80, 24), (120, 40), (200, 60)]
NO_TEXT = {"frame"}
"""Lines, which nobody reads."""
GREYED = {"off"}
"""What cannot be done now: to be seen, but less."""


def luminance(colour):
    """Relative luminance of sRGB by WCAG 2.2."""
    parts = [int(colour.lstrip("#")[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_style_can_be_read_on_every_ground(theme):
    grounds = [BACKGROUNDS[theme]]
    grounds += [made.surface for made in _themes() if made.name.endswith(theme)]
    for name, look in PALETTES[theme].items():
        colour = Style.parse(look).color.get_truecolor().hex
        least = 2.5 if name in NO_TEXT else 3 if name in GREYED else 4.5
        for ground in grounds[: 1 if name in NO_TEXT | GREYED else 2]:
            assert contrast(colour, ground) >= least, (name, colour, ground, round(contrast(colour, ground), 2))


def test_the_light_theme_is_light_on_a_dark_terminal_too():
    assert all(look.bgcolor.get_truecolor().hex == BACKGROUNDS["light"] for look in styles("light").values())


@pytest.mark.parametrize("system", ["nonsense", ""])
def test_colours_that_textual_does_not_know_are_refused_by_name(monkeypatch, system):
    monkeypatch.setattr(constants, "COLOR_SYSTEM", system)
    with pytest.raises(LrstepError, match="TEXTUAL_COLOR_SYSTEM is"):
        StepperApp(open_source("mlcc"))


@pytest.mark.parametrize("theme", _themes(), ids=lambda theme: theme.name)
def test_the_words_of_dialogs_can_be_read(theme):
    for name in ("primary", "warning", "error", "foreground"):
        for ground in (theme.background, theme.surface):
            assert contrast(getattr(theme, name), ground) >= 4.5, (name, ground)
    assert contrast(theme.foreground, theme.panel) >= 4.5  # what is typed


@pytest.mark.parametrize("ascii", [False, True])
def test_the_footer_has_what_a_newcomer_needs_at_80_columns(ascii):
    session = Session(open_source(), ascii=ascii)
    session.open()
    cells = in_chars(Footer().cells(session.view, 80, session.enabled), ascii)
    assert row_width(cells) <= 80
    assert {"t", "x", "c", "o", "s", "e", "?", "q"} <= {span.text.strip() for span in cells}


def empty_stretch(lines):
    """The most lines one below the other that have nothing but frames."""
    bare = [not re.sub(r"[\s│╭╮╰╯─├┤┬┴┼┊]", "", line) for line in lines]
    return max((len(list(group)) for empty, group in groupby(bare) if empty), default=0)


def painted(session, width, height):
    view, with_chart = session.view, session.look.with_chart
    below = status_lines(session, width, height, has_lesson_beside(view, width, height, with_chart))
    return compose(view, width, height, [*below, ()], with_chart).rows


@pytest.mark.parametrize("name", [one.name for one in (*catalogue(), *lessons())])
def test_no_third_of_a_screen_is_empty_and_nothing_is_cut(name):
    source = open_source(name)
    session = Session(source)
    session.open()
    last = session.run.n_iterations
    charts = CHARTS if source.lesson is None else ()  # those of its data are looked at with these
    for number, chart in [(0, ""), (1, ""), (min(2, last), ""), (last, ""), *((last, chart) for chart in charts)]:
        session.go(number)
        session.show_chart(chart)
        for width, height in SIZES:
            rows = painted(session, width, height)
            lines = plain(rows)
            assert len(rows) == height and all(row_width(row) == width for row in rows)
            assert empty_stretch(lines) < height / 3, (number, chart, "\n".join(lines))
            # The ribbon goes on; the coach thinks.
            cut = [line for line in lines if "…" in re.sub(r"▏…|…▕|helps …", "", line)]
            assert not cut or len(session.run.parameters) > 2, (number, chart, cut)


@pytest.mark.parametrize("batch_size", [1, 5, 12])
def test_a_narrow_screen_that_is_high_has_the_chart_below_the_panels(batch_size):
    source = open_source("mlcc")
    session = Session(source.changed(source.settings.changed(batch_size=batch_size)))
    session.open()
    session.go(1)
    for width, height in itertools.product((60, 75), (24, 30, 36, 48, 60)):
        lines = plain(painted(session, width, height))
        assert len(lines) == height
        assert any("╭ Fit │" in line for line in lines) == (height >= (30 if batch_size < 12 else 36)), (width, height)
        if height > 24:
            assert empty_stretch(lines) < height / 3, "\n".join(lines)
            assert sum(bool(re.match(r"\s+\d+\s+\d", line)) for line in lines) >= min(batch_size, 5), "\n".join(lines)


@pytest.mark.parametrize("name", [lesson.name for lesson in lessons()])
def test_a_lesson_fills_a_screen_of_any_size_exactly(name):
    session = Session(open_source(name))
    session.open()
    for width, height in itertools.product((60, 75, 76, 80, 119, 120, 200), (15, 16, 20, 24, 40)):
        rows = painted(session, width, height)
        assert len(rows) == height and all(row_width(row) == width for row in rows), (width, height)


@pytest.mark.parametrize("name", ["mlcc", "flats", "thousands", "first-question"])
def test_no_word_is_cut_by_a_frame(name):
    """What ends at a frame or at the edge is a word that stands somewhere on a large screen too."""
    session = Session(open_source(name))
    session.open()
    for number in (0, 1, session.run.n_iterations):
        for chart in ("", *CHARTS):
            session.go(number)
            session.show_chart(chart)
            large = re.findall(r"[A-Za-z]+", " ".join(plain(painted(session, 240, 70))))
            for size in SIZES:
                ends = re.findall(r"([A-Za-z]{2,})(?: ?[│╮┤]|$)", "\n".join(plain(painted(session, *size))), re.M)
                cut = {end for end in ends if end not in {*large, "all", "iteration", "weight"}}
                assert not {end for end in cut if any(word.startswith(end) for word in large)}, (number, chart, cut)


@pytest.mark.parametrize("looks", ["dark", "light"])
async def test_the_first_screen_is_the_stepper_in_the_colours_of_its_theme(looks):
    app = StepperApp(open_source("mlcc"), looks=looks)
    async with app.run_test(size=(80, 24)) as pilot:
        (first,) = app.screen_stack
        assert isinstance(first, StepperScreen) and first.styles.background == Color.parse(BACKGROUNDS[looks])
        assert ("-light-mode" in app.classes) == (looks == "light")
        await pilot.press("g")
        assert app.screen.query_one(".dialog").styles.background == Color.parse(app.theme_variables["surface"])


def test_the_stepper_looks_and_checks_as_it_is_launched(monkeypatch):
    class Opened(Exception):
        """The stepper is opened; this ends it."""

    def opened(*_, **how):
        raise Opened(how)

    monkeypatch.setattr("lrstep.tui.launch.StepperApp", opened)
    keys, how = {"next": ("n",)}, {"ascii": True, "precision": "float64", "notice": "a notice", "newcomer": True}
    with pytest.raises(Opened) as made:
        launch(open_source("mlcc"), None, keys, theme="light", mouse=False, **how)
    assert made.value.args[0] == how | {"looks": "light", "keys": keys}


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_check_of_the_stepper_is_of_the_precision_that_was_chosen(precision):
    assert StepperApp(open_source("mlcc"), precision=precision)._session.checker.precision == precision
