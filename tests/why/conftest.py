"""Runs to explain: data sets and settings that differ in what matters to a mistake."""

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.run import Run
from lrstep.core.settings import Settings

MLCC_X = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]
MLCC_Y = [5.0, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32.0, 33.8, 38.2]
LEARNERS_WEIGHT = 0.08255479319424332
ANSCOMBE_X = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0]
ANSCOMBE_Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]


def datasets() -> dict[str, Dataset]:
    random = np.random.default_rng(5)
    x = random.normal(2.0, 1.5, 40)
    line = np.arange(16.0)
    return {
        "mlcc": Dataset("mlcc", MLCC_X, MLCC_Y),
        "line16": Dataset("line16", line, 0.5 * line + 0.2),
        "line16-offset": Dataset("line16-offset", line, 0.5 * line + 5.2),
        "anscombe": Dataset("anscombe", ANSCOMBE_X, ANSCOMBE_Y),
        "noisy": Dataset("noisy", x, 1.3 * x - 4.0 + random.normal(0.0, 2.0, 40)),
    }


SETTINGS = {
    "mlcc": Settings(weight=LEARNERS_WEIGHT),
    "mlcc short last batch, momentum": Settings(weight=0.5, batch_size=5, momentum=0.9, epsilon=0.01),
    "mlcc centered": Settings(weight=-1.0, batch_size=3, centered=True, epsilon=0.5, bias=3.0),
    "line16": Settings(weight=0.3, batch_size=3, epsilon=0.1, shuffle=True, seed=3),
    "line16 centered, momentum": Settings(weight=0.9, batch_size=6, centered=True, momentum=0.5, epsilon=0.1),
    "line16-offset": Settings(weight=1.0, batch_size=5, learning_rate=0.2, epsilon=1.0, epochs=3),
    "anscombe": Settings(weight=0.2, batch_size=4, rho=0.8, epsilon=0.3, shuffle=True),
    "anscombe momentum": Settings(weight=0.1, batch_size=4, momentum=0.6, epsilon=0.2, bias=1.0),
    "mlcc from above": Settings(weight=6.0, bias=9.0, batch_size=5, epsilon=0.1),
    "line16 from above": Settings(weight=4.0, bias=5.0, batch_size=3, epsilon=0.1, epochs=2),
    "noisy": Settings(weight=0.2, batch_size=9, epsilon=0.05, epochs=3, seed=7, shuffle=True),
    "noisy centered, momentum": Settings(weight=2.0, batch_size=12, momentum=0.8, centered=True, epsilon=0.3),
}


def runs() -> dict[str, Run]:
    data = datasets()
    made = {name: Run(data[name.split()[0]], settings) for name, settings in SETTINGS.items()}
    made["noisy centered"] = Run(data["noisy"], Settings(weight=1.5, batch_size=7, centered=True, epsilon=0.2))
    made["anscombe centered, momentum"] = Run(
        data["anscombe"], Settings(weight=0.9, batch_size=3, centered=True, momentum=0.3, epsilon=0.2)
    )
    made["line16 momentum"] = Run(data["line16"], Settings(weight=0.9, batch_size=5, momentum=0.7, epsilon=0.2))
    return made


@pytest.fixture(scope="session")
def all_runs() -> dict[str, Run]:
    return runs()


OTHERS = (
    {"optimizer": "sgd", "learning_rate": 0.01},
    {"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.8, "batch_size": 3},
    {"optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.5, "nesterov": True, "batch_size": 5},
    {"optimizer": "adagrad", "epsilon": 0.2, "batch_size": 3},
    {"optimizer": "adagrad", "initial_accumulator": 0.0, "batch_size": 5},
    {"optimizer": "adam", "epsilon": 0.2},
    {"optimizer": "adam", "epsilon": 0.1, "beta_1": 0.8, "beta_2": 0.95, "batch_size": 5},
    {"optimizer": "adam", "epsilon": 0.4, "beta_1": 0.5, "batch_size": 3},
    {"optimizer": "rmsprop-tf1", "epsilon": 0.1, "centered": True, "batch_size": 5},
    {"optimizer": "rmsprop-tf2", "epsilon": 0.2, "batch_size": 5},
    {"optimizer": "rmsprop-pytorch", "epsilon": 0.1, "momentum": 0.6, "batch_size": 3},
    {"scale": "standard", "batch_size": 3},
    {"scale": "minmax", "optimizer": "sgd", "learning_rate": 0.01, "batch_size": 5},
)


@pytest.fixture(scope="session")
def other_runs() -> list[Run]:
    """Each with one feature and with three."""
    random = np.random.default_rng(11)
    x = random.normal(1.0, 2.0, (11, 3))
    y = x @ [1.0, -2.0, 0.5] + 3.0 + random.normal(0.0, 0.5, 11)
    data = Dataset("one", x[:, 0], y), Dataset("three", x, y)
    return [Run(one, Settings(**settings)) for settings in OTHERS for one in data]


@pytest.fixture
def learners_run() -> Run:
    return Run(Dataset("mlcc", MLCC_X, MLCC_Y), Settings(weight=LEARNERS_WEIGHT, batch_size=12, epochs=1))
