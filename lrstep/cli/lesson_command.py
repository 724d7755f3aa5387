"""``lrstep lesson``: the guided lessons, one of them, or what is wrong in a file of one's own."""

from typing import Any

import click

from lrstep import streams
from lrstep.cli.opening import Interface, looks
from lrstep.errors import LrstepError


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """The lessons, and files."""
    from click.shell_completion import CompletionItem

    from lrstep.sources.samples import lessons

    found = [CompletionItem(one.name, help=one.title) for one in lessons() if one.name.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")]


@click.command()
@click.argument("name", required=False, shell_complete=_complete)
@click.argument("file", required=False, type=click.Path())
@click.option("--again", is_flag=True, help="From its first step, not where it was left.")
@looks
def lesson(name: str | None, file: str | None, again: bool, **looks: Any) -> None:
    """List the guided lessons, or go on with one where you left it. NAME may also be a file of your own.

    \b
    Examples:
      lrstep lesson                     all lessons, with how far you have come
      lrstep lesson first-question
      lrstep lesson by-hand --again
      lrstep lesson check mine.toml     what is wrong in a lesson that you write
    """
    if name == "check" and file is not None:
        _check(file)
    elif file is not None:
        raise click.UsageError(f"Got one name too many: {file}.")
    elif name is None or name == "check":
        streams.need_output()
        click.echo(listed())
        click.echo("\nBegin one, or go on with it: lrstep lesson NAME")
    else:
        _open(name, again, Interface.of(looks))


def _open(name: str, again: bool, interface: Interface) -> None:
    from lrstep.sources.lesson_progress import gone_on
    from lrstep.sources.open_source import open_source, refuse_streams

    refuse_streams(name)
    source = open_source(name)
    if source.lesson is None:
        raise LrstepError(f"{name}: this is no lesson, it has no [[steps]]", "lrstep lesson lists those there are.")
    interface.step(source if again else gone_on(source))


def _check(file: str) -> None:
    from lrstep.plural import counted
    from lrstep.session.lesson.guide import require
    from lrstep.sources.open_source import open_source, refuse_streams
    from lrstep.visible import visible

    streams.need_output()
    refuse_streams(file)
    source = open_source(file)
    if source.lesson is None:
        raise LrstepError(f"{file}: this is no lesson, it has no [[steps]]", "docs/lessons.md says how one is written.")
    require(source)
    click.echo(visible(f"{file}: {counted(len(source.lesson.steps), 'step')}, nothing wrong."))


def listed() -> str:
    """All lessons, with how far the person has come."""
    from lrstep.sources.lesson_progress import progress
    from lrstep.sources.samples import lessons

    rows = [(one.name, one.title, progress(one.name, one.steps)) for one in lessons()]
    return "\n".join(f"  {name:<18} {title:<46} {done}".rstrip() for name, title, done in rows)
