"""No test reads or writes the configuration and the kept run of the person who runs it, or depends on chance."""

import contextlib
import gc
import importlib.util
import math
import os
import re
import signal
import sys
import tempfile
from pathlib import Path

import pytest
from _pytest.assertion import rewrite
from hypothesis import HealthCheck, settings

# Helper modules lie beside the tests; importlib mode does not put the folder on the search path.
sys.path.append(str(Path(__file__).parent))
import warm_keras

# Whether a change may land does not hang on luck, nor on how busy the machine is; --hypothesis-profile=default looks
# for new examples.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# An installed program is compiled: those that tests start need not compile themselves each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# NumPy's pool of threads costs each process of the tests, and each that they start, half of NumPy's import.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Under nohup, or in the background of a script, signals are ignored, and programs that tests start inherit that. A
# handler is not inherited: they begin with the default again.
for _number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda number, frame: None)


DEAR = (
    "export/test_workbook", "why/test_why", "check/test_right_engine", "recording/test_recorder", "terminal/test_link",
    "test_cli", "check/test_wrong_engines", "tui/test_dialogs", "portraits/test_dialogs", "terminal/test_stepper_ends",
    "test_readme", "terminal/test_attacks", "recording/test_record", "portraits/test_screens", "tui/test_typed",
    "check/test_process", "terminal/test_place", "tui/test_look", "tui/test_lessons_astray",
    "why/test_orders_and_overflow", "tui/test_understanding", "portraits/test_texts", "terminal/test_ends",
    "session/test_from_log", "session/test_coach", "tui/test_keys", "export/test_script", "terminal/test_stepper",
    "check/test_model", "plain/test_session", "plain/test_process", "export/test_output", "terminal/test_starts",
    "portraits/test_answers", "cli/test_surroundings", "why/test_single_precision", "tui/test_lessons",
    "tui/test_side_by_side", "why/test_worlds", "why/test_wrong_runs", "terminal/test_endurance",
)  # fmt: skip
"""Files that take long, the longest first: begun last, one of them would go on when all else is done."""


def _dearness(item):
    name = item.path.relative_to(Path(__file__).parent).with_suffix("").as_posix()
    return DEAR.index(name) if name in DEAR else len(DEAR)


TENSORFLOW = importlib.util.find_spec("tensorflow") is not None


def pytest_configure(config):
    """One process with TensorFlow serves all workers, unless another Python is named."""
    if TENSORFLOW and sys.platform == "linux" and warm_keras.VARIABLE not in os.environ:
        opened = contextlib.ExitStack()
        opened.enter_context(warm_keras.offered(Path(opened.enter_context(tempfile.TemporaryDirectory()))))
        config.add_cleanup(opened.close)


def pytest_sessionstart(session):
    """Each worker compiles its share of the tests before all import all of them: in a fresh clone each compiled all."""
    worker = getattr(session.config, "workerinput", None)
    if worker is None:
        return
    number, count = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    for file in sorted(Path(__file__).parent.rglob("test_*.py"))[number::count]:
        compiled = rewrite.get_cache_dir(file) / f"{file.stem}{rewrite.PYC_TAIL}"
        if not compiled.exists() and rewrite.try_makedirs(compiled.parent):
            stat, code = rewrite._rewrite_test(file, session.config)
            rewrite._write_pyc(session.config.stash[rewrite.assertstate_key], code, stat, compiled)


def pytest_collection_modifyitems(items):
    items.sort(key=_dearness)
    if not TENSORFLOW:
        for item in items:
            if item.get_closest_marker("keras"):
                item.add_marker(pytest.mark.skip(reason="TensorFlow is not installed"))


def pytest_collection_finish():
    """What is imported by now stays: to look through it for garbage, over and over, takes an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True, scope="session")
def nothing_of_a_person(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LRSTEP_CONFIG", str(folder / "none.toml"))
        patch.setenv("LRSTEP_STATE_DIR", str(folder / "state"))
        patch.setenv("TEXTUAL_ANIMATIONS", "none")
        yield


@pytest.fixture(autouse=True, scope="session")
def pilot_looks_often():
    """Textual's pilot asks every 5 ms instead of every 20 whether the app is idle: it does so after every key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual._wait.SLEEP_GRANULARITY", 0.005)
        yield


@pytest.fixture(autouse=True, scope="session")
def style_sheets_are_read_once():
    """Textual reads the same style sheets for each app anew, a fifth of what an app of the tests takes to start."""
    from textual.css import stylesheet

    parse, tokenize, rules, tokens = stylesheet.parse, stylesheet.tokenize_values, {}, {}

    def read(scope, css, read_from, *, variable_tokens, **options):
        key = (scope, css, read_from, id(variable_tokens), *options.items())
        if key not in rules:
            rules[key] = [*parse(scope, css, read_from, variable_tokens=variable_tokens, **options)]
        return rules[key]

    def tokenized(values):
        key = tuple(values.items())
        if key not in tokens:
            tokens[key] = tokenize(values)
        return tokens[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stylesheet, "parse", read)
        patch.setattr(stylesheet, "tokenize_values", tokenized)
        yield


@pytest.fixture(autouse=True, scope="session")
def frames_that_nobody_sees_are_not_painted():
    """A pilot's app has no terminal: it composes each frame and throws it away, a quarter of what a key takes.

    A picture of the screen is painted whole; ``painted`` paints every frame, and a stepper of the tests its last.
    """
    from textual._compositor import Compositor

    render = Compositor.render_update

    def skipped(self, *, full=False, **options):
        if full or (self.root is not None and not self.root.app.is_headless):
            return render(self, full=full, **options)
        self._dirty_regions.clear()
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", skipped)
        yield render


@pytest.fixture
def painted(frames_that_nobody_sees_are_not_painted, monkeypatch):
    """Every frame is painted, whether someone sees it or not."""
    render = frames_that_nobody_sees_are_not_painted
    monkeypatch.setattr("textual._compositor.Compositor.render_update", render)


@pytest.fixture(scope="session")
def keras_python():
    """A Python to run what imports Keras."""
    return os.environ.get(warm_keras.VARIABLE, sys.executable)


@pytest.fixture(scope="session")
def evaluate():
    """An evaluator of shown formulas that knows nothing of the code that wrote them."""
    return _evaluate


def _evaluate(text: str) -> float:
    operand = r"(\((?:[^()]|\([^()]*\))*\)|\d[\d.]*(?:e[+-]?\d+)?|inf|nan)"
    plain = (
        re.sub(operand + "²", r"square(\1)", text)
        .replace("·", "*")
        .replace("−", "-")
        .replace("√(", "root(")
        .replace("^", "**")
    )
    names = set(re.findall(r"[A-Za-z]\w*", re.sub(r"\d[\d.]*(e[+-]?\d+)?", "", plain)))
    assert names <= {"square", "root", "min", "inf", "nan"}, text
    known = {"square": lambda v: v * v, "root": _root, "min": min, "inf": math.inf, "nan": math.nan}
    return float(eval(plain, {"__builtins__": {}}, known))


def _root(value: float) -> float:
    return math.sqrt(value) if value >= 0 else math.nan
