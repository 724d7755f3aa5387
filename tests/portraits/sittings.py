"""What is portrayed: sessions that between them show every panel, chart and sentence, each told in a line of words.

A screen is portrayed after every word, at the sizes of the sketch; see :meth:`sitting.Sitting.do` for the words.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any, NamedTuple

import numpy as np

from lrstep.core.dataset import Dataset
from lrstep.sources.open_source import open_source
from lrstep.sources.samples import catalogue
from lrstep.sources.source import Source

LOW, HIGH, WIDE, SMALL, TALL = (80, 24), (120, 40), (200, 60), (60, 16), (80, 50)
BOTH, THREE = (LOW, HIGH), (LOW, HIGH, SMALL)
SIZES = ((60, 15), (66, 19), (76, 21), (90, 30), (101, 37), (112, 39), (141, 46), (70, 44))
STEP = "go:2.gradient phase_next phase_next phase_next"
PHASES = " phase_next" * 6
CHARTS = " chart_1 chart_2 chart_3 chart_4"
RECORDING = Path(__file__).parents[1] / "recording" / "mlcc.toml"


class Sketch(NamedTuple):
    """What is opened, what is done, and at which sizes it is looked at."""

    opened: Callable[[], Source]
    words: str
    settings: dict[str, Any]
    sizes: tuple[tuple[int, int], ...]
    against: tuple[str, ...]
    ascii: bool


def of(
    source: str | Callable[[], Source], words: str, sizes: tuple[tuple[int, int], ...] = BOTH, *,
    against: tuple[str, ...] = (), ascii: bool = False, **settings: Any,
) -> Sketch:  # fmt: skip
    """A sketch of a SOURCE with other settings."""
    return Sketch(source if callable(source) else lambda: open_source(source), words, settings, sizes, against, ascii)


def made(
    n: int, features: int = 1, x: float = 1.0, y: float = 1.0, names: tuple[str, ...] = ()
) -> Callable[[], Source]:
    """A line or plane that is bent, in simple fractions; x and y of the order of their scales."""
    at = np.arange(n)
    table = np.column_stack([(at * (2 * place + 3) % 11 - 4) / 4 for place in range(features)]) * x
    label = (at * 5 % 17 / 8 - 0.75 + at % 3) * y
    names = names or (*(f"f{place}" for place in range(1, features + 1)), "goal")
    return with_data(Dataset("made", table if features > 1 else table[:, 0], label, names[:-1], names[-1]))


def with_data(dataset: Dataset) -> Callable[[], Source]:
    """A source of these data."""
    known = open_source("mlcc")
    return lambda: Source(dataset, known.settings.changed(weight=0.25), known.origin)


ROOMS = tuple((width, 15 + width * 7 % 47) for width in range(58, 206))
"""Every width, and heights between."""

OPTIONS: dict[str, dict[str, tuple[Any, ...]]] = {
    "rmsprop": {"momentum": (0.0, 0.9), "centered": (False, True), "rho": (0.9, 0.5)},
    "rmsprop-pytorch": {"momentum": (0.0, 0.5), "centered": (False, True)},
    "rmsprop-tf1": {"momentum": (0.0, 0.8)},
    "sgd": {"momentum": (0.0, 0.9), "learning_rate": (0.01, 1e-3, 0.5)},
    "adam": {"learning_rate": (0.05, 1.0), "beta_1": (0.9, 0.5)},
    "adagrad": {"initial_accumulator": (0.1, 2.0)},
}
"""Optimizer → what may be set of it."""

WAYS = (
    "next next*3 back epoch_next epoch_back phase_next phase_next phase_next*2 phase_back end start go:1.gradient "
    "go:2.accumulator chart_1 chart_2 chart_3 chart_4 models chart chart zoom surface_axes panel_next panel_back "
    "scroll_down scroll_down scroll_up faster slower play tick:0.4 practice type:1.5 press:enter press:escape "
    "where:rmse<15 where:back~loss>9 break:weight>1 set:learning_rate=0.2 set:epochs=2 here:learning_rate=0.3 undo "
    "think think follow next_run pace chart_6 judged:float32 failed_next leave notes focus:gradient focus:weights "
    "versus:lr versus:batch versus:off focus:models focus:check"
)
"""Words of those who wander."""


def wandering(seed: int) -> Sketch:
    """A session that somebody wanders through, with whatever it comes upon."""
    random = Random(seed)
    n, features = random.randint(3, 40), random.choice((1, 2, 3))
    source = random.choice(
        ("mlcc", "mlcc", "line16", "outlier", "anscombe-2", "anscombe-4", made(n, features), made(n, 1, 1e3))
    )
    optimizer = random.choice(("rmsprop", *OPTIONS))
    settings = {name: random.choice(values) for name, values in OPTIONS[optimizer].items()}
    settings |= {"optimizer": optimizer, "batch_size": random.choice((1, 3, 4, 7, 100)), "epochs": random.randint(1, 5)}
    settings |= {"shuffle": random.random() < 0.4, "scale": random.choice(("none", "none", "standard", "minmax"))}
    sizes = tuple((random.randint(60, 170), random.randint(15, 58)) for _ in range(2))
    against = random.choice(((), (), ("batch_size=2",), ("optimizer=sgd lr=0.02", "shuffle=yes seed=9")))
    words = " ".join(random.choices(WAYS.split(), k=12))
    return of(source, words, sizes, against=against, ascii=random.random() < 0.2, **settings)


BESIDE = (
    "batch_size=2", "batch_size=5 shuffle=yes", "optimizer=sgd lr=0.02", "optimizer=adam epochs=2", "lr=0.4", "lr=30",
    "weight=2 bias=-1", "seed=9 weight=none", "scale=standard", "line16", "momentum=0.9", "epochs=9", "centered=yes",
)  # fmt: skip
"""What a run may be compared with."""


LESSONS = ("by-hand", "second-question", "twelve-models", "epoch-reset", "batch-sizes", "rate-too-high", "one-epoch")


def any_data(random: Random) -> Callable[[], Source]:
    """Data of any size, scale and name: bent, on one line, or such that no single line or plane is best."""
    n, features = random.choice((1, 2, 3, 5, 12, 13, 23, 60, 401)), random.choice((1, 1, 2, 3, 5, 8))
    scales = (0, 0, 0, 0, -9, -3, 4, 7, -30, 30)
    x, y = (10.0 ** random.choice(scales) for _ in range(2))
    names = random.choice(((), (*LONG_NAMES[:1], *map(str, range(1, features)), LONG_NAMES[random.randint(1, 2)])))
    own, kind = made(n, features, x, y, names)().dataset, random.choice("bbbbefa")
    table, label = np.column_stack(own.columns), own.y
    if kind == "e":
        label = table.sum(axis=1) * 2 + y
    elif kind == "f":
        table = np.column_stack([*table.T[:-1], np.full(n, x)])
    elif kind == "a" and features > 1:
        table[:, -1] = table[:, 0] * 3
    return with_data(Dataset("any", table if features > 1 else table[:, 0], label, own.features, own.label))


def far_and_wide(seed: int) -> Sketch:
    """The same with any sample, lesson or data, any settings, runs beside it, and moves to anywhere."""
    random = Random(seed)
    sample, own = random.choice([sample.name for sample in catalogue()]), any_data(random)
    recorded = (str(RECORDING), recorded_with(*random.choice(TAMPERED)))
    source = random.choice((sample, sample, own, own, own, random.choice(recorded), random.choice(LESSONS)))
    free = source not in recorded and source not in LESSONS
    settings: dict[str, Any] = {}
    if free or random.random() < 0.3:
        optimizer = random.choice(("rmsprop", *OPTIONS))
        settings = {name: random.choice(values) for name, values in OPTIONS[optimizer].items()}
        settings["optimizer"] = optimizer
        for name, values in ANY.items():
            if random.random() < 0.5:
                settings[name] = random.choice(values)
    against = tuple(random.sample(BESIDE, random.choice((0, 0, 0, 1, 2, 3))))
    places = [f"{random.randint(0, 9)}", f"e{random.randint(1, 3)}b{random.randint(1, 4)}"]
    anywhere = [f"go:{place}.{phase}" for place in places for phase in ("batch", "loss", "gradient", "update", "after")]
    shown = f"next end models chart next_run pace {CHARTS}".split()
    words = " ".join(random.choices((*WAYS.split(), *FURTHER.split() * (1 + free), *anywhere * 3, *shown * 2), k=9))
    sizes = ((random.randint(58, 205), random.randint(14, 62)), random.choice((LOW, HIGH, WIDE, SMALL, TALL)))
    return of(source, words, sizes, against=against, ascii=random.random() < 0.2, **settings)


STROLLS = (
    3, 11, 94, 99, 102, 133, 175, 254, 261, 273, 274, 280, 302, 304, 329, 340, 358, 360, 383, 387, 393, 398, 400,
    413, 434, 472, 499, 505, 520, 556, 560, 569, 575, 581, 592, 596, 698, 699, 702, 715, 719, 757, 763, 781, 793,
    848, 849, 853, 858, 871, 886, 895, 904, 957, 960, 969, 1006, 1020, 1036,
)  # fmt: skip
"""Seeds that between them come to both sides of the limits in the code, and onto them, out of a thousand.

They are without those that hang on the last bits of least squares, which differ from one NumPy to the next.
"""

TALKS = (
    19, 33, 36, 39, 53, 58, 65, 91, 93, 99, 102, 115, 120, 145, 164, 166, 193, 221, 224, 233, 246, 251, 261, 278,
    295, 326, 331, 349, 354, 369, 376, 379, 386, 388, 413, 451, 463, 491, 513, 514, 524, 538, 541, 561, 569, 575,
    578, 579, 581, 600, 608, 611, 641, 646, 654, 679, 684, 699, 715, 785, 802, 842, 862, 880, 918, 933, 934, 945,
    969, 975, 993,
)  # fmt: skip
"""The same of what is typed in plain mode."""

FURTHER = (
    "lesson_next lesson_next*2 lesson_back notes begin_words begin_numbers begin_own begin_alone newcomer "
    "judged:mistakes judged:float64 follow_other undo paste:2.5 type:-1e3 press:backspace press:up where:nan "
    "where:loss~rises where:back~weight<0 tick:3 panel_next*3 scroll_down*4 back*2 phase_next*3 epoch_next*2 "
    "set:batch_size=3 set:optimizer=adam here:shuffle=true end*1 start*1 focus:batch focus:accumulator focus:rmse"
)
"""More of their words."""

ANY = {
    "batch_size": (1, 2, 3, 4, 5, 7, 100), "epochs": (1, 2, 3, 6, 30), "shuffle": (True, False), "seed": (3, 12),
    "scale": ("standard", "minmax", "none"), "learning_rate": (1e-4, 0.02, 0.3, 2.0, 60.0, 1e30), "bias": (-1.5, 1e5),
    "weight": (None, 0.0, 3.0, -2e-4),
}  # fmt: skip
"""What may be set whatever the optimizer is."""


def recorded_with(old: str, new: str) -> Callable[[], Source]:
    """The recording with something else in it."""

    def opened() -> Source:
        path = Path(mkdtemp()) / "other.toml"
        path.write_text(RECORDING.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        return open_source(str(path))

    return opened


TAMPERED = (
    ("accumulator = [0, 0]", "accumulator = [4.5, 0]"), ("finished = true", "finished = false"),
    ("402.4825", "402.5825"), ("iterations = 0", "iterations = 6"), ("-0.118462265", "-0.118469"),
    ("2,2 1 6 9,0.05", "2,2 1 6 9,0.01"),
)  # fmt: skip
"""What may be otherwise in a recording."""

LONG_NAMES = ("temperature\tin °C", "高さ\x1b[2J", "a label that is far too long for any of the panels")

SITTINGS: dict[str, dict[str, Sketch]] = {
    "panels": {
        "phases": of("mlcc", "start go:5.batch" + PHASES),
        "phases, small": of("mlcc", "start go:5.batch" + PHASES, (SMALL,)),
        "sizes": of("mlcc", "go:5.gradient chart_2", SIZES, shuffle=True, against=("batch_size=3",)),
        "PyTorch's": of(
            "mlcc", "start go:4.batch" + PHASES, (LOW, TALL), optimizer="rmsprop-pytorch", momentum=0.5,
            centered=True, shuffle=True, seed=3,
        ),
        "momentum, centered": of(
            "noisy", "go:2.gradient phase_next phase_next go:11.loss phase_next end", momentum=0.9, centered=True,
            batch_size=60, weight=None, seed=5,
        ),
        "TensorFlow 1's": of("mlcc", "next go:2.accumulator phase_next", optimizer="rmsprop-tf1", momentum=0.9),
        "TensorFlow 2's": of("mlcc", "next go:2.accumulator phase_next", optimizer="rmsprop-tf2", centered=True),
        "SGD": of("mlcc", "start go:3.gradient phase_next*2 phase_next end", optimizer="sgd", learning_rate=0.01),
        "Nesterov": of(
            "line16", "start go:2.batch" + PHASES + " end", optimizer="sgd", momentum=0.9, nesterov=True,
            learning_rate=0.002, batch_size=5, epochs=3,
        ),
        "Adam": of("mlcc", "start go:5.batch" + PHASES, THREE, optimizer="adam", bias=1.5),
        "Adagrad": of(
            "outlier", "start go:4.gradient phase_next phase_next phase_next end", optimizer="adagrad",
            learning_rate=0.5, epochs=5,
        ),
    },
    "data": {
        "three features": of(
            made(17, 3),
            f"start go:3.batch{PHASES} focus:weights scroll_down scroll_down scroll_up chart_1 chart_3 chart_4 "
            "surface_axes zoom",
            batch_size=5, epochs=3,
        ),
        "eight features": of(
            made(30, 8, names=(*"abcdefgh", "the label")),
            "next focus:gradient scroll_down scroll_down chart_3", batch_size=9,
            optimizer="adam",
        ),
        "scaled": of(
            "flats", "start go:2.loss phase_next*3 phase_next end chart_1 chart_4 models", scale="standard", epochs=30
        ),
        "scaled to 0 … 1": of("thousands", "go:7.update phase_next chart_1 chart_2 end", scale="minmax"),
        "scrolled": of(
            made(70), "go:2.loss scroll_down scroll_down*9 scroll_up next*2 scroll_down", THREE, batch_size=30,
            shuffle=True, seed=11,
        ),
        "one by one": of("mlcc", "next*5 end epoch_back", batch_size=1, epochs=3, shuffle=True),
        "more than there are": of("mlcc", "start next next", batch_size=100, epochs=3),
        "many batches": of(made(700), "start go:e2b57.loss go:e3b100 models", batch_size=7, epochs=3),
        "large": of(made(9, x=1e6, y=1e9), STEP + CHARTS, (LOW,), learning_rate=1e3),
        "tiny": of(made(9, x=1e-9, y=1e-7), STEP + CHARTS, (HIGH,), learning_rate=1e-3),
        "no single line": of(
            with_data(Dataset("flat", np.full(6, 8.0), np.arange(6.0))), "next chart_1 chart_4 models end"
        ),
        "no single plane": of(
            with_data(Dataset("flat", np.arange(12.0).reshape(6, 2), np.arange(6.0) ** 2, ("p", "q"))),
            "next chart_4 surface_axes zoom chart_3 models end think", batch_size=2,
        ),
        "far numbers, many features": of(
            made(20, 8, x=1e-9 / 3, y=1e7 / 3), "next go:2.batch phase_next", (SMALL, (66, 19), (90, 30)), batch_size=7
        ),
        "names": of(
            made(7, 2, names=LONG_NAMES), "next go:1.gradient chart_1 chart_4 focus:batch", batch_size=3
        ),
    },
    "charts": {
        "wide characters": of(
            made(5, names=("高さ高さ", "長さ長さ長さ")), "next*2 chart_1 chart_2", batch_size=2, epochs=3
        ),
        "names as wide as the chart": of(made(5, names=("x" * 78, "y" * 78)), "next chart_1 chart_3", (LOW,)),
        "steps": of("mlcc", f"start{CHARTS} next{CHARTS} go:8.loss{CHARTS} zoom zoom end chart_2"),
        "wide": of("anscombe-3", "go:40 chart_4", (WIDE,), batch_size=3, epochs=30),
        "long": of("noisy", "end chart_2 chart_3 go:900 chart_4 chart_2", batch_size=2, epochs=20),
        "shuffled": of(
            "anscombe-4", "next*4 chart_4 chart_2 chart_1", batch_size=4, shuffle=True, optimizer="adam",
            learning_rate=0.4,
        ),
        "models": of(
            "mlcc", "next*2 models phase_next phase_next*3 phase_back scroll_down epoch_next end phase_back*7"
        ),
        "few models": of("mlcc", "next", (HIGH, (110, 60)), epochs=1),
        "many models": of("line16", "go:37 models phase_back*5 end", epochs=30),
        "focus": of("mlcc", "next" + " panel_next" * 9 + " panel_back"),
        "ASCII": of("mlcc", f"start go:2.loss next{CHARTS} models", ascii=True, momentum=0.9),
    },
    "moving": {
        "moves": of(
            "mlcc",
            "next*3 epoch_next back epoch_back faster slower*2 play tick:0.5 play where:rmse<12 where:loss>1e6 "
            "where:back~full_rmse>18 break:weight>0.6 break:epoch=3 play tick:5 tick:5 end play tick:9 leave",
            (LOW,),
        ),
        "slowly": of(
            made(60), "slow go:2000 wait wait next end wait leave where:rmse<0 wait wait wait leave end wait quick "
            "where:back~rmse<0",
            (LOW,), batch_size=1, epochs=90,
        ),
        "slowly, beside": of(
            made(60), "slow go:2000 wait wait leave next quick end", (LOW,), batch_size=1, epochs=40,
            against=("batch_size=30",),
        ),
        "in its place": of(
            "mlcc", "go:5.gradient here:learning_rate=0.2 undo undo here:batch_size=5 versus:batch here:epochs=3 "
            "next_run here:learning_rate=1 set:batch_size=4 versus:off",
            (LOW,),
        ),
        "diverged": of(
            "mlcc", "next think next think next think phase_back*3 next think next*40 end" + CHARTS + " models think",
            optimizer="sgd", learning_rate=1e30,
            epochs=9,
        ),
        "diverging": of(
            "mlcc", f"end{CHARTS} models think follow undo", optimizer="sgd", learning_rate=0.04, epochs=30
        ),
    },
    "coach": {
        "too slow": of(
            "mlcc", "next think end think follow end think follow end think follow undo", (LOW, (120, 30))
        ),
        "circling": of("line16", "end think follow end think"),
        "far to go": of(
            "thousands", "next think epoch_next*4 think follow_other end think leave", (LOW, (120, 30))
        ),
        "unlike sizes": of("flats", "end think follow end think", epochs=20),
        "good": of("noisy", "end think", epochs=60, learning_rate=0.02),
    },
    "beside": {
        "four runs": of(
            "mlcc",
            "start next*5 chart_6 pace pace chart_2 chart_1 chart_3 chart_4 next_run next*3 chart_6 next_run "
            "end chart_6 pace",
            against=("batch_size=1", "batch_size=12", "optimizer=sgd lr=0.2"),
        ),
        "two runs": of(
            "mlcc", f"go:4.loss chart_6{PHASES} go:1 end chart_1 chart_3",
            against=("optimizer=rmsprop-pytorch",), momentum=0.5,
        ),
        "other orders": of(
            "noisy", "next*3 chart_6 pace chart_2 end", against=("shuffle=yes", "momentum=0.9 centered=yes"), epochs=2
        ),
        "diverged": of(
            "mlcc", "next*3 chart_6 next_run end chart_2 next_run", against=("optimizer=sgd lr=1e30", "bias=-3"),
            epochs=3,
        ),
        "scaled": of("flats", "next chart_6 end chart_2 chart_1", against=("scale=standard",), epochs=4),
    },
    "learning": {
        "practice": of(
            "mlcc",
            "next practice press:enter type:1 press:enter type:4.082 press:enter type:-1e3 press:backspace"
            + " press:enter" * 7 + " practice",
        ),
        "a newcomer": of("mlcc", "newcomer next begin_words", THREE),
        "beginnings": of(
            "mlcc", "newcomer begin_numbers lesson_next next begin_own notes notes begin_alone lesson_next undo undo "
            "begin_words begin_numbers",
            (LOW,),
        ),
        "practice to its end": of(
            "mlcc",
            f"practice paste:{0:069} type:1 press:enter paste:12 press:backspace*2 paste:abc press:enter type:9,7 "
            "press:enter type:x press:enter" + " press:enter" * 10,
            (LOW,), batch_size=12, epochs=1, momentum=0.9,
        ),
        "the first question": of(
            "first-question", "lesson_next next lesson_next next lesson_next lesson_next lesson_back notes notes", THREE
        ),
        "by hand": of(
            "by-hand",
            "next lesson_next type:4 press:enter type:-17.44 press:enter phase_next lesson_next*3 lesson_next*9",
        ),
        "an own run": of("your-own-run", "lesson_next lesson_next lesson_next", (LOW,)),
    },
    "checked": {
        "recorded": of(
            str(RECORDING),
            "start judged:float32 next phase_back phase_back phase_back phase_back next*3 end chart_1 "
            "set:learning_rate=0.2 undo think follow follow undo",
        ),
        "begun before": of(
            recorded_with("accumulator = [0, 0]", "accumulator = [4.5, 0]"), "start judged:float32 next phase_back*3"
        ),
        "recorded otherwise": of(
            recorded_with("402.4825", "402.5825"), "go:8.loss judged:float32 phase_next*4", (HIGH,)
        ),
        "confirmed": of("mlcc", "next judged:float32 next*4 focus:check phase_back*3 end", momentum=0.9),
        "with mistakes": of("mlcc", "next judged:mistakes failed_next next failed_next failed_back end"),
    },
    "wandering": {f"wanderer {seed}": wandering(seed) for seed in range(16)},
}  # fmt: skip

ROOMY = {
    "mlcc": of("mlcc", "go:5.gradient", ROOMS[::2]),
    "momentum, a chart": of("mlcc", "go:9 chart_3", ROOMS[::5], momentum=0.9, centered=True),
    "all models": of("noisy", "go:12 models", ROOMS[1::5], optimizer="adam"),
    "few models": of("mlcc", "next", ROOMS[2::7], epochs=1),
    "three features": of(made(17, 3), "go:4.update chart_4", ROOMS[::5], batch_size=5),
    "eight features": of(made(30, 8), "next", ROOMS[1::5], batch_size=9),
    "beside": of("mlcc", "next*2 chart_6", ROOMS[::5], against=("batch_size=1", "optimizer=sgd lr=0.2")),
    "a lesson": of("first-question", "next lesson_next", ROOMS[::5]),
    "practice": of("mlcc", "next practice type:1.5 press:enter", ROOMS[1::5]),
    "checked": of("mlcc", "next*4 judged:mistakes", ROOMS[::5], momentum=0.9),
    "recorded": of(str(RECORDING), "next*2 judged:float32", ROOMS[1::5]),
    "coached": of("thousands", "end think", ROOMS[::6]),
    "scaled": of("flats", "go:3.loss", ROOMS[::5], scale="standard"),
    "a newcomer": of("mlcc", "newcomer", ROOMS[1::5]),
}  # fmt: skip
"""Sketches that are looked at in many sizes, at the end of their words."""
