"""``lrstep [SOURCE] [SETTINGS]``: the stepper, on a screen or as lines."""

import gc
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from lrstep.cli.group import look_up_source
from lrstep.cli.options import (
    CommandFunction,
    CommonOptions,
    against,
    compared,
    configured,
    showing,
    source_and_settings,
)
from lrstep.errors import LrstepError

if TYPE_CHECKING:
    from lrstep.sources.against import Against
    from lrstep.sources.config import Config
    from lrstep.sources.source import Source


def looks(command: CommandFunction) -> CommandFunction:
    """Give a command the options of how a run is stepped through."""
    for option in (
        click.option("--mouse/--no-mouse", default=None, help="--no-mouse leaves the mouse to the terminal."),
        click.option("--ascii/--no-ascii", default=None, help="Draw with ASCII characters only."),
        click.option("--theme", type=click.Choice(["dark", "light"]), help="Colours for a dark or a light terminal."),
        click.option(
            "--plain/--no-plain",
            default=None,
            help="Step by typed lines, without a screen: for screen readers, simple terminals, pipes and logs.",
        ),
    ):
        command = option(command)
    return command


@click.command("open", hidden=True)
@source_and_settings
@against
@click.option(
    "--at",
    metavar="PLACE",
    help="Open at an iteration (5), an epoch (e3), a batch of it (e3b2) or a phase (5.gradient).",
)
@click.option("--resume", is_flag=True, help="Go on with the run that was open last, where it was left.")
@looks
def open_(chosen: CommonOptions, against: "tuple[Against, ...]", at: str | None, resume: bool, **looks: Any) -> None:
    """Open the stepper. SOURCE is a sample's name, a CSV file or a run file; the default is the sample mlcc."""
    if chosen.source not in (None, "-"):
        look_up_source(str(chosen.source))
    interface = Interface.of(looks)
    if chosen.source == "-":
        hint = "It needs the keyboard: save the data to a file first, or use lrstep trace -"
        raise LrstepError("the stepper cannot read data from standard input", hint)
    progress = None if interface.plain else showing("reading")
    if resume:
        source, notice = _resumed(chosen, against, progress)
    else:
        source, notice = compared(_asking(chosen, progress), against), ""
    from lrstep.sources.resume import nothing_kept

    interface.step(source, at, notice, newcomer=not (resume or at or chosen.given or against) and nothing_kept())


class Interface(NamedTuple):
    """How a run is stepped through: on a screen or by lines, and how that looks.

    Attributes:
        plain: by typed lines.
        theme: of the screen.
        ascii: ASCII characters only.
        mouse: whether the mouse is used.
        config: of the person.
    """

    plain: bool
    theme: str
    ascii: bool
    mouse: bool
    config: "Config"

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Interface":
        """What the command line says (the options of :func:`looks`), else the configuration, else what suits here.

        Raises:
            LrstepError: the stepper could not draw or not read keys.
        """
        gc.disable()  # until the stepper is there: collections cost a tenth of the start
        config = configured()

        def chosen(name: str, default: Any) -> Any:
            return next(value for value in (given[name], getattr(config, name), default) if value is not None)

        plain = chosen("plain", False)
        if not plain:
            _need_terminal()
        # The font of the Linux console has neither braille nor round corners nor most of the letters of the formulas.
        ascii = chosen("ascii", os.environ.get("TERM") == "linux" and not plain)
        return cls(plain, chosen("theme", "dark"), ascii, chosen("mouse", True), config)

    def step(self, source: "Source", at: str | None = None, notice: str = "", *, newcomer: bool = False) -> NoReturn:
        """Step through a run until the person leaves; that is the end of the process."""
        how: dict[str, Any] = {"ascii": self.ascii, "precision": self.config.precision or "float32"}
        how |= {"notice": notice, "newcomer": newcomer}
        if self.plain:
            gc.enable()
            from lrstep.plain.loop import step_plainly
            from lrstep.session.commands import with_keys

            keys = {command.id: command.keys for command in with_keys(self.config.keys)}
            sys.exit(step_plainly(source, at, keys, **how))
        from lrstep.tui.launch import launch

        sys.exit(launch(source, at, self.config.keys, theme=self.theme, mouse=self.mouse, **how))


def _asking(chosen: CommonOptions, progress: Callable[[float], None] | None) -> "Source":
    """Open what was chosen; where a file leaves open which columns are meant, ask the person at the keys."""
    from lrstep.sources.columns import ColumnsNeeded, listing, named_columns
    from lrstep.visible import visible

    try:
        return chosen.open(progress)
    except ColumnsNeeded as needed:
        if sys.stdin is None or not sys.stdin.isatty():
            raise
        click.echo(f"{visible(needed.message)}\n{visible(listing(needed.layout))}")
    while True:
        asked = "Features (numbers or names, with commas between them)"
        features = chosen.features or named_columns(click.prompt(asked))
        label = chosen.label or click.prompt("Label (number or name)")
        try:
            return chosen._replace(features=features, label=label).open(progress)
        except LrstepError as error:
            click.echo(f"{visible(error.message)}. {visible(error.hint)}")


def _resumed(
    chosen: CommonOptions, against: "tuple[Against, ...]", progress: Callable[[float], None] | None
) -> tuple["Source", str]:
    """The run that was kept, and what a person should know about it."""
    from lrstep.sources import resume

    if chosen.given or against:
        raise LrstepError("--resume goes on with the run that was open last", "It takes no SOURCE and no settings.")
    kept = resume.kept()
    if kept.run is None:
        return chosen.open(progress), kept.message or "there is no run to go on with; this is a new one"
    opened = resume.reopen(kept.run, progress)
    return opened.source, " ".join(filter(None, (kept.message, opened.changed)))


def _need_terminal() -> None:
    """Refuse where the stepper could not draw or not read keys."""
    instead = "Use lrstep --plain to step by typed lines, or lrstep trace for all numbers as text."
    for stream, name in ((sys.stdin, "input"), (sys.stdout, "output"), (sys.stderr, "error")):
        if stream is None or not stream.isatty():
            raise LrstepError(f"the stepper needs a terminal, but standard {name} is not one", instead)
    term = os.environ.get("TERM", "")
    if term in ("", "dumb") and os.name != "nt":
        raise LrstepError(f"the terminal cannot be drawn on (TERM is {term or 'not set'})", instead)
