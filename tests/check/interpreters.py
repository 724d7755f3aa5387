"""Pythons that the check is made to use."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def use_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packages: Path) -> Path:
    """Have the check use this Python with packages that come before the installed ones."""
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{packages}" exec "{sys.executable}" "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("LRSTEP_KERAS_PYTHON", str(script))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"
