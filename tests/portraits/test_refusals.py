"""What is said of files in which one thing is wrong is as when it was last looked at."""

import re
from collections.abc import Iterator
from pathlib import Path

import portraits
from sittings import RECORDING

from lrstep.errors import LrstepError
from lrstep.session.commands import COMMANDS
from lrstep.sources.config_reader import parse
from lrstep.sources.open_source import open_source

LESSON = Path(__file__).parents[2] / "samples" / "lessons" / "by-hand.toml"
RUN = """\
title = "A run"
notes = "Look at it."
cursor = "4.gradient"
against = ["batch_size=1", "optimizer=sgd lr=0.2"]
pace = "samples"
shown = 2
breakpoints = ["rmse<5", "weight>1"]

[data]
file = "data.csv"
feature = ["a", "b"]
label = "c"

[settings]
learning_rate = 0.05
batch_size = 4
epochs = 2
optimizer = "rmsprop"
rho = 0.9
momentum = 0.5
centered = true
weight = 0.25
shuffle = true
seed = 3
scale = "standard"
"""
TABLE = "a,b,c\n" + "".join(f"{n},{n * n % 7}.5,{n * 3 % 11}e-1\n" for n in range(9))
COLUMNS = "length,width\n" + "".join(f"{n}.25,{n * 3 % 11}e-1\n" for n in range(6))
CONFIG = """\
theme = "dark"
ascii = false
mouse = true
precision = "float64"
plain = true

[keys]
next = ["right", "l"]
quit = "q"
"""


def broken(text: str) -> Iterator[tuple[str, str]]:
    """Texts in which one line is not there, longer, there twice, has another number, no text, or another name."""
    lines = text.splitlines()
    for place, line in enumerate(lines):
        without = lines[:place] + lines[place + 1 :]
        yield f"{place + 1} left out", "\n".join(without)
        for how, other in (
            ("longer", [f"{line}x"]),
            ("twice", [line, line]),
            ("another number", [re.sub(r"\d+", lambda found: str(int(found[0]) + 1), line, count=1)]),
            ("turned", [re.sub(r"= .*", "= -1", line)]),
            ("empty", [re.sub(r"= .*|[^,]+$", '= ""', line)]),
            ("named otherwise", [re.sub(r"[a-z]", "q", line, count=1)]),
            ("cut off", [line[:-2]]),
        ):
            if other != [line]:
                yield f"{place + 1} {how}", "\n".join([*lines[:place], *other, *lines[place + 1 :]])


def opened(path: Path) -> str:
    """What a file holds."""
    source = open_source(str(path))
    return f"{source.title} {source.cursor} {source.breakpoints} {source.settings.as_dict()}"[:200]


def configured(path: Path) -> str:
    """What a configuration says."""
    return str(parse(path.read_text(), path, {command.id: command.keys for command in COMMANDS}))[:200]


def test_refusals(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text(TABLE)

    def told(name: str, text: str) -> Iterator[str]:
        path, read = tmp_path / f"{name}.{'csv' if name == 'table' else 'toml'}", opened
        if name == "config":
            read = configured
        for what, changed in [("as it is", text), *broken(text)]:
            path.write_text(changed)
            try:
                found = read(path)
            except LrstepError as error:
                # What Python's reader says differs from one Python to the next.
                found = re.sub("no valid TOML: .*", "no valid TOML", str(error)).replace("\n", " | ")
            yield f"{what}: {found}".replace(str(tmp_path), "FOLDER")

    texts = {
        "recording": RECORDING.read_text(encoding="utf-8"), "lesson": LESSON.read_text(encoding="utf-8"), "run": RUN,
        "table": COLUMNS, "config": CONFIG,
    }  # fmt: skip
    portraits.compare("refusals", ((name, told(name, text)) for name, text in texts.items()), request)
