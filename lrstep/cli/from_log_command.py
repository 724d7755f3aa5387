"""``lrstep from-log``: the start weight behind a printed log."""

import shlex
import sys
from typing import Any

import click

from lrstep import streams
from lrstep.cli.options import Chosen, source_and_settings
from lrstep.cli.printing import say_json, text_width
from lrstep.errors import LrstepError

FOUND, UNDECIDED = 0, 1


@click.command(name="from-log")
@click.argument("log")
@source_and_settings
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def from_log(chosen: Chosen, log: str, form: str) -> None:
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


def _words(chosen: Chosen, settings: dict[str, Any]) -> list[str]:
    """The command that opens the stepper so."""
    from lrstep.core.settings import as_options

    columns = [word for name in chosen.features for word in ("--feature", name)]
    columns += ["--label", chosen.label] if chosen.label else []
    return ["lrstep", *filter(None, [chosen.source]), *columns, *as_options(settings)]
