"""Programs in a real pseudo-terminal, closed after each test."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import forked
import pytest

# The harness is shared with the benchmarks, which are not part of the installed package.
sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.terminal import Terminal

STEPPER = (sys.executable, "-m", "lrstep")


class Launch(Protocol):
    def __call__(self, *arguments: str, **options: Any) -> Terminal: ...


@pytest.fixture
def run() -> Iterator[Launch]:
    """Start any command in a terminal."""
    started: list[Terminal] = []

    def launch(*command: str, env: Mapping[str, str | None] | None = None, **options: Any) -> Terminal:
        # What Python makes of its environment when it starts, a forked one has made already.
        usual = not any(name.startswith(("LANG", "LC_", "PYTHON")) for name in env or {})
        spawn = forked.spawn if usual and command[0] == sys.executable else None
        started.append(Terminal(command, env=env, spawn=spawn, **options))
        return started[-1]

    yield launch
    for terminal in started:
        terminal.close()


@pytest.fixture
def lrstep(run: Launch, tmp_path: Path) -> Launch:
    """Start lrstep in a terminal, as somebody who has used it before: a newcomer is asked what brings them here."""
    state = tmp_path / "used before"
    state.mkdir()
    (state / "resume.toml").touch()

    def launch(*arguments: str, env: Mapping[str, str | None] | None = None, **options: Any) -> Terminal:
        return run(*STEPPER, *arguments, env={"LRSTEP_STATE_DIR": str(state), **(env or {})}, **options)

    return launch
