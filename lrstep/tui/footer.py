"""The last line: as many keys as fit, the most needed first; what cannot be done now is grey."""

from collections.abc import Callable

from lrstep.session.commands import COMMANDS, Command
from lrstep.session.styled_rows import Row, Span, row_width
from lrstep.session.view import View


class Footer:
    """Makes the line and remembers where each command stands on it, for clicks.

    Args:
        commands: the table, with the keys of the person.
    """

    def __init__(self, commands: tuple[Command, ...] = COMMANDS) -> None:
        self._commands = commands
        self._places: list[tuple[int, str]] = []

    def cells(self, view: View, width: int, enabled: Callable[[str], bool]) -> Row:
        """The line for a width; ``enabled`` says whether a command can do anything now."""
        ranked = [command for command in self._commands if command.rank]
        kept = set(ranked)
        for command in sorted(ranked, key=lambda command: -command.rank):
            if sum(row_width(view.row(_cells(c, True))) for c in kept) <= width:
                break
            kept.discard(command)
        line: list[Span] = []
        self._places = []
        x = 0
        for command in (command for command in ranked if command in kept):
            cells = _cells(command, enabled(command.id))
            line += cells
            x += row_width(view.row(cells))
            self._places.append((x, command.id))
        return tuple(line)

    def at(self, x: int) -> str:
        """The command at a column, or ""."""
        return next((command for end, command in self._places if x < end), "")


def _cells(command: Command, usable: bool) -> Row:
    return (
        Span(f" {command.shown}", "key" if usable else "off"),
        Span(f" {command.label} ", "bar" if usable else "off"),
    )
