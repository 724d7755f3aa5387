"""One call for every export: the ending decides, nothing half-written stays, bad wishes are refused by name."""

import csv
import io
import json
import subprocess
import sys
import threading
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from PIL import Image

from lrstep.cli import cli
from lrstep.core.lockstep import Lane, in_lockstep
from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.export import tables
from lrstep.export.export_file import WHAT, export, kind_of
from lrstep.export.progress import Cancelled

FILES = ["run.xlsx", "run.csv", "run.json", "run.md", "run.py", "run.gif", "run.png"]


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("name", FILES)
def test_the_ending_decides_and_the_sentence_says_where(make_run, tmp_path, name) -> None:
    said = export(make_run(), tmp_path / name)
    assert str(tmp_path / name) in said
    assert names(tmp_path) == [name]
    with pytest.raises(LrstepError, match="exists already"):
        export(make_run(), tmp_path / name)
    before = (tmp_path / name).read_bytes()
    export(make_run(weight=0.5), tmp_path / name, force=True)
    assert (tmp_path / name).read_bytes() != before


def test_each_file_is_what_its_ending_says(make_run, tmp_path) -> None:
    run = make_run()
    for name in FILES:
        export(run, tmp_path / name)
    whole = list(tables.rows(run))
    assert json.loads((tmp_path / "run.json").read_text())["iterations"] == whole
    read = list(csv.DictReader(io.StringIO((tmp_path / "run.csv").read_text())))
    assert [float(row["weight"]) for row in read] == [row["weight"] for row in whole]
    assert openpyxl.load_workbook(tmp_path / "run.xlsx").sheetnames[-1] == "Iterations"
    for name in ("run.gif", "run.png"):
        with Image.open(tmp_path / name) as image:
            assert image.format == name[-3:].upper()


@pytest.mark.parametrize("where", ["frames/", "frames", "there"])
def test_a_folder_gets_a_picture_per_iteration(make_run, tmp_path, where) -> None:
    (tmp_path / "there").mkdir()
    export(make_run(), f"{tmp_path}/{where}", kind="png", first=2, last=4)
    assert names(tmp_path / where) == ["img0001.png", "img0002.png", "img0003.png"]
    with pytest.raises(LrstepError, match=r"img0001\.png exists already"):
        export(make_run(), f"{tmp_path}/{where}", kind="png", first=2, last=4)


@pytest.mark.parametrize("name", [*FILES, "frames"])
def test_cancelling_at_any_time_leaves_nothing(make_run, tmp_path, name) -> None:
    asked = []
    export(make_run(), tmp_path / f"all-{name}", kind="png" if name == "frames" else None,
           cancelled=lambda: bool(asked.append(0)))  # fmt: skip
    for when in (1, 2, len(asked) // 2, len(asked)):
        count = iter(range(1, when + 1))
        with pytest.raises(Cancelled):
            export(
                make_run(), tmp_path / name, kind="png" if name == "frames" else None,
                cancelled=lambda count=count, when=when: next(count, when) == when,
            )  # fmt: skip
        assert names(tmp_path) == [f"all-{name}"]


@pytest.mark.parametrize("name", [name for name in FILES if name != "run.py"])
def test_progress_grows_to_the_end(make_run, tmp_path, name) -> None:
    seen = []
    export(make_run(), tmp_path / name, last=7, progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 7)
    assert seen[-1] == (7, 7)
    assert {total for _, total in seen} == {7}
    if name.endswith((".csv", ".json", ".md")):
        once, seen = len(seen), []
        export(
            make_run(), tmp_path / f"all-{name}", samples=True, last=7,
            progress=lambda done, total: seen.append((done, total)),
        )  # fmt: skip
        assert seen == sorted(seen) and len(seen) - once == 7 * name.endswith(".md")  # its samples are a second table


def test_it_computes_its_own_run_and_may_be_called_from_a_thread(make_run, tmp_path) -> None:
    run = make_run()
    thread = threading.Thread(target=export, args=(run, tmp_path / "a.csv"))
    thread.start()
    thread.join()
    assert run.computed == 0
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 13


@pytest.mark.parametrize(("name", "how", "named"), [
    ("run.pdf", {}, "'pdf'"), ("run", {}, "which format"), ("out/", {"kind": "csv"}, "slash"),
    ("run.csv", {"fps": 9}, "--fps does not go with csv"), ("run.png", {"fps": 9}, "--fps"),
    ("run.md", {"fps": 4}, "--fps"), ("run.gif", {"fps": 0}, "--fps 0"),
    ("run.gif", {"size": (239, 480)}, "--size 239x480"),
    ("run.png", {"size": (640, 4001)}, "--size 640x4001"), ("run", {"kind": "png", "size": (9, 9)}, "--size 9x9"),

    ("run.keras", {}, "'keras'"), ("run.py", {"first": 2}, "--from"), ("run.py", {"last": 3}, "--to"),
    ("run.py", {"kind": "keras", "every": 2}, "--every"),
    ("run.csv", {"kind": "doc"}, "'doc'"), ("run.xlsx", {"first": 2}, "--from"), ("run.csv", {"every": 2}, "--every"),
    ("run.gif", {"every": 0}, "--every 0"), ("run.csv", {"size": (640, 480)}, "--size"),
    ("run.gif", {"samples": True}, "--samples"), ("run.csv", {"last": 99}, "--to 99"),
    ("run.csv", {"first": 0}, "--from 0"),
    ("missing/run.csv", {}, "no folder"), ("missing/run.gif", {}, "no folder"), ("missing/run.xlsx", {}, "no folder"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_by_name(make_run, tmp_path, name, how, named) -> None:
    with pytest.raises(LrstepError) as caught:
        export(make_run(), f"{tmp_path}/{name}", **how)
    assert named in str(caught.value)
    assert caught.value.hint
    assert names(tmp_path) == []


def test_a_folder_without_a_slash_and_without_a_format_is_asked_about(make_run, tmp_path) -> None:
    with pytest.raises(LrstepError, match="which format") as caught:
        export(make_run(), tmp_path)
    assert "ends in / is a folder" in caught.value.hint
    assert names(tmp_path) == []


@pytest.mark.parametrize("path", ["-", Path("-")])
@pytest.mark.parametrize("kind", [None, "csv", "png"])
def test_standard_output_is_refused_and_a_file_of_that_name_is_not(make_run, tmp_path, monkeypatch, path, kind) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LrstepError, match="standard output") as caught:
        export(make_run(), path, kind=kind)
    assert "lrstep trace" in caught.value.hint
    assert names(tmp_path) == []
    export(make_run(), "./-", kind="csv")
    assert names(tmp_path) == ["-"]


@pytest.mark.parametrize("name", ["lr0.1", "e8.png", "fr.d", "frames"])
@pytest.mark.parametrize("kind", [None, "png", "frames"])
def test_a_slash_at_the_end_means_a_folder_whatever_the_name(make_run, tmp_path, name, kind) -> None:
    said = export(make_run(), f"{tmp_path}/{name}/", kind=kind, last=2)
    assert names(tmp_path / name) == ["img0001.png", "img0002.png"]
    assert f"2 pictures are in the folder {tmp_path / name}: iterations 1 to 2." in said


def test_frames_may_be_asked_for_by_name(make_run, tmp_path) -> None:
    said = export(make_run(), tmp_path / "a.png", kind="frames", first=4, last=4)
    assert names(tmp_path / "a.png") == ["img0001.png"]
    assert said.startswith("1 picture is in ") and said.endswith(": iteration 4.")


def test_pictures_of_an_older_export_are_named(make_run, tmp_path) -> None:
    (tmp_path / "img0003 copy.png").write_text("")
    export(make_run(), f"{tmp_path}/", last=6)
    said = export(make_run(), f"{tmp_path}/", last=9, every=4, force=True)
    kept = names(tmp_path)
    assert "3 pictures are in" in said and "one in 4 of iterations 1 to 9" in said
    assert "img0004.png to img0006.png (3 in all)" in said
    export(make_run(), f"{tmp_path}/", last=5, force=True)
    assert names(tmp_path) == kept
    assert "img0006.png (1 in all)" in export(make_run(), f"{tmp_path}/", last=5, force=True)
    assert "before" not in export(make_run(), f"{tmp_path}/", last=6, force=True)


def test_what_is_skipped_is_said_of_a_gif_too(make_run, tmp_path) -> None:
    assert "one in 5 of iterations 1 to 12, and the last" in export(make_run(), tmp_path / "a.gif", every=5)


def test_the_speed_of_a_gif_is_four_a_second_unless_it_is_said(make_run, tmp_path) -> None:
    for name, how in {"a.gif": {}, "b.gif": {"fps": 4}, "c.gif": {"fps": 8}}.items():
        export(make_run(), tmp_path / name, **how)
    with Image.open(tmp_path / "a.gif") as slow, Image.open(tmp_path / "c.gif") as quick:
        assert slow.info["duration"] == 250
        assert quick.info["duration"] in (120, 125, 130)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


def test_the_kinds_are_known_by_their_endings() -> None:
    for kind in WHAT.keys() - {"frames", "keras"}:
        assert kind_of(f"a.{kind}") == kind_of(f"a.{kind.upper()}") == kind_of("b.txt", kind) == kind
    assert kind_of("run.py", "python") == "py"
    assert kind_of("run.py", "keras") == "keras"
    assert kind_of("nowhere/", "png") == "frames"


def test_tables_import_neither_the_spreadsheet_writer_nor_pillow() -> None:
    code = (
        "import sys, lrstep.export.tables, lrstep.export.export_file\n"
        "print([name for name in ('xlsxwriter', 'PIL', 'textual', 'tensorflow') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "[]\n"


# --- runs side by side ---------------------------------------------------------------------------


@pytest.fixture
def runs(make_run):
    one = make_run()
    others = [Run(one.raw, one.settings.changed(batch_size=size)) for size in (1, 12)]
    lanes = (Lane(run, f"batch {run.batches.size}") for run in (one, *others))
    return in_lockstep(tuple(lanes))


def exported(runs, path, **options):
    return export(runs.run, path, runs=runs, **options)


def test_tables_hold_all_runs_each_as_alone(runs, tmp_path) -> None:
    said = exported(runs, tmp_path / "runs.json", samples=True)
    assert said.startswith("The table of iterations 1 to 12, beside 2 other runs, is in ")
    exported(runs, tmp_path / "runs.csv")
    exported(runs, tmp_path / "runs.md")
    read = list(csv.DictReader((tmp_path / "runs.csv").open()))
    written = json.loads((tmp_path / "runs.json").read_text())["runs"]
    headings = [line for line in (tmp_path / "runs.md").read_text().splitlines() if line.startswith("# ")]
    assert headings == ["# Run 1, batch 4", "# Run 2, batch 1", "# Run 3, batch 12"]
    for number, (lane, one) in enumerate(zip(runs.lanes, written, strict=True), 1):
        export(lane.run, tmp_path / f"{number}.json", samples=True)
        assert one == {"run": number, "label": lane.label, **json.loads((tmp_path / f"{number}.json").read_text())}
        mine = [values for values in read if values["run"] == str(number)]
        assert [float(values["weight"]) for values in mine] == [values["weight"] for values in one["iterations"]]


def test_a_part_of_several_runs_is_what_they_do_in_the_meantime(runs, tmp_path) -> None:
    exported(runs, tmp_path / "part.json", first=4, last=9)
    parts = json.loads((tmp_path / "part.json").read_text())["runs"]
    assert [[values["iteration"] for values in part["iterations"]] for part in parts] == [
        [*range(4, 10)], [*range(13, 37)], [2, 3],
    ]  # fmt: skip
    exported(runs, tmp_path / "part.md", first=1, last=2)
    assert "Run 3" not in (tmp_path / "part.md").read_text()
    exported(runs, tmp_path / "part.csv", first=1, last=2)
    assert {values["run"] for values in csv.DictReader((tmp_path / "part.csv").open())} == {"1", "2"}


def test_what_only_one_of_the_runs_has_is_empty_for_the_others(make_run, tmp_path) -> None:
    one = make_run()
    sgd = Run(one.raw, one.settings.changed(optimizer="sgd"))
    exported(in_lockstep((Lane(sgd, "SGD"), Lane(one, "RMSprop"))), tmp_path / "runs.csv")
    read = list(csv.DictReader((tmp_path / "runs.csv").open()))
    assert [bool(values["accumulator_weight"]) for values in read] == [False] * 12 + [True] * 12


def test_a_script_is_of_the_shown_run_and_says_so(runs, tmp_path) -> None:
    said = exported(runs.showing(1), tmp_path / "run.py")
    assert "iterations 1 to 48 of run 2, batch 1, is in" in said
    export(runs.lanes[1].run, tmp_path / "alone.py")
    assert (tmp_path / "run.py").read_text() == (tmp_path / "alone.py").read_text()
    done = CliRunner().invoke(cli, ["export", str(tmp_path / "no.py"), "--against", "batch_size=1"])
    assert "--against does not go with a script" in str(done.exception) and not (tmp_path / "no.py").exists()


def test_the_command_writes_what_a_run_file_compares_with(tmp_path) -> None:
    (tmp_path / "runs.toml").write_text('against = ["batch_size=1"]\nshown = 2\n[data]\nsample = "mlcc"\n')
    done = CliRunner().invoke(cli, ["export", str(tmp_path / "runs.csv"), str(tmp_path / "runs.toml")])
    assert "iterations 1 to 48, beside 1 other run, is in" in done.output
    assert len((tmp_path / "runs.csv").read_text().splitlines()) == 1 + 12 + 48


def test_a_run_that_does_not_fit_a_sheet_is_named(runs, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("lrstep.export.workbook.MAX_ROWS", 40)
    with pytest.raises(LrstepError, match="run 1, batch 4: 12 iterations are too many for a sheet of 40 rows"):
        exported(runs, tmp_path / "runs.xlsx")
    assert names(tmp_path) == []


def test_progress_of_a_workbook_goes_on_within_a_large_batch(make_run, tmp_path) -> None:
    seen = []
    run = make_run(600, batch_size=600, epochs=2)
    export(run, tmp_path / "large.xlsx", progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen) and seen.count((1, 2)) == 2  # once more within the second batch
