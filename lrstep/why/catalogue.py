"""The catalogue of mistakes that lead to a number unlike Keras's, as data.

An entry says what is done differently, the formula that results, and how its values are computed. Most
exist twice: in one step with everything before it right, and (key ending in ``.always``) in every step
since the start. An entry gives nothing where it cannot be made (nan) and counts as no mistake where its
value cannot be told from the right one: the first step by RMSprop is lr/√(1 − ρ) however the gradient is
scaled, the accumulator before iteration 1 is 0, a batch of all samples is its own epoch so far.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from lrstep.core.settings import Settings
from lrstep.why import wrong_steps
from lrstep.why import wrong_values as values
from lrstep.why.wrong_steps import Rule
from lrstep.why.wrong_values import Compute, every_step, one_step


@dataclass(frozen=True)
class Mistake:
    """One way to another number.

    Attributes:
        key: family and name, such as "update.epsilon_outside".
        name: what is done, as the end of "computed …".
        direct: beginnings of the quantities that it is about; others follow from them.
        formula: the wrong formula in letters; θ, _p and x^p stand for the weight's and the bias's letters.
        numbers: the same for the numbers put in, with the names of :func:`lrstep.why.match_text.names`.
        explanation: why the right way is another, in a sentence or two.
        compute: its values.
        always: made in every step since the start.
    """

    key: str
    name: str
    direct: tuple[str, ...]
    formula: str
    numbers: str
    explanation: str
    compute: Compute
    always: bool = False

    @property
    def family(self) -> str:
        """loss, gradient, accumulator, update or position."""
        return self.key.split(".")[0]

    def tier(self, quantity: str) -> int:
        """How directly a quantity is what the mistake is about: 0, else 1, or 2 for losses that follow."""
        if quantity.startswith(self.direct):
            return 0
        return 2 if quantity.endswith(("loss", "rmse")) else 1


def _changed(name: str, value: Callable[[Settings], float | bool]) -> Callable[[Settings], Settings]:
    return lambda c: c.changed(**{name: value(c)})


def _step(
    key: str, name: str, rule: Rule, formula: str, numbers: str, explanation: str, always: bool = True,
    direct: tuple[str, ...] = (),
) -> tuple[Mistake, ...]:  # fmt: skip
    """A wrong step: once, and in every step; by its family it is about gradients, accumulators or parameters."""
    families = {"gradient": ("gradient_",), "accumulator": ("accumulator_",), "update": ("weight", "bias", "step_")}
    about = direct or families[key.split(".")[0]]
    once = Mistake(key, name, about, formula, numbers, explanation, one_step(rule))
    if not always:
        return (once,)
    again = replace(once, key=f"{key}.always", name=f"{name} in every step", compute=every_step(rule), always=True)
    return once, again


LOSS = ("rmse", "loss", "cumulative_", "full_")
THIS = ("rmse", "loss")

MISTAKES: tuple[Mistake, ...] = (
    # RMSE and loss
    Mistake("loss.after_update", "with the weights from after the update", LOSS,
            "Σ (w_new·x + b_new − y)² / m", "with w = {w1}, b = {b1}",
            "Keras computes the loss first and then updates the weights: a batch's loss belongs to the weights "
            "from before its update.", values.after_update),
    Mistake("loss.newest_weights", "for the samples so far with the weights from after the last update", LOSS,
            "Σ (w_new·x + b_new − y)² / count", "with w = {w1}, b = {b1}, {count} samples",
            "In the epoch so far each batch counts with the weights it was computed with, not with the newest.",
            values.newest_weights),
    Mistake("loss.epoch_last_weights", "with the weights from the end of the epoch", LOSS,
            "Σ (w_end·x + b_end − y)² / m", "",
            "Keras computes each batch's loss when the batch comes, with the weights of that moment.",
            values.epoch_last_weights),
    Mistake("loss.loss_for_rmse", "without the root: it is the loss", ("rmse", "cumulative_rmse", "full_rmse"),
            "Σ error² / m", "{sse}/{m}", "The RMSE is the root of the loss.",
            values.taken_for(rmse="loss", cumulative_rmse="cumulative_loss", full_rmse="full_loss")),
    Mistake("loss.rmse_for_loss", "with a root: it is the RMSE", ("loss", "cumulative_loss", "full_loss"),
            "√(Σ error² / m)", "√({sse}/{m})", "The loss is the mean squared error, without a root.",
            values.taken_for(loss="rmse", cumulative_loss="cumulative_rmse", full_loss="full_rmse")),
    Mistake("loss.batch_for_epoch", "from this batch alone", ("cumulative_",),
            "Σ error² / m over this batch", "{sse}/{m}",
            "Keras prints the mean over all samples of the epoch so far, not the last batch's value.",
            values.taken_for(cumulative_rmse="rmse", cumulative_loss="loss")),
    Mistake("loss.mean_of_rmses", "as the mean of the batches' RMSEs", ("cumulative_",),
            "Σ √(L of a batch) / batches", "",
            "The root comes last: the root of the mean squared error, not the mean of roots.",
            values.mean_of_batches("rmse")),
    Mistake("loss.mean_of_losses", "as the mean of the batches' losses", ("cumulative_",),
            "Σ L of a batch / batches", "",
            "Each sample counts once, so a short batch counts less than a full one.",
            values.mean_of_batches("loss")),
    Mistake("loss.sum", "as a sum, without the mean", LOSS, "Σ error²", "{sse}",
            "The loss is the mean of the squared errors: divide the sum by the number of samples.",
            values.scaled_loss(lambda m: m)),
    Mistake("loss.n_minus_1", "divided by one less than the number of samples", LOSS, "Σ error² / (m − 1)",
            "{sse}/({m} − 1)", "That is the sample variance's divisor; Keras divides by the number of samples.",
            values.scaled_loss(lambda m: m / (m - 1))),
    Mistake("loss.n_minus_2", "divided by two less than the number of samples", LOSS, "Σ error² / (m − 2)",
            "{sse}/({m} − 2)", "That is the divisor of the regression's standard error; Keras divides by the number "
            "of samples.", values.scaled_loss(lambda m: m / (m - 2))),
    Mistake("loss.by_all", "divided by the number of all samples", LOSS, "Σ error² / n", "{sse}/{n}",
            "The sum has only the samples seen, so it is divided by their number.", values.divided_by_all),
    Mistake("loss.half", "with a factor ½", LOSS, "Σ error² / (2·m)", "{sse}/(2·{m})",
            "Some textbooks halve the loss so that the 2 of the gradient goes; Keras does not.",
            values.scaled_loss(lambda m: 0.5 + 0 * m)),
    Mistake("loss.mean_absolute", "as the mean absolute error", LOSS, "Σ |error| / m", "",
            "Square the errors, take the mean, then the root; the mean of |error| is another metric.",
            values.mean_absolute),
    # Gradient
    *_step("gradient.without_2", "without the 2 of the gradient",
           Rule(gradient=wrong_steps.scaled(lambda s: 0.5)), "g_p = 1/m·Σ error·x^p", "1/{m}·{sum}",
           "The derivative of error² is 2·error: the 2 stays."),
    *_step("gradient.sum", "with a sum instead of the mean in the gradient",
           Rule(gradient=wrong_steps.scaled(lambda s: s.batch.m)), "g_p = 2·Σ error·x^p", "2·{sum}",
           "The loss is a mean, so its gradient is a mean too: divide by m."),
    *_step("gradient.bare_sum", "with Σ error·x alone as the gradient",
           Rule(gradient=wrong_steps.scaled(lambda s: s.batch.m / 2)), "g_p = Σ error·x^p", "{sum}",
           "The gradient of the mean squared error is 2/m times this sum."),
    *_step("gradient.sign", "with the opposite sign of the gradient",
           Rule(gradient=wrong_steps.scaled(lambda s: -1)), "g_p = −2/m·Σ error·x^p", "−2/{m}·{sum}",
           "error is ŷ − y, and the step is subtracted: with y − ŷ, or a + in the update, the line goes uphill."),
    *_step("gradient.new_weights", "with the gradient at the weights from after the update",
           Rule(gradient=wrong_steps.new_weights), "g_p = 2/m·Σ (w_new·x + b_new − y)·x^p", "with w = {w1}, b = {b1}",
           "The gradient is taken where the line stands before the update.", always=False),
    *_step("gradient.swapped", "with the gradients of weight and bias exchanged",
           Rule(gradient=wrong_steps.swapped), "g_w = 2/m·Σ error,  g_b = 2/m·Σ error·x", "{other_g}",
           "The weight is multiplied by x, so its gradient has error·x; the bias's has error alone."),
    *_step("gradient.by_batch_size", "divided by the full batch size in the short batch",
           Rule(gradient=wrong_steps.scaled(lambda s: s.batch.m / s.size)), "g_p = 2/(batch size)·Σ error·x^p",
           "2/{size}·{sum}", "The last batch has fewer samples; its mean is over those that it has."),
    # Accumulator
    *_step("accumulator.swapped", "with ρ and 1 − ρ exchanged",
           Rule(accumulator=lambda c, s, v, g: (1 - c.rho) * v + c.rho * g * g),
           "v_p = (1 − ρ)·v_p + ρ·g_p²", "(1 − {rho})·{v0} + {rho}·{g}²",
           "ρ is the part of the old accumulator that is kept; 1 − ρ is the part of the new g²."),
    *_step("accumulator.without_1_minus_rho", "without the factor 1 − ρ",
           Rule(accumulator=lambda c, s, v, g: c.rho * v + g * g),
           "v_p = ρ·v_p + g_p²", "{rho}·{v0} + {g}²",
           "The accumulator is a running mean: new squares come in with the weight 1 − ρ."),
    *_step("accumulator.not_squared", "with g instead of g²",
           Rule(accumulator=lambda c, s, v, g: c.rho * v + (1 - c.rho) * g),
           "v_p = ρ·v_p + (1 − ρ)·g_p", "{rho}·{v0} + (1 − {rho})·{g}",
           "The accumulator takes in the square of the gradient; without it the root need not exist."),
    Mistake("accumulator.old", "from before the step", ("accumulator_",), "v_p before", "{v0}",
            "The accumulator takes in this iteration's gradient first; the step then uses the new one.",
            values.old_accumulator),
    Mistake("accumulator.only_old", "without the new gradient", ("accumulator_",), "ρ·v_p", "{rho}·{v0}",
            "The new gradient comes in too, as (1 − ρ)·g².", values.only_old_accumulator),
    *_step("accumulator.not_carried", "without the accumulator of the iteration before",
           Rule(accumulator=lambda c, s, v, g: (1 - c.rho) * g * g),
           "v_p = (1 − ρ)·g_p²", "(1 − {rho})·{g}²",
           "The accumulator is carried from batch to batch; only in iteration 1 it was 0 before."),
    *(mistake for mistake in _step(
        "accumulator.reset", "with the accumulator reset at the epoch's first batch",
        Rule(accumulator=lambda c, s, v, g: c.rho * v * s.carried + (1 - c.rho) * g * g),
        "v_p = ρ·0 + (1 − ρ)·g_p² in batch 1", "{rho}·0 + (1 − {rho})·{g}²",
        "Epochs do not matter to the optimizer: the accumulator goes on.") if mistake.always),
    *_step("accumulator.bias_corrected", "with the bias correction of Adam",
           Rule(step=wrong_steps.bias_corrected),
           "v_p / (1 − ρᵗ) under the root, t = iteration", "{v}/(1 − {rho}^{t})",
           "RMSprop does not correct the accumulator for its start at 0; Adam does."),
    # Update
    *_step("update.gradient_descent", "with plain gradient descent",
           Rule(step=lambda c, s, g, old, new: c.learning_rate * g),
           "θ = θ − lr·g_p", "{theta} − {lr}·{g}",
           "RMSprop divides the gradient by the root of its accumulator."),
    *_step("update.old_accumulator", "with the old accumulator under the root",
           Rule(step=lambda c, s, g, old, new: wrong_steps.step(c, s, g, old, old)),
           "θ = θ − lr·g_p/√(v_p before + ε)", "{theta} − {lr}·{g}/√({under0} + {eps})",
           "The accumulator takes in g² first; its new value stands under the root."),
    *_step("update.epsilon_outside", "with ε outside the root",
           Rule(step=wrong_steps.epsilon_outside),
           "θ = θ − lr·g_p/(√(v_p) + ε)", "{theta} − {lr}·{g}/(√({under}) + {eps})",
           "Keras 3 has √(v + ε); PyTorch and older Keras have √v + ε."),
    *_step("update.rho_099", "with ρ = 0.99",
           Rule(settings=_changed("rho", lambda c: 0.99)),
           "v_p = 0.99·v_p + 0.01·g_p²", "0.99·{v0} + 0.01·{g}²",
           "0.99 is PyTorch's default (there called alpha); Keras has 0.9.", direct=("accumulator_",)),
    *_step("update.no_root", "without the root",
           Rule(step=lambda c, s, g, old, new: c.learning_rate * g / (wrong_steps.under_root(c, new) + c.epsilon)),
           "θ = θ − lr·g_p/(v_p + ε)", "{theta} − {lr}·{g}/({under} + {eps})",
           "The gradient is divided by the root of the accumulator."),
    *_step("update.bias_after_weight", "with the bias updated from the error of the new weight",
           Rule(bias_last=True), "g_b = 2/m·Σ (w_new·x + b − y)", "with w = {w1}",
           "Weight and bias move at the same time, both from the errors of the old line.",
           direct=("gradient_bias",)),
    *_step("update.learning_rate_twice", "with the learning rate twice",
           Rule(settings=_changed("learning_rate", lambda c: max(c.learning_rate**2, 5e-324))),
           "θ = θ − lr·lr·g_p/√(v_p + ε)", "{theta} − {lr}·{lr}·{g}/√({under} + {eps})",
           "The learning rate stands in the step once."),
    *_step("update.no_learning_rate", "without the learning rate",
           Rule(settings=_changed("learning_rate", lambda c: 1.0)),
           "θ = θ − g_p/√(v_p + ε)", "{theta} − {g}/√({under} + {eps})",
           "The step is the learning rate times g/√(v + ε)."),
    *_step("update.no_momentum", "without the momentum",
           Rule(settings=_changed("momentum", lambda c: 0.0)),
           "θ = θ − lr·g_p/√(v_p + ε)", "{theta} − {lr}·{g}/√({under} + {eps})",
           "With momentum, μ times the step before is added."),
    *_step("update.not_centered", "without the mean gradient (not centered)",
           Rule(settings=_changed("centered", lambda c: False)),
           "θ = θ − lr·g_p/√(v_p + ε)", "{theta} − {lr}·{g}/√({v} + {eps})",
           "Centered, the square of the mean gradient is subtracted under the root."),
    # Position
    Mistake("position.iteration_before", "for the iteration before", ("",), "", "",
            "The number is one iteration old: the start is 0, and iteration 1 is the first update.",
            values.of_iteration(lambda ctx: -1)),
    Mistake("position.iteration_after", "for the iteration after", ("",), "", "",
            "Weights after one update are the weights before the next.", values.of_iteration(lambda ctx: 1)),
    Mistake("position.epoch_before", "for the epoch before", ("",), "", "",
            "An epoch has ⌈n / batch size⌉ iterations.", values.of_iteration(lambda ctx: -ctx.run.batches.per_epoch)),
    Mistake("position.epoch_after", "for the epoch after", ("",), "", "",
            "An epoch has ⌈n / batch size⌉ iterations.", values.of_iteration(lambda ctx: ctx.run.batches.per_epoch)),
    Mistake("position.other_batch", "for another batch of the epoch", ("",), "", "",
            "The batches are taken in the epoch's order.", values.of_other_batch),
    Mistake("position.next_samples", "with the samples of the next batch", THIS, "", "",
            "The weights fit, but the samples are those of the batch that comes after.",
            values.other_samples(Rule(gradient=lambda c, s, w, b: s.after.gradient(w.theta, b.theta)), 1)),
    Mistake("position.previous_samples", "with the samples of the batch before", THIS, "", "",
            "The weights fit, but the samples are those of the batch that came before.",
            values.other_samples(Rule(gradient=lambda c, s, w, b: s.before.gradient(w.theta, b.theta)), -1)),
    Mistake("position.least_squares", "for the least-squares line", ("",), "", "",
            "The least-squares line is where the iterations go; they have not reached it yet.",
            values.least_squares),
)  # fmt: skip
"""Every entry, the more common ones of a family first."""

BY_KEY: dict[str, Mistake] = {mistake.key: mistake for mistake in MISTAKES}
