"""The command line as a contract: exit status, messages, JSON, what is imported."""

import csv
import gc
import io
import json
import math
import os
import shutil
import signal
import subprocess
import sys
from types import SimpleNamespace

import forked
import pytest

from lrstep import __version__, cli
from lrstep.__main__ import main as lrstep_main
from lrstep.cli.printing import Printing
from lrstep.core.settings import as_options
from lrstep.visible import STEERING

JSON_KEYS = [
    "iteration", "epoch", "batch", "samples", "weight_before", "bias_before", "gradient_weight", "gradient_bias",
    "accumulator_weight", "accumulator_bias", "weight", "bias", "loss", "rmse", "cumulative_loss", "cumulative_rmse",
    "full_loss", "full_rmse",
]  # fmt: skip


def lrstep(*args, stdin="", **env):
    return forked.run(*args, input=stdin, env=os.environ | env)


def traced(*args, **kwargs):
    done = lrstep("trace", *args, "--format", "json", **kwargs)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_garbage_is_collected_again_once_lrstep_is_imported(monkeypatch):
    collects = []
    monkeypatch.setattr(cli, "main", lambda: collects.append(gc.isenabled()))
    lrstep_main()
    gc.unfreeze()
    assert collects == [True] and gc.isenabled()


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
        "learning_rate": 0.05, "batch_size": 4, "epochs": 4, "optimizer": "rmsprop", "rho": 0.9,
        "momentum": 0.0, "epsilon": 1e-07, "centered": False,
        "weight": 0.08255479319424332, "bias": 0.0, "seed": 0, "shuffle": False,
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
    assert lrstep("trace", "--batch-size", 12).stderr == ""


@pytest.mark.parametrize(
    ("options", "steps"), [(["--from", 2, "--to", 4], {2, 3, 4}), (["--only", 5], {5}), (["--from", 12], {12})]
)
def test_the_steps_that_are_asked_for_are_checked(options, steps):
    done = json.loads(lrstep("check", "own-run", *options, "--format", "json").stdout)
    assert done["checked"] == done["confirmed"] == len(steps) and done["worst"]["iteration"] in steps


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


HEAVY = ("numpy", "textual", "rich", "tensorflow", "keras", "xlsxwriter", "PIL")


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


ONE = "x,y\n1,2\n"


def test_one_of_a_thing_is_not_several():
    assert "standard input: 1 sample, feature" in lrstep("trace", "-", "--epochs", 1, stdin=ONE).stdout
    assert "batch size 1, 1 epoch, 1 iteration, in" in lrstep("trace", "-", "--epochs", 1, stdin=ONE).stdout
    assert "12 samples" in lrstep("trace", "--epochs", 2, "--batch-size", 6).stdout
    assert "2 epochs, 4 iterations" in lrstep("trace", "--epochs", 2, "--batch-size", 6).stdout


def test_names_in_the_data_do_not_reach_the_terminal_raw(tmp_path):
    file = tmp_path / "a\x1b[2Jb.csv"
    file.write_text('"x\x1b[31m\nnew",y\r\n1,2\r\n3,4\r\n')
    done = lrstep("trace", file, "--epochs", 1)
    assert r"a\x1b[2Jb.csv: 2 samples, feature x\x1b[31m\nnew, label y" in done.stdout.splitlines()[0]
    lrstep("export", tmp_path / "out.md", file)
    assert r"a\\x1b\[2Jb.csv: 2 samples" in (tmp_path / "out.md").read_text().splitlines()[0]
    written = lrstep("export", tmp_path / "b\x1bc.csv", file)
    why = lrstep("why", "2", file)
    check = lrstep("trace", file, "--feature", "1\x1b")
    gone = lrstep("trace", tmp_path / "none\x1b\nit.csv")
    file.write_text('x\x1b,y\n1,2\n3,"\x1b"\n')
    cell = lrstep("trace", file)
    for each in (done, written, why, check, gone, cell):
        text = each.stdout + each.stderr
        assert text.replace("\n", "").isprintable() and text
    assert (written.returncode, why.returncode) == (0, 0)
    assert len(gone.stderr.splitlines()) == 2


def test_a_message_repeats_a_long_text_shortened():
    done = lrstep("trace", "--where", "(" * 60_000)
    assert done.returncode == 2 and "…" in done.stderr and len(done.stderr) < 1_500


def test_names_in_json_are_the_same_and_steer_no_terminal(tmp_path):
    name = "x\x7f\x9b2J\u202e\U000e0041é"
    file = tmp_path / "a.csv"
    file.write_text(f"{name},y\n1,2\n3,4\n", encoding="utf-8")
    commands = ("trace", file), ("compare", file, "--against", "batch_size=1"), ("why", "2.5", file)
    trace, *others = [lrstep(*command, "--format", "json").stdout for command in commands]
    assert json.loads(trace)["dataset"]["feature"] == name and "é" in trace
    assert not any(STEERING.search(text.replace("\n", "")) for text in (trace, *others))
    assert all(map(json.loads, others))


def shell(command, folder, **env):
    program = f"{sys.executable} -m lrstep"
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command.replace('lrstep', program)}"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=folder, env=os.environ | env, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["trace --epochs 3000", "--help", "samples", "--plain"])
def test_a_reader_that_has_seen_enough_is_no_failure(command, tmp_path):
    done = shell(f"yes next | head -3000 | lrstep {command} | head -n 1", tmp_path)
    assert (done.returncode in (0, 141), done.stderr, len(done.stdout.splitlines())) == (True, "", 1)
    alone = shell(f"lrstep {command} > >(exit)", tmp_path)
    assert (alone.returncode, alone.stderr) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("command", ["trace", "samples", "--help", "why 21.8", "keys", "--plain"])
def test_a_full_disk_behind_standard_output_is_one_message(command, tmp_path):
    done = shell(f"lrstep {command} > /dev/full", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("lrstep: standard output: no space left on device\n")
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


@pytest.mark.parametrize(
    "command", ["trace", "trace -o -", "samples", "--help", "--version", "why 21.8", "keys", "check", "--plain"]
)
def test_closed_standard_output_is_said(command, tmp_path):
    done = shell(f"lrstep {command} >&-", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("lrstep: standard output is closed\n")


def test_closed_streams_do_not_hinder_what_needs_none(tmp_path):
    assert shell("lrstep export a.csv >&- 2>&- <&-", tmp_path).returncode == 0
    assert shell("lrstep trace --format csv -o b.csv >&- 2>&- <&-", tmp_path).returncode == 0
    assert (
        (tmp_path / "a.csv").read_text()
        == (tmp_path / "b.csv").read_text()
        == lrstep("trace", "--format", "csv").stdout
    )
    assert shell("lrstep trace --batch-size 99 2>&-", tmp_path).stdout == lrstep("trace", "--batch-size", 99).stdout
    done = shell("lrstep trace - <&-", tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "lrstep: standard input is closed")


def test_an_interrupt_while_the_program_is_still_being_imported_leaves_no_traceback(tmp_path):
    (tmp_path / "click.py").write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(9)\n")
    command, env = [sys.executable, "-m", "lrstep", "--help"], os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


@pytest.mark.parametrize(
    ("error", "status", "said"), [("MemoryError", 2, "not enough memory"), ("KeyboardInterrupt", 130, "Interrupted")]
)
def test_what_stops_it_from_outside_is_one_message(error, status, said):
    program = f"""if True:
        import sys
        from lrstep.cli import main
        from lrstep.core.run import Run
        def fails(*arguments):
            raise {error}
        Run.__init__ = fails
        sys.argv[1:] = ["trace"]
        main()
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == status
    assert said in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("args", [["traec"], ["traec", "--format", "json"], ["--plain", "traec"], ["traec", "--plain"]])
def test_a_misspelt_command_is_recognized(args):
    done = lrstep(*args)
    assert done.returncode == 2
    assert "'traec'" in done.stderr and "Did you mean lrstep trace?" in done.stderr


def test_a_file_called_almost_like_a_command_is_opened(tmp_path):
    (tmp_path / "traces").write_text(ONE)
    done = shell("lrstep traces --plain", tmp_path)
    assert done.returncode == 0 and "traces" in done.stdout


def test_an_unknown_source_is_said_before_a_terminal_is_asked_for():
    done = lrstep("nowhere.csv")
    assert "nowhere.csv: there is no such file" in done.stderr
    assert "needs a terminal" in lrstep("mlcc").stderr


@pytest.mark.parametrize(
    ("number", "options"),
    [("-.5", []), ("-5", ["--centered"]), ("-5e-1", ["--bias", "-3", "--iteration", "2"]), ("-4.9", ["--"])],
)
def test_why_takes_any_negative_number(number, options):
    done = lrstep("why", "--format", "json", *options, number)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["typed"] == number


@pytest.mark.parametrize(
    "args",
    [["--lr", "1_0"], ["--lr", "١"], ["--epochs", "1_0"], ["--epochs", "２"], ["--seed", "9" * 5000],
     ["--lr", "x" * 500]],
    ids=["1_0", "Arabic", "epochs 1_0", "full width", "5000 digits", "500 letters"],
)  # fmt: skip
def test_a_setting_is_written_in_plain_digits(args):
    done = lrstep("trace", *args)
    assert done.returncode == 2
    assert args[1][:20] in done.stderr and len(done.stderr) < 300


@pytest.mark.parametrize(
    "args", [["why", "1", "--iteration", "1_0"], ["check", "--only", "١"], ["check", "--from", "9" * 5000]]
)
def test_a_number_of_an_iteration_is_written_in_plain_digits(args):
    done = lrstep(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a whole number" in done.stderr and len(done.stderr) < 300


@pytest.mark.parametrize("size", ["1_0x10", "١0x10", "10", "x", "10x10x10", "9" * 5000 + "x1"])
def test_a_size_that_is_none(size):
    done = lrstep("export", "a.png", "--size", size)
    assert done.returncode == 2
    assert "is no size" in done.stderr and len(done.stderr) < 300


def test_one_range_of_sizes_is_told(tmp_path):
    said = {
        lrstep("export", tmp_path / "a.png", "--size", size).stderr.splitlines()[1]
        for size in ("10x10", "100x100", "9999x99")
    }
    assert len(said) == 1


def test_a_dash_means_standard_output_for_a_table_and_nothing_for_an_export(tmp_path):
    assert shell("lrstep trace -o -", tmp_path).stdout == lrstep("trace").stdout
    assert shell("lrstep export - --format csv", tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_a_place_of_a_run_file_is_held_against_its_own_settings(tmp_path):
    (tmp_path / "run.toml").write_text('cursor = "12"\n[data]\nsample = "mlcc"\n')
    assert "iteration 3 of 3" in shell("echo q | lrstep --plain run.toml --epochs 1", tmp_path).stdout.lower()
    (tmp_path / "run.toml").write_text('cursor = "99"\n[data]\nsample = "mlcc"\n')
    for command in ("trace run.toml", "--plain run.toml", "check run.toml"):
        done = shell(f"lrstep {command}", tmp_path)
        assert done.returncode == 2
        assert done.stderr.startswith("lrstep: run.toml, line 1: cursor '99' lies behind the end of the run\n")


def test_resume_goes_on_with_data_that_became_shorter(tmp_path):
    file, env = tmp_path / "rows.csv", {"LRSTEP_STATE_DIR": str(tmp_path / "state")}
    file.write_text("x,y\n" + ONE[4:] * 40)
    assert "iteration 40 of 40" in shell("echo end | lrstep --plain rows.csv", tmp_path, **env).stdout.lower()
    file.write_text("x,y\n1,2\n3,4\n")
    done = shell("lrstep --plain --resume", tmp_path, **env)
    assert done.returncode == 0, done.stderr
    assert "Iteration 40 is gone" in " ".join(done.stdout.split()) and "Iteration 4 of 4" in done.stdout
    file.unlink()
    done = shell("lrstep --plain --resume", tmp_path, **env)
    assert done.returncode == 2
    assert "not there any more" in done.stderr and "lrstep alone starts a new run" in done.stderr


@pytest.mark.parametrize(
    ("typed", "offers"), [("ch", "plain,check"), ("ansc", "plain,anscombe-3"), ("mlcc --ep", "plain,--epochs")]
)
def test_completion_offers_commands_samples_and_options(typed, offers):
    asked = {"COMP_WORDS": f"lrstep {typed}", "COMP_CWORD": str(typed.count(" ") + 1)}
    program = "import sys; sys.argv[0] = 'lrstep'; from lrstep.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60,
        env=os.environ | {"_LRSTEP_COMPLETE": "bash_complete"} | asked,
    )  # fmt: skip
    assert offers in done.stdout.splitlines(), done.stdout + done.stderr


@pytest.mark.parametrize(
    "settings",
    [
        {"learning_rate": 1e-05, "centered": True, "momentum": 0.5},
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True, "shuffle": True, "seed": 3},
        {"weight": -0.5, "bias": -1.0, "batch_size": 3, "shuffle": False},
        {"weight": (0.25, -2.0), "scale": "minmax"},
    ],
)
def test_settings_written_as_options_are_read_back(settings):
    source = "flats" if isinstance(settings.get("weight"), tuple) else "mlcc"
    done = lrstep("trace", source, "--epochs", "1", "--format", "json", *as_options(settings))
    used = json.loads(done.stdout)["settings"]
    assert {name: used[name] for name in settings} == json.loads(json.dumps(settings))


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["mlcc", "--rat", "3"], "lrstep --help shows what there is."),
        (["--rat", "3", "trace"], "A command stands first, its options after it: lrstep trace …"),
        (["trace", "--rat", "3"], "lrstep trace --help shows what there is."),
        (["export", "trace.csv", "--rat", "3", "trace"], "lrstep export --help shows what there is."),
    ],
)
def test_an_option_that_there_is_not_leads_to_the_help_that_has_those_there_are(arguments, hint):
    done = lrstep(*arguments)
    assert done.returncode == 2 and done.stderr.splitlines()[-1].strip() == hint


@pytest.mark.parametrize(
    ("narrow", "terminal", "width"),
    [(None, None, None), (None, 100, 100), (None, 60, 60), (False, None, None), (False, 100, None), (True, None, 80),
     (True, 100, 80), (True, 60, 60)],
)  # fmt: skip
@pytest.mark.parametrize("file", [None, "trace.txt"])
def test_a_table_fits_the_terminal_or_what_was_asked_for(monkeypatch, narrow, terminal, width, file):
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: terminal is not None))
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((terminal, 24)))
    in_file = {None: None, False: None, True: 80}[narrow]
    assert Printing("table", narrow, file, False).table == {"width": width if file is None else in_file}
    assert Printing("csv", narrow, file, False).table == {}
