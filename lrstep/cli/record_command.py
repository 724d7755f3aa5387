"""``lrstep record`` and ``lrstep recorder``: bring a Keras run of one's own."""

import os
import shlex
import shutil
import sys
from pathlib import Path

import click

from lrstep import streams
from lrstep.cli.options import Whole
from lrstep.errors import LrstepError, repeated

PACKAGE = Path(__file__).parents[1]


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-o", "--output", default="run.toml", show_default=True, help="Where the recording goes.")
@click.option("--fit", type=Whole(1), metavar="N", help="Record the N-th fit; else the first that can be recorded.")
@click.option("--python", metavar="PY", help="The Python that the script belongs to, if Keras is not beside lrstep.")
@click.argument("script")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def record(output: str, fit: int | None, python: str | None, script: str, args: tuple[str, ...]) -> None:
    """Run SCRIPT as it is and record its Keras fit, step by step.

    Output, arguments, exit status and errors are the script's own; what was recorded is said on standard error in the
    end. A recording that is there is replaced, any other file is not.

    \b
    Examples:
      lrstep record train.py
      lrstep record -o second.toml --fit 2 train.py --epochs 10
      lrstep record --python ~/keras/bin/python train.py
    """
    program = _python(python)
    _refuse_script(script)
    _refuse_output(Path(output))
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    runner = str(PACKAGE / "recording" / "script_runner.py")
    # The script takes the place of this process: signals, terminal and exit status are its own.
    os.execv(program, [program, runner, output, str(fit or 0), script, *args])


@click.command()
def recorder() -> None:
    """Print the Recorder as one file, to lie beside a notebook: lrstep recorder > lrstep_recorder.py."""
    streams.need_output()
    click.echo((PACKAGE / "keras.py").read_text(encoding="utf-8"), nl=False)


def _python(given: str | None) -> str:
    from lrstep.check.process import PYTHON_VARIABLE, install_hint, installed

    named = given or os.environ.get(PYTHON_VARIABLE)
    if named is None:
        if installed("keras"):
            return sys.executable
        other = "If the script has a Python of its own: lrstep record --python PY …"
        raise LrstepError("Keras is not installed beside lrstep", f"{install_hint()}\n{other}")
    found = shutil.which(os.path.expanduser(named))  # noqa: PTH111 - ~user may have no home
    if found is None:
        where = "--python" if given else PYTHON_VARIABLE
        raise LrstepError(f"{where} names {repeated(named)}, which is no program", "Name a Python interpreter.")
    return found


def _refuse_script(script: str) -> None:
    from lrstep.sources.files import MOST_TEXT, open_binary, typed_path

    if script.endswith(".ipynb"):
        hint = "In a notebook: lrstep recorder > lrstep_recorder.py, then callbacks=[Recorder('run.toml')] in fit."
        raise LrstepError(f"{script}: a notebook cannot be run as a script", hint)
    if script == "-m":
        raise LrstepError("-m: a module cannot be run by its name", "Name its file: lrstep record train.py")
    if Path(script).name.startswith("python") and not Path(script).exists():
        hint = f"Leave {script} out: lrstep record train.py; another Python goes before it, as --python PY."
        raise LrstepError(f"{script} is no script", hint)
    open_binary(typed_path(script), MOST_TEXT).close()


def _refuse_output(output: Path) -> None:
    """Refuse a place where nothing could be written before the script runs for an hour."""
    from lrstep.sources.files import exists, read_text
    from lrstep.sources.recording import MOST_BYTES, is_recording

    if output.suffix != ".toml":
        hint = f"Name it {shlex.quote(f'{output.name}.toml')}: recordings are known by that."
        raise LrstepError(f"{output} does not end in .toml", hint)
    if exists(output):
        if not is_recording(read_text(output, MOST_BYTES)):
            raise LrstepError(f"{output}: this file exists and is no recording", "Give another name with -o.")
    elif not output.parent.is_dir():
        raise LrstepError(f"{output}: there is no folder {output.parent}", "Make the folder first, or give another.")
