"""What was made for one question and serves the next."""

from collections.abc import Callable, Hashable
from typing import TypeVar

Made = TypeVar("Made")

KEPT_READY = 12
"""So many things that were made for a run are kept ready."""


def kept(owner: object, key: Hashable, make: Callable[[], Made]) -> Made:
    """What was made for an object before, as a person asks more than once about the same run.

    It is kept by the object itself: a cache of its own would keep the runs alive that are asked about.
    """
    ready: dict[Hashable, Made] = vars(owner).setdefault("_kept_by_search", {})
    if key not in ready:
        while len(ready) >= KEPT_READY:
            del ready[next(iter(ready))]
        ready[key] = make()
    return ready[key]
