"""A session: everything that a person does and sees, but for a screen or lines to see it on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from lrstep.core.iteration import Phase
from lrstep.core.lockstep import PACES, Lockstep, Pace
from lrstep.core.position import parse_position, position_text
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.plural import counted
from lrstep.session import comparing
from lrstep.session.breakpoints import Breakpoints
from lrstep.session.checker import Checker
from lrstep.session.coach.coaching import Coaching
from lrstep.session.commands import COMMANDS, Command
from lrstep.session.lesson.course import ALONE, BEGINNINGS, Course, guide_of
from lrstep.session.look import CHARTS, SIDE, SIDE_BY_SIDE, Look
from lrstep.session.movements import MOVES, Place, destination, within
from lrstep.session.panels.names import PANELS, SCROLLING
from lrstep.session.view import Kept, View
from lrstep.sources.against import Comparison
from lrstep.sources.lanes import lockstep
from lrstep.sources.open_source import side_by_side
from lrstep.sources.runfile import RunFile
from lrstep.sources.source import Source

if TYPE_CHECKING:  # imported when they are asked for: a session starts quicker without
    from lrstep.session.condition_search import ConditionSearch
    from lrstep.session.lesson.guide import Guide
    from lrstep.session.practice import Practice

SPEEDS = (1, 2, 5, 10, 20, 50, 200, 1000)
"""Iterations per second when playing."""

PATIENCE = 0.03
"""Seconds that a move may compute before it is shown how far it is."""

SCROLL_LINES = 3

_PAUSING = MOVES - {"next", "epoch_next", "end"}
"""Whoever moves so wants to look at where that leads."""


class Session:
    """A run, a cursor, and what can be done with them.

    Whoever shows it gives ``changed`` and looks at it then: at :attr:`view`, and at :meth:`enabled`. Both are made
    once for each change. A place that takes long to compute is the :attr:`target` until :meth:`compute` was called
    often enough; so it stays with the voice how it waits.

    Args:
        source: data and settings.
        at: place to open at, as :func:`lrstep.core.position.parse_position` reads it; by default where the source
            says, else the start.
        ascii: whether only ASCII characters may be shown.
        precision: of the Keras check.
        table: the commands, with the keys of the person.
        changed: called when there is something new to show.

    Attributes:
        table, changed: see above.
        sources: what was opened, and after it what it is compared with.
        lockstep: their runs, and the moment at which they stand.
        source, run: those that are shown.
        number, phase: the cursor, which is where the shown run stands; iteration 0 is the start.
        target: the place that is being computed, or None.
        search: the condition that is being looked for, or None.
        arrived: whether it has come to where it opens.
        playing, speed: whether it plays, and the place in :data:`SPEEDS`.
        ended: whether playing has come to the end, where it starts over.
        breakpoints: conditions at which playing stops.
        look: what is looked at.
        checker: the Keras check.
        practice: what is asked, while practising.
        course, guide: its lessons, and the one that is gone through.
        coaching: the coach beside it.
        newcomer: whether a person is asked what brings them here.
        on_screen: whether there is a screen; without one a lesson waits for nothing that only a screen shows.
        notice: a message that stays until the next move.
        previous: the run before this one, at its place.

    Raises:
        LrstepError: there is no such place.
    """

    def __init__(
        self,
        source: Source,
        at: str | None = None,
        *,
        ascii: bool = False,
        precision: str = "float32",
        table: tuple[Command, ...] = COMMANDS,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.table = table
        self.sources = side_by_side(source)
        self.lockstep: Lockstep = lockstep(source)
        self.ascii = ascii
        self._wanted: tuple[Lockstep, tuple[Source, ...]] | None = None
        self.search: ConditionSearch | None = None
        self.playing, self.speed, self.ended = False, 2, False
        self.breakpoints = Breakpoints(source.breakpoints, self.run)
        self.look: Look = Look()
        self.checker = Checker(self.touch, precision)
        self.practice: Practice | None = None
        self.course: Course = Course(self, guide_of(source))
        self.coaching: Coaching = Coaching(self)
        self.newcomer, self.on_screen = False, True
        self.notice = ""
        self.previous: Source | None = None
        self.changed = changed
        self._kept = Kept()
        self._opens_at = parse_position(at or source.cursor or "start", self.run)
        self.arrived = False

    def open(self, notice: str = "") -> None:
        """Go where it is to open, with a message."""
        self.go(*self._opens_at)
        self.notice = notice or self.notice

    def load(self, source: Source) -> None:
        """Start another run, beside what it is compared with; the cursor goes to where it says, else to the start.

        Raises:
            LrstepError: it has no such place, or cannot be compared with that; the present run stays.
        """
        runs, guide = lockstep(source), guide_of(source)
        self._opens_at = parse_position(source.cursor or "start", runs.run)
        self.previous = self.here
        if guide is not None or (self.guide is not None and not self.guide.teaches):
            self.previous = self.course.change(guide)
        own = source.breakpoints != self.sources[0].breakpoints
        self.sources, self.lockstep, self._kept = side_by_side(source), runs, Kept()
        self.coaching = Coaching(self)
        self.breakpoints = Breakpoints(source.breakpoints if own else self.breakpoints.texts, self.run)
        self.look.scroll = 0
        self.playing, self.practice, self.arrived = False, None, False
        self.checker.use(self.run, 0)
        self.open()

    @property
    def here(self) -> Source:
        """What is open, to be opened at this very moment."""
        place = position_text(self.number, self.phase)
        return replace(self.sources[0], cursor=place, comparison=self._comparison, lesson=None)

    @property
    def source(self) -> Source:
        """The data and settings that are shown."""
        return self.sources[self.lockstep.shown]

    @property
    def run(self) -> Run:
        """The run that is shown."""
        return self.lockstep.run

    @property
    def number(self) -> int:
        """The iteration under the cursor."""
        return self.lockstep.place(self.lockstep.shown)[0]

    @property
    def phase(self) -> Phase:
        """The phase under the cursor."""
        return self.lockstep.place(self.lockstep.shown)[1]

    @property
    def guide(self) -> "Guide | None":
        """The lesson that is gone through."""
        return self.course.guide

    @property
    def target(self) -> Place | None:
        """The place that is being computed."""
        return None if self._wanted is None else self._wanted[0].place(self._wanted[0].shown)

    @property
    def run_file(self) -> RunFile:
        """The run as it is now, to be saved."""
        return self._run_file(hashed=False)

    @property
    def kept(self) -> RunFile:
        """The run as it is now, to go on with it later, in the same step of a lesson."""
        run, guide = self._run_file(hashed=True), self.guide
        if guide is None:
            return run
        return replace(run, lesson=guide.lesson.name, step=guide.at, steps=guide.lesson.steps)

    def _run_file(self, hashed: bool) -> RunFile:
        place = position_text(self.number, self.phase)
        return self.sources[0].run_file(place, hashed, self._comparison, self.breakpoints.texts)

    @property
    def _comparison(self) -> Comparison:
        """What is open beside the first run, and how it is looked at."""
        runs = self.lockstep
        return self.sources[0].comparison._replace(pace=None if runs.alone else runs.pace, shown=runs.shown)

    # --- what is shown ---------------------------------------------------------------------------

    def touch(self) -> None:
        """Something is different: what was made to be shown is made anew."""
        if self.guide is not None:
            self.guide.look(self)
        self.__dict__.pop("view", None)
        self.__dict__.pop("_idle", None)
        self.changed()

    @cached_property
    def view(self) -> View:
        """What panels, charts and sentences are made from; the iteration in it is computed once for a place."""
        charts = CHARTS if self.lockstep.alone else CHARTS | {SIDE: SIDE_BY_SIDE}
        return View(
            run=self.run,
            number=self.number,
            phase=self.phase,
            scroll=self.look.scroll,
            focus=self.look.focus,
            chart=self.look.chart if self.look.chart in charts else "fit",
            charts=charts,
            ascii=self.ascii,
            zoom=self.look.zoom,
            axes=self.look.axes if max(self.look.axes) < len(self.run.parameters) else (0, 1),
            first_parameter=self.look.parameter,
            marks=self.checker.marks(self.number, digits=self.run.recorded),
            outcomes=self.checker.outcomes(self.number) if self.run.recorded else {},
            hidden=self.practice.hidden if self.practice else frozenset(),
            model=self.look.model,
            lockstep=None if self.lockstep.alone else self.lockstep,
            guide=self.guide,
            newcomer=self.newcomer,
            keys=self.keys,
            kept=self._kept,
        )

    def enabled(self, command: str) -> bool:
        """Whether a command can do anything now; what cannot is greyed out."""
        return command not in self._idle

    def painted(self, samples: int, parameters: int, last_model: int | None) -> None:
        """So much there was room for (see :class:`Look`): what can be scrolled depends on it."""
        self.look.visible, self.look.visible_parameters, self.look.last_model = samples, parameters, last_model
        self.__dict__.pop("_idle", None)

    @cached_property
    def _idle(self) -> frozenset[str]:
        at_start, at_end = self.number == 0, self.number == self.run.n_iterations
        samples, offers = self.view.iteration.m, self.coaching.offers()
        scrolls = self.look.focus in SCROLLING or self.on_models
        can = (
            (not at_start, ("back", "epoch_back", "start", "restart")),
            (not at_end, ("next", "epoch_next", "end")),
            (self.on_models or not at_start, ("phase_back",)),
            (self.on_models or not (at_end and self.phase == Phase.AFTER), ("phase_next",)),
            (scrolls or self.look.scroll > 0, ("scroll_up",)),
            (scrolls or self.look.scroll < self.look.last_scroll(samples), ("scroll_down",)),
            (bool(self.source.notes) or self.guide is not None, ("notes",)),
            (self.course.goes_on, ("lesson_next",)),
            (self.guide is not None, ("lesson_back",)),
            (len(offers) > 0, ("follow",)),
            (len(offers) > 1, ("follow_other",)),
            (self.previous is not None, ("undo",)),
            (self.checker.book is not None and self.checker.book.differing > 0, ("failed_next", "failed_back")),
            (not self.lockstep.alone, ("next_run", "pace", "chart_6")),
            (self.look.chart == "surface", ("zoom",)),
            (self.look.chart == "surface" and len(self.run.parameters) > 2, ("surface_axes",)),
        )
        return frozenset(command for possible, commands in can if not possible for command in commands)

    def undo(self) -> None:
        """Go back to the run before this one, and to its place; again: come back here."""
        if self.previous is not None:
            self.load(self.previous)

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """Command → its key, for people."""
        return {command.id: command.shown for command in self.table}

    # --- the cursor ------------------------------------------------------------------------------

    def go(self, number: int, phase: Phase = Phase.AFTER) -> None:
        """Move the cursor, not beyond the ends; what takes long to compute becomes the :attr:`target`."""
        self.go_on_with(self.lockstep.moved(*within(self.run, number, phase)))

    def go_on_with(self, runs: Lockstep, sources: tuple[Source, ...] = ()) -> None:
        """Have the runs (of other sources, where they are given) stand like this, once they are computed.

        What is too far to be computed is said, and all stay where they are.
        """
        self.notice, self.ended, self.search = "", False, None
        try:
            runs.require()
        except LrstepError as error:
            self.playing, self._wanted, self.arrived = False, None, True  # here, as far as the person is concerned
            self.say(error.message)
            return
        self._wanted = runs, sources or self.sources
        if not self.compute():
            self.touch()

    def look_for(self, search: "ConditionSearch") -> None:
        """Move the cursor to where something holds, and say so, or that it holds nowhere."""
        self.notice, self._wanted, self.search = "", None, search
        if not self.compute():
            self.touch()

    @property
    def computing(self) -> bool:
        """Whether something is being computed or looked for."""
        return self._wanted is not None or self.search is not None

    @property
    def progress(self) -> str:
        """What is being computed or looked for; empty where nothing is."""
        if self.search is not None:
            return self.search.progress
        if self._wanted is None:
            return ""
        runs = self._wanted[0]
        done, whole = runs.progress
        of = "iteration {}" if runs.alone else f"{{}} iterations of {len(runs.lanes)} runs"
        return f"computing {of.format(f'{done} of {whole}')} ({done / max(whole, 1):.0%})"

    def compute(self, seconds: float = PATIENCE) -> bool:
        """Compute towards the target for at most about so many seconds; whether the cursor has arrived there."""
        if self.search is not None:
            return self._search(self.search, seconds)
        if self._wanted is None:
            return self._fill(seconds)
        if not self._wanted[0].advance(seconds):
            return False
        self._arrive(*self._wanted)
        return True

    @property
    def busy(self) -> bool:
        """Whether :meth:`compute` has something to do: a target, a search, or models that are seen."""
        return self.computing or self.run.computed < self._seen

    @property
    def _seen(self) -> int:
        return min(self.look.last_model or 0, self.run.reach)

    def _fill(self, seconds: float) -> bool:
        """Compute the models that are seen, which shows them."""
        if self.run.computed >= self._seen:
            return True
        known = self.run.advance(self._seen, seconds)
        self.touch()
        return known

    def _search(self, search: "ConditionSearch", seconds: float) -> bool:
        if not search.go_on(seconds):
            return False
        self.search = None
        if search.found is not None:
            self.go(search.found)
        self.say(search.result)
        return True

    def _arrive(self, runs: Lockstep, sources: tuple[Source, ...]) -> None:
        before = self.run, self.number
        self.lockstep, self.sources = runs, sources
        self._wanted, self.arrived, self.look.model = None, True, None
        if (self.run, self.number) != before:
            self.look.scroll = 0
        if self.run is not before[0]:
            self.checker.use(self.run, self.number)
            self.breakpoints = Breakpoints(self.breakpoints.texts, self.run)
        self.checker.look_at(self.number)
        self.coaching.coach.think_at_once(self.number)
        if self.practice is not None:
            self.practice.move_to(self.number)
        self.touch()

    def stop_computing(self) -> None:
        """Give up a target; what is known stays known."""
        if self.progress:
            self._wanted, self.search, self.arrived = None, None, True  # here, as far as the person is concerned
            self.notice = f"stopped; iterations up to {self.run.computed} are known"
            self.touch()

    def go_to(self, text: str) -> None:
        """Go to a place that was typed, or to where a condition holds next, or held before.

        Raises:
            LrstepError: there is no such place, or the condition is not understood.
        """
        from lrstep.session.condition_search import ConditionSearch, parse_target

        target = parse_target(text, self.run, self.number)
        self.playing = False
        if isinstance(target, ConditionSearch):
            self.look_for(target)
        else:
            self.go(*target)

    def failed(self, direction: int) -> int | None:
        """The next (1) or previous (-1) step that differs from Keras, if one is known."""
        book = self.checker.book
        if book is None:
            return None
        return book.next_failed(self.number) if direction > 0 else book.previous_failed(self.number)

    # --- commands --------------------------------------------------------------------------------

    def do(self, command: str, count: int = 1) -> None:
        """Do what a command says that needs no question and no screen; a movement, so many times.

        Raises:
            KeyError: it is none of these.
        """
        self.doing(command)
        if command in ("phase_next", "phase_back") and self.on_models:
            self.choose_model(1 if command == "phase_next" else -1)
        elif command in MOVES:
            if command in _PAUSING:
                self.playing = False
            self.go(*destination(command, self.run, (self.number, self.phase), count))
        else:
            _DO[command](self)
            self.touch()

    def doing(self, command: str) -> None:
        """A command is about to be done here, or was done on a screen of its own."""
        self.newcomer = False
        if self.guide is not None:
            self.guide.did(command)

    def play(self) -> None:
        """Play and pause; at the end, from the start again."""
        if not self.playing and self.number == self.run.n_iterations:
            self.go(0)
        self.playing = not self.playing

    def play_on(self, seconds: float) -> None:
        """Go as far as playing takes so long for, but not beyond a breakpoint."""
        until = min(self.number + max(1, round(SPEEDS[self.speed] * seconds)), self.run.n_iterations)
        ahead = self.breakpoints.ahead(self.run, self.number, until)
        ahead.go_on(PATIENCE)
        self.go(max(ahead.at, self.number + 1) if ahead.found is None else ahead.found)
        if ahead.found is not None:
            self.pause()
            self.say(f"stopped at {ahead.result}")
        elif self.number >= self.run.n_iterations:
            self.ended = True
            self.pause()

    def pause(self) -> None:
        """Stop playing."""
        self.playing = False
        self.touch()

    def play_faster(self, by: int) -> None:
        """Play faster (1) or slower (-1)."""
        self.speed = max(0, min(self.speed + by, len(SPEEDS) - 1))
        if not self.playing:
            self.notice = f"plays {counted(SPEEDS[self.speed], 'iteration')} a second; {self.keys['play']} starts"

    def say(self, notice: str | None) -> None:
        """Show a message, if there is one, until the next move."""
        self.notice = notice or self.notice
        self.touch()

    def leave(self) -> None:
        """Leave what was begun: practice, else computing, playing and the focus; else send the coach away."""
        if self.practice is not None:
            self.do("practice")
            return
        if not (self.computing or self.playing or self.look.focus) and self.coaching.advice():
            self.coaching.coach.hide(self.number)
        self.stop_computing()
        self.playing = False
        self.focus("")

    def show_chart(self, name: str) -> None:
        """Show a chart; "" shows the panels where both do not fit."""
        self.look.show_chart(name)
        self.touch()

    def next_chart(self, takes_turns: bool, has_page: bool = False) -> None:
        """Show the next chart; where charts and panels take turns, the panels are one of the stations.

        Args:
            takes_turns: whether they do.
            has_page: whether the numbers of runs side by side are a page of the charts.
        """
        self.look.next_chart([*([""] if takes_turns else []), *CHARTS, *([SIDE] if has_page else [])])
        self.touch()

    def focus(self, panel: str) -> None:
        """Give the focus to a panel, to "chart" or "check", or to nothing."""
        self.look.focus, self.look.model = panel, None
        self.touch()

    def focus_on(self, direction: int) -> None:
        """Give the focus to the next panel (1) or the previous one (-1)."""
        models = ["models"] if self.look.chart != "models" and self.look.last_model is not None else []
        self.look.move_focus(direction, ["", *PANELS, *models, "chart", *(["check"] if self.checker.on else [])])

    @property
    def on_models(self) -> bool:
        """Whether keys choose a row of the table of all models."""
        return self.look.last_model is not None and self.view.on_models

    def choose_model(self, by: int) -> None:
        """Choose a row of the table of all models, so many further on."""
        self.look.move_model(by, self.view.chosen_model, self.run.reach)
        self.touch()

    def scroll(self, lines: int) -> None:
        """Scroll the batch; where the models or a panel of parameters have the focus, go from one to another."""
        if self.on_models:
            self.choose_model(lines)
        elif self.look.focus in SCROLLING:
            self.look.move_parameter(1 if lines > 0 else -1, len(self.run.parameters))
        else:
            self.look.move_scroll(lines, self.view.iteration.m)
        self.touch()

    def to_failed(self, direction: int) -> None:
        """Go to the next (1) or previous (-1) step that differs from Keras."""
        number = self.failed(direction)
        if number is None:
            self.notice = "no further step that differs in this direction"
        else:
            self.go(number)

    # --- side by side ----------------------------------------------------------------------------

    def change(self, settings: Settings) -> None:
        """Start anew with other settings of the run that is shown; what it is compared with stays, where it can."""
        try:
            self.load(comparing.changed(self.sources[0], self.lockstep.shown, settings))
        except LrstepError as error:
            self.load(replace(self.source.changed(settings), comparison=Comparison()))
            self.say(f"no longer compared: {error.message}")

    def change_in_place(self, settings: Settings) -> None:
        """The same, but where an epoch has as many batches as before, the cursor stays, to compare.

        In a lesson it goes to the start, from where the lesson leads on.
        """
        number, phase, per_epoch = self.number, self.phase, self.run.batches.per_epoch
        self.change(settings)
        if number and self.guide is None and self.run.batches.per_epoch == per_epoch:
            said = self.notice
            self.go(number, phase)
            self.say(said or f"the same place with other settings; {self.keys['restart']} goes to the start")

    def compare(self, source: Source) -> None:
        """Put the runs that a source is compared with beside that which is shown, which is its own, at this moment."""
        runs = lockstep(source)
        shown = replace(runs.lanes[0], run=self.run)  # what is computed of it stays
        runs = replace(runs, lanes=(shown, *runs.lanes[1:]))
        self.go_on_with(runs.moved(self.number, self.phase), side_by_side(source))

    def show(self, lane: int) -> None:
        """Look at one of the runs, at the same moment; practice is left, for it is of one run."""
        if self.practice is not None:
            self.practise()
        self.playing = False
        self.go_on_with(self.lockstep.showing(lane))

    def next_pace(self, pace: Pace | None = None) -> None:
        """Have something else be equal at the same moment: what is named, else the next of them in turn."""
        now = PACES.index(self.lockstep.pace)
        self.go_on_with(self.lockstep.paced(pace or PACES[(now + 1) % len(PACES)]))

    # --- practice --------------------------------------------------------------------------------

    def practise(self) -> None:
        """Begin or leave practice; the score is of this run."""
        self.playing = False
        if self.practice is None:
            from lrstep.session.practice import Practice

            self.practice = Practice(self.run, max(self.number, 1))
            self.ask_next()
        else:
            over = "that was the last iteration; " if self.practice.over else ""
            self.notice = f"{over}practice: {self.practice.score}"
            self.practice = None

    def key(self, key: str, character: str | None) -> bool:
        """Take a key before it is looked up as a command: one of an answer, or Enter; whether it was for anything."""
        if self.newcomer:
            self.newcomer = False
            self.touch()
        return self.answer(key, character) or (key == "enter" and self._enter())

    def _enter(self) -> bool:
        """Go on in a lesson, or take the coach's offer, where no panel has the focus; whether there was something."""
        guide = self.guide
        goes_on = guide is not None and (guide.ready or guide.step is None) and self.enabled("lesson_next")
        command = "lesson_next" if goes_on else "follow"
        if self.look.focus or not self.enabled(command):
            return False
        self.do(command)
        return True

    def answer(self, key: str, character: str | None) -> bool:
        """Give a key to what asks, practice or a lesson; whether it was one for it.

        Practice ends with the last quantity of the last iteration.
        """
        asks = self.practice or self.guide
        if asks is None or not asks.key(key, character):
            return False
        if self.practice is not None and self.practice.over:
            self.practise()
        self.ask_next()
        self.touch()
        return True

    def paste(self, text: str) -> None:
        """Take a pasted text as the beginning of an answer in practice."""
        if self.practice is not None:
            self.practice.paste(text)
            self.touch()

    def ask_next(self) -> None:
        """Put the cursor where the asked quantity is computed."""
        if self.practice is not None and (self.number, self.phase) != (self.practice.iteration, self.practice.phase):
            self.go(self.practice.iteration, self.practice.phase)


_DO: dict[str, Callable[[Session], None]] = {
    "play": Session.play,
    "faster": partial(Session.play_faster, by=1),
    "slower": partial(Session.play_faster, by=-1),
    **{f"chart_{place}": partial(Session.show_chart, name=name) for place, name in enumerate(CHARTS, 1)},
    "models": partial(Session.show_chart, name="models"),
    "chart_6": partial(Session.show_chart, name=SIDE),
    "zoom": lambda session: session.look.next_zoom(),
    "surface_axes": lambda session: session.look.next_axes(len(session.run.parameters)),
    "panel_next": partial(Session.focus_on, direction=1),
    "panel_back": partial(Session.focus_on, direction=-1),
    "scroll_down": partial(Session.scroll, lines=SCROLL_LINES),
    "scroll_up": partial(Session.scroll, lines=-SCROLL_LINES),
    "failed_next": partial(Session.to_failed, direction=1),
    "failed_back": partial(Session.to_failed, direction=-1),
    "practice": Session.practise,
    "follow": lambda session: session.coaching.follow(),
    "follow_other": lambda session: session.coaching.follow(1),
    "undo": Session.undo,
    "lesson_next": lambda session: session.course.go_on(),
    "lesson_back": lambda session: session.course.go_back(),
    "notes": lambda session: session.course.put_away(),
    **{command: lambda session, name=name: session.course.begin(name) for command, name in BEGINNINGS.items()},  # type: ignore[misc]
    ALONE: lambda session: session.course.go_alone(),
    "next_run": lambda session: session.show(session.lockstep.shown + 1),
    "pace": Session.next_pace,
}
"""Commands that need no question and no screen, besides the movements → what does them."""
