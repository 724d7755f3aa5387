"""Wrong runs written out by hand, in NumPy alone: none of lrstep's rules, rewrites or guesses is used here.

``train`` is a training loop as a person writes one, with a switch for each thing that may go wrong. ``CAUSES`` are
tried while ``why`` is worked on; ``HELD_OUT`` were written apart from its guesses and say how well it does on others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

X = np.arange(1.0, 13.0)
Y = np.array([5.0, 8.8, 9.6, 14.2, 18.8, 19.5, 21.4, 26.8, 28.9, 32.0, 33.8, 38.2])


@dataclass(frozen=True)
class Cause:
    """One wrong run.

    Attributes:
        name: what is wrong.
        words: any of these words in the name of an answer, and it is named; a tuple of them: all.
        change: what of ``train`` is different.
        read: how the figures are read: ``figures`` → the typed value, or None for the quantity itself.
        quantities: what is typed of it.
    """

    name: str
    words: tuple[str | tuple[str, ...], ...]
    change: dict[str, Any] = field(default_factory=dict)
    read: Callable[[list[dict[str, float]], int, str], float] | None = None
    quantities: tuple[str, ...] = ("weight", "bias", "rmse", "loss", "cumulative_rmse", "full_loss", "gradient_weight")
    only: tuple[str, ...] = ()


def train(
    x: Any = X, y: Any = Y, *, lr: float = 0.05, size: int = 4, epochs: int = 4, optimizer: str = "rmsprop",
    rho: float = 0.9, mu: float = 0.0, eps: float = 1e-7, centered: bool = False, w: float = 0.08255479319424332,
    b: float = 0.0, order: Callable[[int, int], Any] | None = None, drop_last: bool = False,
    gradient: Callable[..., tuple[float, float]] | None = None, rounding: Callable[[float], float] = lambda v: v,
    keep: Callable[[float], float] = lambda v: v, after_each_epoch: str = "", loss_of: Any = None,
    full: tuple[Any, Any] | None = None, decay: float = 0.0, start_v: float = 0.0, b1: float = 0.9, b2: float = 0.999,
    nesterov: bool = False, penalty: float = 0.0,
) -> list[dict[str, float]]:  # fmt: skip
    """A run; the figures of each iteration by the names of ``lrstep trace``."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    n = len(x)
    slots = {"v": [start_v, start_v], "m": [0.0, 0.0], "M": [0.0, 0.0], "a": [0.0, 0.0]}
    rows: list[dict[str, float]] = []
    t = 0
    for epoch in range(1, epochs + 1):
        taken = np.arange(n) if order is None else np.asarray(order(epoch, n))
        batches = [taken[i : i + size] for i in range(0, len(taken), size)]
        if drop_last and len(batches[-1]) < size:
            batches = batches[:-1]
        if after_each_epoch == "reset":
            slots = {"v": [start_v, start_v], "m": [0.0, 0.0], "M": [0.0, 0.0], "a": [0.0, 0.0]}
        sse, count = 0.0, 0
        for batch in batches:
            t += 1
            xb, yb = x[batch], y[batch]
            e = w * xb + b - yb
            loss = float(np.mean(e**2)) if loss_of is None else float(loss_of(xb, yb, w, b))
            sse, count = sse + loss * len(batch), count + len(batch)
            g = (2 * np.mean(e * xb), 2 * np.mean(e)) if gradient is None else gradient(xb, yb, w, b, size, t)
            g = (rounding(float(g[0]) + 2 * penalty * w), rounding(float(g[1])))
            rate = lr / (1 + decay * (t - 1))
            new = []
            for i, (theta, gi) in enumerate(zip((w, b), g, strict=True)):
                new.append(
                    _step(
                        optimizer,
                        theta,
                        gi,
                        i,
                        slots,
                        rate,
                        rho,
                        mu,
                        eps,
                        centered,
                        b1,
                        b2,
                        t,
                        nesterov,
                        rounding,
                        keep,
                    )
                )
            before = (w, b)
            w, b = keep(new[0]), keep(new[1])
            fx, fy = (x, y) if full is None else full
            row = {
                "iteration": t, "epoch": epoch, "weight": w, "bias": b, "loss": loss, "rmse": loss**0.5,
                "cumulative_loss": sse / count, "cumulative_rmse": (sse / count) ** 0.5,
                "full_loss": float(np.mean((w * fx + b - fy) ** 2)), "gradient_weight": g[0], "gradient_bias": g[1],
                "step_weight": before[0] - w, "step_bias": before[1] - b, "accumulator_weight": slots["v"][0],
                "after_loss": float(np.mean((w * xb + b - yb) ** 2)), "sse": float(np.sum(e**2)), "m": len(batch),
                "mae": float(np.mean(np.abs(e))), "prediction": float(np.mean(w * xb + b)),
            }  # fmt: skip
            row["full_rmse"] = row["full_loss"] ** 0.5
            rows.append(row)
    return rows


def _step(
    optimizer: str, theta: float, g: float, i: int, slots: dict[str, list[float]], lr: float, rho: float, mu: float,
    eps: float, centered: bool, b1: float, b2: float, t: int, nesterov: bool, r: Callable[[float], float],
    keep: Callable[[float], float],
) -> float:  # fmt: skip
    v, m, big = slots["v"], slots["m"], slots["M"]
    if optimizer == "sgd":
        big[i] = mu * big[i] - lr * g
        return theta + (mu * big[i] - lr * g if nesterov else big[i])
    if optimizer == "adagrad":
        v[i] += g * g
        return theta - lr * g / np.sqrt(v[i] + eps)
    if optimizer in ("adam", "adam-uncorrected", "adamax"):
        m[i] = b1 * m[i] + (1 - b1) * g
        if optimizer == "adamax":
            v[i] = max(b2 * v[i], abs(g))
            return theta - lr / (1 - b1**t) * m[i] / (v[i] + eps)
        v[i] = b2 * v[i] + (1 - b2) * g * g
        if optimizer == "adam-uncorrected":
            return theta - lr * m[i] / (np.sqrt(v[i]) + eps)
        return theta - lr * (m[i] / (1 - b1**t)) / (np.sqrt(v[i] / (1 - b2**t)) + eps)
    v[i] = keep(r(rho * v[i] + (1 - rho) * g * g))
    under = v[i]
    if centered:
        slots["a"][i] = rho * slots["a"][i] + (1 - rho) * g
        under = v[i] - slots["a"][i] ** 2
    if optimizer == "torch":
        part = g / (np.sqrt(under) + eps)
        big[i] = mu * big[i] + part
        return theta - lr * (big[i] if mu else part)
    if optimizer == "rmsprop-outside":
        return theta - lr * g / (np.sqrt(under) + eps)
    if optimizer == "no-root":
        return theta - lr * g / (under + eps)
    step = r(lr * g / r(np.sqrt(under + eps)))
    if mu:
        big[i] = mu * big[i] + step
        step = big[i]
    return theta - step


def _rounded(decimals: int) -> Callable[[float], float]:
    return lambda value: round(value, decimals)


def _significant(digits: int) -> Callable[[float], float]:
    return lambda value: float(f"{value:.{digits}g}")


def _standard(v: Any) -> Any:
    return (v - np.mean(v)) / np.std(v)


def _minmax(v: Any) -> Any:
    return (v - np.min(v)) / (np.max(v) - np.min(v))


def _typo(values: Any, row: int, wrong: float) -> Any:
    made = np.array(values)
    made[row] = wrong
    return made


def _of(by: int) -> Callable[[list[dict[str, float]], int, str], float]:
    return lambda rows, t, key: rows[t - 1 + by][key]


def _as(key: str) -> Callable[[list[dict[str, float]], int, str], float]:
    return lambda rows, t, _: rows[t - 1][key]


def _slope(x: Any, y: Any, w: float, b: float) -> tuple[float, float]:
    e = w * x + b - y
    return float(np.mean(e * x)), float(np.mean(e))


def _times(factor: Callable[[Any], float]) -> Callable[..., tuple[float, float]]:
    return lambda x, y, w, b, m, t: tuple(factor(x) * g for g in _slope(x, y, w, b))


def _every_pair(x: Any, y: Any, w: float, b: float) -> Any:
    return (w * x + b)[:, None] - y[None, :]


def _of_every_pair(x: Any, y: Any, w: float, b: float, m: int, t: int) -> tuple[float, float]:
    e = _every_pair(x, y, w, b)
    return 2 * float(np.mean(e * x[:, None])), 2 * float(np.mean(e))


LOSSES = ("rmse", "loss", "cumulative_rmse", "cumulative_loss")
PARAMETERS = ("weight", "bias")
LATER = ("weight", "bias", "rmse", "gradient_weight", "full_loss", "cumulative_loss")

CAUSES: tuple[Cause, ...] = (
    # settings
    *(Cause(f"lr {lr}", (f"learning rate {lr:g}",), {"lr": lr}) for lr in (0.5, 0.005, 0.1, 0.01, 0.001, 0.025)),
    *(Cause(f"rho {rho}", (f"rho {rho:g}",), {"rho": rho}) for rho in (0.99, 0.95, 0.999, 0.5)),
    *(Cause(f"momentum {mu}", (f"momentum {mu:g}",), {"mu": mu}) for mu in (0.9, 0.5)),
    Cause("centered", ("centered",), {"centered": True}),
    *(Cause(f"batch size {m}", (f"batch size {m}",), {"size": m, "epochs": 12}) for m in (1, 2, 3, 6, 12)),
    *(Cause(f"weight {w}", (f"initial weight {w:g}",), {"w": w}) for w in (0.0, 1.0, 0.5)),
    Cause("bias 1", ("initial bias 1",), {"b": 1.0}),
    Cause("weight rounded", ("rounded to 0.083",), {"w": 0.083}),
    # optimizers
    Cause("adam", ("Adam",), {"optimizer": "adam"}),
    Cause("sgd", ("SGD", "plain gradient descent"), {"optimizer": "sgd"}),
    Cause("sgd 0.01", (("SGD", "0.01"),), {"optimizer": "sgd", "lr": 0.01}),
    Cause("adagrad", ("Adagrad",), {"optimizer": "adagrad", "start_v": 0.1}),
    Cause("torch", ("PyTorch", "0.99"), {"optimizer": "torch", "rho": 0.99, "eps": 1e-8}),
    Cause("adam 0.001", (("Adam", "0.001"),), {"optimizer": "adam", "lr": 0.001}),
    Cause("adam uncorrected", (("Adam", "correction"),), {"optimizer": "adam-uncorrected"}),
    Cause("no root", ("root",), {"optimizer": "no-root"}),
    # data
    Cause("x and y swapped", ("exchanged",), {"x": Y, "y": X}),
    Cause("x standardised", (("x", "standardised"),), {"x": _standard(X)}),
    Cause("both standardised", (("y", "standardised"),), {"x": _standard(X), "y": _standard(Y)}),
    Cause("min-max", ("0 … 1",), {"x": _minmax(X), "y": _minmax(Y)}),
    Cause("x min-max", (("x", "0 … 1"),), {"x": _minmax(X)}),
    Cause("index from 0", ("index", "one too small"), {"x": X - 1}),
    Cause("first row as header", ("first row",), {"x": X[1:], "y": Y[1:]}),
    Cause("last row missing", ("last row", "validation_split"), {"x": X[:-1], "y": Y[:-1]}),
    Cause("row 4 missing", ("without sample 4",), {"x": np.delete(X, 3), "y": np.delete(Y, 3)}),
    Cause("typed 41.2", ("as 41.2",), {"y": _typo(Y, 3, 41.2)}),
    Cause("typed 88", ("as 88",), {"y": _typo(Y, 1, 88.0)}),
    Cause("typed x 50", ("as 50",), {"x": _typo(X, 4, 50.0)}),
    Cause("split 0.2", ("validation_split 0.2",), {"x": X[:9], "y": Y[:9]}, quantities=LATER),
    Cause("split 0.25", ("validation_split 0.25", "validation_split 0.2"), {"x": X[:9], "y": Y[:9]}, quantities=LATER),
    Cause("y / 10", (("y", "divided by 10"),), {"y": Y / 10}),
    Cause("x centred", (("x", "centred"),), {"x": X - X.mean()}),
    # order
    Cause("reversed", ("reverse order",), {"order": lambda e, n: np.arange(n)[::-1]}),
    Cause("shifted", ("shifted",), {"order": lambda e, n: np.roll(np.arange(n), -1)}),
    Cause("second batch first", ("second batch",), {"order": lambda e, n: np.roll(np.arange(n), -4)}),
    Cause("every third", ("k-th",), {"order": lambda e, n: np.concatenate([np.arange(i, n, 3) for i in range(3)])}),
    Cause("batches backwards", ("batches in reverse",),
          {"order": lambda e, n: np.arange(n).reshape(3, 4)[::-1].ravel()}),
    Cause("dropped", ("short last batch",), {"size": 5, "drop_last": True, "epochs": 8}, quantities=LATER,
          only=("size5",)),
    # reading
    Cause("iteration before", ("iteration 4",), read=_of(-1)),
    Cause("iteration after", ("iteration 6",), read=_of(1)),
    Cause("epoch before", ("iteration 2",), read=_of(-3)),
    Cause("loss for rmse", ("loss of the batch", "without the root"), read=_as("loss"), quantities=("rmse",)),
    Cause("rmse for loss", ("RMSE",), read=_as("rmse"), quantities=("loss",)),
    Cause("epoch so far", ("epoch so far",), read=_as("cumulative_rmse"), quantities=("rmse",)),
    Cause("batch for epoch", ("of the batch", "batch alone"), read=_as("rmse"), quantities=("cumulative_rmse",)),
    Cause("after update", ("after the update",), read=_as("after_loss"), quantities=("loss",)),
    Cause("step for weight", ("step",), read=_as("step_weight"), quantities=("weight",)),
    Cause("not reset", ("not reset", "all iterations so far"), quantities=("cumulative_loss",),
          read=lambda rows, t, _: sum(r["sse"] for r in rows[:t]) / sum(r["m"] for r in rows[:t])),
    Cause("sum of squares", ("sum",), read=_as("sse"), quantities=("loss",)),
    Cause("mae", ("absolute",), read=_as("mae"), quantities=("loss", "rmse")),
    Cause("sign", ("sign turned",), read=lambda rows, t, key: -rows[t - 1][key],
          quantities=("gradient_weight", "bias")),
    # formulas
    Cause("without 2", ("without the 2",), {"gradient": _times(lambda x: 1)},
          quantities=("gradient_weight", "gradient_bias")),
    Cause("sum", ("sum",), {"gradient": _times(lambda x: 2 * len(x))},
          quantities=("gradient_weight", "gradient_bias")),
    Cause("sgd without 2", (("without the 2", "SGD"), "without the 2"),
          {"optimizer": "sgd", "lr": 0.005, "gradient": _times(lambda x: 1)},
          only=("sgd",)),
    Cause("uphill", ("opposite sign",), {"gradient": _times(lambda x: -2)}),
    Cause("broadcast", ("broadcast",), {"gradient": _of_every_pair}),
    Cause("broadcast loss", ("broadcast",), {"loss_of": lambda *given: np.mean(_every_pair(*given) ** 2)},
          quantities=("loss", "rmse")),
    Cause("no bias", ("bias",), {"gradient": lambda x, y, w, b, m, t: (2 * _slope(x, y, w, b)[0], 0.0)}),
    Cause("reset each epoch", ("reset",), {"after_each_epoch": "reset"}),
    Cause("L2 0.1", (("L2", "0.1"),), {"penalty": 0.1}),
    # rounding on paper
    *(Cause(f"{d} decimals", ("rounded to",), {"keep": _rounded(d)}, quantities=("gradient_weight", "loss", "rmse"))
      for d in (2, 3)),
    *(Cause(f"{d} digits", ("rounded to",), {"keep": _significant(d), "rounding": _significant(d)},
            quantities=("loss", "rmse", "full_loss")) for d in (3, 4)),
    # pairs
    Cause("lr and batch", (("learning rate 0.01", "batch size 1"),), {"lr": 0.01, "size": 1}),
    Cause("adam and batch 12", (("Adam", "batch size 12"),), {"optimizer": "adam", "size": 12, "epochs": 12}),
    Cause("lr and weight 0", (("learning rate 0.1", "initial weight 0"),), {"lr": 0.1, "w": 0.0}),
    Cause("sgd lr and size", (("SGD", "batch size 1"),), {"optimizer": "sgd", "lr": 0.01, "size": 1}),
)  # fmt: skip


def typed(causes: Sequence[Cause], at: int = 5) -> Iterator[tuple[Cause, str, float]]:
    """Each cause with each quantity that it changes: cause, quantity, the wrong value at an iteration."""
    base: dict[str, dict[str, Any]] = {"": {}, "size5": {"size": 5}, "sgd": {"optimizer": "sgd", "lr": 0.005}}
    for cause in causes:
        right = train(**base[cause.only[0] if cause.only else ""])
        rows = train(**cause.change)
        for key in cause.quantities:
            value = rows[at - 1][key] if cause.read is None else cause.read(rows, at, key)
            if np.isfinite(value) and abs(value - right[at - 1][key]) > 2e-4 * abs(value):
                yield cause, key, float(value)


def named(cause: Cause, label: str) -> bool:
    """Whether what an answer is called names the cause."""
    return any(word in label if isinstance(word, str) else all(part in label for part in word) for word in cause.words)


def _huber(x: Any, y: Any, w: float, b: float, m: int, t: int) -> tuple[float, float]:
    e = np.clip(w * x + b - y, -1, 1)
    return float(np.mean(e * x)), float(np.mean(e))


def _absolute(x: Any, y: Any, w: float, b: float, m: int, t: int) -> tuple[float, float]:
    e = np.sign(w * x + b - y)
    return float(np.mean(e * x)), float(np.mean(e))


def _first_sample(x: Any, y: Any, w: float, b: float, m: int, t: int) -> tuple[float, float]:
    e = w * x[0] + b - y[0]
    return float(2 * e * x[0]), float(2 * e)


HELD_OUT: tuple[Cause, ...] = (
    Cause("lr 0.15", ("learning rate 0.15",), {"lr": 0.15}, quantities=("weight", "rmse")),
    Cause("lr 0.03", ("learning rate 0.03",), {"lr": 0.03}, quantities=("weight", "rmse")),
    Cause("lr 5", ("learning rate 5 ",), {"lr": 5.0}),
    Cause("rho 0.85", ("rho 0.85",), {"rho": 0.85}, quantities=("weight", "rmse")),
    Cause("rho 0.1", ("rho 0.1", "ρ and 1 − ρ"), {"rho": 0.1}),
    Cause("eps 1", ("epsilon 1 ",), {"eps": 1.0}),
    Cause("momentum 0.99", ("momentum 0.99",), {"mu": 0.99}),
    Cause("batch 10", ("batch size 10",), {"size": 10, "epochs": 12}),
    Cause("batch 4 of 5", ("batch size 4",), {}, only=("size5",)),
    Cause("bias -1", ("initial bias -1",), {"b": -1.0}),
    Cause("weight and bias exchanged", ("exchanged",), {"w": 0.0, "b": 0.08255479319424332}),
    Cause("negative start", ("initial weight",), {"w": -0.08255479319424332}),
    Cause("w rounded", ("rounded",), {"w": 0.0826}, quantities=("weight", "rmse", "loss")),
    Cause("v starts at 1", ("TensorFlow 1",), {"start_v": 1.0}),
    Cause("v starts at 0.1", ("initial accumulator",), {"start_v": 0.1}),
    Cause("adamax", ("Adamax",), {"optimizer": "adamax"}),
    Cause("adam 0.01", (("Adam", "0.01"),), {"optimizer": "adam", "lr": 0.01}),
    Cause("sgd momentum", (("SGD", "momentum"),), {"optimizer": "sgd", "lr": 0.01, "mu": 0.9}),
    Cause("sgd nesterov", (("SGD", "Nesterov"),), {"optimizer": "sgd", "mu": 0.9, "nesterov": True}),
    Cause("sgd 0.001", (("SGD", "0.001"),), {"optimizer": "sgd", "lr": 0.001}),
    Cause("adagrad 0.01", (("Adagrad", "0.01"),), {"optimizer": "adagrad", "lr": 0.01, "start_v": 0.1}),
    Cause("adagrad from 0", ("Adagrad",), {"optimizer": "adagrad"}),
    Cause("lr decay", ("decay",), {"decay": 0.01}, quantities=("weight", "rmse")),
    Cause("huber", ("Huber",), {"gradient": _huber}),
    Cause("absolute error", ("absolute",), {"gradient": _absolute}),
    Cause("one sample", ("first sample", "batch size 1"), {"gradient": _first_sample}),
    Cause("sum of gradients", ("sum",), {"gradient": _times(lambda x: 2 * len(x)), "optimizer": "sgd", "lr": 0.005},
          only=("sgd",)),
    Cause("weight only", ("weight left as it was", "the start"), {"gradient": lambda *g: (0.0, 2 * _slope(*g[:4])[1])}),
    Cause("penalty 0.01", ("L2",), {"penalty": 0.01}, quantities=("weight", "gradient_weight")),
    Cause("row 7 missing", ("sample 7",), {"x": np.delete(X, 6), "y": np.delete(Y, 6)}, quantities=LATER),
    Cause("two rows missing", ("first two", "rows"), {"x": X[2:], "y": Y[2:]}, quantities=("weight", "rmse")),
    Cause("typed 19.9", ("sample 6",), {"y": _typo(Y, 5, 19.9)}, quantities=("loss", "rmse")),
    Cause("typed 24.1", ("as 24.1",), {"y": _typo(Y, 3, 24.1)}, quantities=("weight", "cumulative_rmse")),
    Cause("typed x 7 as 1", ("as 1",), {"x": _typo(X, 6, 1.0)}, quantities=("weight", "loss")),
    Cause("typed -5", ("as -5",), {"y": _typo(Y, 0, -5.0)}, quantities=("weight", "bias", "loss")),
    Cause("row twice", ("sample 3 twice",), {"x": np.insert(X, 2, 3.0), "y": np.insert(Y, 2, 9.6)}),
    Cause("labels shifted", ("shifted",), {"y": np.roll(Y, 1)}),
    Cause("labels reversed", ("reverse",), {"y": Y[::-1]}),
    Cause("y standardised alone", (("y", "standardised"),), {"y": _standard(Y)}),
    Cause("x / max", (("x", "largest"),), {"x": X / 12}),
    Cause("both / max", (("x", "largest"),), {"x": X / 12, "y": Y / Y.max()}),
    Cause("y in hundreds", (("y", "100"),), {"y": Y / 100}),
    Cause("y whole", (("y", "whole"),), {"y": np.round(Y)}),
    Cause("x from 2", ("x one too large",), {"x": X + 1}),
    Cause("sample std", (("n − 1",),), {"x": (X - X.mean()) / X.std(ddof=1)}),
    Cause("half of the data", ("validation_split 0.5",), {"x": X[:6], "y": Y[:6]}),
    Cause("sorted downwards", ("reverse order",), {"order": lambda e, n: np.argsort(-Y)}),
    Cause("seed 42 once", ("(42)",), {"order": lambda e, n: np.random.RandomState(42).permutation(n)}),
    Cause("rng 0 once", ("default_rng(0)",), {"order": lambda e, n: np.random.default_rng(0).permutation(n)}),
    Cause("same batch", ("first batch again",), {"order": lambda e, n: np.tile(np.arange(4), 3)}),
    Cause("back and forth", ("second epoch",), {"order": lambda e, n: np.arange(n)[:: 1 if e % 2 else -1]}),
    Cause("last batch first", ("last batch first",), {"order": lambda e, n: np.roll(np.arange(n), 4)}),
    Cause("two before", ("iteration 3",), read=_of(-2), quantities=("weight", "rmse", "gradient_weight")),
    Cause("epoch after", ("iteration 8",), read=_of(3), quantities=("weight", "rmse", "cumulative_loss")),
    Cause("end of the epoch", ("iteration 6",), read=_of(1), quantities=("full_loss", "bias")),
    Cause("epoch 5's", ("iteration 12", "iteration 11"), read=lambda rows, t, key: rows[11][key],
          quantities=("weight", "full_loss")),
    Cause("bias for weight", ("bias",), read=_as("bias"), quantities=("weight",)),
    Cause("val for train", ("all samples",), read=_as("full_loss"), quantities=("cumulative_loss", "loss")),
    Cause("gradient for step", ("gradient",), read=_as("gradient_weight"), quantities=("step_weight",)),
    Cause("half the loss", ("½",), read=lambda rows, t, key: rows[t - 1]["loss"] / 2, quantities=("loss",)),
    Cause("m - 1", ("one less",), read=lambda rows, t, key: rows[t - 1]["sse"] / 3, quantities=("loss",)),
    Cause("by 12", ("all samples",), read=lambda rows, t, key: rows[t - 1]["sse"] / 12, quantities=("loss",)),
    Cause("root of the sum", ("sum",), read=lambda rows, t, key: rows[t - 1]["sse"] ** 0.5, quantities=("rmse",)),
    Cause("gradient of 2 batches", ("gradient",), read=lambda rows, t, key: rows[t - 1][key] + rows[t - 2][key],
          quantities=("gradient_weight",)),
    Cause("4 digits kept", ("rounded to",), {"keep": _significant(4)}, quantities=("loss", "rmse", "gradient_weight")),
    Cause("3 decimals all", ("rounded to",), {"keep": _rounded(3), "rounding": _rounded(3)},
          quantities=("loss", "rmse", "full_loss")),
    Cause("adam, 12 at once", (("Adam", "batch size 12"),), {"optimizer": "adam", "size": 12, "epochs": 12}),
    Cause("swapped, lr 0.01", (("x and y exchanged", "0.01"),), {"x": Y, "y": X, "lr": 0.01}),
    Cause("rho 0.99, size 1", (("rho 0.99", "batch size 1"),), {"rho": 0.99, "size": 1}),
    Cause("reversed, lr 0.1", (("reverse", "0.1"),), {"order": lambda e, n: np.arange(n)[::-1], "lr": 0.1}),
    Cause("momentum, weight 0", (("momentum 0.9", "initial weight 0"),), {"mu": 0.9, "w": 0.0}),
    Cause("standardised, sgd", (("standardised", "SGD"),), {"x": _standard(X), "y": _standard(Y), "optimizer": "sgd"}),
    Cause("uphill sgd", ("opposite sign",), {"gradient": _times(lambda x: -2), "optimizer": "sgd", "lr": 0.005},
          only=("sgd",), quantities=("weight", "bias", "rmse", "full_loss")),
)  # fmt: skip
"""Written apart from the guesses, and some beyond them."""
