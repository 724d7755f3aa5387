"""The last line: as many keys as fit, the most needed first; what cannot be done now is grey."""

from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate

from lrstep.session.commands import COMMANDS, NEEDED, Command
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
        fitting = _fitting(self._commands, width, view.ascii)
        ends = accumulate(size for _, _, size in fitting)
        self._places = [(end, command.id) for end, (command, _, _) in zip(ends, fitting, strict=True)]
        usable = [enabled(command.id) for command, _, _ in fitting]
        return view.kept("footer", (fitting, usable), lambda: _line(fitting, usable))

    def at(self, x: int) -> str:
        """The command at a column, or ""."""
        return next((command for end, command in self._places if x < end), "")


FooterItem = tuple[Command, str, int]
"""A command on the line: its label, and how wide both are."""


@lru_cache(maxsize=8)
def _fitting(commands: tuple[Command, ...], width: int, ascii: bool) -> list[FooterItem]:
    """The commands that have room on the line, in their order; with brief labels where not all that is needed has."""
    ranked = [command for command in commands if command.rank]
    full = _kept([_place(command, command.label, ascii) for command in ranked], width)
    needed = {command.id for command in ranked if command.rank <= NEEDED}
    if needed <= {command.id for command, _, _ in full}:
        return full
    brief = [command.label if command.brief is None else command.brief for command in ranked]
    places = [_place(command, label, ascii) for command, label in zip(ranked, brief, strict=True)]
    if not needed <= {command.id for command, _, _ in _kept(places, width)}:
        # Arrows take more room in ASCII; they can do without a word.
        places = [_place(command, "" if command.rank == 1 else label, ascii) for command, label, _ in places]
    return _kept(places, width)


def _place(command: Command, label: str, ascii: bool) -> FooterItem:
    return command, label, row_width(in_chars(_cells(command, label, True), ascii))


def _kept(places: list[FooterItem], width: int) -> list[FooterItem]:
    """Those that fit; the ones of the highest rank go first."""
    kept = sorted(places, key=lambda place: place[0].rank)
    while sum(size for _, _, size in kept) > width:
        kept.pop()
    return [place for place in places if place in kept]


def _line(places: list[FooterItem], usable: list[bool]) -> Row:
    return tuple(
        span for (command, label, _), can in zip(places, usable, strict=True) for span in _cells(command, label, can)
    )


def _cells(command: Command, label: str, usable: bool) -> Row:
    key, text = ("key", "bar") if usable else ("off", "off")
    return Span(f" {command.shown}", key), Span(f" {label} " if label else "", text)
