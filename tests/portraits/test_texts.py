"""What plain mode, the sentences about a phase and the reports of the check say is as when it was last looked at."""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import count, repeat
from random import Random

import numpy as np
import portraits
import pytest
from simulated import simulated_fit
from sitting import SimulatedJudge, Slow, opened, runs_of, simulated
from sittings import LONG_NAMES, RECORDING, TALKS, Sketch, far_and_wide, made, of, with_data
from wrong_engines import WRONG_ENGINES, AccumulatorStartsHigh, PlainRun

from lrstep.check.client import KerasUnavailable
from lrstep.check.drift import Drift
from lrstep.check.headless import check_command
from lrstep.check.protocol import Ready
from lrstep.check.verdict import StepVerdict
from lrstep.core.dataset import Dataset
from lrstep.core.phase import Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.formulas.quantities import quantities
from lrstep.formulas.series import series_names
from lrstep.plain.conversation import Conversation
from lrstep.plain.loop import step_plainly
from lrstep.plain.voice import Voice
from lrstep.plain.words import Words
from lrstep.session.commands import COMMANDS
from lrstep.session.narration import narrate
from lrstep.session.session import PATIENCE
from lrstep.session.styled_rows import plain
from lrstep.session.view import View
from lrstep.sources.open_source import open_source

KEYS = {command.id: command.keys for command in COMMANDS}
EXPLAIN = (
    "x batch; x predictions; x loss; x rmse; x gradient_weight; x gradient_bias; x accumulator_weight; x weight; x bias"
)
AFTER = "x cumulative_rmse; x full_rmse; x full_rmse_before; x full_loss"

PLAIN = {
    "an iteration": of(
        "mlcc", f"; next; next 2; batch; {EXPLAIN}; {AFTER}; phase_back; phase_back; back; epoch_next; end"
    ),
    "phases": of("mlcc", "g 2.batch; phase; phase; phase; phase; phase; phase; show", momentum=0.9, centered=True),
    "Adam, three features": of(
        made(9, 3), "next 2; x mean_gradient_weight_2; x step_weight_3; x gradient_weight_2; x weight_3; models; s",
        optimizer="adam", batch_size=4,
    ),
    "Nesterov": of("mlcc", "g 3.update; x weight; x momentum_bias; s", optimizer="sgd", momentum=0.9, nesterov=True),
    "Adagrad": of("outlier", "; x accumulator_bias; x weight all", optimizer="adagrad", epochs=2),
    "scaled": of("flats", "; end; x full_rmse; models; x batch; x loss; x weight", scale="standard", epochs=2),
    "names": of(made(5, 2, names=LONG_NAMES), "next; batch; models", batch_size=3),
    "conditions": of(
        "mlcc",
        "g rmse<12; g back full_rmse>18; B epoch=3; B weight>0.6; B; continue; continue; continue; B 1; nonsense; 99",
    ),
    "settings": of("mlcc", "next 4; s lr 0.2 batch_size 3; undo; s optimizer adam; next; f; F", epochs=2),
    "runs": of(
        "mlcc", "v; next 5; V; P; next; V; v off", against=("batch_size=1", "optimizer=sgd lr=0.2")
    ),
    "diverged": of("mlcc", "; x weight; end; models; x rmse", optimizer="sgd", learning_rate=1e30, epochs=4),
    "practice": of("mlcc", "next; p; ; 1; 3.2308199; -15.569180; p"),
    "checked": of("mlcc", "c; next 3; c; c all; c; c float64", epochs=2),
    "recorded": of(str(RECORDING), "; c all; x gradient_weight; next; batch"),
    "a lesson": of("first-question", "; m; next; m; hint; m; M; lesson"),
    "ASCII": of("mlcc", "help; next 2; x weight; batch; models", ascii=True, momentum=0.5),
    "other words": of(
        "mlcc",
        "back; phase_back; restart; batch; help; play; faster; chart; chart 3; zoom; surface axes; panel-back; "
        "scroll_up; palette; forward; prev; goto 3.loss; show; phase 3; epoch 2; last; next; epoch_next; begin; "
        "bye now",
    ),
    "misunderstood": of(
        "mlcc",
        "next 0; next x; models x; models 3; models 999; g; g to 5; g 5.nothing; B off; B off 3; B loss>1; B off 1; "
        "break rmse<<2; N; continue; check nonsense; x nothing; w; w 1 nothing; s; s lr; s nosuch 1; s lr -3; "
        "s lr fast; S; S x.csv; S 'x; e; e a b; e x.doc; o; o nosuch; o mlcc feature; o mlcc a b c d; lesson mlcc; "
        "lesson nosuch; lesson such-a-long-name-of-a-lesson-that-there-is-not-one; "
        "models 12345678901234567890; m; hint; notes; lesson_next; lesson_back; undo; f; F; V; P; v; v nothing; nexxt; "
        "5x; q",
    ),
    "whys": of("mlcc", "next 3; w 21.8; w 1e400; w 21.8362 full_rmse 1; w 12 loss 99", epochs=1),
    "beside": of(
        "mlcc",
        "v batch; V; P epoch; V 2; V 9; P nonsense; P; next 3; g 5.loss; end; v; s weight drawn; s weight 1 shuffle "
        "yes; v batch_size=6 ; scale=standard; next 2; undo; v off; v",
        epochs=2,
    ),
    "beside, diverged": of(
        "mlcc", "next 3; v; V 2; v; end; v", against=("optimizer=sgd lr=1e30", "optimizer=adam"), epochs=2
    ),
    "beside, the other sign": of(
        "line16", "v; next; v; next 3; v", against=("bias=-3 weight=-1",), weight=1.0, bias=3.0
    ),
    "slow": of(made(60), "next; models 600; g 900; g back loss<0; g loss<0; end", batch_size=1, epochs=30),
    "many": of(made(40), "g e9b20; models 5; models; c; batch", batch_size=2, epochs=60),
    "coached": of("thousands", "end; f; end; f; F; undo; 3.predictions", epochs=4),
    "lessons": of(
        "by-hand",
        "next; lesson_next; 5; hint; 4; -17.44; notes; lesson_back; begin_numbers; begin_own; begin_words; "
        "begin_alone; m; lesson by-hand; lesson",
    ),
    "with mistakes": of("mlcc", "c; N; next 4; c; c all; N; N; failed_back; back 1; nothing", epochs=9),
    "undecided": of("mlcc", "c; next; c; x loss", optimizer="sgd", learning_rate=1e30, epochs=1),
    "weight drawn": of("mlcc", "s; s lr=0.1; s", weight=None, epochs=1),
    "practice astray": of("mlcc", "p; next; x rmse; 5x; 1,; +4; −3; V; q", momentum=0.9, epochs=1),
    "practice to the end": of("mlcc", "p;" + " ;" * 12, batch_size=12, epochs=1, optimizer="sgd"),
    "Adam, practice": of("mlcc", "g 2; p;" + " ;" * 12, epochs=1, optimizer="adam"),
    "recording left": of(
        str(RECORDING), "c float64; c; N; s lr 0.05; s lr 0.2; perhaps; s lr 0.3; no; s lr 0.2; yes; undo; f; v batch"
    ),
}  # fmt: skip


def said(sketch: Sketch, patience: float = PATIENCE) -> Iterator[str]:
    """What is said to each typed line."""
    out, session = io.StringIO(), Slow(opened(sketch), ascii=sketch.ascii)
    session.patience = patience
    conversation = Conversation(session, Voice(out, sketch.ascii), KEYS)
    conversation.open()
    for line in sketch.words.split(";"):
        out.write(f"{conversation.prompt}{line.strip()}\n")
        conversation.do(line)
    conversation.do("c off")
    yield from out.getvalue().splitlines()


@pytest.fixture
def conversing(monkeypatch) -> Callable[[Sketch, bool, bool], list[str]]:
    """What is said to each typed line of a sketch, with Keras in NumPy, perhaps with mistakes, perhaps slowly."""

    def converse(sketch: Sketch, mistakes: bool = False, slow: bool = False) -> list[str]:
        # How quick a machine is shows nowhere: what takes long is told at once, or not at all.
        patience = 0 if slow else PATIENCE
        with monkeypatch.context() as patch:
            patch.setattr("lrstep.check.judge.judge_of", simulated("mistakes" if mistakes else None))
            patch.setattr("lrstep.plain.spoken_check._PORTION", 4)
            patch.setattr("lrstep.plain.spoken_check._REPORTED", 8)
            patch.setattr("lrstep.plain.questions.PATIENCE", math.inf)
            patch.setattr("lrstep.plain.moves.PATIENCE", patience and math.inf)
            patch.setattr("lrstep.plain.talk.PATIENCE", patience and math.inf)
            return [*said(sketch, patience)]

    return converse


def test_plain_mode(request, conversing):
    pages = [(name, conversing(sketch, name == "with mistakes", name == "slow")) for name, sketch in PLAIN.items()]
    words = Words(KEYS)
    names = [name for command in COMMANDS for name in (command.id, command.label, *command.keys)]
    pages.append(("words", [f"{name}: {words.command(name)}" for name in names]))
    portraits.compare("plain", pages, request)


TYPED = (
    "; next; next 2; back; phase; phase; phase; phase_back; phase 3; epoch_next; epoch 2; end; start; batch; show; "
    "show; models; models 4; models 0; g 2.gradient; g e2b2.loss; g 3.update; g 4; g rmse<12; g back loss>9; g nan; "
    "B loss>1; continue; x; x; x all; x loss; x rmse; x weight; x bias; x weight_2; x gradient_bias; x full_rmse; "
    "x accumulator_weight; x cumulative_rmse; x predictions all; x batch; s; s lr 0.2; s batch_size 3; "
    "s optimizer adam; undo; v; v; v batch; v shuffle=yes; V; V 2; P; P epoch; v off; c; c; c all; N; failed_back; p; "
    "1.5; -3; p; f; F; m; hint; M; notes; begin_words; lesson; perhaps"
)
"""Lines that somebody may type."""


def talk(seed: int) -> Sketch:
    """The same run with any of these lines."""
    random = Random(seed)
    return far_and_wide(seed)._replace(words=";".join(random.choices(TYPED.split("; "), k=9)))


def test_talks(request, conversing):
    def pages() -> Iterator[tuple[str, list[str]]]:
        for seed in TALKS:
            sketch = talk(seed)
            try:
                lines = conversing(sketch, seed % 2 == 0)
            except LrstepError as error:
                lines = [error.message]
            digests = [sha256(portraits.rounded(line).encode()).hexdigest()[:3] for line in lines]
            yield f"talk {seed}: {sketch.settings}, {sketch.words}", digests

    portraits.compare("talks", pages(), request)


def with_points(x: list[float], y: list[float], **settings) -> Sketch:
    """A run on these points."""
    return of(with_data(Dataset("points", np.array(x), np.array(y))), "", bias=0.0, **settings)


class Typed(io.StringIO):
    """Lines that are typed at a terminal."""

    def isatty(self) -> bool:
        return True


def test_plain_mode_at_a_terminal(request, monkeypatch, capsys):
    pages = []
    for name, typed, newcomer in (("left", "next\nq\n", False), ("a newcomer", "begin_words\n\nlesson\n", True)):
        monkeypatch.setattr("sys.stdin", Typed(typed))
        status = step_plainly(open_source("mlcc"), "4", KEYS, notice="a notice", newcomer=newcomer)
        pages.append((f"{name}: {status}", capsys.readouterr().out.split("\n")))
    portraits.compare("terminal", pages, request)


SAID = {
    "exact": with_points([1, 2, 3], [1, 2, 3], weight=1.0, batch_size=2, epochs=2),
    "exact, with momentum": with_points([1, 2, 3], [1, 2, 3], weight=1.0, batch_size=2, epochs=2, momentum=0.9),
    "still weight": with_points([0, 0, 1, 2], [3, 4, 5, 6], batch_size=2, epochs=2),
    "still bias": with_points([1, 2, 3, 4], [2, 1, 4, 3], weight=1.0, batch_size=2, epochs=2, optimizer="sgd"),
    "one by one": with_points([1, 2, 3], [9, 0, 3], weight=1.0, batch_size=1, epochs=2, shuffle=True),
    "all at once": with_points([1, 2, 3], [9, 0, 3], weight=1.0, batch_size=3, epochs=3, optimizer="adam"),
    "other starts": with_points([1, 2], [9, 0], batch_size=1, optimizer="adagrad", initial_accumulator=0.0, epochs=2),
    "no weight given": of("mlcc", "", weight=None, seed=4, epochs=1, centered=True, momentum=0.9, rho=0.99),
    "exact plane": of(made(6, 2), "", batch_size=1, epochs=1, optimizer="adam"),
    "plane, all at once": of(made(6, 3), "", batch_size=6, epochs=3, momentum=0.5, scale="standard"),
    "PyTorch's": of("mlcc", "", optimizer="rmsprop-pytorch", momentum=0.5, centered=True, epochs=2),
    "TensorFlow 1's": of("mlcc", "", optimizer="rmsprop-tf1", momentum=0.5, epochs=1),
    "Nesterov": of("mlcc", "", optimizer="sgd", momentum=0.9, nesterov=True, epochs=1),
    "SGD": of("mlcc", "", optimizer="sgd", epochs=1),
    "far": of("mlcc", "", optimizer="sgd", learning_rate=1e150, epochs=2),
    "far, with an accumulator": of("mlcc", "", learning_rate=1e200, epochs=2),
    "far, without ε": of(with_data(Dataset("d", np.arange(3.0), np.arange(3.0))), "", epsilon=0.0, weight=1.0),
    "recorded": of(str(RECORDING), ""),
}  # fmt: skip


def sentences(sketch: Sketch) -> Iterator[str]:
    """What is said in each phase of the first iterations, at any length; how quantities are called."""
    run = runs_of(sketch).run
    for number in range(min(7, run.n_iterations + 1)):
        for phase in list(Phase)[1:] if number else [Phase.START]:
            view = View(run, number, phase)
            yield from dict.fromkeys(plain([narrate(view, width, 1)[0] for width in (2000, 140, 100, 76, 58)]))
    yield from map(str, quantities(run).values())
    yield from series_names(run)


def test_sentences(request):
    portraits.compare("sentences", ((name, sentences(sketch)) for name, sketch in SAID.items()), request)


def of_mlcc() -> tuple[Dataset, Settings]:
    source = open_source("mlcc")
    return source.dataset, source.settings


REPORTED = {
    "confirmed": ("float32", lambda: runs_of(of("mlcc", "", epochs=2)).run, None),
    "one step": ("float64", lambda: runs_of(of("mlcc", "", momentum=0.9, centered=True)).run, [7]),
    "mistakes": ("mistakes", lambda: runs_of(of("mlcc", "", epochs=3)).run, None),
    "another start": ("float32", lambda: AccumulatorStartsHigh(*of_mlcc()), [1, 2]),
    "undecided": ("float32", lambda: runs_of(of("mlcc", "", optimizer="sgd", learning_rate=1e30, epochs=1)).run, None),
    "recorded": ("float32", lambda: runs_of(of(str(RECORDING), "")).run, None),
    "undecided, centered": (
        "float64",
        lambda: runs_of(of("mlcc", "", optimizer="rmsprop", centered=True, rho=0.0, epochs=1)).run,
        None,
    ),
    "one undecided": (
        "float32",
        lambda: runs_of(of("mlcc", "", optimizer="sgd", learning_rate=1e30, epochs=2)).run,
        [3],
    ),
    "many mistakes": ("mistakes", lambda: runs_of(of("mlcc", "", epochs=30)).run, None),
    "a slow fit": ("float32", lambda: runs_of(of("mlcc", "", epochs=1)).run, None),
    "interrupted": ("float32", lambda: runs_of(of("mlcc", "", epochs=1)).run, None),
    "not there": ("float32", lambda: runs_of(of("mlcc", "", epochs=1)).run, None),
}


class Interrupted(SimulatedJudge):
    """Ctrl+C is pressed while it judges."""

    async def check(self, run: Run, numbers: list[int]) -> list[StepVerdict]:
        raise KeyboardInterrupt


class NotThere(SimulatedJudge):
    """It cannot be started."""

    async def start(self) -> Ready:
        raise KerasUnavailable("TensorFlow is not installed", "pip install it\nor not")


JUDGES = {"interrupted": Interrupted, "not there": NotThere}


def test_reports_of_the_check(request, monkeypatch, capsys):
    pages = []
    for name, (by, run, iterations) in REPORTED.items():
        with monkeypatch.context() as patch:
            times = count(0.0, 21.0) if name == "a slow fit" else repeat(0.0)
            patch.setattr("lrstep.check.headless.time.monotonic", lambda times=times: next(times))
            if name != "recorded":
                judge = JUDGES.get(name, SimulatedJudge)(by)
                patch.setattr("lrstep.check.headless.judge_of", lambda *_, judge=judge: judge)
            for as_json in (False, True):
                progress: list[str] = []
                try:
                    status: object = check_command(run(), by, iterations, as_json, progress=progress.append)
                except KeyboardInterrupt:
                    status = "broken off"
                said = capsys.readouterr()
                lines = [*progress, *said.err.splitlines(), *portraits.rounded(said.out).splitlines()]
                pages.append((f"{name}: {status}", lines))
    portraits.compare("reports", pages, request)


def test_what_is_said_of_wrong_engines(request):
    def told(engine: type[PlainRun]) -> Iterator[str]:
        run = engine(*of_mlcc()[:1], of_mlcc()[1].changed(**engine.changes))
        verdict = SimulatedJudge("float64").verdict(run, run.first_wrong(run.per_epoch))
        for q in verdict.quantities:
            yield f"{q.name} {q.outcome}" + f" {q.engine:.10g} {q.keras:.10g}" * (q.outcome != "confirmed")

    portraits.compare("wrong engines", ((engine.__name__, told(engine)) for engine in WRONG_ENGINES), request)


FITS = {
    "as it is": ("float32", {}, {}),
    "in float64": ("float64", {}, {}),
    "another learning rate": ("float32", {}, {"learning_rate": 0.051}),
    "another rho, in float64": ("float64", {}, {"rho": 0.8}),
    "diverged": ("float32", {"optimizer": "sgd", "learning_rate": 1e30}, {}),
    "too small": ("float32", {"learning_rate": 1e-40}, {}),
    "undecided": ("float64", {"centered": True, "rho": 0.0}, {}),
}


def test_free_runs(request):
    def told(precision: str, settings: dict, fitted: dict) -> Iterator[str]:
        dataset, known = of_mlcc()
        run, other = (Run(dataset, known.changed(epochs=2, **(settings | more))) for more in ({}, fitted))
        free = Drift(run, precision)
        for there, here in zip(simulated_fit(other, precision, 6), simulated_fit(run, precision, 6), strict=True):
            free.add(replace(here, loss=there.loss, rmse=there.rmse, state=there.state))
        yield from (*free.lines(0), *free.lines(3), *str(free.as_document()).split(","))

    pages = ((name, map(portraits.rounded, told(*how))) for name, how in FITS.items())
    portraits.compare("free runs", pages, request)
