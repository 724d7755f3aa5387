"""What a person can do in the stepper: one table gives bindings, footer, palette and help."""

from collections.abc import Mapping
from typing import NamedTuple

from lrstep.sources.keynames import key_label


class Command(NamedTuple):
    """One thing to do.

    Attributes:
        id: name in the key map and of the action (``action_<id>``).
        keys: the keys that do it, the first one is shown.
        label: one or two words for the footer.
        help: one line for the help screen and the palette.
        group: heading on the help screen.
        rank: place in the footer; the lower, the longer it stays when there is little room; 0 = not in the footer.
        brief: the label where there is no room for all that :data:`NEEDED` has; None if it is the same.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: str
    rank: int = 0
    brief: str | None = None

    @property
    def shown(self) -> str:
        """The first of its keys as the footer writes it."""
        return key_label(self.keys[0])

    @property
    def opens(self) -> bool:
        """Whether it opens a screen of its own, to which the keys after it belong."""
        return self.id in ASKING + SHOWING


NEEDED = 10
"""Commands of this rank or a lower one are what a newcomer needs: the footer has them at 80 columns."""

MOVE, SEE, RUN, LEARN, APP = "Moving", "Looking", "The run", "Learning", "lrstep"

COMMANDS = (
    Command("back", ("left", "h", "backspace"), "back", "previous iteration", MOVE, 2, ""),
    Command("next", ("right", "l", "space"), "next", "next iteration", MOVE, 1, "step"),
    Command("phase_next", ("down", "j"), "phase", "next phase inside the iteration", MOVE, 11),
    Command("phase_back", ("up", "k"), "phase back", "previous phase inside the iteration", MOVE),
    Command("epoch_next", ("pagedown", "right_square_bracket"), "epoch", "one epoch further", MOVE, 13),
    Command("epoch_back", ("pageup", "left_square_bracket"), "epoch back", "one epoch back", MOVE),
    Command("start", ("home",), "start", "start, before any step", MOVE),
    Command("end", ("end",), "end", "last iteration", MOVE),
    Command("go_to", ("g",), "go to", "go to iteration 5, batch e3b2, or where rmse<20", MOVE, 14),
    Command("play", ("a",), "auto", "play and pause; at the end, from the start again", MOVE, 15),
    Command("faster", ("plus", "equals_sign"), "faster", "play faster", MOVE),
    Command("slower", ("minus",), "slower", "play slower", MOVE),
    Command("breakpoints", ("B",), "breakpoints", "breakpoints: where playing stops, such as rmse<20", MOVE),
    Command("restart", ("r",), "restart", "back to the start", MOVE, 16),
    Command("chart", ("t",), "chart", "next chart", SEE, 6),
    Command("chart_1", ("1",), "Fit", "chart Fit: data, the line before and after the update", SEE),
    Command("chart_2", ("2",), "RMSE", "chart RMSE over the iterations", SEE),
    Command("chart_3", ("3",), "Weights", "chart of weight and bias over the iterations", SEE),
    Command("chart_4", ("4",), "Surface", "chart of the loss surface with the path of the iterations", SEE),
    Command("models", ("5",), "Models", "all models: parameters, loss and RMSE of every iteration", SEE),
    Command("chart_6", ("6",), "side by side", "the numbers of runs side by side", SEE),
    Command("zoom", ("z",), "zoom", "Surface: around the path, the whole, the loss of this batch alone", SEE),
    Command("surface_axes", ("Z",), "axes", "Surface: the next two parameters, the others held", SEE),
    Command("panel_next", ("tab",), "panel", "next panel", SEE),
    Command("panel_back", ("shift+tab",), "panel back", "previous panel", SEE),
    Command("scroll_down", ("full_stop", "shift+down"), "scroll", "scroll the batch down", SEE),
    Command("scroll_up", ("comma", "shift+up"), "scroll back", "scroll the batch up", SEE),
    Command("explain", ("x", "enter"), "explain", "the arithmetic of the focused panel or of this phase", SEE, 5),
    Command(
        "check", ("c",), "Keras check", "have Keras confirm every step; again: the table of this step", SEE, 9, "Keras"
    ),
    Command("why", ("w",), "why", "why is my number different? Type it and see what gives it", SEE, 12),
    Command("practice", ("p",), "practice", "practice: type the next value yourself", SEE),
    Command("failed_next", ("n",), "next ✗", "next step that differs from Keras", SEE),
    Command("failed_back", ("N",), "previous ✗", "previous step that differs from Keras", SEE),
    Command("compare", ("v",), "compare", "compare with other runs, side by side: choose what to vary", RUN),
    Command("next_run", ("V",), "next run", "side by side: look at the next run, at the same moment", RUN),
    Command("pace", ("P",), "pace", "side by side: by iteration, by samples seen, or by epoch", RUN),
    Command("open", ("o",), "open", "open a sample or your own data", RUN, 7),
    Command("settings", ("s",), "settings", "learning rate, batch size, epochs and so on", RUN, 8, "set"),
    Command("follow", ("f",), "follow", "take the coach's advice", RUN),
    Command("follow_other", ("F",), "other way", "take the coach's other advice: scaled data", RUN),
    Command("undo", ("u",), "undo", "back to the run before, with its settings and place", RUN),
    Command("export", ("e",), "export", "export: spreadsheet, table, picture", RUN, 10),
    Command("save", ("S",), "save", "save the run as a run file", RUN),
    Command("lesson_next", ("m",), "next step", "lesson: the next step; at its end, the next lesson", LEARN),
    Command("lesson_back", ("M",), "step back", "lesson: this step as it began; again: the step before", LEARN),
    Command("notes", ("i",), "notes", "lesson: put it away and show it again; notes of a run file", LEARN),
    Command("begin_numbers", ("7",), "23.1 or 21.8", "Keras prints another number than I compute", LEARN),
    Command("begin_words", ("8",), "what is what", "What are epoch, batch, iteration?", LEARN),
    Command("begin_own", ("9",), "own run", "My own data or my own Keras run", LEARN),
    Command("begin_alone", ("0",), "alone", "just the stepper", LEARN),
    Command("help", ("question_mark", "f1"), "help", "all keys", APP, 3),
    Command("palette", ("ctrl+p",), "palette", "find a command by its name", APP),
    Command("quit", ("q", "ctrl+c"), "quit", "leave lrstep", APP, 4),
)

HELPS = {command.id: command.help for command in COMMANDS}
"""Command → its help."""

KEYS = {command.id: command.shown for command in COMMANDS}
"""Command → its key as people read it, where a person has no own."""

ASKING = ("go_to", "compare", "breakpoints", "settings", "open", "explain", "why", "save", "export")
SHOWING = ("check", "notes", "help", "palette")
"""The commands that ask something on a screen of their own, and those that show something there."""


def with_keys(keys: Mapping[str, tuple[str, ...]]) -> tuple[Command, ...]:
    """The table with a person's own keys, which replace those of their commands."""
    return tuple(command._replace(keys=keys.get(command.id, command.keys)) for command in COMMANDS)


def key_names(command: Command) -> str:
    """The keys of a command as a person reads them."""
    return " ".join(key_label(key) for key in command.keys)
