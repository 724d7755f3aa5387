"""A recorded run in the stepper: what Keras had beside each number, checked by itself, left only when wanted."""

from pathlib import Path

import pytest

from lrstep.sources.open_source import open_source
from lrstep.tui.stepper_app import StepperApp

RECORDING = Path(__file__).parents[1] / "recording" / "mlcc.toml"
COLUMN = {
    "weight": "-0.11846226",
    "bias": "0.15811388",
    "gradient_weight": "-216.72115",
    "accumulator_bias": "112.82333",
}


async def checked(s):
    await s.until(lambda: s.session.checker.book and s.session.checker.book.complete)
    await s.pilot.pause()


async def test_it_is_checked_by_itself_and_shows_what_keras_had_beside_each_number(stepper):
    async with stepper(str(RECORDING), at="1") as s:
        await checked(s)
        assert "Keras ✓ 9 of 9 confirmed" in s.text and "Keras, as it ran" in s.text
        had = s.session.run.as_it_ran(1)
        for name, shown in COLUMN.items():
            assert float(shown) == pytest.approx(had[name], rel=5e-8)
            (line,) = [line for line in s.lines if f" {shown} " in line and line.split("│")[1].rstrip().endswith("✓")]
            assert line.split("│")[1].split()[-2] == shown
        for panel in ("3 Gradient ✓ Keras to ", "4 Accumulator ✓ Keras to ", "5 Weights ✓ Keras to "):
            assert panel in s.text
        assert " Keras, as it ran                " in s.text and " 387.08182    ✓" in s.text


@pytest.mark.parametrize("size", [(80, 24), (60, 16)], ids=str)
async def test_where_there_is_no_room_for_its_numbers_its_marks_stand_in_the_titles(stepper, size):
    async with stepper(str(RECORDING), size, at="2") as s:
        await checked(s)
        for panel in ("3 Gradient ✓", "4 Accumulator ✓", "5 Weights ✓"):
            assert panel in s.text


async def test_nothing_is_told_before_its_phase_nor_while_it_is_asked(stepper):
    async with stepper(str(RECORDING), at="1.gradient") as s:
        await checked(s)
        assert s.text.count("-216.72115") == 2 and COLUMN["weight"] not in s.text
        await s.press("up", "up", "up")
        assert "-216.72115" not in s.text and "387.08" not in s.text
        await s.press("end", "home", "right", "p")
        assert "Keras, as it ran" in s.text
        assert not any(shown in s.text for shown in COLUMN.values())


async def test_a_step_that_differs_is_marked_with_the_digits_that_agree_and_found_with_n(stepper, tmp_path):
    (tmp_path / "run.toml").write_text(
        RECORDING.read_text().replace(",0.1720980,", ",0.1720980,").replace("0.172098,", "0.172198,")
    )
    async with stepper(str(tmp_path / "run.toml")) as s:
        await checked(s)
        await s.press("n")
        assert s.place == (4, "after")
        assert "5 Weights ✗ Keras to 3 digits" in s.text and "4 Accumulator ✓" in s.text
        assert "0.17219800 ✗" in s.text and "DIFFERS" in s.text


async def test_a_click_on_the_line_of_the_check_opens_its_table_and_one_above_it_does_not(stepper):
    async with stepper(str(RECORDING), (80, 24), at="1") as s:
        await checked(s)
        line = next(place for place, text in enumerate(s.lines) if "Keras ✓ 9 of 9 confirmed" in text)
        await s.pilot.click(offset=(4, line - 1))
        await s.pilot.pause()
        assert s.session.look.focus != "check" and s.top == "StepperScreen"
        await s.pilot.click(offset=(4, line))
        await s.pilot.pause()
        assert s.session.look.focus == "check" and s.top != "StepperScreen"


async def test_an_explanation_says_what_keras_had(stepper):
    async with stepper(str(RECORDING), at="2.gradient") as s:
        await s.press("x")
        text = "\n".join("".join(span.text for span in row) for row in s.app.screen._canvas.rows)
        assert "Keras, as it ran: -472.47332763671875, which agrees to" in text


async def test_other_settings_leave_it_only_if_that_is_wanted_and_u_comes_back(stepper):
    async def change(s):
        await s.press("s")
        await s.press("ctrl+a", "ctrl+k")
        await s.type("0.2")
        await s.press("enter")

    async with stepper(str(RECORDING), at="5") as s:
        await checked(s)
        await change(s)
        assert s.top == "Confirm"
        await s.press("n")
        assert s.session.run.recorded and s.place == (5, "after")
        await change(s)
        await s.press("y")
        run = s.session.run
        assert not run.recorded and run.settings.learning_rate == 0.2 and run.settings.order[0][:4] == (2, 1, 6, 9)
        assert run.start.weights == (-0.27657616,)
        assert not s.session.checker.on and "as it ran" not in s.text
        await s.press("u")
        assert s.session.run.recorded and s.place == (5, "after")
        await checked(s)


async def test_its_table_has_no_other_precision(stepper):
    async with stepper(str(RECORDING), at="3") as s:
        await checked(s)
        s.session.checker.precision = "float64"  # as asked for a run before
        await s.press("c")
        assert s.top == "VerdictTable"
        box = s.app.screen.query_one(".dialog")
        assert str(box.border_title) == "Keras check · iteration 3 · float32"
        for beside, cut in ((6, False), (5, True)):  # the frame, and a scroll bar
            table = str(s.app.screen.query_one("#table").render()).splitlines()
            await s.pilot.resize_terminal(max(map(len, table)) + beside, 12)
            await s.pilot.pause()
            s.app.screen._fill()
            assert ("← → more" in box.border_subtitle) is cut is (box.max_scroll_x > 0)
        await s.press("p")
        assert s.top == "VerdictTable" and s.session.checker.computed_in == "float32"
        await s.press("d")
        assert not s.session.checker.on


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
def test_how_it_looks(snap_compare, size):
    async def done(pilot):
        session = pilot.app.screen_stack[-1].session
        for _ in range(400):
            if session.checker.book and session.checker.book.complete and session.checker.fit:
                break
            await pilot.pause(0.02)

    assert snap_compare(
        StepperApp(open_source(str(RECORDING))), terminal_size=size, press=["right"] * 4, run_before=done
    )
