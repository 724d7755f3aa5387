"""Plain mode without a terminal: a session whose lines are at hand, and lrstep as a process with pipes."""

import io
import os
import subprocess
import sys
from dataclasses import replace

import forked
import pytest

from lrstep.plain.conversation import Conversation
from lrstep.plain.voice import Voice
from lrstep.session.commands import COMMANDS
from lrstep.session.session import Session
from lrstep.sources.open_source import open_source

KEYS = {command.id: command.keys for command in COMMANDS}


class Talk:
    """A session and what it says."""

    def __init__(self, source=None, at=None, ascii=False, keys=None, **settings):
        self._out = io.StringIO()
        opened = open_source(source)
        opened = replace(opened, settings=opened.settings.changed(**settings))
        self.session = Session(opened, at, ascii=ascii)
        self.conversation = Conversation(self.session, Voice(self._out, ascii), KEYS | (keys or {}))
        self.session.open()
        self.conversation.talk.opened()
        self.opening = self.heard()

    def __call__(self, *lines):
        """Type lines; gives what is said to them."""
        for line in lines:
            self.conversation.do(line)
        return self.heard()

    def heard(self):
        said = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return said

    @property
    def place(self):
        return self.session.number, self.session.phase.name.lower()


@pytest.fixture
def talk():
    return Talk


@pytest.fixture
def environment(tmp_path):
    """Variables of a process that leaves nothing behind and takes no settings of this user."""
    own = {"LRSTEP_CONFIG": str(tmp_path / "config.toml"), "LRSTEP_STATE_DIR": str(tmp_path / "state")}
    return {**os.environ, **own, "TERM": "dumb", "PYTHONUTF8": "1"}


@pytest.fixture
def lrstep(environment, tmp_path):
    """Run lrstep on typed lines; gives the finished process."""

    def run(*arguments, lines="", **variables):
        if not variables:
            return forked.run(*arguments, input=lines, env=environment, cwd=tmp_path)
        return subprocess.run(
            [sys.executable, "-m", "lrstep", *arguments], input=lines, env=environment | variables, cwd=tmp_path,
            capture_output=True, text=True, encoding="utf-8", timeout=60,
        )  # fmt: skip

    return run
