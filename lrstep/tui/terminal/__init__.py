"""What stands between the stepper and the terminal: fewer bytes, keys in order, an end that gives the terminal back.

This is all that is used of it from outside:

- :class:`TerminalApp`: the app to build on. It hands out keys in their order, says whether the terminal has shown
  what was painted (``output_waits``), and sends spans to it (``paint``).
- :func:`run`: run such an app to its end, whatever ends it.
- :data:`ASKING_GROUP`: the group of the workers that open a dialog, for which keys wait.
- :func:`forget_closed_dialogs`: let go of what Textual would keep of them.
"""

from lrstep.tui.terminal.cell_diff import Placed
from lrstep.tui.terminal.closed_dialogs import forget_closed_dialogs
from lrstep.tui.terminal.key_queue import ASKING_GROUP
from lrstep.tui.terminal.lifecycle import run
from lrstep.tui.terminal.terminal_app import Codes, TerminalApp

__all__ = ["ASKING_GROUP", "Codes", "Placed", "TerminalApp", "forget_closed_dialogs", "run"]
