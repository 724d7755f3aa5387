"""Runs far longer than can be computed: each command begins to answer, or refuses at once."""

import pytest

from lrstep.check.headless import check_command
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.export.export_file import export
from lrstep.export.rows import rows
from lrstep.session.session import Session
from lrstep.sources.open_source import open_source
from lrstep.why.ask_why import why

EPOCHS = 10**15
LAST = 3 * EPOCHS


@pytest.fixture
def far():
    source = open_source("mlcc")
    return source.changed(source.settings.changed(epochs=EPOCHS))


@pytest.fixture
def run(far, monkeypatch):
    """Such a run, of which nothing may be computed."""
    monkeypatch.setattr(Run, "_compute", lambda run, until: pytest.fail("computed"))
    return far.run()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("x.gif", {}), ("x.gif", {"every": EPOCHS}), ("x.gif", {"first": EPOCHS, "last": EPOCHS + 1}), ("x.png", {}),
        ("x/", {}), ("x/", {"every": EPOCHS}), ("x.xlsx", {}), ("x.csv", {}), ("x.json", {}), ("x.md", {}),
    ],
)  # fmt: skip
def test_a_file_of_too_much_is_refused_before_anything_is_computed(run, tmp_path, name, options):
    with pytest.raises(LrstepError, match=r"too (far|many)"):
        export(run, f"{tmp_path}/{name}", **options)
    assert not list(tmp_path.iterdir())


def test_the_script_of_any_run_is_written(run, tmp_path):
    export(run, tmp_path / "x.py")
    assert str(EPOCHS) in (tmp_path / "x.py").read_text()


def test_a_far_step_is_neither_checked_nor_explained(run):
    for iterations in (None, range(EPOCHS, EPOCHS + 1)):
        with pytest.raises(LrstepError, match=f"{run.reach}"):
            check_command(run, iterations=iterations)
    with pytest.raises(LrstepError, match=f"{EPOCHS} is too far"):
        why(run, "1.5", None, EPOCHS)


def test_a_table_begins_at_once(far):
    assert next(rows(far.run(), 1, LAST))["iteration"] == 1


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
def test_a_run_that_is_computed_to_its_reach_fits_into_memory(far, optimizer):
    run = far.changed(far.settings.changed(optimizer=optimizer)).run()
    run.advance(100)
    assert (run.reach + 1) * len(run._rows) * 8 / 101 <= 10**9 < (run.reach + 2) * len(run._rows) * 8 / 101


@pytest.mark.parametrize("at", [None, str(EPOCHS), f"e{EPOCHS - 1}b2.gradient"])
def test_the_session_says_what_is_too_far_and_stays(far, at):
    session = Session(far, at)
    session.open()
    if at is None:
        session.do("end")
    assert "is too far" in session.notice and session.arrived and session.target is None
    assert (session.number, session.phase) == (0, Phase.START)
    session.do("next")
    assert session.number == 1 and not session.notice


def test_playing_ends_where_nothing_further_can_be_computed(far, monkeypatch):
    monkeypatch.setattr("lrstep.core.run.MOST_BYTES", 6 * 8 * 11)
    session = Session(far)
    session.open()
    session.do("play")
    for _ in range(20):
        session.play_on(1)
    assert not session.playing and session.number <= 10 and "10 can be computed" in session.notice
