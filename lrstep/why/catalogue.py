"""The catalogue of mistakes that lead to a number unlike Keras's, as data.

An entry says what is done differently, the formula that results, and how its values are computed. Most
exist twice: in one step with everything before it right, and (key ending in ``.always``) in every step
since the start. An entry gives nothing where it cannot be made (nan) and counts as no mistake where its
value cannot be told from the right one: the first step by RMSprop is lr/√(1 − ρ) however the gradient is
scaled, the accumulator before iteration 1 is 0, a batch of all samples is its own epoch so far.
"""

from dataclasses import dataclass, replace
from functools import lru_cache, partial

from lrstep.core.settings import Settings
from lrstep.formulas.rewrites import other_formulas
from lrstep.formulas.update import update_formulas
from lrstep.why import wrong_rules as rules
from lrstep.why import wrong_values as values
from lrstep.why.wrong_gradients import new_weights, scaled, swapped
from lrstep.why.wrong_rules import Rewrite
from lrstep.why.wrong_steps import Gradient, StepRule, right_trees
from lrstep.why.wrong_values import WrongValues, every_step, one_step


@dataclass(frozen=True)
class Mistake:
    """One way to another number.

    Attributes:
        key: family and name, such as "update.epsilon_outside".
        name: what is done, as the end of "computed …".
        direct: beginnings of the quantities that it is about; others follow from them.
        formula: the wrong formula in letters; θ, _p and x^p stand for the letters of a parameter. Where a formula of
            the optimizer's rule is wrong, what the rule calls its result; the formula comes from the rule.
        numbers: the same for the numbers put in, with the names of :func:`lrstep.why.match_text.names`.
        explanation: why the right way is another, in a sentence or two.
        compute: its values.
        always: made in every step since the start.
        rule: how the step is computed, where the mistake is in the step.
    """

    key: str
    name: str
    direct: tuple[str, ...]
    formula: str
    numbers: str
    explanation: str
    compute: WrongValues
    always: bool = False
    rule: StepRule | None = None

    @property
    def family(self) -> str:
        """loss, gradient, accumulator, update or position; rule for a changed formula that has no name."""
        return self.key.split(".")[0]

    def tier(self, quantity: str) -> int:
        """How directly a quantity is what the mistake is about: 0, else 1, 2 for losses that follow, 3 for slots."""
        if quantity.startswith(self.direct):
            return 0
        if quantity.startswith(("momentum_", "mean_gradient_")):
            return 3
        return 2 if quantity.endswith(("loss", "rmse")) else 1

    def reaches(self, quantity: str) -> bool:
        """Whether a number of this quantity is worth comparing; a slot is far from what went wrong many steps ago."""
        return self.tier(quantity) < 3 or not (self.always or self.family == "position")


def _step(
    key: str, name: str, rule: StepRule, formula: str, numbers: str, explanation: str, about: tuple[str, ...]
) -> tuple[Mistake, Mistake]:
    """A wrong step: once, and in every step."""
    once = Mistake(key, name, about, formula, numbers, explanation, partial(one_step, rule), rule=rule)
    again = replace(
        once, key=f"{key}.always", name=f"{name} in every step", compute=partial(every_step, rule), always=True
    )
    return once, again


def _gradient(
    key: str, name: str, gradient: Gradient, formula: str, numbers: str, explanation: str
) -> tuple[Mistake, Mistake]:
    """A wrong gradient."""
    return _step(f"gradient.{key}", name, StepRule(gradient=gradient), formula, numbers, explanation, ("gradient_",))


def _rewritten(
    key: str, name: str, trees: Rewrite, result: str, explanation: str, about: tuple[str, ...] = ()
) -> tuple[Mistake, Mistake]:
    """A wrong formula of the optimizer's rule; by its family it is about accumulators or parameters."""
    own = ("accumulator_",) if key.startswith("accumulator") else ("weight", "bias", "step_")
    return _step(key, name, StepRule(trees=trees), result, "", explanation, about or own)


LOSS = ("rmse", "loss", "cumulative_", "full_")
THIS = ("rmse", "loss")

MISTAKES: tuple[Mistake, ...] = (
    # RMSE and loss
    Mistake("loss.after_update", "with the weights from after the update", LOSS,
            "Σ (w_new·x + b_new − y)² / m", "with {after}",
            "Keras computes the loss first and then updates the weights: a batch's loss belongs to the weights "
            "from before its update.", values.after_update),
    Mistake("loss.newest_weights", "for the samples so far with the weights from after the last update", LOSS,
            "Σ (w_new·x + b_new − y)² / count", "with {after}, {count} samples",
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
            "Σ error² / m over this batch", "{batch_sse}/{batch_m}",
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
            partial(values.scaled_loss, lambda m: m)),
    Mistake("loss.n_minus_1", "divided by one less than the number of samples", LOSS, "Σ error² / (m − 1)",
            "{sse}/({m} − 1)", "That is the sample variance's divisor; Keras divides by the number of samples.",
            partial(values.scaled_loss, lambda m: m / (m - 1))),
    Mistake("loss.n_minus_2", "divided by two less than the number of samples", LOSS, "Σ error² / (m − 2)",
            "{sse}/({m} − 2)", "That is the divisor of the regression's standard error; Keras divides by the number "
            "of samples.", partial(values.scaled_loss, lambda m: m / (m - 2))),
    Mistake("loss.by_all", "divided by the number of all samples", LOSS, "Σ error² / n", "{sse}/{n}",
            "The sum has only the samples seen, so it is divided by their number.", values.divided_by_all),
    Mistake("loss.half", "with a factor ½", LOSS, "Σ error² / (2·m)", "{sse}/(2·{m})",
            "Some textbooks halve the loss so that the 2 of the gradient goes; Keras does not.",
            partial(values.scaled_loss, lambda m: 0.5 + 0 * m)),
    Mistake("loss.mean_absolute", "as the mean absolute error", LOSS, "Σ |error| / m", "",
            "Square the errors, take the mean, then the root; the mean of |error| is another metric.",
            values.mean_absolute),
    Mistake("loss.not_reset", "over all iterations so far, not reset at the epoch's first batch", ("cumulative_",),
            "Σ error² / count since the start", "",
            "Keras begins the mean of an epoch anew with its first batch.", values.not_reset),
    Mistake("loss.broadcast", "with shapes that broadcast: (m, 1) − (m,) gives every prediction less every label", LOSS,
            "Σᵢ Σⱼ (ŷᵢ − yⱼ)² / m²", "",
            "Give predictions and labels the same shape, with y.reshape(-1, 1).", values.broadcast),
    Mistake("loss.data_units", "in the data's units", (*LOSS, "weight", "bias"), "", "",
            "Keras is given the scaled data, so what it prints and learns is in their units.",
            values.in_units_of_data),
    # Gradient
    *_gradient("without_2", "without the 2 of the gradient", scaled(lambda s: 0.5), "g_p = 1/m·Σ error·x^p",
               "1/{m}·{sum}", "The derivative of error² is 2·error: the 2 stays."),
    *_gradient("sum", "with a sum instead of the mean in the gradient", scaled(lambda s: s.batch.m),
               "g_p = 2·Σ error·x^p", "2·{sum}", "The loss is a mean, so its gradient is a mean too: divide by m."),
    *_gradient("bare_sum", "with Σ error·x alone as the gradient", scaled(lambda s: s.batch.m / 2),
               "g_p = Σ error·x^p", "{sum}", "The gradient of the mean squared error is 2/m times this sum."),
    *_gradient("sign", "with the opposite sign of the gradient", scaled(lambda s: -1),
               "g_p = −2/m·Σ error·x^p", "−2/{m}·{sum}",
               "error is ŷ − y, and the step is subtracted: with y − ŷ, or a + in the update, the line goes uphill."),
    _gradient("new_weights", "with the gradient at the weights from after the update", new_weights,
              "g_p = 2/m·Σ (w_new·x + b_new − y)·x^p", "with {after}",
              "The gradient is taken where the line stands before the update.")[0],  # once
    *_gradient("swapped", "with the gradients of weight and bias exchanged", swapped,
               "g_w = 2/m·Σ error,  g_b = 2/m·Σ error·x", "{other_g}",
               "The weight is multiplied by x, so its gradient has error·x; the bias's has error alone."),
    *_gradient("by_batch_size", "divided by the full batch size in the short batch",
               scaled(lambda s: s.batch.m / s.size), "g_p = 2/(batch size)·Σ error·x^p", "2/{size}·{sum}",
               "The last batch has fewer samples; its mean is over those that it has."),
    # Accumulator
    *_rewritten("accumulator.swapped", "with ρ and 1 − ρ exchanged", rules.swapped_decay, "v",
                "ρ is the part of the old accumulator that is kept; 1 − ρ is the part of the new g²."),
    *_rewritten("accumulator.without_1_minus_rho", "without the factor 1 − ρ", rules.without_rest, "v",
                "The accumulator is a running mean: new squares come in with the weight 1 − ρ."),
    *_rewritten("accumulator.not_squared", "with g instead of g²", rules.not_squared, "v",
                "The accumulator takes in the square of the gradient; without it the root need not exist."),
    Mistake("accumulator.old", "from before the step", ("accumulator_",), "v_p before", "{v0}",
            "The accumulator takes in this iteration's gradient first; the step then uses the new one.",
            values.old_accumulator),
    Mistake("accumulator.only_old", "without the new gradient", ("accumulator_",), "ρ·v_p", "{kept}·{v0}",
            "The new gradient comes in too, as (1 − ρ)·g².", values.only_old_accumulator),
    *_rewritten("accumulator.not_carried", "without the accumulator of the iteration before", rules.not_carried, "v",
                "The accumulator is carried from batch to batch; only in iteration 1 it was at its start before."),
    _rewritten("accumulator.reset", "with the accumulator reset at the epoch's first batch", rules.reset,
               "v_p = ρ·0 + (1 − ρ)·g_p² in batch 1",
               "Epochs do not matter to the optimizer: the accumulator goes on.")[1],  # in every step
    *_rewritten("accumulator.bias_corrected", "with the bias correction of Adam", rules.bias_corrected, "corrected v",
                "RMSprop does not correct the accumulator for its start at 0; Adam does."),
    # Update
    *_rewritten("update.gradient_descent", "with plain gradient descent", rules.gradient_descent, "theta",
                "{title} divides by the root of its accumulator."),
    *_rewritten("update.old_accumulator", "with the old accumulator under the root", rules.old_accumulator, "theta",
                "The accumulator takes in g² first; its new value stands under the root."),
    *_rewritten("update.epsilon_outside", "with ε outside the root", rules.epsilon_outside, "theta",
                "Keras 3 has √(v + ε); PyTorch and older Keras have √v + ε."),
    *_rewritten("update.epsilon_inside", "with ε inside the root", rules.epsilon_inside, "theta",
                "Here ε is added to the root; RMSprop of Keras 3 and Adagrad have √(v + ε)."),
    *_rewritten("update.rho_099", "with ρ = 0.99", rules.rho_099, "v",
                "0.99 is PyTorch's default (there called alpha); Keras has 0.9.", ("accumulator_",)),
    *_rewritten("update.no_root", "without the root", rules.no_root, "theta",
                "The gradient is divided by the root of the accumulator."),
    *_step("update.bias_after_weight", "with the bias updated from the error of the new weight",
           StepRule(bias_last=True), "g_b = 2/m·Σ (w_new·x + b − y)", "with {after_weights}",
           "Weight and bias move at the same time, both from the errors of the old line.",
           ("gradient_bias",)),
    *_rewritten("update.learning_rate_twice", "with the learning rate twice", rules.learning_rate_twice, "theta",
                "The learning rate stands in the step once."),
    *_rewritten("update.no_learning_rate", "without the learning rate", rules.no_learning_rate, "theta",
                "The learning rate stands in the step as a factor."),
    *_rewritten("update.no_momentum", "without the momentum", rules.no_momentum, "theta",
                "With momentum, μ times the step before is added."),
    *_rewritten("update.not_centered", "without the mean gradient (not centered)", rules.not_centered, "theta",
                "Centered, the square of the mean gradient is subtracted under the root."),
    *_rewritten("update.uncorrected", "without the correction for the start at 0", rules.uncorrected, "theta",
                "Adam's rate is lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ): its means start at 0 and are too small at first."),
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
            partial(values.other_samples, lambda s: s.after)),
    Mistake("position.previous_samples", "with the samples of the batch before", THIS, "", "",
            "The weights fit, but the samples are those of the batch that came before.",
            partial(values.other_samples, lambda s: s.before)),
    Mistake("position.least_squares", "for the least-squares line", ("",), "", "",
            "The least-squares line is where the iterations go; they have not reached it yet.",
            values.least_squares),
)  # fmt: skip
"""Every entry, the more common ones of a family first."""


@lru_cache(maxsize=8)
def rewritten_rules(settings: Settings) -> tuple[Mistake, ...]:
    """A mistake for each formula that the optimizer's rule becomes with one node changed."""
    formulas, right = update_formulas(settings), right_trees(settings)
    made: list[Mistake] = []
    for result, wrong, words in other_formulas(formulas, right):
        slot, rule = formulas.slots.get(result), StepRule(trees=rules.only(result, wrong))
        moved = ("weight", "bias") if result == "theta" else ("step_", "weight", "bias")
        made.append(Mistake(
            f"rule.{result}.{len(made) + 1}", words, (f"{slot.name}_",) if slot else moved,
            result if slot else "theta", "", "One part of the formula is another.", partial(one_step, rule), rule=rule,
        ))  # fmt: skip
    return tuple(made)


BY_KEY: dict[str, Mistake] = {mistake.key: mistake for mistake in MISTAKES}
