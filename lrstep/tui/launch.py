"""From an opened source to a running stepper and its exit status."""

import sys
from collections.abc import Mapping

from lrstep.errors import LrstepError
from lrstep.session.characters import takes_utf_8
from lrstep.sources.keeper import Keeper
from lrstep.sources.source import Source
from lrstep.tui.stepper_app import StepperApp
from lrstep.tui.terminal import run
from lrstep.visible import visible


def launch(
    source: Source,
    at: str | None,
    keys: Mapping[str, tuple[str, ...]],
    *,
    theme: str = "dark",
    ascii: bool = False,
    mouse: bool = True,
    precision: str = "float32",
    notice: str = "",
    newcomer: bool = False,
) -> int:
    """Open the stepper and stay until it ends, however it ends.

    Args:
        source: data and settings.
        at: place to open at.
        keys: command → keys that replace its own.
        theme: ``dark`` or ``light``.
        ascii: ASCII characters only; they are also used where no others can be shown.
        mouse: whether the mouse is used.
        precision: of the Keras check, ``float32`` or ``float64``.
        notice: a message to begin with.
        newcomer: whether a person is asked what brings them here.

    Returns:
        The exit status: 0, 128 + signal, or 1 after an error in the program.

    Raises:
        LrstepError: the place to open at does not exist.
    """
    app = StepperApp(
        source,
        at,
        looks=theme,
        ascii=ascii or not takes_utf_8(sys.__stderr__),
        keys=keys,
        notice=notice,
        precision=precision,
        newcomer=newcomer,
    )
    keeper = Keeper(app.place_to_keep, app.tell)

    def keep() -> None:
        keeper.keep(anew=True)
        if keeper.trouble:
            raise LrstepError(keeper.trouble)

    with keeper.now_and_then():
        status = run(app, keep, mouse=mouse)
    if trouble := keeper.at_the_end():
        print(f"lrstep: {visible(trouble)}", file=sys.stderr)
    return status
