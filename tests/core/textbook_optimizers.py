"""Textbook loops for every optimizer, written without a look at the engine: matrices, one statement per formula."""

import numpy as np


def textbook(x, y, weights, bias, optimizer, batch_size, orders, lr, **o):
    """Yield per iteration: parameters, gradient, what the optimizer keeps by name, losses."""
    design = np.column_stack([*x, np.ones(len(y))])
    theta = np.array([*weights, bias])
    kept = {}
    t = 0
    for order in orders:
        seen, squares = 0, 0.0
        for start in range(0, len(y), batch_size):
            rows = order[start : start + batch_size]
            error = design[rows] @ theta - y[rows]
            g = 2 / len(rows) * design[rows].T @ error
            t += 1
            theta = theta - STEPS[optimizer](kept, g, t, lr, **o)
            seen, squares = seen + len(rows), squares + float(error @ error)
            full = design @ theta - y
            yield {
                "parameters": theta, "gradient": g, "loss": float(error @ error) / len(rows),
                "cumulative_loss": squares / seen, "full_loss": float(full @ full) / len(y), **kept,
            }  # fmt: skip


def mean_square(kept, g, rho, start=0.0):
    kept["accumulator"] = rho * kept.get("accumulator", start) + (1 - rho) * g * g
    return kept["accumulator"]


def spread(kept, g, rho, centered, start=0.0):
    v = mean_square(kept, g, rho, start)
    if not centered:
        return v
    kept["mean_gradient"] = rho * kept.get("mean_gradient", 0.0) + (1 - rho) * g
    return v - kept["mean_gradient"] ** 2


def carried(kept, step, momentum):
    if not momentum:
        return step
    kept["momentum"] = momentum * kept.get("momentum", 0.0) + step
    return kept["momentum"]


def rmsprop(kept, g, t, lr, rho, epsilon, momentum, centered, start=0.0):
    return carried(kept, lr * g / np.sqrt(spread(kept, g, rho, centered, start) + epsilon), momentum)


def rmsprop_tf1(kept, g, t, lr, **o):
    return rmsprop(kept, g, t, lr, start=1.0, **o)


def rmsprop_tf2(kept, g, t, lr, rho, epsilon, momentum, centered):
    if momentum:
        return rmsprop(kept, g, t, lr, rho, epsilon, momentum, centered)
    return lr * g / (np.sqrt(spread(kept, g, rho, centered)) + epsilon)


def rmsprop_pytorch(kept, g, t, lr, rho, epsilon, momentum, centered):
    return lr * carried(kept, g / (np.sqrt(spread(kept, g, rho, centered)) + epsilon), momentum)


def sgd(kept, g, t, lr, momentum, nesterov):
    if not momentum:
        return lr * g
    kept["momentum"] = momentum * kept.get("momentum", 0.0) - lr * g
    return lr * g - momentum * kept["momentum"] if nesterov else -kept["momentum"]


def adagrad(kept, g, t, lr, initial_accumulator, epsilon):
    kept["accumulator"] = kept.get("accumulator", initial_accumulator) + g * g
    return lr * g / np.sqrt(kept["accumulator"] + epsilon)


def adam(kept, g, t, lr, beta_1, beta_2, epsilon):
    kept["mean_gradient"] = beta_1 * kept.get("mean_gradient", 0.0) + (1 - beta_1) * g
    kept["accumulator"] = beta_2 * kept.get("accumulator", 0.0) + (1 - beta_2) * g * g
    corrected = lr * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    return corrected * kept["mean_gradient"] / (np.sqrt(kept["accumulator"]) + epsilon)


STEPS = {
    "rmsprop": rmsprop, "sgd": sgd, "adagrad": adagrad, "adam": adam,
    "rmsprop-tf1": rmsprop_tf1, "rmsprop-tf2": rmsprop_tf2, "rmsprop-pytorch": rmsprop_pytorch,
}  # fmt: skip
