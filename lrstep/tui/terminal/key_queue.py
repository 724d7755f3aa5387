"""Keys in the order in which they were typed, each where it belongs.

Textual hands a key out the moment it comes. A key that comes together with the one that opens a dialog, as
they do over a slow link or when pasted, would reach the screen below, and one typed after Enter a dialog that
is about to close. So a key waits until what the key before it began is on the screen.
"""

import time
from collections import deque
from typing import Any, TypeGuard

from textual import events
from textual.app import App
from textual.dom import DOMNode

ASKING_GROUP = "asking"
"""Group of the workers that open a dialog and wait for its answer."""

PATIENCE = 1.0
"""Seconds that a key waits for the one before it: keys must never be dead."""

_LOOK_AGAIN = 0.005
_AT_ONCE = ("ctrl+c", "ctrl+z")


class KeyedApp(App[Any]):
    """What the queue has to know of the app."""

    @property
    def opened(self) -> bool:
        """Whether the app is there: keys typed before that wait for it."""
        raise NotImplementedError

    @property
    def stepping(self) -> bool:
        """Whether the first screen is on top, not a dialog."""
        raise NotImplementedError

    async def hand_out(self, event: events.Event) -> None:
        """Pass an event on to where it belongs now."""
        raise NotImplementedError


class KeyQueue:
    """The queue of keys and pastes that wait.

    Args:
        app: the app whose keys these are.
        quick: keys of the stepper that open nothing; they are handed out as they come, so that those of a
            key held down are painted together.
    """

    def __init__(self, app: KeyedApp, quick: frozenset[str]) -> None:
        self._app = app
        self._quick = quick
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._busy = False
        self._since = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    def holds(self, event: events.Event) -> bool:
        """Whether an event has to wait; it is handed out later."""
        if not _typed(event) or (isinstance(event, events.Key) and event.key in _AT_ONCE):
            return False
        if not self._busy and not self._waiting and self._settled:
            return False
        self._waiting.append(event)
        if not self._busy or time.monotonic() > self._since + PATIENCE:
            self._busy, self._since = True, time.monotonic()
            self._app.call_later(self._go_on)
        return True

    def waits_for(self, event: events.Event) -> DOMNode | None:
        """Where an event that is about to be handed out begins its way, if the next one has to wait for it."""
        if not _typed(event) or (self._app.stepping and isinstance(event, events.Key) and event.key in self._quick):
            return None
        self._busy, self._since = True, time.monotonic()
        return self._app.focused or self._app.screen

    def follow(self, node: DOMNode | None, again: bool = True) -> None:
        """Go through the queues that a key takes, from the widget with the focus up to the app.

        What is bound to the key is done at the end of that way and may send a message, such as that of a
        field that was submitted, on the same way: hence a second time.
        """
        while node is not None and node is not self._app:
            # A queue that is closing takes nothing more, and the key does not come past it either.
            if node.call_later(self.follow, node.parent, again):
                return
            node = node.parent
        self._app.call_later(self._bound_key_done if again else self._go_on)

    def _bound_key_done(self) -> None:
        self.follow(self._app.focused or self._app.screen, again=False)

    async def _go_on(self) -> None:
        if not self._settled and time.monotonic() < self._since + PATIENCE:
            self._app.set_timer(_LOOK_AGAIN, self._go_on)
            return
        self._busy = False
        while self._waiting and not self._busy:
            await self._app.hand_out(self._waiting.popleft())

    @property
    def _settled(self) -> bool:
        """Whether the screen on top is there, and is not about to open another one."""
        top = self._app.screen
        return (
            self._app.opened
            and top.is_mounted
            and not any(
                worker.group == ASKING_GROUP and worker.node is top and not worker.is_finished
                for worker in self._app.workers
            )
        )


def _typed(event: events.Event) -> TypeGuard[events.Key | events.Paste]:
    return isinstance(event, events.Key | events.Paste) and not event.is_forwarded
