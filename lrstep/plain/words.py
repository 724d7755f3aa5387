"""From a typed line to a command: the keys of the stepper as letters, the commands as words."""

from collections.abc import Mapping, Sequence

from lrstep.session.commands import COMMANDS, Command
from lrstep.sources.columns import did_you_mean
from lrstep.sources.keynames import NoKey, key_name, shown

OWN = {
    "show": "say this place again",
    "batch": "all samples of this batch",
    "continue": "go on to the next breakpoint, or to the end",
    "lesson": "the lessons, or begin one or go on with it: lesson by-hand",
    "hint": "the hint of a lesson's step",
}
"""Commands that only plain mode has → what they do."""

INSTEAD = {
    "play": "Plain mode does not play by itself. next 10 takes ten iterations, continue goes to a breakpoint.",
    "chart": "Charts cannot be said in lines. lrstep trace prints the figures of all iterations as a table.",
    "zoom": "There is no chart here to zoom.",
    "surface_axes": "There is no chart here to turn.",
    "panel_next": "There are no panels here: phase_next goes through the parts of an iteration.",
    "scroll_down": "Nothing scrolls here: batch shows all samples of the batch.",
    "palette": "There is no palette here: help lists all commands.",
}
"""Commands of the screen that plain mode does not have → what to do instead."""

_SAME = {
    "faster": "play", "slower": "play", "chart_1": "chart", "chart_2": "chart", "chart_3": "chart", "chart_4": "chart",
    "chart_6": "compare", "panel_back": "panel_next", "scroll_up": "scroll_down",
}  # fmt: skip

_MORE = {
    "previous": "back", "prev": "back", "forward": "next", "go": "go_to", "goto": "go_to", "begin": "start",
    "last": "end", "keras": "check", "set": "settings", "exit": "quit", "bye": "quit", "write": "save",
    "auto": "play", "break": "breakpoints", "breaks": "breakpoints", "breakpoint": "breakpoints",
}  # fmt: skip

_LONGEST = 3
"""Words in the longest name of a command."""


class Words:
    """Which command a typed line means.

    Args:
        keys: command → its keys; a key can be typed for the command, by its character or its name.
    """

    def __init__(self, keys: Mapping[str, Sequence[str]]) -> None:
        self.keys = keys
        self._by_key = {key: command for command, names in keys.items() for key in names}
        self._words = _MORE | {word: word for word in OWN}
        for command in COMMANDS:
            self._words |= {_folded(command.id): command.id, _folded(command.label): command.id}

    def command(self, line: str) -> tuple[str, str] | None:
        """The command (its id) and the rest of the line; None where it names no command."""
        words = line.split()
        for count in range(min(_LONGEST, len(words)), 0, -1):
            found = self._words.get(_folded(" ".join(words[:count])))
            if not found and count == 1:
                found = self._of_key(words[0])
            if found:
                parts = line.split(maxsplit=count)
                return _SAME.get(found, found), parts[count].strip() if len(parts) > count else ""
        return None

    def has(self, command: Command) -> bool:
        """Whether plain mode has a command of the screen."""
        return _SAME.get(command.id, command.id) not in INSTEAD

    def suggestion(self, line: str) -> str:
        """What the first word of an unknown command may have been meant to be."""
        return did_you_mean(line.split()[0], self._words)

    def letters(self, command: Command) -> list[str]:
        """What can be typed for a command in place of its name; a digit is an iteration to go to."""
        return [key for key in map(shown, self.keys[command.id]) if len(key) == 1 and not key.isdecimal()]

    def _of_key(self, word: str) -> str | None:
        if word.isdecimal():
            return None  # a number is an iteration to go to
        try:
            return self._by_key.get(key_name(word))
        except NoKey:
            return None


def _folded(name: str) -> str:
    return name.lower().replace("_", " ").replace("-", " ")
