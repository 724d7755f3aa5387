"""Every key does what the help says, and only when it can."""

import asyncio

import pytest
from textual import events

from lrstep.session.characters import to_ascii
from lrstep.session.commands import COMMANDS
from lrstep.session.look import CHARTS
from lrstep.session.session import SPEEDS
from lrstep.session.styled_rows import plain

SIZES = [(80, 24), (120, 40), (200, 60), (60, 15)]


async def test_twelve_steps_to_the_end_and_the_same_screens_on_the_way_back(stepper):
    for size in SIZES[:2]:
        async with stepper(size=size) as s:
            there = [s.lines]
            for _ in range(12):
                await s.press("right")
                there.append(s.lines)
            assert s.place == (12, "after")
            assert len({"\n".join(screen) for screen in there}) == 13
            await s.press("right")
            assert s.place == (12, "after")
            for number in range(11, -1, -1):
                await s.press("left")
                assert s.lines == there[number]
            await s.press("left")
            assert s.place == (0, "start")


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ("right", (1, "after")), ("l", (1, "after")), ("space", (1, "after")),
        ("right right left", (1, "after")), ("right right h", (1, "after")), ("right right backspace", (1, "after")),
        ("down", (1, "batch")), ("j j", (1, "predictions")), ("down down down up", (1, "predictions")),
        ("down k", (0, "start")), ("down down right", (2, "after")), ("right down left", (1, "after")),
        ("down down down down down down down", (1, "after")),
        ("down down down down down down down down", (2, "batch")), ("right right up", (2, "update")),
        ("pagedown", (3, "after")), ("right pagedown", (4, "after")), ("right right_square_bracket", (4, "after")),
        ("pagedown pagedown pageup", (3, "after")), ("right pagedown left_square_bracket", (1, "after")),
        ("end", (12, "after")), ("end home", (0, "start")), ("end r", (0, "start")), ("end pagedown", (12, "after")),
        ("right pageup", (0, "start")), ("end up", (12, "update")), ("up", (0, "start")), ("left", (0, "start")),
        ("end down", (12, "after")),
    ],
)  # fmt: skip
async def test_moving(stepper, keys, place):
    async with stepper(size=(80, 24)) as s:
        await s.press(*keys.split())
        assert s.place == place


@pytest.mark.parametrize(
    ("typed", "place"),
    [("5", (5, "after")), ("e3", (7, "after")), ("e3b2", (8, "after")), ("5.gradient", (5, "gradient")),
     ("0", (0, "start")), ("end", (12, "after"))],
)  # fmt: skip
async def test_go_to(stepper, typed, place):
    async with stepper() as s:
        await s.press("g")
        await s.type(typed)
        await s.press("enter")
        assert s.place == place
        assert s.top == "StepperScreen"


async def test_go_to_says_what_is_wrong_and_esc_leaves(stepper):
    async with stepper() as s:
        await s.press("right", "g")
        await s.type("e9")
        await s.press("enter")
        assert s.top == "Ask"
        assert "no epoch 9" in str(s.app.screen.query_one("#error").render())
        await s.press("escape")
        assert s.place == (1, "after")


async def test_play_runs_to_the_end_and_any_key_back_pauses(stepper):
    async with stepper() as s:
        await s.press("plus", "plus", "plus", "plus", "plus", "a")
        for _ in range(100):
            await asyncio.sleep(0.05)
            if s.place[0] == 12:
                break
        assert s.place == (12, "after")
        await s.pilot.pause()
        assert not s.session.playing
        await s.press("home", "minus", "minus", "minus", "minus", "minus", "minus", "a")
        assert s.session.playing
        await s.press("a")
        assert not s.session.playing
        at = s.place
        await asyncio.sleep(0.3)
        assert s.place == at


async def test_charts_by_tab_key_and_number(stepper):
    async with stepper(size=(120, 40)) as s:
        await s.press("right")
        assert "least squares" in s.text
        for key, title in (("2", "epoch so far (Keras prints)"), ("3", "least squares"), ("1", "this batch")):
            await s.press(key)
            assert title in s.text
        await s.press("t")
        assert s.session.look.chart == "rmse"
        await s.press("t", "t")
        assert s.session.look.chart in ("surface", "fit")


async def test_at_80_by_24_the_chart_is_one_key_away_and_the_panels_come_back(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.press("right")
        panels = s.lines
        assert "Predictions" in s.text
        await s.press("t")
        assert "before the update" in s.text
        assert "3 Gradient" not in s.text
        for _ in range(len(CHARTS)):
            if s.lines == panels:
                break
            await s.press("t")
        assert s.lines == panels


async def test_what_cannot_be_done_is_greyed_out(stepper):
    async with stepper() as s:
        footer = {span.text.strip(): span.style for span in s.stepper.canvas.rows[-1]}
        assert footer["←"] == "off"
        assert footer["→"] == "key"
        assert s.stepper.check_action("do", ("back",)) is None
        assert s.stepper.check_action("do", ("next",)) is True
        await s.press("end")
        footer = {span.text.strip(): span.style for span in s.stepper.canvas.rows[-1]}
        assert footer["←"] == "key"
        assert footer["→"] == "off"


async def test_tab_goes_through_the_panels(stepper):
    async with stepper() as s:
        seen = []
        for _ in range(9):
            await s.press("tab")
            seen.append(s.session.look.focus)
        assert seen == ["batch", "predictions", "gradient", "accumulator", "weights", "rmse", "models", "chart", ""]
        await s.press("shift+tab")
        assert s.session.look.focus == "chart"


async def test_a_large_batch_scrolls(stepper):
    async with stepper("noisy", size=(80, 24), batch_size=200) as s:
        await s.press("right")
        first = s.lines[5]
        await s.press("full_stop")
        assert s.lines[5] != first
        assert s.lines[5].split()[1] == "4"
        await s.press("comma")
        assert s.lines[5] == first
        await s.hurry("⇓" * 80)
        assert " 200 " in s.text


@pytest.mark.parametrize("before", [(80, 24), (120, 40)])
async def test_a_batch_scrolls_at_the_very_first_key_and_at_the_first_one_in_less_room(stepper, before):
    async with stepper("mlcc", size=before, at="1", batch_size=12) as s:
        await s.pilot.resize_terminal(80, 24)
        await s.until(lambda: "1-4 of 12" in s.text)
        await s.press("full_stop")
        assert "4-7 of 12" in s.text


@pytest.mark.parametrize(("source", "marks"), [("noisy", ["1-2/200", "4-5/200"]), ("mlcc", [" …", " …"])])
async def test_the_smallest_screen_says_that_there_are_more_samples(stepper, source, marks):
    async with stepper(source, size=(60, 15), at="1", batch_size=200) as s:
        for mark in marks:
            assert s.lines[3].rstrip().endswith(mark)
            await s.press("full_stop")
        await s.pilot.resize_terminal(60, 40)
        await s.until(lambda: len(s.lines) == 40)
        assert source == "noisy" or s.lines[3].rstrip().endswith("error²")


async def test_the_smallest_screen_says_that_there_are_more_parameters_and_scrolls_to_them(stepper):
    async with stepper("flats", size=(60, 20), at="1") as s:
        seen = []
        await s.press(*["tab"] * 3)
        for _ in range(3):
            lines = [line for line in s.lines if line[1:2] in "345"]
            seen.append([name for name in ("w₁", "w₂", "b ", "…") if all(name in line for line in lines)])
            await s.press("full_stop")
        assert seen == [["w₁", "w₂", "…"], ["w₂", "b "], ["w₂", "b "]]


@pytest.mark.parametrize("ascii", [False, True])
async def test_help_lists_every_key(stepper, ascii):
    async with stepper(ascii=ascii) as s:
        await s.press("question_mark")
        assert s.top == "Help"
        text = str(s.app.screen.query("Static").first().render())
        assert text.isascii() or not ascii
        for command in COMMANDS:
            assert (to_ascii(command.help) if ascii else command.help) in text
        await s.press("escape")
        assert s.top == "StepperScreen"


@pytest.mark.parametrize("width", [60, 80])
async def test_a_line_of_help_that_is_broken_goes_on_below_its_words(stepper, width):
    async with stepper(size=(width, 24)) as s:
        await s.press("question_mark")
        text = s.app.screen.query("Static").first()
        await s.until(lambda: "\n" + " " * 21 in str(text.render()))
        lines = str(text.render()).splitlines()
        headings = {command.group for command in COMMANDS}
        told = lines[lines.index("Moving") :]
        assert all(line in headings | {""} or line[:2] == "  " for line in told)
        assert all(len(line) <= text.content_size.width for line in told)


async def test_the_palette_offers_the_commands(stepper):
    async with stepper() as s:
        await s.press("ctrl+p")
        assert s.top == "Palette"
        chosen = []
        for turn in ("down", "down", "up"):
            getattr(s.app.screen, f"on_mouse_scroll_{turn}")()
            chosen.append(s.app.screen._chosen)
        assert chosen == [3, 6, 3]
        await s.type("next iteration")
        await s.press("enter")
        await s.pilot.pause()
        assert s.place == (1, "after")


async def test_playing_goes_on_at_the_speed_that_was_chosen_meanwhile(stepper):
    async with stepper(epochs=1000) as s:
        await s.press("home", *["minus"] * 7, "a")
        for key in ("plus", "plus", "minus", "plus"):
            before = s.session.speed
            await s.press(key)
            speed, timer = s.stepper._player
            assert speed == s.session.speed != before and timer._interval == 1 / SPEEDS[speed]
        await s.press("a")
        assert s.stepper._player is None


async def test_a_run_that_plays_waits_behind_a_dialog(stepper):
    async with stepper(epochs=1000) as s:
        await s.press("home", "a", "question_mark")
        assert s.top == "Help" and s.session.playing
        before = s.session.number
        for _ in range(50):
            s.stepper._tick()
        assert s.session.number == before
        await s.press("escape")
        await s.until(lambda: s.session.number > before)


@pytest.mark.parametrize("pages", [0, 4])
@pytest.mark.parametrize("line", [0, 3])
async def test_a_click_in_the_palette_takes_the_command_that_stands_there(stepper, monkeypatch, pages, line):
    async with stepper(size=(80, 24)) as s:
        await s.press("ctrl+p", *["pagedown"] * pages)
        palette, taken = s.app.screen, []
        monkeypatch.setattr(palette, "dismiss", taken.append)
        canvas = palette.query_one("#commands")
        await s.until(lambda: canvas.rows)  # it is laid out once its size is known
        shown = plain(canvas.rows)[line]
        region = canvas.region
        palette.post_message(events.Click(canvas, 1, line, 0, 0, 1, False, False, False, region.x + 1, region.y + line))
        await s.until(lambda: taken)
        (command,) = [one for one in palette._found if one.callback == taken[0]]
        assert shown.strip(" ▶").startswith(command.title) and (pages == 0) == (palette._first == 0)


async def test_no_place_is_kept_on_the_way_to_where_it_opens(stepper):
    async with stepper(at="900000", epochs=400_000) as s:
        assert s.session.computing and s.app.place_to_keep() is None
        await s.press("escape")
        assert s.app.place_to_keep().cursor == "0"


async def test_the_chosen_command_of_the_palette_is_seen_wherever_it_is(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.press("ctrl+p")
        canvas = s.app.screen.query_one("#commands")
        await s.until(lambda: canvas.rows)
        for key in ["down"] * (len(s.app.screen._found) - 1) + ["up"] * 30:
            await s.press(key)
            chosen = s.app.screen._found[s.app.screen._chosen].title
            assert [line.split("  ")[0] for line in plain(canvas.rows) if "▶" in line] == [f" ▶ {chosen}"]


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_quit(stepper, key):
    async with stepper() as s:
        await s.press(key)
        assert s.app._exit


@pytest.mark.parametrize("size", SIZES)
async def test_every_row_has_the_width_of_the_screen_and_no_number_is_cut(stepper, size):
    async with stepper(size=size, momentum=0.9, centered=True) as s:
        for keys in ("", "right", "down down", "end"):
            await s.press(*keys.split())
            assert len(s.lines) == size[1]
            assert {len(line) for line in s.lines} == {size[0]}


async def test_the_layout_follows_a_resize(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.press("right", "right")
        narrow = s.lines
        for size in ((200, 60), (120, 40), (60, 15)):
            await s.pilot.resize_terminal(*size)
            await s.until(lambda: len(s.lines) == size[1] and "404.45703" in s.text)  # noqa: B023 - called before the next
        await s.pilot.resize_terminal(80, 24)
        await s.until(lambda: s.lines == narrow)


async def test_too_small_says_the_present_and_the_needed_size_and_ignores_keys(stepper):
    async with stepper(size=(50, 12)) as s:
        assert "50×12" in s.text
        assert "60×15" in s.text
        await s.press("right")
        assert s.place == (0, "start")
        await s.pilot.resize_terminal(60, 15)
        await s.pilot.pause()
        await s.press("right")
        assert s.place == (1, "after")


async def test_clicks_on_ribbon_tab_panel_and_footer(stepper):
    async with stepper(size=(120, 40)) as s:
        await s.press("right")
        ribbon = s.lines[1]
        s.session.playing = True
        await s.pilot.click(offset=(ribbon.index("9 10"), 1))
        await s.pilot.pause()
        assert s.place == (3, "after") and not s.session.playing
        await s.pilot.click(offset=(s.lines[2].index("RMSE"), 2))
        await s.pilot.pause()
        assert s.session.look.chart == "rmse"
        gradient = next(y for y, line in enumerate(s.lines) if "3 Gradient" in line)
        await s.pilot.click(offset=(5, gradient + 1))
        await s.pilot.pause()
        assert s.session.look.focus == "gradient"
        await s.pilot.click(offset=(s.lines[-1].index("back"), 39))
        await s.pilot.pause()
        assert s.place == (2, "after")
        await s.press("pagedown", "right")  # in the second epoch a batch of the ribbon is one of that
        await s.pilot.click(offset=(s.lines[1].index("9 10"), 1))
        await s.pilot.pause()
        assert s.place == (6, "after")


async def test_ascii_mode_draws_ascii_only(stepper):
    for size in SIZES:
        async with stepper(size=size, ascii=True, momentum=0.5, centered=True) as s:
            for keys in ("", "right", "down down down down", "2", "3", "end"):
                await s.press(*keys.split())
                assert s.text.isascii(), [line for line in s.lines if not line.isascii()]
                assert {len(line) for line in s.lines} == {size[0]}
