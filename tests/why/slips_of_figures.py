"""Slips about how figures are read and rounded; and two slips at once."""

import math

import numpy as np

from tests.why.slip_parts import (
    LOSS,
    PARAMETER,
    RMSPROP,
    Slip,
    at,
    changed,
    digits,
    float16,
    kept_as,
    optimizer,
    samples,
    standard,
    weights_only,
)

FIGURES: tuple[Slip, ...] = (
    # reading
    Slip("of the iteration before", ("iteration 6",), read=at(-1)),
    Slip("of the iteration after", ("iteration 8",), read=at(1)),
    Slip("two before", ("iteration 5",), read=at(-2)),
    Slip("of the end of the epoch", ("iteration 8", "iteration 9", "iteration 10", "epoch"), read=lambda rows, t, key:
         [row[key] for row in rows if row["epoch"] == rows[t - 1]["epoch"]][-1]),
    Slip("of the epoch's number", ("epoch 7", "iteration"), read=lambda rows, t, key: rows[len(rows) // 2 + t -
         5][key], where=lambda base: len(base.y) < 13),
    Slip("after the update", ("after the update",), read=lambda rows, t, key: rows[t - 1]["after_loss"] ** (0.5 if key
         == "rmse" else 1), about=LOSS),
    Slip("the loss for the RMSE", ("loss", "without the root"), read=lambda rows, t, key: rows[t - 1]["loss"],
         about=("rmse",)),
    Slip("the RMSE for the loss", ("RMSE",), read=lambda rows, t, key: rows[t - 1]["cumulative_rmse"],
         about=("cumulative_loss",)),
    Slip("the mean of RMSEs", ("RMSEs",), read=lambda rows, t, key: float(np.mean([row["rmse"] for row in rows[:t] if
         row["epoch"] == rows[t - 1]["epoch"]])), about=("cumulative_rmse",)),
    Slip("the mean of means", ("batches' losses",), read=lambda rows, t, key: float(np.mean([row["loss"] for row in
         rows if row["epoch"] == rows[t - 1]["epoch"]])), about=("cumulative_loss",), where=lambda base: base.name in
         ("anscombe adam", "anscombe momentum")),
    Slip("not reset", ("not reset", "all iterations"), read=lambda rows, t, key: sum(r["loss"] * r["m"] for r in
         rows[:t]) / sum(r["m"] for r in rows[:t]), about=("cumulative_loss",), where=lambda base: len(base.y) < 25),
    Slip("a mean of the last three", ("last three", "last 3", "epoch so far"), read=lambda rows, t, key:
         float(np.mean([r["loss"] for r in rows[t - 3 : t]])), about=("loss",)),
    Slip("half", ("½",), read=lambda rows, t, key: rows[t - 1]["loss"] / 2, about=("loss",)),
    Slip("summed", ("sum",), read=lambda rows, t, key: rows[t - 1]["loss"] * rows[t - 1]["m"], about=("loss",)),
    Slip("over n − 1", ("one less",), read=lambda rows, t, key: math.sqrt(rows[t - 1]["loss"] * rows[t - 1]["m"] /
         (rows[t - 1]["m"] - 1)), about=("rmse",)),
    Slip("over n − 2", ("two less",), read=lambda rows, t, key: rows[t - 1]["loss"] * rows[t - 1]["m"] / (rows[t -
         1]["m"] - 2), about=("loss",)),
    Slip("root of the sum over m", ("sum", "root"), read=lambda rows, t, key: math.sqrt(rows[t - 1]["loss"] * rows[t -
         1]["m"]) / rows[t - 1]["m"], about=("rmse",)),
    Slip("the mean absolute error", ("absolute",), read=lambda rows, t, key: rows[t - 1]["mae"], about=("rmse",
         "loss")),
    Slip("the mean error squared", ("mean error", "mean of the errors", "absolute"), read=lambda rows, t, key: rows[t
         - 1]["mean_error"] ** 2, about=("loss",)),
    Slip("the mean error", ("mean error", "mean of the errors", "absolute"), read=lambda rows, t, key: abs(rows[t -
         1]["mean_error"]), about=("rmse",)),
    Slip("the largest error", ("error",), read=lambda rows, t, key: rows[t - 1]["spread"], about=("rmse",)),
    Slip("of the last sample alone", ("sample",), read=lambda rows, t, key: rows[t - 1]["last"], about=("loss",)),
    Slip("the square of the loss", ("square",), read=lambda rows, t, key: rows[t - 1]["loss"] ** 2, about=("loss",)),
    Slip("the step for the weight", ("step",), read=lambda rows, t, key: rows[t - 1][f"step_{key}"], about=PARAMETER),
    Slip("the gradient for the step", ("gradient",), read=lambda rows, t, key: rows[t - 1][key.replace("step",
         "gradient")], about=("step_bias",)),
    Slip("rate times gradient", ("learning rate", "gradient descent", "SGD"), read=lambda rows, t, key: rows[t -
         1][key.replace("step", "gradient")] * 0.05, about=("step_bias",), where=lambda base: base.name in ("mlcc",
         "plane", "cloud torch")),
    Slip("another sign", ("sign",), read=lambda rows, t, key: -rows[t - 1][key], about=("gradient_bias", "step_bias",
         "bias")),
    Slip("all for the batch", ("all samples", "all data"), read=lambda rows, t, key: rows[t - 1]["full_loss"],
         about=("loss", "cumulative_loss")),
    Slip("the root of the accumulator", ("root",), read=lambda rows, t, key: math.sqrt(rows[t - 1][key]),
         about=("accumulator_bias",), where=RMSPROP),
    # rounding
    Slip("weights to 3 decimals", ("rounded",), kept_as(lambda theta: np.round(theta, 3)), about=("loss",
         "gradient_bias", "full_rmse")),
    Slip("weights to 2 decimals", ("rounded",), kept_as(lambda theta: np.round(theta, 2)), about=("loss",
         "gradient_bias", "full_rmse")),
    Slip("weights to 4 digits", ("rounded",), kept_as(digits(4)), about=("loss", "gradient_bias", "full_rmse")),
    Slip("half precision", ("float16", "rounded", "half precision"), kept_as(float16), about=("loss",
         "gradient_bias", "full_rmse")),
    # two at once
    Slip("adam 0.001 on standardised x", (("Adam", "standardised"),), {"kind": "adam", "lr": 0.001} | samples(lambda x,
         y: (standard(x), y)), where=RMSPROP),
    Slip("0.01 and all at once", (("0.01", "batch size"),), {"lr": 0.01, "size": 64, "epochs": 12}),
    Slip("0.1 and uphill", (("0.1", "sign"),), {"lr": 0.1} | changed(lambda g, theta: -g),
         where=optimizer("rmsprop", "adam")),
    Slip("batch 1 and no first row", (("batch size 1", "first row"), ("batch size 1", "sample 1")), {"size": 1} |
         weights_only((0,))),
    Slip("zeros and 0.001", (("0.001", "weight 0"), ("0.001", "weights 0")), {"weight": 0.0, "lr": 0.001}),
    Slip("reverse and standardised", (("reverse", "standardised"),), {"order": lambda self, epoch, n:
         np.arange(n)[::-1]} | samples(lambda x, y: (standard(x), y))),
    Slip("the loss of 0.5", (("0.5", "RMSE"), ("0.5", "loss")), {"lr": 0.5}, read=lambda rows, t, key: rows[t -
         1]["loss"], about=("rmse",), where=optimizer("rmsprop", "adam")),
)  # fmt: skip
