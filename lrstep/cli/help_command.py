"""``lrstep help TOPIC``: the pages of docs/help, in the terminal."""

import sys
from pathlib import Path

import click

from lrstep import streams
from lrstep.errors import LrstepError

PACKAGE = Path(__file__).parents[1]


@click.command(name="help")
@click.argument("topic", required=False)
@click.pass_context
def help_(context: click.Context, topic: str | None) -> None:
    """Show a page about TOPIC; without one, list them all."""
    streams.need_output()
    pages = _pages()
    if topic is None:
        width = max(map(len, pages))
        titles = ((name, text.splitlines()[0].removeprefix("# ")) for name, text in pages.items())
        click.echo("\n".join(f"  {name:{width}}  {title}" for name, title in titles))
        click.echo("\nShow one with: lrstep help TOPIC. The options of a command: lrstep COMMAND --help")
        return
    name = topic.casefold()
    if name in pages:
        _show(pages[name])
        return
    group = context.find_root().command
    command = group.get_command(context, name) if isinstance(group, click.Group) else None
    if command is None:
        raise LrstepError(f"there is no page about {topic}", f"Pages: {', '.join(pages)}.")
    with click.Context(command, info_name=name, parent=context.find_root()) as of_command:
        click.echo(command.get_help(of_command))


def _pages() -> dict[str, str]:
    """Topic → its page in Markdown: inside the installed package, or in docs in a checkout."""
    installed = PACKAGE / "help"
    folder = installed if installed.is_dir() else PACKAGE.parent / "docs" / "help"
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}


def _show(page: str) -> None:
    """Set for a terminal and a page at a time; elsewhere as it is written."""
    if not sys.stdout.isatty():
        click.echo(page, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    with console.pager(styles=True):
        console.print(Markdown(page, hyperlinks=False), width=min(console.width, 100))
