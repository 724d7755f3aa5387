"""From an opened source to a running stepper and its exit status."""

import sys
from collections.abc import Mapping
from typing import NamedTuple

from lrstep.errors import LrstepError
from lrstep.session.characters import takes_utf_8
from lrstep.sources.keeper import Keeper
from lrstep.sources.source import Source
from lrstep.tui.stepper_app import Stepper
from lrstep.tui.terminal import run
from lrstep.visible import visible


class Looks(NamedTuple):
    """How the stepper is to look and listen.

    Attributes:
        theme: ``dark`` or ``light``.
        ascii: ASCII characters only; they are also used where no others can be shown.
        mouse: whether the mouse is used.
        keys: command → keys that replace its own.
        precision: of the Keras check, ``float32`` or ``float64``.
    """

    theme: str = "dark"
    ascii: bool = False
    mouse: bool = True
    keys: Mapping[str, tuple[str, ...]] = {}
    precision: str = "float32"


def launch(source: Source, at: str | None, looks: Looks, notice: str = "", newcomer: bool = False) -> int:
    """Open the stepper and stay until it ends, however it ends; a newcomer is asked what brings them here.

    Returns:
        The exit status: 0, 128 + signal, or 1 after an error in the program.

    Raises:
        LrstepError: the place to open at does not exist.
    """
    app = Stepper(
        source,
        at,
        looks=looks.theme,
        ascii=looks.ascii or not takes_utf_8(sys.__stderr__),
        keys=looks.keys,
        notice=notice,
        precision=looks.precision,
        newcomer=newcomer,
    )
    keeper = Keeper(app.place_to_keep, app.tell)

    def keep() -> None:
        keeper.keep(anew=True)
        if keeper.trouble:
            raise LrstepError(keeper.trouble)

    with keeper.now_and_then():
        status = run(app, keep, mouse=looks.mouse)
    if trouble := keeper.at_the_end():
        print(f"lrstep: {visible(trouble)}", file=sys.stderr)
    return status
