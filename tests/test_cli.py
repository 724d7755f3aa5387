"""The command line as a contract: exit status, messages, JSON, what is imported."""

import csv
import io
import json
import math
import os
import subprocess
import sys

import pytest

from lrstep import __version__

JSON_KEYS = [
    "iteration", "epoch", "batch", "samples", "weight_before", "bias_before", "gradient_weight", "gradient_bias",
    "accumulator_weight", "accumulator_bias", "weight", "bias", "loss", "rmse", "cumulative_loss", "cumulative_rmse",
    "full_loss", "full_rmse",
]  # fmt: skip


def lrstep(*args, stdin="", **env):
    return subprocess.run(
        [sys.executable, "-m", "lrstep", *map(str, args)],
        input=stdin, capture_output=True, text=True, env=os.environ | env, timeout=120, encoding="utf-8",
    )  # fmt: skip


def traced(*args, **kwargs):
    done = lrstep("trace", *args, "--format", "json", **kwargs)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_version_and_help():
    assert lrstep("--version").stdout.strip() == f"lrstep {__version__}"
    help_text = lrstep("--help").stdout
    assert "lrstep why 21.8 mlcc" in help_text
    assert "_LRSTEP_COMPLETE" in help_text
    assert lrstep("mlcc", "--help").returncode == 0


def test_without_a_source_it_is_the_run_that_the_learner_asked_for():
    run = traced()
    assert run["dataset"] == {"name": "mlcc", "feature": "feature", "label": "label", "n_samples": 12}
    assert len(run["iterations"]) == 12
    assert run["settings"] == {
        "learning_rate": 0.05, "batch_size": 4, "epochs": 4, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-07,
        "centered": False, "weight": 0.08255479319424332, "bias": 0.0, "seed": 0, "shuffle": False,
    }  # fmt: skip
    assert [list(iteration) for iteration in run["iterations"]] == [JSON_KEYS] * 12


def test_the_first_question_in_json():
    (only,) = traced("mlcc", "--batch-size", 12, "--epochs", 1)["iterations"]
    assert f"{only['loss']:.2f} {only['rmse']:.2f}" == "535.48 23.14"
    assert f"{only['full_loss']:.2f} {only['full_rmse']:.3f}" == "476.82 21.836"


def test_thirteen_rows_in_batches_of_five():
    rows = "x,y\n" + "".join(f"{i},{i * i}\n" for i in range(13))
    run = traced("-", "--batch-size", 5, "--epochs", 2, "--samples", stdin=rows)
    assert [iteration["samples"] for iteration in run["iterations"][:3]] == [
        [0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12],
    ]  # fmt: skip
    third = run["iterations"][2]
    assert third["gradient_bias"] == pytest.approx(2 / 3 * sum(third["error"]))


def test_options_may_stand_before_and_after_the_source():
    one = lrstep("trace", "line16", "--lr", "0.1", "--epochs", 2).stdout
    assert lrstep("trace", "--epochs", 2, "--learning-rate", "0.1", "line16").stdout == one


def test_the_weight_is_drawn_with_the_seed_unless_given():
    first, second = (traced("line16", "--seed", seed)["settings"]["weight"] for seed in (1, 2))
    assert first != second
    assert abs(first) < math.sqrt(3)
    assert traced("mlcc", "--seed", 1)["settings"]["weight"] == first
    assert traced("mlcc", "--seed", 1, "--weight", "0.5")["settings"]["weight"] == 0.5
    assert traced("line16")["settings"]["weight"] == traced("line16", "--seed", 0)["settings"]["weight"]


def test_momentum_and_centered_add_their_keys():
    run = traced("--momentum", "0.9", "--centered")
    assert {"momentum_weight", "momentum_bias", "mean_gradient_weight", "mean_gradient_bias"} <= set(
        run["iterations"][0]
    )


def test_csv_has_the_names_of_the_json_as_columns():
    done = lrstep("trace", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    whole = traced()["iterations"]
    assert list(rows[0]) == JSON_KEYS
    for got, want in zip(rows, whole, strict=True):
        assert got["samples"] == " ".join(map(str, want["samples"]))
        assert all(float(got[key]) == want[key] for key in JSON_KEYS if key != "samples")


@pytest.mark.parametrize(
    ("args", "names"),
    [
        (["--batch-size", "0"], ["--batch-size", "at least 1"]),
        (["--epochs", "0"], ["--epochs", "at least 1"]),
        (["--lr", "0"], ["--learning-rate", "above 0"]),
        (["--lr", "abc"], ["--learning-rate", "abc", "number"]),
        (["--rho", "1"], ["--rho", "not including, 1"]),
        (["--momentum", "1.5"], ["--momentum", "0 to 1"]),
        (["--epsilon", "-1"], ["--epsilon", "at least 0"]),
        (["--weight", "nan"], ["--weight", "finite"]),
        (["--bias", "inf"], ["--bias", "finite"]),
        (["--seed", "-1"], ["--seed", "at least 0"]),
        (["nowhere.csv"], ["nowhere.csv", "no such file"]),
        (["mlc"], ["mlc", "Did you mean 'mlcc'"]),
        (["mlcc", "--feature", "nope"], ["nope", "feature", "label"]),
        (["--colour"], ["--colour", "--help"]),
        (["mlcc", "extra"], ["extra", "--help"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_message_and_exit_2(args, names):
    done = lrstep("trace", *args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.count("lrstep: ") == 1
    for name in names:
        assert name in done.stderr


@pytest.mark.parametrize(
    "args",
    [["check", "--only", "99"], ["check", "--from", "5", "--to", "2"], ["why", "abc"],
     ["why", "1", "--iteration", "99"], ["export", "run.pdf"], ["export", "run.png", "--size", "9x9"],
     ["--at", "99"], ["-"], ["nonsense"]],
)  # fmt: skip
def test_other_commands_refuse_in_the_same_way(args):
    done = lrstep(*args)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("lrstep: ")


def test_a_batch_larger_than_the_data_takes_all_and_says_so():
    done = lrstep("trace", "--batch-size", 100, "--format", "json")
    assert "batch size 100" in done.stderr
    assert "all 12 samples" in done.stderr
    assert [len(i["samples"]) for i in json.loads(done.stdout)["iterations"]] == [12] * 4


def test_a_run_that_overflows_goes_on_and_says_so_quietly():
    done = lrstep("trace", "--lr", "1e308", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    run = json.loads(done.stdout)
    assert run["diverged_at"] == 1
    assert math.isinf(run["iterations"][0]["full_loss"])
    assert math.isnan(run["iterations"][-1]["weight"])
    assert "diverged" in lrstep("trace", "--lr", "1e308").stdout.lower()


def test_a_reader_that_goes_away_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m lrstep trace --epochs 5000 | head -n 3",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 3


def test_a_file_is_not_overwritten_unless_forced(tmp_path):
    file = tmp_path / "out.csv"
    assert lrstep("trace", "--format", "csv", "-o", file).returncode == 0
    before = file.read_bytes()
    refused = lrstep("trace", "line16", "--format", "csv", "-o", file)
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert file.read_bytes() == before
    assert lrstep("trace", "line16", "--format", "csv", "-o", file, "--force").returncode == 0
    assert file.read_bytes() != before


def test_why_takes_a_negative_number():
    done = lrstep("why", "-52.861678", "mlcc", "--meant", "gradient")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("-52.861678 is right")
    assert json.loads(lrstep("why", "21.8", "--batch-size", "12", "--format", "json").stdout)["matches"]


HEAVY = ("numpy", "textual", "rich", "plotext", "tensorflow", "keras", "xlsxwriter", "PIL")


@pytest.mark.parametrize(
    ("args", "allowed"),
    [(["--help"], ()), (["--version"], ()), (["trace"], ("numpy",)), (["why", "21.8"], ("numpy",)), (["samples"], ()),
     (["export", "out.csv"], ("numpy",)), (["nonsense"], ())],
)  # fmt: skip
def test_nothing_heavy_is_imported_before_it_is_needed(args, allowed, tmp_path):
    program = "\n".join(
        (
            "import sys",
            "from lrstep.cli import main",
            f"sys.argv[1:] = {args!r}",
            "try: main()",
            "except SystemExit: pass",
            f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)",
        )
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.stderr.splitlines()[-1] == str(list(allowed)), done.stderr


def test_core_stands_alone():
    program = """if True:
        import importlib, pkgutil, sys
        import lrstep.core
        for module in pkgutil.iter_modules(lrstep.core.__path__):
            importlib.import_module(f"lrstep.core.{module.name}")
        ours = [name for name in sys.modules if name.startswith("lrstep.")]
        print([name for name in ours if name.split(".")[1] not in ("core", "errors")])
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
