"""What learners who do something wrong have in common: a slip, and what several of them do otherwise."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.why.learners import Base, Learner

Words = tuple[str | tuple[str, ...], ...]


@dataclass(frozen=True)
class Slip:
    """What somebody does wrong.

    Attributes:
        name: what it is.
        words: any of these in the name of an answer, and it is named; a tuple of them: all.
        wrong: what of the :class:`Learner` is done otherwise.
        read: (rows, t, quantity) → the number that is typed, where it is read wrongly.
        about: quantities it may be typed of; empty: any.
        where: whether a base has it.
    """

    name: str
    words: Words
    wrong: dict[str, Any] = field(default_factory=dict)
    read: Callable[[list[dict[str, float]], int, str], float] | None = None
    about: tuple[str, ...] = ()
    where: Callable[[Base], bool] = lambda base: True


def optimizer(*names: str) -> Callable[[Base], bool]:
    return lambda base: base.settings.get("optimizer", "rmsprop") in names


def one_feature(base: Base) -> bool:
    return base.x.shape[1] == 1


def many_features(base: Base) -> bool:
    return base.x.shape[1] > 1


def short_batch(base: Base) -> bool:
    return len(base.y) % base.settings.get("batch_size", 4) != 0


def samples(of: Callable[[Any, Any], tuple[Any, Any]]) -> dict[str, Any]:
    return {"data": lambda self, x, y: of(x, y)}


def rate(of: Callable[[Any, int], float]) -> dict[str, Any]:
    return {"rate": of}


def changed(of: Callable[[Any, Any], Any]) -> dict[str, Any]:
    return {"changed": lambda self, g, theta: of(g, theta)}


def standard(x: Any, ddof: int = 0) -> Any:
    return (x - x.mean(axis=0)) / x.std(axis=0, ddof=ddof)


def minmax(x: Any) -> Any:
    return (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))


def gradient_of(of: Callable[..., Any]) -> dict[str, Any]:
    """Another derivative of the loss with respect to the prediction."""

    def gradient(self: Learner, x: Any, y: Any, w: Any, b: float) -> tuple[Any, float]:
        e = of(self.errors(x, y, w, b))
        return x.T @ e / len(y), float(np.mean(e))

    return {"gradient": gradient}


def numeric(h: float) -> dict[str, Any]:
    def gradient(self: Learner, x: Any, y: Any, w: Any, b: float) -> tuple[Any, float]:
        at = np.mean(self.errors(x, y, w, b) ** 2)
        gw = [(np.mean(self.errors(x, y, w + h * unit, b) ** 2) - at) / h for unit in np.eye(len(w))]
        return np.array(gw), (np.mean(self.errors(x, y, w, b + h) ** 2) - at) / h

    return {"gradient": gradient}


def bias_after(self: Learner, theta: Any, x: Any, y: Any, t: int) -> Any:
    gw, _ = self.gradient(x, y, theta[:-1], theta[-1])
    kept = {name: value.copy() for name, value in self.slots.items()}
    moved = theta[:-1] - self.step(np.append(gw, 0.0), t)[:-1]
    _, gb = self.gradient(x, y, moved, theta[-1])
    self.slots, self.g = kept, np.append(gw, gb)
    return theta - self.step(self.g, t)


def delayed(self: Learner, theta: Any, x: Any, y: Any, t: int) -> Any:
    before = theta if t == 1 else self.previous
    gw, gb = self.gradient(x, y, before[:-1], before[-1])
    self.previous, self.g = theta, np.append(gw, gb)
    return theta - self.step(self.g, t)


def added_up(each_epoch: bool) -> dict[str, Any]:
    def move(self: Learner, theta: Any, x: Any, y: Any, t: int) -> Any:
        gw, gb = self.gradient(x, y, theta[:-1], theta[-1])
        fresh = t == 1 or (each_epoch and self.epoch != self.last_epoch)
        self.g = np.append(gw, gb) + (0.0 if fresh else self.g)
        self.last_epoch = self.epoch
        return theta - self.step(self.g, t)

    return {"move": move}


def all_samples(self: Learner, x: Any, y: Any, w: Any, b: float) -> tuple[Any, float]:
    e = self.all_x @ w + b - self.all_y
    return 2 * self.all_x.T @ e / len(e), 2 * float(np.mean(e))


def one_by_one(self: Learner, theta: Any, x: Any, y: Any, t: int) -> Any:
    for row in range(len(y)):
        gw, gb = self.gradient(x[row : row + 1], y[row : row + 1], theta[:-1], theta[-1])
        self.g = np.append(gw, gb)
        theta = theta - self.step(self.g, t)
    return theta


def shared(self: Learner, g: Any, t: int) -> Any:
    self.slots["v"] = self.rho * self.slots["v"] + (1 - self.rho) * np.sum(g**2)
    return self.lr * g / np.sqrt(self.slots["v"] + self.eps)


def exchanged(self: Learner, g: Any, t: int) -> Any:
    self.slots["v"] = self.rho * self.slots["v"] + (1 - self.rho) * g**2
    return self.lr * g / np.sqrt(self.slots["v"][::-1] + self.eps)


def first_square(self: Learner, g: Any, t: int) -> Any:
    self.slots["v"] = g**2 if t == 1 else self.rho * self.slots["v"] + (1 - self.rho) * g**2
    return self.lr * g / np.sqrt(self.slots["v"] + self.eps)


def rms(under: Callable[[Learner, Any, Any], Any], divide: Callable[[Any, float], Any]) -> dict[str, Any]:
    def step(self: Learner, g: Any, t: int) -> Any:
        old = self.slots["v"]
        self.slots["v"] = under(self, old, g)
        return self.lr * g / divide((old, self.slots["v"]), self.eps)

    return {"step": step}


def mean_of_squares(self: Learner, old: Any, g: Any) -> Any:
    return self.rho * old + (1 - self.rho) * g**2


def under_root(vs: Any, eps: float) -> Any:
    return np.sqrt(vs[1] + eps)


def adam(
    t_of: Callable[[Learner, int], int] = lambda self, t: t, first: bool = True, second: bool = True,
    amsgrad: bool = False, inside: bool = False, nesterov: bool = False,
) -> dict[str, Any]:  # fmt: skip
    def step(self: Learner, g: Any, t: int) -> Any:
        s, t = self.slots, t_of(self, t)
        s["m"] = self.b1 * s["m"] + (1 - self.b1) * g
        s["v"] = self.b2 * s["v"] + (1 - self.b2) * g**2
        m = s["m"] / (1 - self.b1**t) if first else s["m"]
        v = s["v"] / (1 - self.b2**t) if second else s["v"]
        return self.lr * m / (np.sqrt(v + self.eps) if inside else np.sqrt(v) + self.eps)

    return {"step": step}


def wrapped(self: Learner, order: Any) -> list[Any]:
    count = -(-len(order) // self.size)
    begin = (self.epoch_number - 1) * count * self.size
    places = (begin + np.arange(count * self.size)) % len(order)
    return [order[places[i : i + self.size]] for i in range(0, len(places), self.size)]


def number_epoch(self: Learner, epoch: int) -> None:
    self.epoch_number = epoch


def forget(self: Learner, epoch: int) -> None:
    self.slots = {"v": 0 * self.slots["v"] + self.v0, "m": 0 * self.slots["m"], "M": 0 * self.slots["M"]}


def split(test: float, seed: int) -> dict[str, Any]:
    def data(x: Any, y: Any) -> tuple[Any, Any]:
        drawn = np.random.RandomState(seed).permutation(len(y))
        train = drawn[math.ceil(test * len(y)) :]
        return x[train], y[train]

    return samples(data)


def python_shuffle(seed: int) -> dict[str, Any]:
    def order(self: Learner, epoch: int, n: int) -> Any:
        places = list(range(n))
        random.Random(seed).shuffle(places)
        return np.array(places)

    return {"order": order}


def stream(seed: int) -> dict[str, Any]:
    def order(self: Learner, epoch: int, n: int) -> Any:
        if epoch == 1:
            self.stream = np.random.RandomState(seed)
        return self.stream.permutation(n)

    return {"order": order}


def float16(theta: Any) -> Any:
    return np.asarray(theta, dtype=np.float16).astype(float)


def kept_as(of: Callable[[Any], Any]) -> dict[str, Any]:
    def move(self: Learner, theta: Any, x: Any, y: Any, t: int) -> Any:
        gw, gb = self.gradient(x, y, theta[:-1], theta[-1])
        self.g = np.append(gw, gb)
        return of(theta - self.step(self.g, t))

    return {"move": move}


def digits(d: int) -> Callable[[Any], Any]:
    return np.vectorize(lambda v: float(f"{v:.{d}g}"))


def typed_wrong(row: int, of: Callable[[float], float], label: bool = True) -> dict[str, Any]:
    def data(x: Any, y: Any) -> tuple[Any, Any]:
        x, y = x.copy(), y.copy()
        if label:
            y[row] = of(y[row])
        else:
            x[row, 0] = of(x[row, 0])
        return x, y

    return samples(data)


def transposed(value: float) -> float:
    """The last digit before the point and the one after it exchanged."""
    text = repr(float(value))
    at = text.index(".")
    return float(f"{text[: at - 1]}{text[at + 1]}.{text[at - 1]}{text[at + 2 :]}")


def weights_only(rows: tuple[int, ...]) -> dict[str, Any]:
    return samples(lambda x, y: (np.delete(x, rows, axis=0), np.delete(y, rows)))


def at(by: int) -> Callable[[list[dict[str, float]], int, str], float]:
    return lambda rows, t, key: rows[t - 1 + by][key]


LOSS, PARAMETER = ("loss", "rmse"), ("weight", "bias")
RMSPROP = optimizer("rmsprop")
