"""What the commands print and how they refuse is as when it was last looked at."""

import os
import re
import shlex
from pathlib import Path

import forked
import portraits

LOGS = Path(__file__).parents[1] / "recording" / "logs"
COMMANDS = (
    "open",
    "trace",
    "compare",
    "check",
    "why",
    "export",
    "record",
    "from-log",
    "samples",
    "lesson",
    "keys",
    "help",
    "recorder",
)
LINES = [
    "--help",
    "--version",
    "help",
    *(f"{command} --help" for command in COMMANDS),
    "trace mlcc --only 3 --from 2",
    "trace mlcc --only 99",
    "trace mlcc --from 5 --to 2",
    "--lr 0.1 trace mlcc",
    "trace mlcc --against batch_size=1",
    "lesson by-hand extra",
    "why 21.8 mlcc --epochs 1 --of rmse",
    "why 21.8 --json",
    "trace mlcc --resume",
    "open --resume mlcc",
    "from-log {logs}/full.log data.csv --feature x --label y",
    "check mlcc --iteration 99",
    "help nothing",
    "compare mlcc --against batch_size=1 --format csv --epochs 1",
    *(f"from-log {{logs}}/{name}.log mlcc" for name in ("full", "full-lines", "order", "shuffled", "old-order-lines")),
    "from-log {logs}/full.log mlcc --format json",
    "from-log {logs}/order.log mlcc --batch-size 6",
    "from-log {logs}/order.log flats",
    "from-log twice.log mlcc",
    "from-log data.csv mlcc",
    "from-log {logs}/full.log mlcc --lr 0.06",
    "from-log {logs}/full-lines.log mlcc --optimizer adam",
    "from-log turned.log mlcc --lr 0.05",
    "samples",
    "lesson",
    "keys",
    "trace mlcc --epochs 1",
    "trace mlcc --where 'rmse<12' --epochs 9",
    "trace data.csv --optimizer adam --batch-size 2",
    "trace flats --epochs 1 --scale standard --narrow",
    "trace mlcc --where 'rmse<<2'",
    "trace mlcc --optimizer adma",
    "trace mlcc --lr -1",
    "trace mlcc --lr fast",
    "trace mlcc --rho 2 --optimizer sgd",
    "trace mlcc --batch-size 0",
    "trace mlc",
    "trace data.csv --label q",
    "trace wide.csv",
    "trace bad.csv",
    "compare mlcc --against batch_size=1 --epochs 2",
    "compare mlcc --against batch_size",
    "compare mlcc",
    "export run.doc mlcc",
    "export run.csv mlcc --every 2",
    "export run.xlsx mlcc --from 3",
    "export data.csv mlcc",
    "export frames/ mlcc --size 10x10",
    "why nothing mlcc",
    "nonsense",
    "mlcc --plain --epochs 2 --against batch_size=1 < next 3;B rmse<5;q",
    "--resume --plain < next;q",
    "--resume --plain --epochs 3 < q",
    "mlcc --plain --at 3.loss --ascii --theme light < phase;q",
    "mlcc --plain --at e9",
    "data.csv --plain < e a.csv;e a.csv;e a.csv force;S a.toml;S a.toml;q",
    "a.toml --plain < q",
    "first-question --plain < next;next;m;m;q",
    "lesson by-hand --plain < m;g 1.gradient;m;q",
    "lesson",
    "samples",
    "lesson by-hand --plain < q",
    "lesson --check a.toml",
    "bad: keys",
    "bad: --plain < q",
    "kept: --plain --resume < q",
    "open mlcc --at 99",
]


def test_commands(request, tmp_path):
    (tmp_path / "data.csv").write_text("x,y\n1,2\n2,4\n3,7\n")
    (tmp_path / "wide.csv").write_text("a,b,c\n1,2,3\n2,3,5\n")
    (tmp_path / "bad.csv").write_text("x,y\n1,2\n2,four\n")
    (tmp_path / "bad.toml").write_text('theme = "none"\n')
    *same, last = (LOGS / "full-lines.log").read_text().rstrip().splitlines()
    (tmp_path / "turned.log").write_text("\n".join([*same, last.replace("loss: ", "loss: 9")]))
    (tmp_path / "twice.log").write_text((LOGS / "full-lines.log").read_text() * 2)
    env = {**os.environ, "COLUMNS": "80", "TERM": "dumb", "PYTHONUTF8": "1", "LRSTEP_CONFIG": f"{tmp_path}/none.toml"}
    pages = []
    for line in LINES:
        kind, _, words = line.rpartition(": ")
        if kind == "kept":
            for kept in Path(env["LRSTEP_STATE_DIR"]).rglob("*.toml"):
                kept.write_text("nothing")
        words, _, typed = words.partition(" < ")
        configured = {"LRSTEP_CONFIG": f"{tmp_path}/bad.toml"} if kind == "bad" else {}
        done = forked.run(
            *shlex.split(words.format(logs=LOGS)), cwd=tmp_path, env=env | configured, input=typed.replace(";", "\n")
        )
        said = f"{done.stdout}\n{done.stderr}"
        if "\n    " in said and str(tmp_path) in said:  # where a line ends depends on the folder's name
            said = said.replace("\n    ", " ")
        said = re.sub("no valid TOML: [^)]*", "no valid TOML", said)
        said = said.replace(str(tmp_path), "FOLDER").replace(str(LOGS), "LOGS")
        pages.append((f"{line}: {done.returncode}", portraits.rounded(said).splitlines()))
    portraits.compare("commands", pages, request)
