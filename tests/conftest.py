"""No test reads or writes the configuration and the kept run of the person who runs it."""

import signal

import pytest

# Under nohup, or in the background of a script, signals are ignored, and programs that tests start inherit that. A
# handler is not inherited: they begin with the default again.
for _number in (signal.SIGHUP, signal.SIGINT):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda number, frame: None)


@pytest.fixture(autouse=True, scope="session")
def nothing_of_a_person(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LRSTEP_CONFIG", str(folder / "none.toml"))
        patch.setenv("LRSTEP_STATE_DIR", str(folder / "state"))
        patch.setenv("TEXTUAL_ANIMATIONS", "none")
        yield
