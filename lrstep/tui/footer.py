"""The last line: as many keys as fit, the most needed first; what cannot be done now is grey."""

from collections.abc import Callable
from functools import lru_cache

from lrstep.session.commands import COMMANDS, Command
from lrstep.session.styled_rows import Row, Span, in_chars, row_width
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
        line: list[Span] = []
        self._places = []
        x = 0
        for command, size in _fitting(self._commands, width, view.ascii):
            line += _cells(command, enabled(command.id))
            x += size
            self._places.append((x, command.id))
        return tuple(line)

    def at(self, x: int) -> str:
        """The command at a column, or ""."""
        return next((command for end, command in self._places if x < end), "")


@lru_cache(maxsize=8)
def _fitting(commands: tuple[Command, ...], width: int, ascii: bool) -> list[tuple[Command, int]]:
    """The commands that have room on the line, in their order, and how wide each of them is."""
    ranked = [command for command in commands if command.rank]
    sizes = {command: row_width(in_chars(_cells(command, True), ascii)) for command in ranked}
    kept = set(ranked)
    for command in sorted(ranked, key=lambda command: -command.rank):
        if sum(sizes[c] for c in kept) <= width:
            break
        kept.discard(command)
    return [(command, sizes[command]) for command in ranked if command in kept]


def _cells(command: Command, usable: bool) -> Row:
    return (
        Span(f" {command.shown}", "key" if usable else "off"),
        Span(f" {command.label} ", "bar" if usable else "off"),
    )
