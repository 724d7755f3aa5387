"""How commands print: a table, CSV or JSON, on standard output or into a file; and lines for people."""

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import IO, Any, NamedTuple

import click

from lrstep import streams
from lrstep.visible import visible, visible_json

NARROW = 80
"""Columns of a narrow table."""


class Printing(NamedTuple):
    """What the options of a command that prints numbers say: the form, the width of the table, and where to."""

    form: str
    narrow: bool | None
    file: Path | None
    force: bool

    def prepare(self) -> None:
        """Refuse at once what could not be printed after long work.

        Raises:
            click.UsageError: a width was given, and the form is no table.
            LrstepError: standard output is closed.
        """
        if self.narrow is not None and self.form != "table":
            raise click.UsageError(f"--narrow and --wide are about the table, and --format is {self.form}.")
        if self.file is None:
            streams.need_output()

    @property
    def table(self) -> dict[str, int | None]:
        """Into how many columns the table has to fit, where it is one; None is any."""
        if self.form != "table":
            return {}
        terminal = self.file is None and sys.stdout.isatty()
        if self.narrow is False or (self.narrow is None and not terminal):
            return {"width": None}
        columns = shutil.get_terminal_size().columns if terminal else NARROW
        return {"width": min(columns, NARROW) if self.narrow else columns}

    @contextlib.contextmanager
    def out(self) -> Iterator[IO[str]]:
        """Where to write; a file is there once all of it is written.

        Raises:
            LrstepError: it cannot be written.
        """
        if self.file is None:
            yield sys.stdout
            sys.stdout.flush()
            return
        from lrstep.export.output import open_output

        with open_output(self.file, self.force) as out:
            yield out


def printed(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--format``, ``--narrow/--wide``, ``-o`` and ``--force``, as one :class:`Printing`."""

    @click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
    @click.option(
        "--narrow/--wide",
        default=None,
        help="Table: the columns that fit in 80, or all; by default what the terminal has room for.",
    )
    @click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to a file instead of standard output.")
    @click.option("--force", is_flag=True, help="Overwrite a file that exists.")
    @wraps(command)
    def wrapped(chosen: Any, form: str, narrow: bool | None, output: Path | None, force: bool, **options: Any) -> Any:
        file = None if output is None or str(output) == "-" else output
        return command(chosen, Printing(form, narrow, file, force), **options)

    return wrapped


def say(*texts: str) -> None:
    """Print lines; what is in them from names of files and columns cannot steer the terminal."""
    click.echo("\n".join(visible(line) for text in texts for line in text.split("\n")))


def say_json(document: dict[str, Any]) -> None:
    """Print one JSON object, which cannot steer the terminal either."""
    import json

    click.echo(visible_json(json.dumps(document, indent=2, ensure_ascii=False)))


def text_width() -> int:
    """Columns of lines for people: those of the terminal, as far as that is no narrow strip and no wide wall."""
    return max(40, min(shutil.get_terminal_size().columns, 100))
