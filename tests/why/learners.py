"""Learners who each do one thing wrong, on runs of many kinds; in NumPy alone, none of lrstep's rules is used.

``Learner`` trains as a person writes it, one method for each thing that is done; who does something wrong does it in a
method of their own. What they get wrong was written down apart from the guesses of ``why``.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

X12 = np.arange(1.0, 13.0)[:, None]
Y12 = np.array([5.0, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32.0, 33.8, 38.2])
ANSCOMBE = np.array([10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0])[:, None]
ANSCOMBE_Y = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])
_DRAWN = np.random.default_rng(77)
CLOUD = _DRAWN.normal(3.0, 2.0, (37, 1)).round(2)
CLOUD_Y = (4.0 - 1.7 * CLOUD[:, 0] + _DRAWN.normal(0.0, 1.0, 37)).round(2)
PLANE = np.column_stack(
    [_DRAWN.integers(1, 6, 22), _DRAWN.uniform(20, 90, 22).round(1), _DRAWN.normal(0, 3, 22).round(2)]
)
PLANE_Y = (0.3 * PLANE[:, 1] + 2.0 * PLANE[:, 0] - PLANE[:, 2] + 1.0 + _DRAWN.normal(0.0, 1.0, 22)).round(1)


@dataclass(frozen=True)
class Base:
    """A right run: data, and settings by the names of lrstep."""

    name: str
    x: Any
    y: Any
    settings: dict[str, Any]


BASES = (
    Base("mlcc", X12, Y12, {"weight": 0.0826, "epochs": 6}),
    Base("mlcc sgd", X12, Y12, {"weight": 0.5, "optimizer": "sgd", "learning_rate": 0.004, "epochs": 6}),
    Base("anscombe adam", ANSCOMBE, ANSCOMBE_Y, {"optimizer": "adam", "weight": 0.3, "learning_rate": 0.02,
                                                        "epochs": 6}),
    Base("cloud", CLOUD, CLOUD_Y, {"weight": -0.7, "bias": 0.2, "batch_size": 8, "learning_rate": 0.03}),
    Base("cloud adagrad", CLOUD, CLOUD_Y, {"optimizer": "adagrad", "weight": 1.1, "batch_size": 10,
                                               "learning_rate": 0.3}),
    Base("anscombe momentum", ANSCOMBE, ANSCOMBE_Y,
         {"weight": 0.2, "optimizer": "sgd", "momentum": 0.8, "learning_rate": 0.002, "epochs": 6}),
    Base("plane", PLANE, PLANE_Y, {"weight": 0.4, "batch_size": 6}),
    Base("plane adam", PLANE, PLANE_Y, {"weight": -0.2, "optimizer": "adam", "batch_size": 7, "learning_rate": 0.1}),
    Base("cloud torch", CLOUD, CLOUD_Y, {"weight": 0.6, "optimizer": "rmsprop-pytorch", "batch_size": 12}),
)  # fmt: skip


class Learner:
    """A training loop.

    Args:
        base: data and settings.
        wrong: attribute or method → what stands in its place.
    """

    def __init__(self, base: Base, wrong: dict[str, Any]) -> None:
        s = {"learning_rate": 0.05, "batch_size": 4, "epochs": 4, "optimizer": "rmsprop", "bias": 0.0, "rho": 0.9,
             "momentum": 0.0, "beta_1": 0.9, "beta_2": 0.999, "initial_accumulator": 0.1, **base.settings}  # fmt: skip
        torch = s["optimizer"] == "rmsprop-pytorch"
        self.eps = s.get("epsilon", 1e-8 if torch else 1e-7)
        self.rho = 0.99 if torch else s["rho"]
        self.lr, self.size, self.epochs, self.kind = s["learning_rate"], s["batch_size"], s["epochs"], s["optimizer"]
        self.mu, self.b1, self.b2, self.bias, self.weight = (
            s["momentum"],
            s["beta_1"],
            s["beta_2"],
            s["bias"],
            s["weight"],
        )
        self.v0 = s["initial_accumulator"] if self.kind == "adagrad" else 0.0
        self.x, self.y = base.x.astype(float), base.y.astype(float)
        for name, instead in wrong.items():
            setattr(self, name, instead.__get__(self) if callable(instead) else instead)

    # --- what may be done otherwise --------------------------------------------------------------

    def data(self, x: Any, y: Any) -> tuple[Any, Any]:
        return x, y

    def start(self, k: int) -> tuple[Any, float]:
        return np.full(k, self.weight), self.bias

    def order(self, epoch: int, n: int) -> Any:
        return np.arange(n)

    def batches(self, order: Any) -> list[Any]:
        return [order[i : i + self.size] for i in range(0, len(order), self.size)]

    def errors(self, x: Any, y: Any, w: Any, b: float) -> Any:
        return x @ w + b - y

    def gradient(self, x: Any, y: Any, w: Any, b: float) -> tuple[Any, float]:
        e = self.errors(x, y, w, b)
        return 2 * x.T @ e / len(y), 2 * float(np.mean(e))

    def changed(self, g: Any, theta: Any) -> Any:
        return g

    def rate(self, t: int) -> float:
        return self.lr

    def epoch_begins(self, epoch: int) -> None:
        pass

    def loss(self, e: Any) -> float:
        return float(np.mean(e**2))

    def step(self, g: Any, t: int) -> Any:
        s, lr = self.slots, self.rate(t)
        if self.kind == "sgd":
            s["M"] = self.mu * s["M"] - lr * g
            return -s["M"]
        if self.kind == "adagrad":
            s["v"] = s["v"] + g**2
            return lr * g / np.sqrt(s["v"] + self.eps)
        if self.kind == "adam":
            s["m"] = self.b1 * s["m"] + (1 - self.b1) * g
            s["v"] = self.b2 * s["v"] + (1 - self.b2) * g**2
            rate = lr * math.sqrt(1 - self.b2**t) / (1 - self.b1**t)
            return rate * s["m"] / (np.sqrt(s["v"]) + self.eps)
        s["v"] = self.rho * s["v"] + (1 - self.rho) * g**2
        part = lr * g / (np.sqrt(s["v"]) + self.eps if self.kind == "rmsprop-pytorch" else np.sqrt(s["v"] + self.eps))
        s["M"] = self.mu * s["M"] + part
        return s["M"]

    def move(self, theta: Any, x: Any, y: Any, t: int) -> Any:
        gw, gb = self.gradient(x, y, theta[:-1], theta[-1])
        self.g = self.changed(np.append(gw, gb), theta)
        return theta - self.step(self.g, t)

    # --- the run -------------------------------------------------------------------------------------

    def run(self) -> list[dict[str, float]]:
        x, y = self.data(self.x, self.y)
        self.all_x, self.all_y = x, y
        w, b = self.start(x.shape[1])
        theta = np.append(np.asarray(w, dtype=float), b)
        self.slots = {"v": np.full(len(theta), self.v0), "m": 0.0 * theta, "M": 0.0 * theta}
        names = ["weight"] if len(theta) == 2 else [f"weight_{i}" for i in range(1, len(theta))]
        rows: list[dict[str, float]] = []
        t = 0
        for epoch in range(1, self.epochs + 1):
            self.epoch_begins(epoch)
            sse, count = 0.0, 0
            for batch in self.batches(self.order(epoch, len(y))):
                t += 1
                self.epoch, self.t = epoch, t
                xb, yb = x[batch], y[batch]
                e = self.errors(xb, yb, theta[:-1], theta[-1])
                loss = self.loss(e)
                sse, count = sse + loss * len(e), count + len(e)
                before, theta = theta, self.move(theta, xb, yb, t)
                full = self.errors(x, y, theta[:-1], theta[-1])
                row = {"loss": loss, "cumulative_loss": sse / count, "full_loss": self.loss(full), "m": len(e),
                       "after_loss": self.loss(self.errors(xb, yb, theta[:-1], theta[-1])),
                       "mae": float(np.mean(np.abs(e))), "mean_error": float(np.mean(e)), "epoch": epoch,
                       "last": float(e[-1] ** 2), "spread": float(np.max(np.abs(e)))}  # fmt: skip
                row |= {
                    k.replace("loss", "rmse"): math.sqrt(abs(row[k])) for k in ("loss", "cumulative_loss", "full_loss")
                }
                for name, at in zip([*names, "bias"], range(len(theta)), strict=True):
                    row |= {name: theta[at], f"gradient_{name}": self.g[at], f"step_{name}": before[at] - theta[at],
                            f"accumulator_{name}": self.slots["v"][at]}  # fmt: skip
                rows.append(row)
        return rows
