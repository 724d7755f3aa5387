"""A stepper without a terminal: a session that is told in words what to do, laid out as the main screen lays it out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace

import pytest
from portraits import rounded
from simulated import Step, fresh_slots, simulated_fit
from sittings import Sketch

from lrstep.check.drift import FitPoint
from lrstep.check.judge import Judge, judge_of
from lrstep.check.protocol import Ready
from lrstep.check.step_inputs import StepInputs
from lrstep.check.verdict import Held, StepVerdict, judge
from lrstep.core.lockstep import Lockstep
from lrstep.core.position import parse_position
from lrstep.core.run import Run
from lrstep.core.settings import FIELDS
from lrstep.errors import LrstepError
from lrstep.session.comparing import meant
from lrstep.session.session import PATIENCE, Session
from lrstep.session.styled_rows import STYLES, Rows, text_width
from lrstep.sources.against import Comparison, parse_against
from lrstep.sources.lanes import lockstep
from lrstep.sources.runfile import as_toml
from lrstep.sources.source import Source
from lrstep.tui import layout
from lrstep.tui.docked import has_page
from lrstep.tui.footer import Footer
from lrstep.tui.status_lines import status_lines

Size = tuple[int, int]

SIGNS = dict(zip(STYLES, " d tFScb*<>r123ABCD#akgwW_ob", strict=True))
"""Style → its sign below the characters; ordinary text and frames have none."""


def opened(sketch: Sketch) -> Source:
    """What a sketch opens."""
    source = sketch.opened()
    source = replace(source, settings=source.settings.changed(**sketch.settings))
    if not sketch.against:
        return source
    return replace(source, comparison=Comparison(tuple(map(parse_against, sketch.against))))


def runs_of(sketch: Sketch) -> Lockstep:
    """Its runs."""
    return lockstep(opened(sketch))


class Slow(Session):
    """A session that can be told to compute as little at a time as it may."""

    patience = PATIENCE

    def compute(self, seconds: float | None = None) -> bool:
        return super().compute(self.patience if seconds is None else seconds)


class Sitting:
    """A session in front of a screen."""

    def __init__(self, sketch: Sketch) -> None:
        self.session = Slow(opened(sketch), ascii=sketch.ascii)
        self.footer = Footer(self.session.table)
        self.session.open()

    def do(self, word: str, size: Size) -> layout.Painting:
        """Do what a word says, and compute what that needs; what cannot be done is said. What the screen shows then."""
        try:
            self._do(word, size)
        except LrstepError as error:
            self.session.say(error.message)
        painting = self.screen(size)
        if not self.session.patience or not self.session.busy:
            return painting
        while not self.session.compute(60):
            pass
        return self.screen(size)

    def _do(self, word: str, size: Size) -> None:
        """Do what a word says.

        It is a command (``next``, ``next*3``), or one of those that take something: ``go:5.loss``, ``where:rmse<20``,
        ``break:epoch=3``, ``tick:0.5`` (to play on for so many seconds), ``type:12.5``, ``press:enter``,
        ``focus:gradient``, ``set:learning_rate=0.1``, ``judged:float32`` (by Keras); ``~`` is a blank. After
        ``slow`` a far place is computed a little further with each word, up to ``quick``.
        """
        session = self.session
        name, _, rest = word.replace("~", " ").partition(":")
        command, _, count = name.partition("*")
        match name:
            case "go":
                session.go(*parse_position(rest, session.run))
            case "where":
                session.go_to(rest)
            case "break":
                session.breakpoints.add(rest, session.run)
            case "tick":
                session.play_on(float(rest))
            case "type":
                for character in rest:
                    session.answer(character, character)
            case "press":
                session.answer(rest, None)
            case "focus":
                session.focus(rest)
            case "set" | "here":
                setting, _, value = rest.partition("=")
                change = session.change if name == "set" else session.change_in_place
                change(session.source.settings.asked({setting: FIELDS[setting].parse(value)}))
            case "judged":
                self.judged(rest)
            case "versus":
                session.compare(meant(rest, session.source))
            case "paste":
                session.paste(rest)
            case "slow" | "quick":
                session.patience = 0 if name == "slow" else PATIENCE
            case "wait":
                session.compute()
            case "leave":
                session.leave()
            case "newcomer":
                session.newcomer = True
            case "think":
                while session.coaching.wonders:
                    session.coaching.think(10_000)
            case "chart":
                session.next_chart(layout.needs_toggle(session.view, *size), has_page(session.view, *size))
            case _:
                for _ in range(int(count or 1)):
                    if session.enabled(command):
                        session.do(command)

    def state(self) -> Iterator[str]:
        """What can be done now, what goes on, and what would be kept of it."""
        session = self.session
        yield f"cannot: {' '.join(command.id for command in session.table if not session.enabled(command.id))}"
        yield f"target {session.target}, busy {session.busy}, plays {session.playing} {session.speed} {session.ended}"
        yield f"{session.progress} {session.look}"
        yield from map(rounded, session.checker.drift_lines(session.number))
        run = session.kept
        yield from as_toml(run, str(run.origin.file and run.origin.file.name)).splitlines()

    def judged(self, by: str) -> None:
        """Have every step judged: as recorded, or by a Keras in NumPy, of some precision or with ``mistakes``."""
        checker, run = self.session.checker, self.session.run
        if not run.settings.rule.keras:
            return  # there is no such Keras in NumPy

        async def check_all() -> None:
            await checker.open(run)
            await checker.check(list(range(1, run.n_iterations + 1)))
            await checker._run_freely()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("lrstep.check.judge.judge_of", simulated(by))
            asyncio.run(check_all())
        self.session.touch()

    def screen(self, size: Size) -> layout.Painting:
        """The screen as it is now; what it has room for is noted, as the main screen does it."""
        session, (width, height) = self.session, size
        view, with_chart = session.view, session.look.with_chart
        beside = layout.has_lesson_beside(view, width, height, with_chart)
        below = [*status_lines(session, width, height, beside), self.footer.cells(view, width, session.enabled)]
        painting = layout.compose(view, width, height, below, with_chart)
        session.look.visible = layout.visible_samples(painting)
        session.look.visible_parameters = layout.visible_parameters(view, painting)
        session.look.last_model = layout.last_model(painting)
        return painting


def simulated(by: str | None = None) -> Callable[..., Judge]:
    """Who judges a run where Keras in NumPy stands for Keras; see :func:`lrstep.check.judge.judge_of`."""

    def judge(run: Run, precision: str, present: Judge | None = None) -> Judge:
        itself = judge_of(run, precision)  # refuses what Keras does not have
        return itself if run.recorded else present or SimulatedJudge(by or precision)

    return judge


class SimulatedJudge:
    """Judges the steps of a run by a Keras in NumPy; one with ``mistakes`` has the bias wrong in every fourth step."""

    running, versions = True, Ready(0, "3.12.0", "3.10.0", "2.20.0")

    def __init__(self, by: str) -> None:
        self.mistakes, self.precision = by == "mistakes", "float32" if by == "mistakes" else by

    async def start(self) -> Ready:
        """There is nothing to start."""
        return self.versions

    async def stop(self) -> None:
        """There is nothing to stop."""

    async def check(self, run: Run, numbers: list[int]) -> list[StepVerdict]:
        """Judge these steps."""
        return [self.verdict(run, number) for number in numbers]

    async def fit(self, run: Run) -> AsyncIterator[FitPoint]:
        """Train by itself."""
        for point in simulated_fit(run, self.precision, run.n_iterations):
            yield point

    def verdict(self, run: Run, number: int) -> StepVerdict:
        """Judge a step."""
        asked = StepInputs(run)(number)
        result = Step(asked.given, run.settings, self.precision, "forward", False).result(
            asked.iteration.after.parameters, run.dataset
        )
        if self.mistakes and number % 4 == 0:
            *weights, bias = result.parameters
            result = replace(result, parameters=[*weights, bias * 1.001])
        return judge(asked, result, Held(run, self.precision, fresh_slots(run)))


def drawn(rows: Rows) -> list[str]:
    """Each row as its characters, and below it a sign for the style of each."""
    lines = []
    for cells in rows:
        signs = (SIGNS[style] if not text.isspace() else " " for text, style in cells)
        lines.append("".join(text for text, _ in cells).rstrip())
        lines.append("".join(sign * text_width(text) for sign, (text, _) in zip(signs, cells, strict=True)).rstrip())
    return lines
