"""What all commands have in common: SOURCE, the settings, and how a typed text becomes a value."""

import os
import re
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from lrstep import streams
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.settings import FIELDS
from lrstep.errors import repeated

if TYPE_CHECKING:
    from lrstep.core.lockstep import Lockstep
    from lrstep.core.run import Run
    from lrstep.sources.against import Against
    from lrstep.sources.config import Config
    from lrstep.sources.source import Source

CommandFunction = TypeVar("CommandFunction", bound=Callable[..., Any])


class CommonOptions(NamedTuple):
    """What the options common to all commands say."""

    source: str | None
    features: tuple[str, ...]
    label: str | None
    settings: dict[str, Any]

    @property
    def given(self) -> bool:
        """Whether anything was said at all."""
        return bool(self.source or self.features or self.label or self.settings)

    def open(self, progress: Callable[[float], None] | None = None) -> "Source":
        """Read the data and put the given settings over the source's own."""
        from dataclasses import replace

        from lrstep.sources.open_source import open_source, with_cursor_inside

        source = open_source(self.source, self.features, self.label, progress=progress)
        if not self.settings:
            return source
        # The place that a run file opens at belongs to its own settings; these may make the run shorter.
        changed = source.changed(source.settings.asked(self.settings))
        if source.recorded and not changed.recorded:
            click.echo(
                "lrstep: note: other settings than the recorded ones: this is a free run from its start", err=True
            )
        return with_cursor_inside(replace(changed, cursor=source.cursor))

    def run(self) -> "Run":
        """The run, with a note on stderr where a setting could not be taken as it was given."""
        source = self.open(showing("reading"))
        _note_batch_size(source)
        return source.run()

    def runs(self, against: "tuple[Against, ...]") -> "Lockstep":
        """The run and those that it is compared with, which a run file says where the options do not; likewise.

        Raises:
            LrstepError: it cannot be compared with that.
        """
        from lrstep.sources.lanes import lockstep
        from lrstep.sources.open_source import side_by_side

        source = compared(self.open(showing("reading")), against)
        for one in side_by_side(source):
            _note_batch_size(one)
        return lockstep(source)


def _note_batch_size(source: "Source") -> None:
    asked, n = source.settings.batch_size, len(source.dataset)
    if asked > n:
        all_of_them = "the only sample" if n == 1 else f"all {n} samples"
        note = f"batch size {repeated(str(asked))} is larger than the data; each batch takes {all_of_them}"
        click.echo(f"lrstep: note: {note}", err=True)


class Whole(click.IntRange):
    """A whole number in plain digits."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what only Python takes for a number, such as 1_0, and what nobody would count to."""
        if isinstance(value, str) and not re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", value):
            self.fail(f"{repeated(value.strip())!r} is not a whole number.", param, ctx)
        return super().convert(value, param, ctx)


def showing(doing: str) -> Callable[[float], None]:
    """Progress in the line of :func:`streams.meter`: ``doing`` and per cent."""
    return lambda share: streams.meter("" if share >= 1 else f"{doing} {share:4.0%}")


def _setting_option(name: str) -> Callable[[CommandFunction], CommandFunction]:
    field = FIELDS[name]
    owners = f" ({_owners(name)})" if _owners(name) else ""
    if field.kind == "bool":
        return click.option(f"{field.option}/{field.off}", name, default=None, help=field.help + owners)
    names = [field.option, *(["--lr"] if name == "learning_rate" else []), name]
    metavar = "NAME" if field.kind == "choice" else "NUMBER"
    several = field.kind == "floats"
    more = " Repeat it for several features." if several else owners
    return click.option(*names, callback=_setting_value, metavar=metavar, multiple=several, help=field.help + more)


def _owners(name: str) -> str:
    """The optimizers that have a setting, where not all of them have it."""
    return ", ".join(optimizer.name for optimizer in OPTIMIZERS.values() if name in optimizer.options)


def _setting_value(ctx: click.Context, param: click.Parameter, text: str | tuple[str, ...] | None) -> Any:
    """The value of a setting; of one that may be repeated, all that were given."""
    if text is None or text == ():
        return None
    return FIELDS[str(param.name)].parse(text if isinstance(text, str) else " ".join(text))


def source_and_settings(command: CommandFunction) -> Callable[..., Any]:
    """Give a command SOURCE and the settings, as one :class:`CommonOptions`."""

    @click.argument("source", required=False, shell_complete=complete_source)
    @click.option(
        "--feature",
        "features",
        metavar="COL",
        multiple=True,
        help="Column of the feature: its name or number. Repeat it for several features.",
    )
    @click.option("--label", metavar="COL", help="Column of the label: its name or number.")
    @wraps(command)
    def wrapped(source: str | None, features: tuple[str, ...], label: str | None, **options: Any) -> Any:
        given = {name: options.pop(name) for name in FIELDS}
        settings = {name: value for name, value in given.items() if value is not None}
        return command(CommonOptions(source, features, label, settings), **options)

    for name in reversed(FIELDS):
        wrapped = _setting_option(name)(wrapped)
    return wrapped


def against(command: CommandFunction) -> CommandFunction:
    """Give a command ``--against``, what the run is compared with; the run file's own where it is not given."""

    def parsed(ctx: click.Context, param: click.Parameter, texts: tuple[str, ...]) -> "tuple[Against, ...]":
        if not texts:
            return ()
        from lrstep.sources.against import parse_against

        return tuple(map(parse_against, texts))

    return click.option(
        "--against",
        metavar="SETTINGS",
        multiple=True,
        callback=parsed,
        help="Compare with a run of other settings ('batch_size=1') or data ('other.toml lr=0.1'); up to three times.",
    )(command)


def compared(source: "Source", against: "tuple[Against, ...]") -> "Source":
    """The source with what it is to be compared with, where that was given."""
    from dataclasses import replace

    from lrstep.sources.against import Comparison

    return replace(source, comparison=Comparison(against)) if against else source


def complete_source(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """What may stand for SOURCE: samples, lessons, files."""
    from click.shell_completion import CompletionItem

    from lrstep.sources.samples import named

    found = [CompletionItem(one.name, help=one.title) for one in named() if one.name.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")]


def configured() -> "Config":
    """The person's configuration; without a file everything stays as it is.

    Raises:
        LrstepError: it cannot be read.
    """
    from lrstep.sources.config import Config, config_path

    path = config_path()
    if path is None or not os.path.lexists(path):
        return Config()
    from lrstep.session.commands import COMMANDS
    from lrstep.sources.config_reader import read

    return read(path, {command.id: command.keys for command in COMMANDS})
