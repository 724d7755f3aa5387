"""What was made last, and of what: a part of the screen is made anew only when its inputs have changed."""

from collections.abc import Callable
from typing import Any, TypeVar

Made = TypeVar("Made")


class Kept:
    """The last result of each maker. It holds one result for a name and lives as long as the session."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[tuple[object, ...], Any]] = {}

    def __call__(self, name: str, inputs: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """The result of a maker: its last one, where that was made from equal inputs.

        Args:
            name: of the maker.
            inputs: all that the result depends on; runs and data sets are compared by identity.
            make: makes it.
        """
        found = self._made.get(name)
        if found is None or found[0] != inputs:
            found = self._made[name] = inputs, make()
        made: Made = found[1]
        return made
