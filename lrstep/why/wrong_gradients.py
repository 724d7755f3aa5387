"""Gradients with a mistake in them, made of the right one, for the rules of steps in :mod:`~lrstep.why.wrong_steps`."""

from collections.abc import Callable, Sequence

import numpy as np

from lrstep.formulas.rewrites import function_of
from lrstep.why.wrong_steps import RIGHT, Batch, Gradient, Memory, Number, Numbers, Scope, gradient, parameters_of, take


def new_weights(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """The gradient at the weights from after the update."""
    return s.batch.gradient(take(RIGHT, function_of(s.right), s, memories).parameters)


def scaled(factor: Callable[[Scope], Number], of: Gradient = gradient) -> Gradient:
    """A gradient times a factor."""
    return lambda s, memories: tuple(g * factor(s) for g in of(s, memories))


def each(change: Callable[[Scope, Number], Number]) -> Gradient:
    """Something made of the gradient of each parameter alone."""
    return lambda s, memories: tuple(change(s, g) for g in gradient(s, memories))


def by_norm(change: Callable[[Number, Number], Number]) -> Gradient:
    """Something made of the gradient of each parameter and of the norm of all."""

    def made(s: Scope, memories: Sequence[Memory]) -> Numbers:
        own = gradient(s, memories)
        norm = np.sqrt(sum(g * g for g in own))
        return tuple(change(g, norm) for g in own)

    return made


def times(weights: float, bias: float) -> Gradient:
    """The gradient times a number for the weights and one for the bias."""

    def made(s: Scope, memories: Sequence[Memory]) -> Numbers:
        *of_weights, of_bias = gradient(s, memories)
        return (*(weights * g for g in of_weights), bias * of_bias)

    return made


def added_up(carried: Callable[[Scope], Number]) -> Gradient:
    """The gradient and those of the steps before, times what is carried on from step to step."""

    def made(s: Scope, memories: Sequence[Memory]) -> Numbers:
        own = gradient(s, memories)
        return tuple(g + carried(s) * before for g, before in zip(own, s.used, strict=True)) if s.used else own

    return made


def swapped(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """The last gradient for the first and so on: g_b for g_w and g_w for g_b."""
    return gradient(s, memories)[::-1]


def of_samples(batch: Callable[[Scope], Batch]) -> Gradient:
    """The gradient of other samples."""
    return lambda s, memories: batch(s).gradient(parameters_of(memories))
