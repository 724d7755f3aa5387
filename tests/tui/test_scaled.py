"""A run on scaled data: the data as given beside, the parameters in its units, at each size and in plain words."""

import re

import pytest

from tests.tui.test_figures import numbers


def mapped(session):
    run = session.run
    return [*run.scaling.unscaled_parameters(session.view.iteration.after.parameters)]


def in_units_of_data(s):
    """Weight and bias as the line below the weights has them; the short form of it where there is little room."""
    found = (re.search(r"(?:data's units|in data):([^│]*)", line) for line in s.lines)
    return numbers(next(match[1] for match in found if match))[:2]


@pytest.mark.parametrize("scale", ["standard", "minmax"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_screen_has_the_data_as_given_and_the_parameters_in_its_units(stepper, size, scale):
    async with stepper("thousands", size=size, scale=scale) as s:
        await s.press("right", "right")
        assert "scal" in s.lines[0]
        head = next(line for line in s.lines if "#" in line)
        assert re.search(r"# +tons +price +x +y │", head)
        row, raw = s.session.run.dataset, s.session.run.raw
        sample = next(line for line in s.lines if line.startswith("│   5 "))
        assert numbers(sample.split("│")[1])[1:] == pytest.approx(
            [raw.x[4], raw.y[4], row.x[4], row.y[4]], rel=1e-5
        )  # fmt: skip
        assert in_units_of_data(s) == pytest.approx(mapped(s.session), rel=1e-5)
        rmse = s.session.run.scaling.unscaled_error(s.session.view.iteration.full_rmse)
        said = " ".join(" ".join(s.lines[-3:-1]).split())
        assert numbers(said.split("label's units: ")[1].rstrip("."))[0] == pytest.approx(rmse, rel=1e-5)


async def test_practice_does_not_give_the_parameters_away(stepper):
    async with stepper("thousands", scale="standard") as s:
        await s.press("right", "p")
        before = s.session.run.scaling.unscaled_parameters(s.session.view.iteration.before.parameters)
        assert in_units_of_data(s) == pytest.approx(before, rel=1e-5)


async def test_settings_that_the_data_cannot_have_are_said_and_the_run_stays(stepper):
    async with stepper() as s:
        run = s.session.run
        await s.press("s")
        s.app.screen.query_one("#weight").value = "1 2"
        await s.press("enter")
        assert s.top == "StepperScreen" and s.session.run is run
        assert "2 initial weights are given for 1 feature" in s.text
