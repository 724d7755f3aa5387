"""Random keys, mouse events and resizes for a little while; CONTRIBUTING tells of the long form."""

import pytest

from benchmarks.endurance import endure


@pytest.mark.pty
@pytest.mark.parametrize("seed", [11])
def test_it_stands_random_events_and_shows_what_a_fresh_drawing_shows(seed):
    report = endure(6, seed, "mlcc", "--epochs", "50")
    assert report.compared
    assert not report.wrong, report.wrong[0]
