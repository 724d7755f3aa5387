"""Runs side by side in the stepper: chosen at the keys, seen at every size, the same forward and back."""

import pytest
from textual.widgets import Input, OptionList

from lrstep.session.panels.side_by_side import compared, compared_runs


def numbers(s):
    found = compared_runs(s.session.view)
    return [[column.value(key) for key in compared(found)] for column in found]


async def test_what_to_vary_is_chosen_in_a_dialog_and_the_moment_stays(stepper):
    async with stepper(size=(120, 40)) as s:
        await s.press("right", "right", "v")
        options = s.app.screen.query_one(OptionList)
        words = [str(options.get_option_at_index(place).prompt) for place in range(options.option_count)]
        assert words == [
            "batch sizes 1 and 12 beside 4",
            "learning rates 0.005 and 0.5 beside 0.05",
            "SGD, Adagrad and Adam beside RMSprop",
            "RMSprop of PyTorch, RMSprop of TensorFlow 1 and RMSprop of tf.keras 2.10 beside RMSprop",
        ]
        await s.press("enter")
        assert s.place == (2, "after")
        assert [lane.label for lane in s.session.lockstep.lanes] == ["batch 4", "batch 1", "batch 12"]
        assert "by samples" in s.lines[0] or "by samples" in s.lines[1]
        assert "2 batch 1" in s.text and "same as 1 until" in s.text


async def test_settings_are_typed_at_once_and_what_cannot_be_is_said(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.press("v", "l", "r", "equals_sign", "0", "enter")
        assert "above 0" in str(s.app.screen.query_one("#error").render())
        s.app.screen.query_one("#settings", Input).value = "lr=0.1 ; optimizer=sgd lr=0.001"
        await s.press("enter")
        assert [lane.label for lane in s.session.lockstep.lanes][1:] == ["lr 0.1", "SGD lr 0.001"]
        await s.press("v", "end", "enter")
        assert s.session.lockstep.alone
        await compare(s, "lr=0.1")
        await s.press("v", "end", "enter")
        assert s.session.lockstep.alone


async def test_what_is_compared_is_the_run_that_is_shown(stepper):
    async with stepper() as s:
        for typed in ("batch_size=1", "lr=0.3"):
            await compare(s, typed)
            await s.press("V")
        runs = [lane.run.settings for lane in s.session.lockstep.lanes]
        assert [(run.batch_size, run.learning_rate) for run in runs] == [(1, 0.05), (1, 0.3)]


async def compare(s, typed):
    await s.press("v")
    field = s.app.screen.query_one("#settings", Input)
    field.value = typed
    field.focus()
    await s.press("enter")


@pytest.mark.parametrize(
    "keys", ["x", "x right", "s", "g 9 9 enter", "w 2 1 full_stop 8 enter", "S", "B", "o", "e tab"]
)
async def test_a_dialog_is_about_the_run_that_is_shown_as_if_it_were_alone(stepper, keys):
    shown = []
    for alone in (True, False):
        async with stepper(**({"batch_size": 1, "optimizer": "adam"} if alone else {})) as s:
            if not alone:
                await compare(s, "batch_size=1 optimizer=adam")
                await s.press("V")
            await s.press("right", "right", *keys.split())
            await s.until(lambda: "Searching" not in "".join(s.dialog))
            shown.append(s.dialog[1:] if keys[0] == "e" else s.dialog)  # how many runs an export has is its title
    assert shown[0] == shown[1] and len(shown[0]) > 3


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_keys_change_the_run_and_the_pace_and_go_back_exactly(stepper, size):
    async with stepper(size=size) as s:
        await s.press("right", "v", "enter")
        there = []
        for _ in range(3):
            there.append((numbers(s), s.text))
            await s.press("right")
        for seen, text in reversed(there):
            await s.press("left")
            assert numbers(s) == seen
            assert s.text == text
        await s.press("V")
        assert s.session.lockstep.shown == 1 and "batch size 1" in s.text.replace("  ", " ")
        await s.press("V", "V")
        assert (s.place, s.text) == ((1, "after"), there[0][1])
        paces = []
        for _ in range(3):
            paces.append(next(pace for pace in ("by samples", "by epoch", "by iteration") if pace in s.text))
            await s.press("P")
        assert paces == ["by samples", "by epoch", "by iteration"]


@pytest.mark.parametrize("ascii", [False, True])
async def test_the_page_at_80_by_24_has_all_runs_whole(stepper, ascii):
    async with stepper(size=(80, 24), ascii=ascii) as s:
        await s.press("v", "down", "down", "enter", "right", "right", "6")
        assert all(mark in s.text for mark in ("1 RMSprop", "2 SGD", "3 Adagrad", "4 Adam"))
        assert "…" not in s.text.split("samples seen")[1].split("\n")[0]
        assert all(len(line) == 80 for line in s.lines) and (s.text.isascii() or not ascii)
        for name in ("RMSE, all data", "weight", "bias"):
            line = next(line for line in s.lines if line.strip(" │|").startswith(name))
            assert len(line.strip(" │|").split()) >= len(name.split()) + 4
