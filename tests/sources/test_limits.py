"""Files and streams that are too large, too deep, without an end or no files at all: refused by name, at once."""

import io
import os
import re
from pathlib import Path

import pytest

from lrstep.errors import LrstepError
from lrstep.sources import csvfile, files, resume, runfile, runfile_reader
from lrstep.sources.config_reader import parse as parse_config
from lrstep.sources.csvfile import read_csv
from lrstep.sources.open_source import open_source

DATA = '[data]\nsample = "mlcc"\n'


def refused(read, *arguments) -> LrstepError:
    with pytest.raises(LrstepError) as caught:
        read(*arguments)
    assert caught.value.hint and len(str(caught.value)) < 1000
    return caught.value


# --- run files, configurations -----------------------------------------------------------------------


LONG = 10**5
NUMBERS = {
    "decimal": "9" * LONG,
    "with gaps": "9_9" * LONG,
    "hexadecimal": "0x" + "f" * LONG,
    "negative": "-" + "9" * LONG,
}


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS.keys())
@pytest.mark.parametrize("setting", ["epochs", "seed", "batch_size", "learning_rate"])
def test_a_number_of_too_many_digits_is_refused_with_name_and_line(setting, number):
    error = refused(runfile_reader.parse, f"{DATA}[settings]\nrho = 0.5\n{setting} = {number}\n", Path("run.toml"))
    assert error.message.startswith(f"run.toml, line 5: '{setting}' has a value of {len(number):,} characters")


@pytest.mark.parametrize("value", ["0.{}", "-0.{}", "1e-{}", "[[1, {}]]", "[-{}]", "{{a = 1, b = {}}}"])
def test_so_is_one_behind_a_point_or_in_a_list(value):
    text = f"{DATA}[settings]\norder = {value.format('1' * 300)}\n"
    error = refused(runfile_reader.parse, text, Path("run.toml"))
    assert error.message.startswith("run.toml, line 4: ") and " has a value of 30" in error.message


@pytest.mark.parametrize(
    "text", ["cursor = {}\n" + DATA, DATA + "feature = {}\n", DATA + "settings = {{ seed = {} }}\n"]
)
@pytest.mark.parametrize("number", [str(2**63), str(-(2**63) - 1), "0x" + "f" * 100], ids=["2^63", "-2^63-1", "hex"])
def test_a_number_of_more_than_64_bits_is_refused_wherever_it_stands(text, number):
    text = text.format(number)
    error = refused(runfile_reader.parse, text, Path("run.toml"))
    line = 1 + text[: text.index(number)].count("\n")
    assert re.match(rf"run.toml, line {line}: '\w+' is a whole number of more than 64 bits", error.message)


def test_the_largest_whole_number_is_read():
    run = runfile_reader.parse(f"{DATA}[settings]\nseed = {10**15}\nepochs = 0x7\n", Path("run.toml"))
    assert (run.settings.seed, run.settings.epochs) == (10**15, 7)
    error = refused(runfile_reader.parse, f"{DATA}[settings]\nseed = {10**15 + 1}\n", Path("run.toml"))
    assert error.message == f"run.toml, line 4: seed {10**15 + 1} is not valid" and "10^15" in error.hint


def test_the_kept_run_and_the_configuration_are_read_by_the_same_rules(tmp_path, monkeypatch):
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path))
    resume.state_path().write_text(f"{DATA}[settings]\nseed = 0x{NUMBERS['decimal']}\n")
    assert "'seed' has a value of 100,002 characters" in resume.kept().message
    error = refused(parse_config, f"ascii = {NUMBERS['decimal']}\n", Path("config.toml"), {})
    assert error.message.startswith("config.toml, line 1: 'ascii' has a value of 100,000 characters")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (".".join("a" * 20_000) + " = 1", "a key of more than 16 parts"),
        ("[" + ".".join(["'a'"] * 20_000) + "]", "a key of more than 16 parts"),
        ("a = " + "[" * 100_000, "more than 16 brackets in each other"),
        ("a = " + "{a = " * 50_000, "more than 16 brackets in each other"),
    ],
    ids=["dotted key", "table", "lists", "inline tables"],
)
def test_what_is_nested_too_deeply_is_refused(text, problem):
    assert refused(runfile_reader.parse, f"\n{text}\n", Path("run.toml")).message.startswith(
        f"run.toml, line 2: {problem}"
    )


@pytest.mark.parametrize("piece", ['"\\', '"""\\', '""" \\"', "'''a\n\"", '"', "'"])
def test_texts_that_are_never_closed_are_walked_through_once(piece):
    text = piece * (files.MOST_TEXT // len(piece))  # would take hours if each began a walk to the end
    assert "no valid TOML" in refused(runfile_reader.parse, text, Path("run.toml")).message


@pytest.fixture
def sparse(tmp_path):
    """Make a file of some size that takes no room on the disk."""

    def make(name: str, size: int, begin: bytes = b"") -> Path:
        (tmp_path / name).write_bytes(begin)
        os.truncate(tmp_path / name, size)
        return tmp_path / name

    return make


class Unread(io.BytesIO):
    """A file that must not be read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("it was read")


def test_a_large_run_file_is_refused_unread(sparse, monkeypatch):
    path = sparse("run.toml", 5 * 10**9, DATA.encode())
    monkeypatch.setattr(Path, "open", lambda *arguments: Unread())
    for read in (runfile_reader.read, lambda path: open_source(str(path))):
        assert refused(read, path).message == f"{path}: this is larger than 500 KB"


@pytest.mark.parametrize("character", ['"', "\\", "é", "\U0001f600", "\u0001"])
def test_the_longest_texts_survive_being_saved_and_kept(tmp_path, monkeypatch, character):
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path))
    text = character * runfile_reader.LONGEST_TEXT
    if character == "\u0001":
        text = text[: runfile_reader.LONGEST_TEXT // 2]  # six characters in the file
    run = runfile.RunFile(runfile.DataOrigin("mlcc", None, (text,), text), title=text, notes=text)
    resume.keep(run)
    runfile.save(tmp_path / "run.toml", run)
    assert resume.kept() == (run, "") and runfile_reader.read(tmp_path / "run.toml") == run


@pytest.mark.parametrize("name", ["title", "notes"])
def test_longer_texts_are_refused_by_name(name):
    text = f'title = "a"\n{name} = "{"x" * (runfile_reader.LONGEST_TEXT + 1)}"\n{DATA}'.removeprefix('title = "a"\n')
    error = refused(runfile_reader.parse, "\n" + text, Path("run.toml"))
    assert error.message == f"run.toml, line 2: {name} has 20,001 characters"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_run_file_and_a_kept_run_whose_data_is_a_pipe_do_not_wait_for_it(tmp_path):
    (tmp_path / "run.toml").write_text('[data]\nfile = "data.csv"\n')
    os.mkfifo(tmp_path / "data.csv")
    assert "data.csv: this is a pipe" in refused(open_source, str(tmp_path / "run.toml")).message
    assert "this is a pipe" in refused(resume.reopen, runfile_reader.read(tmp_path / "run.toml")).message


@pytest.mark.parametrize("place", [os.devnull, "pipe"])
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_nothing_but_a_file_is_replaced_by_the_kept_run(tmp_path, monkeypatch, place):
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    resume.state_path().symlink_to(place)
    run = open_source("mlcc").run_file(hashed=True)
    assert "this is a device or a pipe" in refused(resume.keep, run).message
    assert not resume.state_path().is_file() and resume.state_path().exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_no_run_file_and_no_kept_run(tmp_path, monkeypatch):
    path = tmp_path / "run.toml"
    os.mkfifo(path)
    assert refused(runfile_reader.read, path).message == f"{path}: this is a pipe"
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path))
    os.mkfifo(resume.state_path())
    run, message = resume.kept()
    assert run is None and "this is a pipe" in message and "resume.toml.damaged" in message
    resume.keep(open_source("mlcc").run_file(hashed=True))
    assert resume.kept().message == ""


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no /proc here")
def test_what_the_system_makes_while_it_is_read_is_no_danger():
    assert "cannot be read" in refused(files.read_text, Path("/proc/self/mem")).message
    assert refused(files.read_text, Path("/dev/zero")).message == "/dev/zero: this is a device"
    assert files.read_text(Path("/proc/self/status")).startswith("Name:")
    refused(read_csv, Path("/proc/self/mem"))
    refused(read_csv, Path("/proc/self/status"))


def test_a_link_to_itself_is_refused(tmp_path):
    (tmp_path / "run.toml").symlink_to("run.toml")
    assert "symbolic links" in refused(open_source, str(tmp_path / "run.toml")).message


# --- CSV ---------------------------------------------------------------------------------------------


class Endless(io.RawIOBase):
    """A stream that repeats itself for ever, and counts what was taken."""

    def __init__(self, piece: bytes) -> None:
        self.piece = piece
        self.taken = 0

    def read(self, size: int = -1, /) -> bytes:
        assert size > 0, "the whole of it was wanted"
        self.taken += size
        return (self.piece * (size // len(self.piece) + 1))[:size]


def test_a_large_csv_file_is_refused_unread(sparse, monkeypatch):
    path = sparse("data.csv", 5 * 10**9, b"x,y\n1,2\n")
    monkeypatch.setattr(Path, "open", lambda *arguments: Unread())
    assert refused(read_csv, path).message == f"{path}: this is larger than 250 MB"


def test_a_hole_in_a_csv_file_is_given_up_after_one_line_of_it(sparse):
    path = sparse("data.csv", csvfile.MOST_BYTES, b"x,y\n" + b"1,2\n" * 30_000)
    assert "a line has more than 1048576 bytes" in refused(read_csv, path).message


def test_a_stream_of_nul_is_given_up_at_once():
    stream = Endless(b"\0")
    assert "standard input, line 1: this is no UTF-8 text (byte 0x00)" in refused(read_csv, stream).message
    assert stream.taken <= files.PIECE


def test_an_endless_stream_is_given_up_at_the_limit(monkeypatch):
    monkeypatch.setattr(csvfile, "MOST_BYTES", 3_000_000)
    stream = Endless(b"1,2\n")
    assert refused(read_csv, stream).message == "standard input: this is larger than 3 MB"
    assert stream.taken <= 3_000_000 + files.PIECE


def test_a_file_that_grows_while_it_is_read_is_given_up_at_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(csvfile, "MOST_BYTES", 300_000)
    path = tmp_path / "data.csv"
    path.write_bytes(b"1,2\n" * 50_000)

    def grow(share: float) -> None:
        with path.open("ab") as out:
            out.write(b"3,4\n" * 10_000)

    error = refused(lambda: read_csv(path, progress=grow))
    assert error.message == f"{path}: this is larger than 300 KB"


def test_so_many_rows_and_no_more(monkeypatch):
    monkeypatch.setattr(csvfile, "MOST_ROWS", 2000)
    assert len(read_csv(io.BytesIO(b"1,2\n" * 2000))) == 2000
    assert refused(read_csv, io.BytesIO(b"1,2\n" * 2001)).message == "standard input: more than 2,000 rows"


def test_rows_of_very_many_cells_are_read_a_few_at_a_time(monkeypatch):
    monkeypatch.setattr(csvfile, "CHUNK_CELLS", 1000)
    monkeypatch.setattr(csvfile, "CHUNK_BYTES", 5000)
    wide = [",".join(str(row + column) for column in range(300)) for row in range(70)]
    data = read_csv(io.BytesIO("\n".join(wide).encode()), ["1"], "2")
    assert data.x.tolist() == list(range(70)) and data.y.tolist() == list(range(1, 71))


def test_rows_with_more_cells_than_the_first_are_not_all_taken_into_memory(monkeypatch):
    taken = []
    sound = csvfile._Reading._one_by_one
    monkeypatch.setattr(
        csvfile._Reading, "_one_by_one", lambda self, rows: taken.append(len(rows)) or sound(self, rows)
    )
    lines = b"x,y\n" + b"1,2\n" * 10 + b"1,2,3\n" * 5000
    assert "line 12: 3 cells, where line 1 has 2" in refused(read_csv, io.BytesIO(lines)).message
    assert taken == [csvfile.STEP]
