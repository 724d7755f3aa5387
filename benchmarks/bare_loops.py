"""The floor of the engine: mini-batch loops as one writes them down, without keeping anything but the last state."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

LOOP = """
def loop(epochs):
    w, b = 0.5, 0.0
    {start}
    t = 0
    for _ in range(epochs):
        sse = 0.0
        for at in range(0, len(X), BATCH):
            x, y = X[at : at + BATCH], Y[at : at + BATCH]
            error = w * x + b - y
            m = len(error)
            sse += (error * error).sum()
            g_w, g_b = 2 / m * (error * x).sum(), 2 / m * error.sum()
            t += 1
            {weight}
            {bias}
    return w, b
"""
RMSPROP = ("v_{p} = 0.0", "v_{p} = 0.9 * v_{p} + 0.1 * g_{p} * g_{p}; {p} -= LR * g_{p} / math.sqrt(v_{p} + 1e-7)")
RULES = {
    "rmsprop": RMSPROP,
    "sgd": ("", "{p} -= LR * g_{p}"),
    "adagrad": ("v_{p} = 0.1", "v_{p} += g_{p} * g_{p}; {p} -= LR * g_{p} / math.sqrt(v_{p} + 1e-7)"),
    "adam": (
        "m_{p} = v_{p} = 0.0",
        "m_{p} += (g_{p} - m_{p}) * (1 - 0.9); v_{p} += (g_{p} * g_{p} - v_{p}) * (1 - 0.999); "
        "{p} -= LR * math.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m_{p} / (math.sqrt(v_{p}) + 1e-7)",
    ),
    "rmsprop-tf2": (
        "v_{p} = 0.0",
        "v_{p} = 0.9 * v_{p} + 0.1 * g_{p} * g_{p}; {p} -= LR * g_{p} / (math.sqrt(v_{p}) + 1e-7)",
    ),
    "rmsprop-tf1": (
        "v_{p} = 1.0",
        "v_{p} = 0.9 * v_{p} + 0.1 * g_{p} * g_{p}; {p} -= LR * g_{p} / math.sqrt(v_{p} + 1e-10)",
    ),
    "rmsprop-pytorch": (
        "v_{p} = 0.0",
        "v_{p} = 0.99 * v_{p} + 0.01 * g_{p} * g_{p}; {p} -= LR * g_{p} / (math.sqrt(v_{p}) + 1e-8)",
    ),
}
"""Optimizer → what its slots start with, and its step, for a parameter p."""

Loop = Callable[[int], tuple[float, ...]]


def one_feature(optimizer: str, x: Any, y: Any, batch: int, lr: float) -> Loop:
    """A loop over so many epochs for one feature, in Python's floats."""
    start, step = RULES[optimizer]
    names: dict[str, Any] = {"X": x, "Y": y, "BATCH": batch, "LR": lr, "math": math}
    lines = {"weight": step.format(p="w"), "bias": step.format(p="b")}
    exec(LOOP.format(start="; ".join(start.format(p=p) for p in "wb" if start), **lines), names)
    loop: Loop = names["loop"]
    return loop


def several_features(x: Any, y: Any, batch: int, lr: float) -> Loop:
    """RMSprop for any number of features, in NumPy's vectors."""
    design = np.column_stack((x, np.ones(len(y))))

    def loop(epochs: int) -> tuple[float, ...]:
        theta, v = np.array([0.5] * (design.shape[1] - 1) + [0.0]), np.zeros(design.shape[1])
        for _ in range(epochs):
            sse = 0.0
            for at in range(0, len(y), batch):
                rows = design[at : at + batch]
                error = rows @ theta - y[at : at + batch]
                sse += (error * error).sum()
                g = 2 / len(error) * (error @ rows)
                v = 0.9 * v + 0.1 * g * g
                theta = theta - lr * g / np.sqrt(v + 1e-7)
        return tuple(theta)

    return loop
