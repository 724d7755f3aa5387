"""Going to where a condition holds, and breakpoints, by keys."""

from textual.widgets import OptionList


async def test_g_goes_to_where_a_condition_holds_and_says_so(stepper):
    async with stepper() as s:
        await s.press("g")
        await s.type("rmse<")
        await s.press("enter")
        assert s.top == "Ask"
        assert "'rmse<' is not understood" in str(s.app.screen.query_one("#error").render())
        await s.type("10 and epoch>2")
        await s.press("enter")
        assert s.place == (7, "after")
        assert "iteration 7: rmse<10 and epoch>2 (rmse 7.40555, epoch 3)" in s.text
        await s.press("g")
        await s.type("back loss rises")
        await s.press("enter")
        assert s.place == (6, "after")
        await s.press("g")
        await s.type("nan")
        await s.press("enter")
        assert s.place == (6, "after")
        assert "no iteration after 6 has nan" in s.text


async def test_a_long_search_shows_how_far_it_is_and_esc_stops_it(stepper):
    async with stepper(epochs=1_000_000) as s:
        await s.press("g")
        await s.type("full_rmse<0")
        await s.press("enter")
        await s.until(lambda: "looking for full_rmse<0: iteration" in s.text)
        assert "of 3000000 · Esc stops" in s.text
        await s.press("escape")
        assert s.session.search is None
        assert s.place == (0, "start")


async def test_breakpoints_are_set_listed_and_cleared_in_a_dialog(stepper):
    async with stepper() as s:
        await s.press("B")
        for text in ("rmse>22", "full_rmse<17.5", "speed>3"):
            await s.type(text)
            await s.press("enter")
        shown = s.app.screen.query_one(OptionList)
        listed = [str(shown.get_option_at_index(place).prompt) for place in range(shown.option_count)]
        assert listed == ["clear rmse>22", "clear full_rmse<17.5", "clear all of them"]
        assert "no quantity is called 'speed'" in str(s.app.screen.query_one("#error").render())
        await s.press("down", "enter")
        assert s.session.breakpoints.texts == ("full_rmse<17.5",)
        await s.press("escape")
        assert "playing stops where full_rmse<17.5" in s.text
        await s.press("plus", "plus", "plus", "a")
        await s.until(lambda: not s.session.playing)
        assert s.place == (8, "after")
        await s.until(lambda: "stopped at iteration 8: full_rmse<17.5 (full_rmse 17.4445)" in s.text)
        await s.press("B", "down", "enter", "escape")
        assert s.session.breakpoints.texts == ()
        await s.press("a")
        await s.until(lambda: not s.session.playing)
        assert s.place == (12, "after")
        await s.until(lambda: "the end, a starts over" in s.text)
        await s.press("minus", "minus", "minus", "minus", "minus", "a")
        assert s.session.playing
        assert s.place[0] < 12
