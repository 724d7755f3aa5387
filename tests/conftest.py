"""No test reads or writes the configuration and the kept run of the person who runs it."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def nothing_of_a_person(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LRSTEP_CONFIG", str(folder / "none.toml"))
        patch.setenv("LRSTEP_STATE_DIR", str(folder / "state"))
        patch.setenv("TEXTUAL_ANIMATIONS", "none")
        yield
