"""The commands that print or write something and end."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrstep import streams
from lrstep.cli.options import Chosen, Whole, actions, configured, short, showing, source_and_settings
from lrstep.errors import LrstepError

if TYPE_CHECKING:
    from lrstep.core.run import Run

NARROW = 80
"""Columns of a narrow table."""


@click.command()
@source_and_settings
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--samples", is_flag=True, help="Add x, y, prediction and error of each sample of the batch.")
@click.option("--where", metavar="CONDITION", help="Only where it holds: rmse<20, 'loss rises and epoch>2', nan.")
@click.option(
    "--narrow/--wide",
    default=None,
    help="Table: the columns that fit in 80, or all; by default what the terminal has room for.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to a file instead of standard output.")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def trace(
    chosen: Chosen, form: str, samples: bool, where: str | None, narrow: bool | None, output: Path | None, force: bool
) -> None:
    """Print every iteration. SOURCE may be - for standard input.

    \b
    Examples:
      lrstep trace mlcc --batch-size 3 --epochs 1 --weight 0.5
      lrstep trace mlcc --epochs 20 --where 'full_rmse<15 and loss rises'
      lrstep trace data.csv --format json --samples -o run.json
    """
    from lrstep.export import tables
    from lrstep.export.output import open_output
    from lrstep.formulas.conditions import parse_condition

    if narrow is not None and form != "table":
        raise click.UsageError(f"--narrow and --wide are about the table, and --format is {form}.")
    file = None if output is None or str(output) == "-" else output
    if file is None:
        streams.need_output()
    run = chosen.run()
    how: dict[str, Any] = {"samples": samples, "where": parse_condition(where, run) if where is not None else None}
    if form == "table":
        how["width"] = _table_width(narrow, to_screen=file is None)
    write: Callable[..., None] = getattr(tables, f"write_{form}")
    if file is None:
        write(run, sys.stdout, **how)
        sys.stdout.flush()
    else:
        with open_output(file, force) as out:
            write(run, out, **how)


def _table_width(narrow: bool | None, to_screen: bool) -> int | None:
    """Into how many columns the table has to fit; None for any."""
    import shutil

    terminal = to_screen and sys.stdout.isatty()
    if narrow is False or (narrow is None and not terminal):
        return None
    columns = shutil.get_terminal_size().columns if terminal else NARROW
    return min(columns, NARROW) if narrow else columns


@click.command()
@source_and_settings
@click.option(
    "--precision",
    type=click.Choice(["float32", "float64"]),
    help="What Keras computes in; a notebook has float32 (the default), float64 sees more.",
)
@click.option("--only", type=Whole(1), metavar="K", help="Check one iteration.")
@click.option("--from", "first", type=Whole(1), metavar="K", help="First iteration to check.")
@click.option("--to", "last", type=Whole(1), metavar="K", help="Last iteration to check.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(
    chosen: Chosen, precision: str | None, only: int | None, first: int | None, last: int | None, form: str
) -> None:
    """Have real Keras confirm every step.

    Exit status: 0 all confirmed, 1 a step differs, 3 Keras cannot run here, 4 none differs but some are undecided.

    \b
    Examples:
      lrstep check
      lrstep check mlcc --momentum 0.9 --precision float64
      lrstep check --only 5 --format json
    """
    from lrstep.check.headless import check_command

    precision = precision or configured().precision or "float32"
    streams.need_output()
    run = chosen.run()
    asked = _range(run, only, first, last)
    sys.exit(check_command(run, precision, asked, form == "json", _say))


def _range(run: "Run", only: int | None, first: int | None, last: int | None) -> range | None:
    """The iterations asked for, None for all of them."""
    if only is None and first is None and last is None:
        return None
    if only is not None and not first is last is None:
        raise click.UsageError("--only K and --from/--to cannot be used together.")
    low, high = (only, only) if only else (first or 1, last or run.n_iterations)
    for option, number in (("--only", only), ("--from", first), ("--to", last)):
        if number is not None and number > run.n_iterations:
            raise LrstepError(f"{option} {number}: there is no such iteration", f"This run has 1 … {run.n_iterations}.")
    if low > high:
        raise LrstepError(f"--from {low} lies behind --to {high}", "Exchange them.")
    return range(low, high + 1)


class NumberCommand(click.Command):
    """A command whose first argument may be a negative number, which is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hide the minus of such an argument behind a space, which the readers of numbers leave out."""
        hidden = [f" {word}" if re.match(r"-(?:\.?[0-9]|inf|nan)", word, re.IGNORECASE) else word for word in args]
        return super().parse_args(ctx, hidden)


@click.command(cls=NumberCommand)
@click.argument("value")
@source_and_settings
@click.option("--meant", metavar="QUANTITY", help="What the number was meant to be: rmse, loss, weight, gradient …")
@click.option("--iteration", type=Whole(0), metavar="K", help="Which iteration it was meant for.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def why(chosen: Chosen, value: str, meant: str | None, iteration: int | None, form: str) -> None:
    """Which quantity, or which common mistake, gives VALUE? Type all the digits you have.

    \b
    Examples:
      lrstep why 21.8 mlcc --batch-size 12 --epochs 1
      lrstep why 476.82 mlcc --batch-size 12 --epochs 1
      lrstep why -105.72 mlcc --meant gradient
    """
    import json
    import shutil

    from lrstep.why.answer import why_text
    from lrstep.why.ask_why import why as ask

    answer = ask(chosen.run(), value.strip(), meant, iteration)
    if form == "json":
        click.echo(json.dumps(answer.as_dict(), indent=2, ensure_ascii=False))
    else:
        width = min(shutil.get_terminal_size().columns, 100)
        _say("\n".join(why_text(answer, max(width, 40))))


@click.command()
@click.argument("file", type=click.Path())
@source_and_settings
@click.option(
    "--format",
    "kind",
    type=click.Choice(["xlsx", "csv", "json", "md", "python", "keras", "gif", "png"]),
    help="By default from the ending; keras is a script for Keras, png with a folder one picture per iteration.",
)
@click.option("--samples", is_flag=True, help="Tables: add the values of each sample of the batch.")
@click.option("--from", "first", type=Whole(1), default=1, metavar="K", help="First iteration.")
@click.option("--to", "last", type=Whole(1), metavar="K", help="Last iteration.")
@click.option("--every", type=Whole(1), default=1, metavar="N", help="Pictures: only every N-th iteration.")
@click.option("--size", metavar="WxH", help="Pictures: size in pixels, such as 640x480.")
@click.option(
    "--fps", type=click.FloatRange(0.1, 50), metavar="N", help="Animation: pictures a second; 4 if it is not given."
)
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def export(
    chosen: Chosen, file: str, kind: str | None, first: int, last: int | None, size: str | None, **options: Any
) -> None:
    """Write the run to FILE: .xlsx (a live spreadsheet), .csv, .json, .md, .py (a script), .gif, .png, or a folder.

    \b
    Examples:
      lrstep export run.xlsx
      lrstep export run.py mlcc --optimizer adam
      lrstep export run.gif line16 --every 5 --fps 8
      lrstep export frames/ mlcc --format png
    """
    from lrstep.export.export_file import export as write

    pixels = _size(size)
    run = chosen.run()
    last = run.n_iterations if last is None else last
    written = write(run, file, kind=kind, first=first, last=last, size=pixels, progress=_exporting(), **options)
    if not isinstance(sys.stdout, streams.Closed):
        _say(written)


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    sides = re.fullmatch(r"([0-9]{1,6})[xX×]([0-9]{1,6})", text)
    if sides is None:
        raise LrstepError(f"--size {short(text)} is no size", "Write width and height in pixels, such as 640x480.")
    return int(sides[1]), int(sides[2])


def _exporting() -> Callable[[int, int], None] | None:
    if not sys.stderr.isatty():
        return None

    show = showing("writing")
    return lambda done, whole: show(done / max(whole, 1))


@click.command()
def samples() -> None:
    """List the sample data sets and lessons, with how far you have come."""
    from lrstep.cli.lesson_command import listed
    from lrstep.sources.samples import catalogue

    click.echo("Samples:")
    for sample in catalogue():
        click.echo(f"  {sample.name:<18} {sample.title}")
        click.echo(f"  {'':<18} {sample.shows}")
    click.echo("\nLessons, which take you through step by step:")
    click.echo(listed())
    click.echo("\nOpen one with: lrstep NAME, or a lesson where you left it: lrstep lesson NAME")


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "toml"]), default="text", show_default=True)
def keys(form: str) -> None:
    """List the keys of the stepper, as the configuration has them.

    \b
    To change some, write a configuration (the command says where), such as:
      theme = "light"
      [keys]
      next = ["n", "space"]
      failed_next = "f8"
    lrstep keys --format toml prints all of them in that form.
    """
    from lrstep.session.commands import COMMANDS
    from lrstep.sources.config import PATH_VARIABLE, config_path, keys_as_toml
    from lrstep.sources.keynames import shown

    effective = configured().effective(actions())
    path = config_path() or f"no file (there is no home folder; {PATH_VARIABLE} names one)"
    if form == "toml":
        helps = {command.id: command.help for command in COMMANDS}
        click.echo(
            f"# Keys of lrstep; a configuration is looked for in {path}\n{keys_as_toml(effective, helps)}", nl=False
        )
        return
    texts = {action: " ".join(map(shown, names)) for action, names in effective.items()}
    width = max(map(len, texts.values()))
    for command in COMMANDS:
        click.echo(f"{command.id:<12} {texts[command.id]:<{width}}  {command.help}")
    _say(
        "",
        f"Configuration: {path}" + (" (there is none)" if isinstance(path, Path) and not os.path.lexists(path) else ""),
    )


def _say(*texts: str) -> None:
    """Print lines; what is in them from names of files and columns cannot steer the terminal."""
    from lrstep.visible import visible

    click.echo("\n".join(visible(line) for text in texts for line in text.split("\n")))
