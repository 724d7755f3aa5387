"""Worlds whose steps follow another rule: optimizers that the registry does not have, other gradients."""

from collections.abc import Callable, Iterator, Sequence

from lrstep.core.arithmetic import rmse
from lrstep.core.run import Run
from lrstep.core.symbols import Leaf, Number, absolute, larger, power, root, sign, square
from lrstep.formulas.rewrites import NEW, Trees, nodes_of
from lrstep.why.catalogue import MISTAKES
from lrstep.why.changed_rules import changed_rules
from lrstep.why.other_gradients import other_gradients
from lrstep.why.worlds import KNOWN, RARE, World
from lrstep.why.wrong_gradients import added_up, scaled, times
from lrstep.why.wrong_steps import Gradient, Memory, Numbers, Scope, StepRule, gradient, parameters_of


def other_rules(run: Run) -> Iterator[World]:
    """Each step is taken by another rule, from the start on."""
    for rank, name, gradient_of, explanation in GRADIENTS:
        if "batch" not in name or run.batches.size > 1:
            yield World("formula", name, rank, rule=StepRule(gradient=gradient_of), explanation=explanation)
    both = "Weight and bias move at the same time, both from the errors of the old line."
    late = StepRule(weights_last=True)
    yield World("formula", "with the weight updated from the error of the new bias", RARE, rule=late, explanation=both)
    yield from other_gradients(run.batches.size)
    yield from changed_rules(run)
    for rank, name, trees in DIALECTS:
        of_momentum = name.startswith("with momentum")
        if run.settings.momentum or not of_momentum:
            changes = {} if of_momentum or run.settings.optimizer == "adam" else {"optimizer": "adam"}
            yield World("optimizer", name, rank, changes, rule=StepRule(trees=trees))


def rules_of_catalogue() -> Iterator[World]:
    """The catalogue's mistakes that are made in every step."""
    for mistake in MISTAKES:
        if mistake.always and mistake.rule is not None:
            yield World("formula", mistake.name, KNOWN, rule=mistake.rule, explanation=mistake.explanation)


# --- gradients ------------------------------------------------------------------------------------


def _broadcast(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """ŷ of shape (m, 1) less y of shape (m,) has shape (m, m): every prediction less every label, mean of all."""
    parameters = parameters_of(memories)
    offset, _ = s.batch.apart(parameters)
    return s.batch.sloped(offset, s.batch.rooted(parameters[:-1]))


def _broadcast_labels(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """The same, multiplied by the x of the label's sample instead of that of the prediction's."""
    offset, _ = s.batch.apart(parameters_of(memories))
    return s.batch.sloped(offset, [-z for z in s.batch.turned])


def _of_rmse(s: Scope, memories: Sequence[Memory]) -> Numbers:
    """∂√L/∂θ = ∂L/∂θ / (2·√L)."""
    root_of = 2 * rmse(s.batch.loss(parameters_of(memories)))
    return tuple(g / root_of for g in gradient(s, memories))


def _without_bias(s: Scope, memories: Sequence[Memory]) -> Numbers:
    *weights, bias = parameters_of(memories)
    return s.batch.gradient([*weights, 0 * bias])


GRADIENTS: tuple[tuple[int, str, Gradient, str], ...] = (
    (KNOWN, "with shapes that broadcast: (m, 1) − (m,) gives every prediction less every label of the batch",
     _broadcast, "Give predictions and labels the same shape, with y.reshape(-1, 1)."),
    (RARE, "with shapes that broadcast, and a sum over the batch's m·m errors divided by m",
     scaled(lambda s: s.batch.m, _broadcast), "Give predictions and labels the same shape, with y.reshape(-1, 1)."),
    (RARE, "with shapes that broadcast, each label of the batch with its own x", _broadcast_labels,
     "Give predictions and labels the same shape, with y.reshape(-1, 1)."),
    (RARE, "with shapes that broadcast, each label of the batch with its own x, and a sum divided by m",
     scaled(lambda s: s.batch.m, _broadcast_labels), "Give predictions and labels the same shape."),
    (KNOWN, "with the gradients of all steps added up, as without zero_grad", added_up(lambda s: 1.0),
     "PyTorch adds gradients up until zero_grad is called."),
    (KNOWN, "with the gradient of the RMSE instead of the loss", _of_rmse, "Keras trains on the loss, without a root."),
    (KNOWN, "with the bias left as it was", times(1.0, 0.0), "The bias has a gradient too: 2/m·Σ error."),
    (RARE, "with the weight left as it was", times(0.0, 1.0), ""),
    (KNOWN, "without the bias in the prediction", _without_bias, "ŷ = w·x + b."),
    (KNOWN, "without x in the gradient of the weight", lambda s, m: (gradient(s, m)[-1],) * len(m),
     "The gradient of the weight has error·x, that of the bias error alone."),
    (RARE, "with the opposite sign of the gradient of the bias", times(1.0, -1.0), ""),
)  # fmt: skip


# --- optimizers that the registry does not have ---------------------------------------------------

_THETA, _G, _T = Leaf("theta"), Leaf("g"), Leaf("t")
_LR, _B1, _B2, _EPS = Leaf("lr"), Leaf("beta_1"), Leaf("beta_2"), Leaf("epsilon")
_M, _V = Leaf("m"), Leaf("v")
_NEW_M, _NEW_V = Leaf(NEW + "m"), Leaf(NEW + "v")


def _adam_like(step: Number, v: Number = None, m: Number = None) -> Callable[[Trees], Trees | None]:
    """Trees with the slots of Adam, and another step."""
    made = {
        "v": v if v is not None else _B2 * _V + (1 - _B2) * square(_G),
        "m": m if m is not None else _B1 * _M + (1 - _B1) * _G,
        "step": step,
        "theta": _THETA - Leaf(NEW + "step"),
    }
    return lambda trees: made if "rate" in trees else None


def _averaged_momentum(trees: Trees) -> Trees | None:
    """M ← μ·M + (1 − μ)·…: the new part counts 1 − μ, as in a running mean."""
    tree = trees.get("M")
    if tree is None or not nodes_of(tree) or tree.op not in "+-":  # type: ignore[union-attr]
        return None
    kept, new = tree.args  # type: ignore[union-attr]
    new = (1 - Leaf("mu")) * new
    return dict(trees) | {"M": kept + new if tree.op == "+" else kept - new}  # type: ignore[union-attr]


_M_HAT = _NEW_M / (1 - power(_B1, _T))
_V_HAT = _NEW_V / (1 - power(_B2, _T))
_AHEAD = _B1 * _NEW_M / (1 - power(_B1, _T + 1)) + (1 - _B1) * _G / (1 - power(_B1, _T))

DIALECTS: tuple[tuple[int, str, Callable[[Trees], Trees | None]], ...] = (
    (KNOWN, "with momentum as a running mean: μ·M + (1 − μ)·…", _averaged_momentum),
    (RARE, "with Nadam", _adam_like(_LR * _AHEAD / (root(_V_HAT) + _EPS))),
    (RARE, "with Adamax", _adam_like(_LR * _M_HAT / (_NEW_V + _EPS), larger(_B2 * _V, absolute(_G)))),
    (RARE, "with Lion", _adam_like(_LR * sign(_B1 * _M + (1 - _B1) * _G), m=0.99 * _M + 0.01 * _G)),
    (RARE, "with Adadelta", _adam_like(
        _LR * root(_M + _EPS) / root(_NEW_V + _EPS) * _G, 0.95 * _V + 0.05 * square(_G),
        0.95 * _M + 0.05 * square(root(_M + _EPS) / root(_NEW_V + _EPS) * _G))),
    (KNOWN, "with Adam without its correction for the start at 0", _adam_like(_LR * _NEW_M / (root(_NEW_V) + _EPS))),
    (RARE, "with Adam and ε under the root", _adam_like(_LR * _M_HAT / root(_V_HAT + _EPS))),
    (RARE, "with AdamW (weight decay 0.01)", _adam_like(_LR * _M_HAT / (root(_V_HAT) + _EPS) + _LR * 0.01 * _THETA)),
    (RARE, "with AdamW (weight decay 0.004)", _adam_like(_LR * _M_HAT / (root(_V_HAT) + _EPS) + _LR * 0.004 * _THETA)),
)  # fmt: skip
