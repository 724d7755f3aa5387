"""Runs side by side in plain mode: what is compared, which run is spoken of, and how the others stand."""

from lrstep.core.lockstep import PACES
from lrstep.errors import LrstepError
from lrstep.plain import runs_account
from lrstep.plain.talk import Commands
from lrstep.session import comparing


class SideBySide(Commands):
    """The commands about runs side by side."""

    def do_compare(self, rest: str) -> None:
        """Compare with other runs: ``v batch``, ``v batch_size=1 ; optimizer=sgd lr=0.001``, ``v off``; or say them."""
        session = self._session
        if rest:
            session.compare(comparing.meant(rest, session.source))
            self._talk.wait()
            if session.lockstep.alone:
                self._say("This run is alone again.")
                return
        elif session.lockstep.alone:
            self._say("Nothing to compare with yet. What can be varied:")
            self._say(*(f"v {choice.word}: {choice.title}" for choice in comparing.choices(session.source)))
            self._say("v batch_size=1 ; optimizer=sgd lr=0.001: any settings or data, with ; between the runs.")
            return
        runs_account.table(session.view, self._talk.voice)

    def do_next_run(self, rest: str) -> None:
        """Speak of the next of the runs, or of one by its number: ``V``, ``V 2``."""
        lanes = self._lanes()
        if rest and rest not in map(str, range(1, lanes + 1)):
            raise LrstepError(f"there is no run {rest[:20]!r}", f"Runs are numbered from 1 to {lanes}: V 2.")
        self._session.show(int(rest) - 1 if rest else self._session.lockstep.shown + 1)
        self._talk.arrive()

    def do_pace(self, rest: str) -> None:
        """What is equal at the same moment, the next of them or the one that is named: ``P``, ``P epoch``."""
        self._lanes()
        if rest and rest not in PACES:
            raise LrstepError(f"runs do not go by {rest[:20]!r}", f"They go by {', '.join(PACES)}: P epoch.")
        self._session.next_pace(next((pace for pace in PACES if pace == rest), None))
        self._talk.arrive()

    def _lanes(self) -> int:
        if self._session.lockstep.alone:
            raise LrstepError("there is no other run", "v lists what this one can be compared with.")
        return len(self._session.lockstep.lanes)
