"""What Keras 3's optimizers do, in plain NumPy and float64, written from its documentation and not from lrstep."""

import numpy as np


def gradient(x, y, parameters):
    """Gradient of the mean squared error of a batch, and that error."""
    ones = np.column_stack([x, np.ones(len(y))])
    error = ones @ parameters - y
    return 2 * ones.T @ error / len(y), np.mean(error**2)


def step(settings, rate, g, theta, slots, t):
    """Parameters and slots after one step; ``t`` counts from 1."""
    return globals()[f"_{settings.optimizer}"](settings.as_dict(), rate, g, theta, dict(slots), t)


def _rmsprop(s, rate, g, theta, slots, t):
    v = slots["accumulator"] = s["rho"] * slots["accumulator"] + (1 - s["rho"]) * g**2
    spread = v + s["epsilon"]
    if s["centered"]:
        mean = slots["mean_gradient"] = s["rho"] * slots["mean_gradient"] + (1 - s["rho"]) * g
        spread = v - mean**2 + s["epsilon"]
    move = rate * g / np.sqrt(spread)
    if s["momentum"]:
        move = slots["momentum"] = s["momentum"] * slots["momentum"] + move
    return theta - move, slots


def _sgd(s, rate, g, theta, slots, t):
    if not s["momentum"]:
        return theta - rate * g, slots
    m = slots["momentum"] = s["momentum"] * slots["momentum"] - rate * g
    return theta + (s["momentum"] * m - rate * g if s["nesterov"] else m), slots


def _adagrad(s, rate, g, theta, slots, t):
    v = slots["accumulator"] = slots["accumulator"] + g**2
    return theta - rate * g / np.sqrt(v + s["epsilon"]), slots


def _adam(s, rate, g, theta, slots, t):
    m = slots["mean_gradient"] = s["beta_1"] * slots["mean_gradient"] + (1 - s["beta_1"]) * g
    v = slots["accumulator"] = s["beta_2"] * slots["accumulator"] + (1 - s["beta_2"]) * g**2
    rate = rate * np.sqrt(1 - s["beta_2"] ** t) / (1 - s["beta_1"] ** t)
    return theta - rate * m / (np.sqrt(v) + s["epsilon"]), slots
