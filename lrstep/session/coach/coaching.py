"""The coach beside a session: what it says there, when it may think, and what becomes of its offers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.session.coach.about_the_data import about_the_data
from lrstep.session.coach.coach import Coach

if TYPE_CHECKING:
    from lrstep.session.coach.cures import Cure
    from lrstep.session.lesson.guide import Guide
    from lrstep.session.lesson.waiting import Pupil
    from lrstep.session.practice import Practice

    class Coached(Pupil, Protocol):
        """What is coached: a session."""

        playing: bool
        practice: Practice | None
        notice: str

        @property
        def guide(self) -> Guide | None:
            """The lesson that is gone through."""

        @property
        def keys(self) -> Mapping[str, str]:
            """Command → its key, for people."""

        def change(self, settings: Settings) -> None:
            """Start anew with other settings."""

        def touch(self) -> None:
            """Something is different."""


LEAVING = "Leave the recording and go on as a free run?"
"""Asked before settings change in a recorded run."""


class Coaching:
    """Coaches of the runs of a session, each made when its run is shown.

    It is silent while a lesson says what to do next, in practice, and while something is computed.

    Args:
        session: what is coached.
    """

    def __init__(self, session: "Coached") -> None:
        self._session = session
        self._coaches: dict[Run, Coach] = {}

    @property
    def coach(self) -> Coach:
        """That of the run that is shown."""
        run = self._session.run
        if run not in self._coaches:
            self._coaches[run] = Coach(run)
        return self._coaches[run]

    @property
    def _silent(self) -> bool:
        guide = self._session.guide
        return guide is not None and guide.teaches

    def offers(self) -> "tuple[Cure, ...]":
        """What helps here; nothing while a lesson goes on."""
        return () if self._silent else self.coach.offers(self._session.number)

    def advice(self, first_key: str = "") -> tuple[str, ...]:
        """What it says here, the longest form first; nothing where all is well, or something else goes on.

        Args:
            first_key: what takes its first offer; by default the key of the command.
        """
        session = self._session
        if session.practice is not None or session.computing or self._silent:
            return ()
        if not session.number:
            return tuple(about_the_data(session.run)) if self.coach.speaks(0) else ()
        from lrstep.session.coach.sentences import advice

        return advice(self.coach, session.number, (first_key or session.keys["follow"], session.keys["follow_other"]))

    @property
    def wonders(self) -> bool:
        """Whether thinking could change what it says here: a voice has it :meth:`think` while it is idle."""
        session = self._session
        return not (session.playing or session.computing or self._silent) and self.coach.wonders(session.number)

    def think(self, work: float) -> None:
        """Think for about so many units of work, of some 4 µs each."""
        if self.coach.think(self._session.number, work):
            self._session.touch()

    def follow(self, place: int = 0) -> None:
        """Take what it offers: another run begins."""
        session, offers = self._session, self.coach.offers(self._session.number)
        if place < len(offers) and session.run.recorded and not session.notice.startswith(LEAVING):
            session.say(f"{LEAVING} {session.keys['follow']} again does, and {session.keys['undo']} comes back to it")
        elif place < len(offers):
            from lrstep.session.coach.sentences import changes

            said = changes(session.run.settings, offers[place])
            session.change(offers[place].settings)
            session.notice = (
                f"begins anew with {said}; {session.keys['end']} shows its end, {session.keys['undo']} goes back"
            )
