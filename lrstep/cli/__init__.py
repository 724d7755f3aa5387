"""The command line. Whatever a command needs is imported when it runs, so that ``--help`` is quick."""

import os
import sys
from typing import NoReturn

import click

from lrstep import __version__, streams
from lrstep.cli.group import COMMANDS, Group
from lrstep.core.settings import FIELDS
from lrstep.errors import LrstepError, SettingsError, repeated

LONGEST = 1_000
"""Characters of a message that are printed; it may repeat what was typed."""

_EPILOG = """\b
Examples:
  lrstep                                   the 12 iterations of the sample mlcc
  lrstep data.csv --feature age --label height --batch-size 16
  lrstep anscombe-3 --lr 0.1 --at e2b1     open at epoch 2, batch 1
  lrstep trace mlcc --format csv -o run.csv
  cat data.csv | lrstep trace - --format json | less
  lrstep compare mlcc --against batch_size=1   two runs, epoch by epoch
  lrstep check --precision float64         Keras confirms every step
  lrstep why 21.8 mlcc --batch-size 12 --epochs 1
  lrstep export run.xlsx line16            a live spreadsheet of the run
  lrstep help record                       a page about a topic; lrstep help lists them

\b
SOURCE is a sample's name (lrstep samples lists them), a CSV file or a run file (.toml).
Shell completion:  eval "$(_LRSTEP_COMPLETE=bash_source lrstep)"   (zsh_source, fish_source)
"""


@click.group(
    cls=Group,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="lrstep", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """A debugger for gradient descent: step through mini-batch RMSprop, one iteration per key, forward and back.

    Without arguments it opens the stepper on the sample mlcc. All commands take the same SETTINGS:
    --learning-rate/--lr, --batch-size, --epochs, --optimizer and its options, --weight, --bias, --seed, --shuffle,
    --scale, and --feature, --label for a CSV file. The stepper also takes --at, --resume, --plain, --theme, --ascii
    and --no-mouse: lrstep open --help explains them.
    """
    if context.invoked_subcommand != "record":  # what it runs is somebody's own script
        # NumPy's pool of threads is not needed, and makes its import cost half as much again.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> None:
    """Run the command line; every error a person can mend is one message on stderr and exit status 2."""
    streams.prepare()
    try:
        status = _invoke()
        sys.stdout.flush()
    except LrstepError as error:
        field = FIELDS.get(error.field) if isinstance(error, SettingsError) else None
        _fail(f"{field.option}: {error.message}" if field else error.message, error.hint)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "lrstep"
        named = next((word for word in sys.argv[2:] if word in COMMANDS), None)
        if named and command.endswith(" open"):
            _fail(error.format_message(), f"A command stands first, its options after it: lrstep {named} …")
        _fail(error.format_message(), f"{command.removesuffix(' open')} --help shows what there is.")
    except click.ClickException as error:
        _fail(error.format_message(), "")
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        streams.drop_output()  # the reader (head, less) has seen enough
        sys.exit(0)
    except OSError as error:
        streams.drop_output()
        from lrstep.sources.system_errors import reason

        where = error.filename or "standard output"
        _fail(f"{where}: {reason(error)}", "Make room there, or write to another place.")
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "new thread" not in str(error):
            raise
        _fail("there is not enough memory for this", "Take fewer samples or epochs, or a larger batch size.")
    sys.exit(status)


def _invoke() -> int:
    """Do what the arguments say. (``cli.main`` would take a reader that has gone for a failure.)"""
    if "_LRSTEP_COMPLETE" in os.environ:
        cli.main(prog_name="lrstep")
    try:
        with cli.make_context("lrstep", sys.argv[1:]) as context:
            cli.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    finally:
        streams.meter()  # what broke it off begins a line of its own
    return 0


def _fail(message: str, hint: str) -> NoReturn:
    from lrstep.visible import visible

    hints = (f"        {visible(line)}" for line in hint.splitlines())
    lines = [f"lrstep: {visible(repeated(message, LONGEST))}", *hints]
    try:
        click.echo("\n".join(lines), err=True)
    except OSError:
        streams.drop_output(sys.stderr)
    sys.exit(2)
