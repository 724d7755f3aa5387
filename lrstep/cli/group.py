"""The group of all commands: what names no command is for the stepper."""

from importlib import import_module
from typing import Any

import click

from lrstep.cli.options import complete_source
from lrstep.errors import LrstepError

COMMANDS = {
    "open": "opening:open_",
    "trace": "subcommands:trace",
    "compare": "subcommands:compare",
    "check": "subcommands:check",
    "why": "subcommands:why",
    "export": "subcommands:export",
    "record": "record_command:record",
    "recorder": "record_command:recorder",
    "from-log": "subcommands:from_log",
    "samples": "subcommands:samples",
    "lesson": "lesson_command:lesson",
    "keys": "subcommands:keys",
    "help": "help_command:help_",
}
"""Name of a command → the module in ``lrstep.cli`` and what it is called there."""

STEPPER = "open"
"""The command of the stepper, which need not be typed."""


class Group(click.Group):
    """``lrstep [SOURCE] [SETTINGS]`` opens the stepper: what names no command is given to ``open``.

    A command is imported when it is asked for, so that the stepper starts without the others.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"lrstep.cli.{module}"), name)
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command ``open`` in front where no command is named."""
        if ctx.resilient_parsing and not args:
            return super().parse_args(ctx, args)  # completion of the first word
        if not args or (args[0] not in COMMANDS and args[0] not in ("--help", "-h", "--version")):
            if args and not ctx.resilient_parsing and meant_command(args[0]):
                look_up_source(args[0])  # before its options are refused as none of the stepper's
            args = [STEPPER, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Commands, and what can be opened."""
        first = click.Argument(["source"])
        return [*super().shell_complete(ctx, incomplete), *complete_source(ctx, first, incomplete)]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both ways to call it."""
        formatter.write_usage("lrstep", "[SOURCE] [SETTINGS]    opens the stepper")
        formatter.write_usage("lrstep", "COMMAND [ARGS]...")


def meant_command(text: str) -> str | None:
    """The command that a text is a misspelling of, if it is close to one."""
    import difflib

    names = [name for name in COMMANDS if name != STEPPER]
    return next(iter(difflib.get_close_matches(text.casefold(), names, n=1)), None)


def look_up_source(source: str) -> None:
    """Refuse a SOURCE that is not there; it may have been meant as a command."""
    from lrstep.sources.lookup import look_up

    try:
        look_up(source)
    except LrstepError as error:
        command = meant_command(source)
        meant = f"Did you mean lrstep {command}? " if command else ""
        raise LrstepError(error.message, meant + error.hint) from None
