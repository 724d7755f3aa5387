"""Renders runs of optimizers in every way there is, and prints what was seen as JSON.

Usage: rendered.py FOLDER OPTIMIZER …
"""

import contextlib
import io
import json
import runpy
import sys
from pathlib import Path

import numpy as np

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.export.export_file import export
from lrstep.formulas.explain import explain, quantities_of
from lrstep.plain.account import Account
from lrstep.plain.voice import Voice
from lrstep.session.narration import narrate
from lrstep.session.styled_rows import plain
from lrstep.session.view import View
from lrstep.tui.layout import compose
from lrstep.why.answer import why_text
from lrstep.why.ask_why import why
from lrstep.why.changed_rules import changed_rules
from lrstep.why.other_settings import other_settings

X = [[1.0, 2.5], [2.0, -1.0], [3.5, 0.5], [4.0, 1.0], [5.0, -0.5]]
Y = [3.0, 1.0, 4.0, 6.5, 5.0]


def run_of(name, features, times=1.0):
    x = np.array(X)[:, :features] * times
    names = ["a", "b"] if features > 1 else "a"
    settings = Settings(optimizer=name, learning_rate=0.1, batch_size=2, epochs=2, weight=(0.5,) * features)
    return Run(Dataset("data", x if features > 1 else x[:, 0], Y, names, "y"), settings)


def output(script):
    with contextlib.redirect_stdout(io.StringIO()) as written:
        runpy.run_path(str(script), run_name="__main__")
    return written.getvalue()


def seen(name, features, folder):
    run, steep = run_of(name, features), run_of(name, features, times=10.0)
    it, folder = run.iteration(3), folder / f"{name}-{features}"
    folder.mkdir()
    for file, kind in (("sheet.xlsx", None), ("run.py", None), ("keras.py", "keras"), ("run.json", None)):
        if kind is None or run.settings.rule.keras:
            export(run, folder / file, kind=kind)
    step = f"step_{run.parameters[0]}"
    view = View(run, 3, Phase.AFTER)
    said = io.StringIO()
    Account(Voice(said, False)).whole(view)
    return {
        "parameters": [list(run.iteration(k).after.parameters) for k in range(1, run.n_iterations + 1)],
        "metrics": it.metrics,
        "table": json.loads((folder / "run.json").read_text())["iterations"][2],
        "why mae": why_text(why(run, repr(it.metrics["mae"]), "mae", 3)),
        "slots": {slot: list(numbers) for slot, numbers in it.after.slots.items()},
        "screens": ["\n".join(plain(compose(view, *size, [()] * 3, False).rows)) for size in ((80, 24), (120, 40))],
        "explained": "\n".join(
            line
            for phase in list(Phase)[1:]
            for quantity in quantities_of(phase, run)
            for line in explain(run, it, phase, quantity).lines()
        ),
        "plain": said.getvalue(),
        "words": [
            " ".join(plain(narrate(View(run, number, phase), 200, 4)))
            for number, phases in ((0, [Phase.START]), (1, list(Phase)[1:]), (3, list(Phase)[1:]))
            for phase in phases
        ],
        "why": why_text(why(run, repr(it.updates[0]["step"]), step, 3)),
        "why old": [
            " ".join(why_text(why(steep, repr(old[0]), f"{slot}_{run.parameters[0]}", 2)))
            for slot, old in steep.iteration(1).after.slots.items()
        ],
        "guesses": [world.name for world in (*other_settings(run), *changed_rules(run))],
        "script": output(folder / "run.py"),
        "keras": (folder / "keras.py").read_text() if run.settings.rule.keras else "",
    }


if __name__ == "__main__":
    names, folder = sys.argv[2:], Path(sys.argv[1])
    print(json.dumps({name: [seen(name, features, folder) for features in (1, 2)] for name in names}))
