"""The commands that print or write something and end."""

import os
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrstep import streams
from lrstep.cli.options import CommonOptions, Whole, against, configured, showing, source_and_settings
from lrstep.cli.printing import Printing, printed, say, say_json, text_width
from lrstep.errors import LrstepError, StepError, repeated
from lrstep.visible import visible

if TYPE_CHECKING:
    from lrstep.core.run import Run
    from lrstep.sources.against import Against


@click.command()
@source_and_settings
@click.option("--samples", is_flag=True, help="Add x, y, prediction and error of each sample of the batch.")
@click.option("--where", metavar="CONDITION", help="Only where it holds: rmse<20, 'loss rises and epoch>2', nan.")
@printed
def trace(chosen: CommonOptions, printing: Printing, samples: bool, where: str | None) -> None:
    """Print every iteration. SOURCE may be - for standard input.

    \b
    Examples:
      lrstep trace mlcc --batch-size 3 --epochs 1 --weight 0.5
      lrstep trace mlcc --epochs 20 --where 'full_rmse<15 and loss rises'
      lrstep trace data.csv --format json --samples -o run.json
    """
    from lrstep.export import tables
    from lrstep.formulas.conditions import parse_condition

    printing.prepare()
    run = chosen.run()
    holds = parse_condition(where, run) if where is not None else None
    write: Callable[..., None] = getattr(tables, f"write_{printing.form}")
    with printing.out() as out:
        write(run, out, samples=samples, where=holds, **printing.table)


@click.command()
@source_and_settings
@against
@printed
def compare(chosen: CommonOptions, printing: Printing, against: "tuple[Against, ...]") -> None:
    """Print several runs side by side, epoch by epoch: RMSE, loss, parameters, where they part, which is lowest.

    \b
    Examples:
      lrstep compare mlcc --against batch_size=1 --against batch_size=12
      lrstep compare mlcc --epochs 20 --against 'optimizer=sgd lr=0.001' --format csv -o runs.csv
      lrstep compare run.toml --against other-run.toml
    """
    from lrstep.export import comparison
    from lrstep.sources.against import EXAMPLES

    printing.prepare()
    runs = chosen.runs(against)
    if runs.alone:
        raise LrstepError("nothing to compare with: --against is missing", EXAMPLES)
    comparison.compute(runs, showing("computing"))
    write: Callable[..., Any] = getattr(comparison, f"write_{printing.form}")
    with printing.out() as out:
        write(runs, out, **printing.table)


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
    chosen: CommonOptions, precision: str | None, only: int | None, first: int | None, last: int | None, form: str
) -> None:
    """Have real Keras confirm every step.

    Exit status: 0 all confirmed, 1 a step differs, 3 Keras cannot run here, 4 none differs but some are undecided.

    \b
    Examples:
      lrstep check
      lrstep check mlcc --momentum 0.9 --precision float64
      lrstep check --only 5 --format json
    """
    import json

    from lrstep.check.headless import DIFFERS, check_command

    precision = precision or configured().precision or "float32"
    streams.need_output()
    try:
        run = chosen.run()
    except StepError as error:  # a recording that was changed
        found = {"differing_iterations": [error.step], "problem": error.message}
        say(json.dumps(found, indent=2) if form == "json" else f"✗ {error}")
        sys.exit(DIFFERS)
    asked = _range(run, only, first, last)
    sys.exit(check_command(run, precision, asked, form == "json", say, streams.meter))


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


def _searching(what: str) -> None:
    """Tell on a terminal what a search is at; an empty text takes that away again."""
    streams.meter(what and f"Searching {what} …")


@click.command(cls=NumberCommand)
@click.argument("value")
@source_and_settings
@click.option("--meant", metavar="QUANTITY", help="What the number was meant to be: rmse, loss, weight, gradient …")
@click.option("--iteration", type=Whole(0), metavar="K", help="Which iteration it was meant for.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def why(chosen: CommonOptions, value: str, meant: str | None, iteration: int | None, form: str) -> None:
    """Which quantity, or which common mistake, gives VALUE? Type all the digits you have.

    \b
    Examples:
      lrstep why 21.8 mlcc --batch-size 12 --epochs 1
      lrstep why 476.82 mlcc --batch-size 12 --epochs 1
      lrstep why -105.72 mlcc --meant gradient
    """
    from lrstep.why.answer import why_text
    from lrstep.why.ask_why import why as ask

    answer = ask(chosen.run(), value.strip(), meant, iteration, progress=_searching)
    _searching("")
    if form == "json":
        say_json(answer.as_dict())
    else:
        say(*why_text(answer, text_width()))


FOUND, UNDECIDED = 0, 1
"""How ``from-log`` ends."""


@click.command(name="from-log")
@click.argument("log")
@source_and_settings
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def from_log(chosen: CommonOptions, log: str, form: str) -> None:
    """Find the start weight of a Keras run of which only the printed LOG is left (- is standard input).

    LOG has Keras's progress lines, history.history as it is printed, or what CSVLogger writes.

    SOURCE is the data it was trained on, SETTINGS are those of the training. Where one batch held all samples, the
    loss of epoch 1 gives it; several batches must not have been shuffled.

    Exit status: 0 found, 1 the text cannot decide it.

    \b
    Examples:
      lrstep from-log run.log mlcc --batch-size 12
      lrstep from-log run.log data.csv --optimizer sgd --lr 0.001
    """
    import textwrap

    from lrstep.session.from_log import from_log as find
    from lrstep.session.from_log import weight_text
    from lrstep.sources.progress_log import read_log
    from lrstep.visible import visible

    streams.need_output()
    if "weight" in chosen.settings:
        raise LrstepError("--weight is what from-log looks for", "Leave it out.")
    source = chosen.open()
    if source.recording is not None:
        raise LrstepError("a recording has its start already", "Name the data: a sample or a CSV file.")
    answer = find(source.dataset, source.settings, read_log(log))
    if form == "json":
        say_json(answer.as_dict())
        sys.exit(FOUND if answer.sure else UNDECIDED)
    width, paragraphs = text_width(), [*answer.paragraphs]
    if answer.sure:
        kept = {"batch_size": answer.settings.batch_size, "epochs": answer.settings.epochs}
        words = _words(chosen, chosen.settings | kept | {"weight": weight_text(answer.sure)})
        paragraphs.append(f"Step through it:\n  {visible(shlex.join(words))}")
    for paragraph in paragraphs:
        for line in paragraph.split("\n"):
            click.echo(visible(line) if line.startswith("  ") else "\n".join(textwrap.wrap(visible(line), width)))
    sys.exit(FOUND if answer.sure else UNDECIDED)


def _words(chosen: CommonOptions, settings: dict[str, Any]) -> list[str]:
    """The command that opens the stepper so."""
    from lrstep.core.settings import as_options

    columns = [word for name in chosen.features for word in ("--feature", name)]
    columns += ["--label", chosen.label] if chosen.label else []
    return ["lrstep", *filter(None, [chosen.source]), *columns, *as_options(settings)]


@click.command()
@click.argument("file", type=click.Path())
@source_and_settings
@against
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
    chosen: CommonOptions, file: str, against: "tuple[Against, ...]", kind: str | None, size: str | None, **options: Any
) -> None:
    """Write the run to FILE: .xlsx (a live spreadsheet), .csv, .json, .md, .py (a script), .gif, .png, or a folder.

    \b
    Examples:
      lrstep export run.xlsx
      lrstep export run.py mlcc --optimizer adam
      lrstep export run.gif line16 --every 5 --fps 8
      lrstep export frames/ mlcc --format png
      lrstep export runs.xlsx mlcc --against batch_size=1
    """
    from lrstep.export.export_file import SCRIPTS, kind_of
    from lrstep.export.export_file import export as write

    pixels = _size(size)
    if against and kind_of(file, kind) in SCRIPTS:
        raise LrstepError("--against does not go with a script: it makes one run", "Write a script for each of them.")
    runs = chosen.runs(against)
    show = showing("writing")
    progress: Callable[[int, int], None] = lambda done, whole: show(done / max(whole, 1))  # noqa: E731
    written = write(runs.run, file, kind=kind, size=pixels, progress=progress, runs=runs, **options)
    if not isinstance(sys.stdout, streams.Closed):
        say(visible(written))


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    sides = re.fullmatch(r"([0-9]{1,6})[xX×]([0-9]{1,6})", text)
    if sides is None:
        raise LrstepError(f"--size {repeated(text)} is no size", "Write width and height in pixels, such as 640x480.")
    return int(sides[1]), int(sides[2])


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
    from lrstep.session.commands import HELPS, with_keys
    from lrstep.sources.config import PATH_VARIABLE, config_path
    from lrstep.sources.config_reader import keys_as_toml
    from lrstep.sources.keynames import shown

    table = with_keys(configured().keys)
    path = config_path() or f"no file (there is no home folder; {PATH_VARIABLE} names one)"
    if form == "toml":
        click.echo(f"# Keys of lrstep; a configuration is looked for in {visible(str(path))}")
        click.echo(keys_as_toml({command.id: command.keys for command in table}, HELPS), nl=False)
        return
    texts = {command.id: " ".join(map(shown, command.keys)) for command in table}
    names, width = max(map(len, texts)), max(map(len, texts.values()))
    for command in table:
        click.echo(f"{command.id:<{names}} {texts[command.id]:<{width}}  {command.help}")
    missing = isinstance(path, Path) and not os.path.lexists(path)
    say("", f"Configuration: {path}" + " (there is none)" * missing)
