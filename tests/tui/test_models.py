"""All models by keys and mouse: a page of the charts, and below the batch where there is room."""

import re

import pytest
from textual import events


def rows(s):
    """The iterations that have their numbers in the table, and which one is marked."""
    found = {}
    for zone in s.stepper._zones:
        if zone.target.startswith("model:"):
            text = s.lines[zone.y][zone.x : zone.x + zone.width].strip("│| ")
            number = int(zone.target.partition(":")[2])
            assert int(text.strip("▸> ").split()[0]) == number, text
            if re.search(r"\d\.\d{3}", text):
                found[number] = text[0] in "▸>"
    return list(found), [number for number, marked in found.items() if marked]


async def test_all_twelve_models_on_one_screen_at_80_columns(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.press("5")
        assert rows(s) == ([*range(13)], [0])
        assert "21.095344*  19.377351" in s.text
        await s.press("right", "right")
        assert rows(s)[1] == [2]
        await s.press("pagedown")
        assert s.place == (5, "after")


async def test_rows_are_chosen_and_enter_jumps(stepper):
    async with stepper() as s:
        await s.press("5", "down", "down", "down", "up")
        assert s.place == (0, "start")
        assert s.session.view.chosen_model == 2
        await s.press("full_stop", "enter")
        assert s.place == (5, "after")
        assert rows(s)[1] == [5]
        await s.press("enter")  # the cursor's own row is explained
        assert s.top == "Explain"
        await s.press("escape", "escape", "down")
        assert s.place == (6, "batch")  # after Esc the keys are those of phases again


async def test_leaving_the_page_leaves_its_keys(stepper):
    async with stepper(size=(120, 40)) as s:
        await s.press("right", "5", "down", "1", "down")
        assert s.place == (2, "batch")
        assert s.session.look.focus == ""


async def test_the_table_stands_below_the_batch_where_there_is_room(stepper):
    async with stepper(size=(120, 40)) as s:
        await s.press("right", "right")
        shown, marked = rows(s)
        assert marked == [2]
        assert len(shown) >= 6
        for _ in range(7):
            await s.press("tab")
        assert s.session.look.focus == "models"
        await s.press("down", "down", "enter")
        assert s.place == (4, "after")
        await s.pilot.resize_terminal(80, 24)
        await s.until(lambda: s.session.look.focus == "")
        assert rows(s)[0] == []
    async with stepper(size=(200, 60)) as s:
        assert rows(s)[0] == [*range(13)]
    async with stepper(size=(120, 40), batch_size=12) as s:
        assert rows(s)[0] == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_mouse_jumps_and_scrolls(stepper, size):
    async with stepper(size=size, epochs=200) as s:
        await s.press("5")
        place = next(zone for zone in s.stepper._zones if zone.target == "model:3")
        await s.pilot.click(offset=(place.x + 4, place.y))
        await s.quiet()
        assert s.place == (3, "after")
        event = events.MouseScrollDown(None, place.x + 4, place.y, 0, 1, 0, False, False, False, place.x + 4, place.y)
        s.stepper.on_mouse_scroll_down(event)
        assert s.session.view.chosen_model == 6
        assert s.place == (3, "after")


async def test_a_long_run_with_large_batches_is_filled_in_while_keys_work(stepper, tmp_path):
    lines = "".join(f"{i % 977},{i % 613}\n" for i in range(40_000))
    (tmp_path / "many.csv").write_text("x,y\n" + lines)
    async with stepper(str(tmp_path / "many.csv"), (80, 24), batch_size=20_000, epochs=500) as s:
        await s.press("5")
        await s.until(lambda: len(rows(s)[0]) == 14)
        assert s.session.run.computed < 300
        await s.press("end")
        await s.until(lambda: s.place[0] == 1000)
        await s.quiet()
        assert rows(s)[1] == [1000]


async def test_in_ascii_at_60_columns_and_with_several_features(stepper, tmp_path):
    lines = "".join(f"{i},{i * i % 7},{i % 3},{i % 5},{i % 4},{2 * i}\n" for i in range(9))
    (tmp_path / "five.csv").write_text(f"a,b,c,d,e,y\n{lines}")
    (tmp_path / "run.toml").write_text('[data]\nfile = "five.csv"\nfeature = ["a", "b", "c", "d", "e"]\nlabel = "y"\n')
    async with stepper(str(tmp_path / "run.toml"), size=(60, 15), ascii=True, epochs=4) as s:
        await s.press("5", "right")
        assert s.text.isascii()
        assert rows(s)[1] == [1]
        assert "~" in s.lines[4]  # parameters that there is no room for
