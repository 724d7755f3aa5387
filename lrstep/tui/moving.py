"""Moving through a run: the cursor, seeking with progress, playing."""

import asyncio
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen
from textual.timer import Timer

from lrstep.core.iteration import Phase
from lrstep.core.position import parse_position
from lrstep.core.run import Run
from lrstep.sources.source import Source

if TYPE_CHECKING:
    from lrstep.tui.stepper_app import Stepper

SPEEDS = (1, 2, 5, 10, 20, 50, 200, 1000)
"""Iterations per second when playing."""

_FRAME = 1 / 20
_PATIENCE = 0.03
"""Seconds that a move may compute before it shows progress; also the longest that keys wait meanwhile."""


class Moving(Screen[None]):
    """Owns the run and the cursor (iteration number and phase).

    Attributes:
        source: what was opened.
        run: its run.
        number: iteration under the cursor, 0 for the start.
        phase: phase under the cursor.
        target: iteration that is being computed, or None.
        playing, speed: whether it plays, and the place in :data:`SPEEDS`.
        notice: a message that stays until the next move.
        arrived: whether the cursor has come to where the run opens.
    """

    app: "Stepper"

    def __init__(self, source: Source, at: str | None = None) -> None:
        super().__init__()
        self.source = source
        self.run = Run(source.dataset, source.settings)
        self.number, self.phase = 0, Phase.START
        self.scroll_to_sample = 0
        self.target: int | None = None
        self.playing = False
        self.speed = 2
        self.notice = ""
        self.arrived = False
        self._opens_at = parse_position(at or source.cursor or "start", self.run)
        self._timer: Timer | None = None

    def repaint(self) -> None:
        """Paint soon."""
        raise NotImplementedError

    def moved(self) -> None:
        """The cursor is somewhere else now."""
        self.refresh_bindings()
        self.repaint()

    def load(self, source: Source) -> None:
        """Start another run; the cursor goes to where the source says, else to the start."""
        self.stop_playing()
        self.workers.cancel_group(self, "seek")
        place = parse_position(source.cursor or "start", Run(source.dataset, source.settings))
        self.source = source
        self.run = Run(source.dataset, source.settings)
        self.number, self.phase, self.scroll_to_sample, self.notice = 0, Phase.START, 0, ""
        self.arrived = False
        self.go(*place)

    # --- the cursor ------------------------------------------------------------------------------

    def go(self, number: int, phase: Phase = Phase.AFTER) -> None:
        """Move the cursor; iterations that are not known yet are computed first, with progress if that takes long."""
        number = max(0, min(number, self.run.n_iterations))
        self.notice = ""
        self.workers.cancel_group(self, "seek")
        if self.run.advance(number, _PATIENCE):
            self._arrive(number, phase)
        else:
            self._seek(number, phase)

    def _arrive(self, number: int, phase: Phase) -> None:
        self.target = None
        self.arrived = True
        if number != self.number:
            self.scroll_to_sample = 0
        self.number, self.phase = number, phase if number else Phase.START
        self.moved()

    @work(group="seek", exclusive=True)
    async def _seek(self, number: int, phase: Phase) -> None:
        self.target = number
        try:
            while not self.run.advance(number, _PATIENCE):
                self.repaint()
                # Long enough for keys and for the painting of the progress to get their turn.
                await asyncio.sleep(0.002)
            self._arrive(number, phase)
        finally:
            self.target = None
            self.repaint()

    def stop_seeking(self) -> None:
        """Give up computing; what is known stays known."""
        if self.target is not None:
            self.workers.cancel_group(self, "seek")
            self.arrived = True  # here, as far as the person is concerned
            self.notice = f"stopped; iterations up to {self.run.computed} are known"
            self.repaint()

    def action_next(self) -> None:
        """Next iteration."""
        self.go(self.number + 1)

    def action_back(self) -> None:
        """Previous iteration."""
        self.stop_playing()
        self.go(self.number - 1)

    def action_phase_next(self) -> None:
        """Next phase; after the last one the next iteration begins."""
        if self.phase in (Phase.START, Phase.AFTER):
            self.go(self.number + 1, Phase.BATCH)
        else:
            self.go(self.number, Phase(self.phase + 1))

    def action_phase_back(self) -> None:
        """Previous phase; before the first one lies the iteration before."""
        if self.phase == Phase.BATCH:
            self.go(self.number - 1)
        else:
            self.go(self.number, Phase(self.phase - 1))

    def action_epoch_next(self) -> None:
        """One epoch further: the same batch again, or the end of the next epoch where Keras prints its numbers."""
        self.go(self.number + self.run.batches.per_epoch)

    def action_epoch_back(self) -> None:
        """One epoch back."""
        self.stop_playing()
        self.go(self.number - self.run.batches.per_epoch)

    def action_start(self) -> None:
        """To the start."""
        self.stop_playing()
        self.go(0)

    def action_end(self) -> None:
        """To the last iteration."""
        self.go(self.run.n_iterations)

    def action_restart(self) -> None:
        """Back to the start."""
        self.action_start()

    # --- playing ---------------------------------------------------------------------------------

    def action_play(self) -> None:
        """Play and pause."""
        if self.playing:
            self.stop_playing()
        else:
            self.playing = True
            self._tick_anew()
        self.repaint()

    def action_faster(self) -> None:
        """Play faster."""
        self._set_speed(self.speed + 1)

    def action_slower(self) -> None:
        """Play slower."""
        self._set_speed(self.speed - 1)

    def _set_speed(self, speed: int) -> None:
        self.speed = max(0, min(speed, len(SPEEDS) - 1))
        if self.playing:
            self._tick_anew()
        else:
            self.notice = f"plays {SPEEDS[self.speed]} iterations a second; a starts"
        self.repaint()

    def _tick_anew(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(max(1 / SPEEDS[self.speed], _FRAME), self._tick)

    def _tick(self) -> None:
        if not self.playing or self.target is not None or not self.ready or self.app.screen is not self:
            return
        self.go(self.number + max(1, round(SPEEDS[self.speed] * _FRAME)))
        if self.number >= self.run.n_iterations:
            self.stop_playing()

    @property
    def ready(self) -> bool:
        """Whether what was to be painted is painted: playing must not run ahead of the terminal."""
        return True

    def stop_playing(self) -> None:
        """Pause."""
        self.playing = False
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
