"""The command line. Whatever a command needs is imported when it runs, so that ``--help`` is quick."""

import gc
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from lrstep import __version__, streams
from lrstep.core.settings import FIELDS, parse_value
from lrstep.errors import LrstepError, SettingsError

if TYPE_CHECKING:
    from lrstep.core.run import Run
    from lrstep.sources.config import Config
    from lrstep.sources.source import Source

Command = TypeVar("Command", bound=Callable[..., Any])

_EPILOG = """\b
Examples:
  lrstep                                   the 12 iterations of the sample mlcc
  lrstep data.csv --feature age --label height --batch-size 16
  lrstep anscombe-3 --lr 0.1 --at e2b1     open at epoch 2, batch 1
  lrstep trace mlcc --format csv -o run.csv
  cat data.csv | lrstep trace - --format json | less
  lrstep check --precision float64         Keras confirms every step
  lrstep why 21.8 mlcc --batch-size 12 --epochs 1
  lrstep export run.xlsx line16            a live spreadsheet of the run

\b
SOURCE is a sample's name (lrstep samples lists them), a CSV file or a run file (.toml).
Shell completion:  eval "$(_LRSTEP_COMPLETE=bash_source lrstep)"   (zsh_source, fish_source)
"""


class Group(click.Group):
    """``lrstep [SOURCE] [SETTINGS]`` opens the stepper: what names no command is given to ``open``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command ``open`` in front where no command is named."""
        if ctx.resilient_parsing and not args:
            return super().parse_args(ctx, args)  # completion of the first word
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "-h", "--version")):
            if args and not ctx.resilient_parsing and _meant_command(args[0]):
                _look_up(args[0])  # before its options are refused as none of the stepper's
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Commands, and what can be opened."""
        first = click.Argument(["source"])
        return [*super().shell_complete(ctx, incomplete), *_complete_source(ctx, first, incomplete)]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both ways to call it."""
        formatter.write_usage("lrstep", "[SOURCE] [SETTINGS]    opens the stepper")
        formatter.write_usage("lrstep", "COMMAND [ARGS]...")


def _meant_command(text: str) -> str | None:
    """The command that a text is a misspelling of, if it is close to one."""
    import difflib

    names = [name for name, command in cli.commands.items() if not command.hidden]
    return next(iter(difflib.get_close_matches(text.casefold(), names, n=1)), None)


def _look_up(source: str) -> None:
    """Refuse a SOURCE that is not there; it may have been meant as a command."""
    from lrstep.sources.lookup import look_up

    try:
        look_up(source)
    except LrstepError as error:
        command = _meant_command(source)
        meant = f"Did you mean lrstep {command}? " if command else ""
        raise LrstepError(error.message, meant + error.hint) from None


@dataclass(frozen=True)
class Chosen:
    """What the options common to all commands say."""

    source: str | None
    feature: str | None
    label: str | None
    settings: dict[str, Any]

    def open(self, progress: Callable[[float], None] | None = None) -> "Source":
        """Read the data and put the given settings over the source's own."""
        from dataclasses import replace

        from lrstep.sources.source import open_source

        source = open_source(self.source, self.feature, self.label, progress=progress)
        changes = dict(self.settings)
        if "seed" in changes and "weight" not in changes:
            changes["weight"] = None  # a seed asks for a drawn weight, also where the sample has one of its own
        if not changes:
            return source
        # The place that a run file opens at belongs to its own settings; these may make the run shorter.
        return replace(source, settings=source.settings.changed(**changes)).with_cursor_inside()

    def run(self) -> "Run":
        """The run, with a note on stderr where a setting could not be taken as it was given."""
        from lrstep.core.run import Run

        source = self.open(_reading if sys.stderr.isatty() else None)
        run = Run(source.dataset, source.settings)
        asked, n = source.settings.batch_size, len(source.dataset)
        if asked > n:
            all_of_them = "the only sample" if n == 1 else f"all {n} samples"
            note = f"batch size {_short(str(asked))} is larger than the data; each batch takes {all_of_them}"
            click.echo(f"lrstep: note: {note}", err=True)
        return run


class Whole(click.IntRange):
    """A whole number in plain digits."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what only Python takes for a number, such as 1_0, and what nobody would count to."""
        if isinstance(value, str) and not re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", value):
            self.fail(f"{_short(value.strip())!r} is not a whole number.", param, ctx)
        return super().convert(value, param, ctx)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _reading(share: float) -> None:
    click.echo("\r\x1b[K" if share >= 1 else f"\rreading {share:4.0%}", err=True, nl=False)


def _setting_option(name: str) -> Callable[[Command], Command]:
    field = FIELDS[name]
    if field.kind == "bool":
        return click.option(f"{field.option}/--no-{name}", name, default=None, help=field.help)
    names = [field.option, *(["--lr"] if name == "learning_rate" else []), name]
    return click.option(*names, callback=_setting_value, metavar="NUMBER", help=field.help)


def _setting_value(ctx: click.Context, param: click.Parameter, text: str | None) -> Any:
    return None if text is None else parse_value(str(param.name), text)


def source_and_settings(command: Command) -> Callable[..., Any]:
    """Give a command SOURCE and the settings, as one :class:`Chosen`."""

    @click.argument("source", required=False, shell_complete=_complete_source)
    @click.option("--feature", metavar="COL", help="Column of the feature: its name or number.")
    @click.option("--label", metavar="COL", help="Column of the label: its name or number.")
    def wrapped(source: str | None, feature: str | None, label: str | None, **options: Any) -> Any:
        given = {name: options.pop(name) for name in FIELDS}
        settings = {name: value for name, value in given.items() if value is not None}
        return command(Chosen(source, feature, label, settings), **options)

    for name in reversed(FIELDS):
        wrapped = _setting_option(name)(wrapped)
    wrapped.__doc__ = command.__doc__
    wrapped.__name__ = command.__name__
    if hasattr(command, "__click_params__"):
        wrapped.__click_params__ = command.__click_params__ + wrapped.__click_params__  # type: ignore[attr-defined]
    return wrapped


def _complete_source(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    from lrstep.sources.samples import catalogue, lessons

    titles = {item.name: item.title for item in catalogue()} | {item.name: item.title for item in lessons()}
    found = [CompletionItem(name, help=title) for name, title in titles.items() if name.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")]


@click.group(
    cls=Group, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="lrstep", message="%(prog)s %(version)s")
def cli() -> None:
    """A debugger for gradient descent: step through mini-batch RMSprop, one iteration per key, forward and back.

    Without arguments it opens the stepper on the sample mlcc. All commands take the same SETTINGS:
    --learning-rate/--lr, --batch-size, --epochs, --rho, --momentum, --epsilon, --centered, --weight, --bias,
    --seed, --shuffle, and --feature, --label for a CSV file.
    """


@cli.command("open", hidden=True)
@source_and_settings
@click.option(
    "--at",
    metavar="PLACE",
    help="Open at an iteration (5), an epoch (e3), a batch of it (e3b2) or a phase (5.gradient).",
)
@click.option("--resume", is_flag=True, help="Go on with the run that was open last, where it was left.")
@click.option(
    "--plain/--no-plain",
    default=None,
    help="Step by typed lines, without a screen: for screen readers, simple terminals, pipes and logs.",
)
@click.option("--theme", type=click.Choice(["dark", "light"]), help="Colours for a dark or a light terminal.")
@click.option("--ascii/--no-ascii", default=None, help="Draw with ASCII characters only.")
@click.option("--mouse/--no-mouse", default=None, help="--no-mouse leaves the mouse to the terminal.")
def open_(chosen: Chosen, at: str | None, resume: bool, plain: bool | None, theme: str | None, **flags: Any) -> None:
    """Open the stepper. SOURCE is a sample's name, a CSV file or a run file; the default is the sample mlcc."""
    _start_quickly()
    if chosen.source not in (None, "-"):
        _look_up(str(chosen.source))
    config = _config()
    plain = plain if plain is not None else bool(config.plain)
    ascii, mouse = (_first(flags[name], getattr(config, name), name == "mouse") for name in ("ascii", "mouse"))
    if not plain:
        _need_terminal()
    if chosen.source == "-":
        hint = "It needs the keyboard: save the data to a file first, or use lrstep trace -"
        raise LrstepError("the stepper cannot read data from standard input", hint)
    progress = None if plain else _reading
    source, notice = _resumed(chosen, progress) if resume else (chosen.open(progress), "")
    precision = config.precision or "float32"
    if plain:
        gc.enable()
        from lrstep.plain.loop import step_plainly

        keys = config.effective(_actions())
        sys.exit(step_plainly(source, at, keys, ascii=ascii, precision=precision, notice=notice))
    from lrstep.app.launch import Looks, launch

    keys_changed = {action: ",".join(keys) for action, keys in config.keys.items()}
    looks = Looks(theme or config.theme or "dark", ascii, mouse, keys_changed, precision)
    sys.exit(launch(source, at, looks, notice))


def _start_quickly() -> None:
    """Do without what costs a third of the start: NumPy's pool of threads, and garbage collections meanwhile."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.disable()


def _first(given: bool | None, configured: bool | None, default: bool) -> bool:
    """What the command line says, else the configuration, else the default."""
    return next((value for value in (given, configured) if value is not None), default)


def _actions() -> dict[str, tuple[str, ...]]:
    from lrstep.app.commands import COMMANDS

    return {command.id: command.keys for command in COMMANDS}


def _config() -> "Config":
    from lrstep.sources.config import read_config

    return read_config(_actions())


def _resumed(chosen: Chosen, progress: Callable[[float], None] | None) -> tuple["Source", str]:
    """The run that was kept, and what a person should know about it."""
    from lrstep.sources import resume

    if chosen.source or chosen.settings or chosen.feature or chosen.label:
        raise LrstepError("--resume goes on with the run that was open last", "It takes no SOURCE and no settings.")
    kept = resume.kept()
    if kept.run is None:
        return chosen.open(progress), kept.message or "there is no run to go on with; this is a new one"
    opened = resume.reopen(kept.run, progress)
    return opened.source, " ".join(filter(None, (kept.message, opened.changed)))


def _need_terminal() -> None:
    """Refuse where the stepper could not draw or not read keys."""
    instead = "Use lrstep --plain to step by typed lines, or lrstep trace for all numbers as text."
    for stream, name in (
        (sys.stdin, "standard input"),
        (sys.stdout, "standard output"),
        (sys.stderr, "standard error"),
    ):
        if stream is None or not stream.isatty():
            raise LrstepError(f"the stepper needs a terminal, but {name} is not one", instead)
    if os.environ.get("TERM", "") in ("", "dumb") and os.name != "nt":
        term = os.environ.get("TERM")
        raise LrstepError(f"the terminal cannot be drawn on (TERM is {term or 'not set'})", instead)


@cli.command()
@source_and_settings
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--samples", is_flag=True, help="Add x, y, prediction and error of each sample of the batch.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to a file instead of standard output.")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def trace(chosen: Chosen, form: str, samples: bool, output: Path | None, force: bool) -> None:
    """Print every iteration. SOURCE may be - for standard input.

    \b
    Examples:
      lrstep trace mlcc --batch-size 3 --epochs 1 --weight 0.5
      lrstep trace data.csv --format json --samples -o run.json
    """
    from lrstep.export import tables
    from lrstep.export.output import open_output

    write = {"table": tables.write_table, "csv": tables.write_csv, "json": tables.write_json}[form]
    if output is None or str(output) == "-":
        streams.need_output()
        run = chosen.run()
        write(run, sys.stdout, samples=samples)
        sys.stdout.flush()
    else:
        run = chosen.run()
        with open_output(output, force) as out:
            write(run, out, samples=samples)


@cli.command()
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
    from lrstep.check.command import check_command

    precision = precision or _config().precision or "float32"
    streams.need_output()
    run = chosen.run()
    sys.exit(check_command(run, precision, _range(run, only, first, last), form == "json", _say))


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


@cli.command(cls=NumberCommand)
@click.argument("value")
@source_and_settings
@click.option("--meant", metavar="QUANTITY", help="What the number was meant to be: rmse, loss, weight, gradient …")
@click.option("--iteration", type=Whole(), metavar="K", help="Which iteration it was meant for.")
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

    from lrstep.explain.answer import why_text
    from lrstep.explain.why import why as ask

    answer = ask(chosen.run(), value.strip(), meant, iteration)
    if form == "json":
        click.echo(json.dumps(answer.as_dict(), indent=2, ensure_ascii=False))
    else:
        width = min(shutil.get_terminal_size().columns, 100)
        _say("\n".join(why_text(answer, max(width, 40))))


@cli.command()
@click.argument("file", type=click.Path())
@source_and_settings
@click.option(
    "--format",
    "kind",
    type=click.Choice(["xlsx", "csv", "json", "md", "gif", "png"]),
    help="By default from the ending; png with a folder writes one picture per iteration.",
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
    """Write the run to FILE: .xlsx (a live spreadsheet), .csv, .json, .md, .gif, .png, or a folder of pictures.

    \b
    Examples:
      lrstep export run.xlsx
      lrstep export run.gif line16 --every 5 --fps 8
      lrstep export frames/ mlcc --format png
    """
    from lrstep.export.command import export as write

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
        raise LrstepError(f"--size {_short(text)} is no size", "Write width and height in pixels, such as 640x480.")
    return int(sides[1]), int(sides[2])


def _exporting() -> Callable[[int, int], None] | None:
    if not sys.stderr.isatty():
        return None

    def progress(done: int, whole: int) -> None:
        click.echo("\r\x1b[K" if done >= whole else f"\rwriting {done / max(whole, 1):4.0%}", err=True, nl=False)

    return progress


@cli.command()
def samples() -> None:
    """List the sample data sets and lessons."""
    from lrstep.sources.samples import catalogue, lessons

    click.echo("Samples:")
    for sample in catalogue():
        click.echo(f"  {sample.name:<18} {sample.title}")
        click.echo(f"  {'':<18} {sample.shows}")
    click.echo("\nLessons, with notes that tell what to press and what to look at:")
    for lesson in lessons():
        click.echo(f"  {lesson.name:<18} {lesson.title}")
    click.echo("\nOpen one with: lrstep NAME")


@cli.command()
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
    from lrstep.app.commands import COMMANDS
    from lrstep.sources.config import config_path, keys_as_toml
    from lrstep.sources.keynames import shown

    effective = _config().effective(_actions())
    path = config_path()
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
    _say("", f"Configuration: {path}" + ("" if path.exists() else " (there is none)"))


def _say(*texts: str) -> None:
    """Print lines; what is in them from names of files and columns cannot steer the terminal."""
    from lrstep.sources.files import visible

    click.echo("\n".join(visible(line) for text in texts for line in text.split("\n")))


def main() -> None:
    """Run the command line; every error a person can mend is one message on stderr and exit status 2."""
    streams.prepare()
    try:
        status = _invoke()
        sys.stdout.flush()
    except SettingsError as error:
        _fail(f"{FIELDS[error.field].option}: {error.message}", error.hint)
    except LrstepError as error:
        _fail(error.message, error.hint)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "lrstep"
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
        where = error.filename or "standard output"
        _fail(f"{where}: {(error.strerror or str(error)).lower()}", "Make room there, or write to another place.")
    except MemoryError:
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
    return 0


def _fail(message: str, hint: str) -> NoReturn:
    import contextlib

    from lrstep.sources.files import visible

    lines = [f"lrstep: {visible(message)}", *(f"        {visible(line)}" for line in hint.splitlines())]
    with contextlib.suppress(OSError):
        click.echo("\n".join(lines), err=True)
    sys.exit(2)
