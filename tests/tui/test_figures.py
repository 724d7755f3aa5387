"""The figures that Keras printed, read off the screen after pressing keys."""

import re

import pytest

SIZES = [(80, 24), (120, 40), (200, 60), (60, 15)]


def numbers(line):
    return [float(word) for word in re.findall(r"(?<![\w.])-?\d+\.?\d*(?:e[+-]\d+)?(?![\w.])", line)]


def after_label(text, label):
    panels = (line.split("││")[0] for line in text.splitlines())
    line = next(line for line in panels if label in line)
    return numbers(line[line.index(label) + len(label) :])


def rmse_and_loss(text, name):
    """RMSE and loss beside a name of panel 6, or below it where the names stand in its title."""
    lines = text.splitlines()
    title = next(i for i, line in enumerate(lines) if "6 RMSE" in line)
    short = name.removesuffix(" so far")
    if short not in lines[title]:
        return after_label(text, name)[-2:]
    starts = [m.start() for m in re.finditer(r"this batch|epoch|all, before|all, after", lines[title])]
    at = starts.index(lines[title].index(short))
    end = starts[at + 1] if at + 1 < len(starts) else -1
    return [numbers(line[starts[at] - 1 : end - 1])[0] for line in lines[title + 1 : title + 3]]


@pytest.mark.parametrize("size", SIZES)
async def test_both_numbers_of_the_first_question_are_on_the_screen_together(stepper, size):
    async with stepper(size=size, batch_size=12, epochs=1, weight=0.08255479319424332) as s:
        await s.press("right")
        small = size[0] < 76
        rmse, loss = after_label(s.text, "Keras prints") if small else rmse_and_loss(s.text, "epoch so far")
        assert (f"{rmse:.2f}", f"{loss:.2f}") == ("23.14", "535.48")
        after = "all data, w after" if "all data, w after" in s.text else "all, after"
        rmse, loss = after_label(s.text, "All, w after") if small else rmse_and_loss(s.text, after)
        assert (f"{rmse:.3f}", f"{loss:.2f}") == ("21.836", "476.82")
        words = " ".join(s.lines[-3:]).replace("  ", " ")
        assert "Keras" in words
        assert "23.1404" in words
        assert "21.836" in words
        if not small:
            assert re.search(r"weights from\s+before", words)


@pytest.mark.parametrize("size", SIZES[:3])
async def test_batches_of_three_step_by_step(stepper, size):
    printed = [
        (48.9000, 6.9929, 352.3350, 18.7706, 0.6581138372421265, 0.15811386704444885),
        (200.9296, 14.1750, 306.3082, 17.5017, 0.8132714033126831, 0.3018075227737427),
        (363.2630, 19.0595, 266.7119, 16.3313, 0.9573485255241394, 0.42669767141342163),
        (565.5593, 23.7815, 232.1553, 15.2366, 1.0924618244171143, 0.5409283638000488),
    ]
    async with stepper(size=size, batch_size=3, epochs=1, weight=0.5) as s:
        for loss, rmse, full_loss, full_rmse, weight, bias in printed:
            await s.press("right")
            this = "this batch, w before" if size[0] > 80 else "this batch"
            assert rmse_and_loss(s.text, this) == pytest.approx([rmse, loss], abs=1.01e-4)
            label = "all data, w after" if size[0] > 80 else "all, after"
            assert rmse_and_loss(s.text, label) == pytest.approx([full_rmse, full_loss], abs=1.01e-4)
            w = next(numbers(line.split("→")[1])[0] for line in s.lines if line.startswith("│ w "))
            b = next(numbers(line.split("→")[1])[0] for line in s.lines if line.startswith("│ b "))
            assert (w, b) == pytest.approx((weight, bias), rel=3e-7)


@pytest.mark.parametrize("size", SIZES)
async def test_numbers_can_be_pasted_into_a_spreadsheet(stepper, size):
    async with stepper(size=size) as s:
        await s.press("right", "right")
        assert "−" not in s.text
        assert "-264.606" in s.text


async def test_the_start_says_where_the_weights_come_from_and_what_the_first_batch_will_be(stepper):
    async with stepper(size=(120, 40), weight=None, seed=7) as s:
        assert "Glorot uniform" in s.text
        assert "seed 7" in s.text
        assert "▕[1 2 3 4]▏" in s.text
        assert [line.split()[1] for line in s.lines[4:8]] == ["1", "2", "3", "4"]
    async with stepper(size=(80, 24)) as s:
        assert "as set" in s.text


async def test_a_short_last_batch_is_divided_by_its_own_length(stepper, tmp_path):
    file = tmp_path / "thirteen.csv"
    file.write_text("x,y\n" + "".join(f"{i},{2 * i}\n" for i in range(13)))
    async with stepper(str(file), size=(120, 40), batch_size=5) as s:
        assert "batch size 5" in s.text
        await s.press("right", "right", "right")
        assert "Batch 3 of 3" in s.text
        assert "▕[11 12 13]▏" in s.text
        assert "2/3·Σ error" in s.text


async def test_a_diverged_run_says_so_and_goes_on(stepper):
    async with stepper(size=(80, 24), learning_rate=1e308) as s:
        await s.press("right")
        assert "diverged at iteration 1" in s.text
        await s.press("end")
        assert "nan" in s.text
        for key in ("t", "t", "t", "t", "x", "escape", "home"):
            await s.press(key)
        assert "diverged" not in s.text


async def test_a_batch_larger_than_the_data_is_said(stepper):
    async with stepper(size=(120, 40), batch_size=100) as s:
        assert "batch size 12 (asked 100, all taken)" in s.text


async def test_of_one_there_is_one(stepper, tmp_path):
    (tmp_path / "one.csv").write_text("a,b\n1,2\n")
    async with stepper(str(tmp_path / "one.csv"), size=(120, 40), epochs=1) as s:
        for key in ("right", "minus", "minus", "x", "escape", "c"):
            assert not re.search(r"(?<![\d.,])1 (sample|epoch|batche|iteration|step|digit)s\b", s.text), s.text
            await s.press(key)


async def test_phases_fill_the_panels_one_after_the_other(stepper):
    async with stepper(size=(120, 40)) as s:
        await s.press("right", "down")
        marks = [
            ("-17.438543", 2),
            ("404.45703", 3),
            ("-264.60634", 4),
            ("7253.144", 5),
            ("0.39601719", 6),
            ("20.564503", 7),
        ]
        for phase in range(1, 8):
            for figure, first in marks:
                assert (figure in s.text) == (phase >= first), (phase, figure)
            live = [line for line in s.lines if "▶" in line]
            assert len(live) == 1
            await s.press("down")


async def test_keras_figures_are_named_where_they_stand(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.press("right", "right")
        assert "epoch ← Keras prints" in s.text
        assert rmse_and_loss(s.text, "epoch so far")[0] == 15.797182
        assert "all, after ← val_" in s.text
        assert rmse_and_loss(s.text, "all, after")[0] == 20.564503
