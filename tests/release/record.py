"""Records what a release of lrstep prints and writes, so that another one can be compared with it.

    python tests/release/record.py tests/release/recorded.json.gz --python OTHER/.venv/bin/python --path OTHER

runs the commands below in the other release. ``--here`` runs them in this process and prints JSON lines.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = (
    "mlcc",
    "mlcc --batch-size 5 --momentum 0.9",
    "mlcc --batch-size 12 --epochs 7 --centered --lr 0.01",
    "mlcc --momentum 0.5 --centered --shuffle --seed 7",
    "mlcc --batch-size 1 --epochs 2 --rho 0 --epsilon 0.001",
    "mlcc --seed 3 --lr 3.7",
    "anscombe-1 --batch-size 3 --epochs 25",
    "anscombe-4 --epochs 2",
    "line16 --shuffle --seed 1 --epochs 3",
    "line16-offset --batch-size 16 --epochs 30",
    "noisy --batch-size 20 --epochs 3",
    "outlier --bias -2.5 --epochs 12",
    "thousands --epochs 2",
    "thousands-scaled --momentum 1",
    "first-question",
    "second-question",
    "rate-too-high",
    "single-sample",
    "full-batch",
    "mlcc --lr 1e200 --epochs 9",
)

VALUES = (
    "21.8 mlcc --batch-size 12 --epochs 1",
    "476.82 mlcc --batch-size 12 --epochs 1",
    "-105.72 mlcc --meant gradient",
    "0.6581 mlcc --batch-size 3 --epochs 1 --weight 0.5",
    "9.7286 mlcc --iteration 1",
    "0.8 mlcc --momentum 0.9 --centered",
)

EXPLAINED = (
    "batch", "predictions", "loss", "rmse", "cumulative_rmse", "gradient_weight", "gradient_bias", "accumulator_weight",
    "accumulator_bias", "weight", "bias", "full_loss", "full_rmse",
)  # fmt: skip

PLAIN = {
    "mlcc": "next\nnext 3\nback\ng e2b1\ng 5.gradient\nnext\ne end\nquit\n",
    "mlcc --momentum 0.9 --centered": "next\ng 4\nx momentum_weight\nx mean_gradient_bias\nx weight\nquit\n",
    "noisy --batch-size 20": "g 3\nx loss all\nw 21.8 rmse\nquit\n",
    "mlcc --at 5": "".join(f"x {name}\n" for name in EXPLAINED) + "quit\n",
}

FORMATS = ("csv", "md")


def commands() -> list[tuple[str, str]]:
    """Each command line with what is typed into it."""
    traced = [(f"trace {run} --format json --samples", "") for run in RUNS]
    tables = [(f"trace {run}", "") for run in RUNS[:6]]
    exports = [(f"export run.{kind} {run} --samples", "") for run in RUNS[:5] for kind in FORMATS]
    asked = [(f"why {value} --format json", "") for value in VALUES]
    return [*traced, *tables, *exports, *asked, *((f"--plain {run}", typed) for run, typed in PLAIN.items())]


def recorded_here() -> list[dict[str, object]]:
    """Run all commands in this process, in an empty folder."""
    from lrstep.__main__ import main

    # Nothing of the person who records it.
    os.environ |= {"LRSTEP_CONFIG": "none.toml", "LRSTEP_STATE_DIR": "state", "COLUMNS": "100"}
    found: list[dict[str, object]] = []
    for line, typed in commands():
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
            sys.argv, sys.stdin = ["lrstep", *line.split()], io.TextIOWrapper(io.BytesIO(typed.encode()))
            status: object = 0
            with contextlib.redirect_stdout(out):
                try:
                    main()
                except SystemExit as end:
                    status = end.code or 0
            text = out.buffer.getvalue().decode().replace(str(Path(folder).resolve()), "FOLDER")
            files = {path.name: path.read_text() for path in Path(folder).glob("run.*")}
            found.append({"command": line, "typed": typed, "status": status, "printed": text, "files": files})
    return found


def recorded_by(python: str, path: str) -> list[dict[str, object]]:
    """Run all commands with another interpreter, and lrstep from a folder."""
    env = os.environ | {"PYTHONPATH": path}
    done = subprocess.run([python, __file__, "--here"], stdout=subprocess.PIPE, text=True, check=True, env=env)
    return [json.loads(line) for line in done.stdout.splitlines()]


def read(path: Path) -> list[dict[str, object]]:
    """What was recorded."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def record() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", nargs="?")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--path", default=str(Path(__file__).parents[2]))
    parser.add_argument("--here", action="store_true")
    asked = parser.parse_args()
    if asked.here:
        for result in recorded_here():
            print(json.dumps(result, ensure_ascii=False))
        return
    text = "".join(f"{json.dumps(result, ensure_ascii=False)}\n" for result in recorded_by(asked.python, asked.path))
    Path(asked.out).write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    record()
