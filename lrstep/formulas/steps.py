"""How the optimizer's step is explained: each result of its rule, with everything that it is computed from."""

from collections.abc import Callable, Iterator
from typing import Any

from lrstep.core.iteration import Iteration, Phase
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.explanation import Equation, Explanation, Origin, Terms
from lrstep.formulas.numerals import exact, put
from lrstep.formulas.quantities import Quantity
from lrstep.formulas.update import SETTINGS, UpdateFormulas, nothing_kept, parameter_letters, update_formulas
from lrstep.plural import capitalized


def explain_step(run: Run, it: Iteration, quantity: Quantity) -> Explanation:
    """A parameter after the update or one of its slots, from gradient, slots and what came before."""
    assert quantity.parameter is not None
    sign = parameter_letters(run.parameters)[quantity.parameter]
    chain = computed_from(update_formulas(run.settings), result_name(run.settings, quantity.stem))
    steps = tuple(step_lines(run, it, quantity.parameter, chain))
    return explained(it, quantity, steps, None, "", tuple(_sources(run, it, chain, sign, quantity.phase)))


def explained(
    it: Iteration, quantity: Quantity, steps: tuple[Equation, ...], terms: Terms | None, total: str,
    sources: tuple[Origin, ...],
) -> Explanation:  # fmt: skip
    """The explanation of a quantity that is computed in these steps."""
    title = f"{capitalized(quantity.label)}, iteration {it.number}"
    formula, result = "\n".join(step.letters for step in steps), exact(quantity.value(it))
    return Explanation(title, quantity.phase, quantity.key, formula, steps, terms, total, result, sources)


def explain_nothing_kept(run: Run, it: Iteration) -> Explanation:
    """The accumulator's phase of an optimizer that has none."""
    return Explanation(
        f"Accumulator, iteration {it.number}", Phase.ACCUMULATOR, "nothing_kept", nothing_kept(run.settings), (), None,
        "", "", (Origin("g: this iteration's gradient", it.number, Phase.GRADIENT),),
    )  # fmt: skip


def result_name(settings: Settings, stem: str) -> str:
    """What the rule calls a quantity, by its stem."""
    slots = {slot.name: slot.letter for slot in settings.rule.kept(settings)}
    return {"": "theta", "step": "step", **slots}[stem]


def computed_from(formulas: UpdateFormulas, name: str) -> list[str]:
    """A result with the results that it is computed from in its own phase, in the order of the computation.

    A result that has two names, such as the step that is the momentum, stands once, under the one that its formula
    gives it.
    """
    wanted, chain = [name], set()
    while wanted:
        one = wanted.pop()
        chain.add(one)
        wanted += [
            other for other in formulas.inputs(one)
            if other in formulas.trees and other not in chain and not formulas.accumulated(other)
        ]  # fmt: skip
    nodes = {id(formulas.trees[one]) for one in chain}
    return list({id(tree): one for one, tree in formulas.trees.items() if id(tree) in nodes}.values())


def step_numbers(run: Run, it: Iteration, parameter: int) -> dict[str, float]:
    """All numbers of one parameter's step.

    Returns:
        result → its number; input with `` before`` behind its name → its number: ``v before``, ``lr before``.
    """
    settings, memory = run.settings_at(it.number), run.memories(it.before)[parameter]
    before: dict[str, Any] = dict(settings.rule.bound(settings))
    before |= zip(settings.rule.letters(settings), memory, strict=True)
    before |= {"g": it.gradient[parameter], "t": run.counted + it.number}
    return {f"{name} before": value for name, value in before.items()} | dict(it.updates[parameter])


def step_lines(run: Run, it: Iteration, parameter: int, chain: list[str]) -> Iterator[Equation]:
    """Results of the rule for one parameter as lines: in letters, and with the numbers put in."""
    formulas, numbers = update_formulas(run.settings), step_numbers(run, it, parameter)
    sign = parameter_letters(run.parameters)[parameter]
    for name in chain:
        shown, also = formulas.letter(name, sign), formulas.alias(name)
        head = f"{shown} ←" if name in formulas.slots or name == "theta" else f"{shown} ="
        if also in formulas.slots:
            head = f"{shown} = {formulas.letter(also, sign)} ←"
        put_in = formulas.with_numbers(name, numbers, put)
        yield Equation(f"{head} {formulas.written(name, sign)}", f"{shown} = {put_in} = {exact(numbers[name])}")


def _sources(run: Run, it: Iteration, chain: list[str], sign: str, phase: Phase) -> Iterator[Origin]:
    """Where the inputs of a chain of results came from: gradient, new slots, what was before, settings."""
    formulas = update_formulas(run.settings)
    inputs = {one for name in chain for one in formulas.inputs(name)} - set(chain)
    letter: Callable[[str], str] = lambda name: formulas.letter(name, sign)  # noqa: E731
    if "g before" in inputs:
        yield Origin(f"{letter('g')}: this iteration's gradient", it.number, Phase.GRADIENT)
    if new := [name for name in formulas.slots if name in inputs and formulas.accumulated(name)]:
        called = formulas.slots[new[0]].label if len(new) == 1 else "accumulator"
        yield Origin(f"{' and '.join(map(letter, new))}: this iteration's {called}", it.number, Phase.ACCUMULATOR)
    for name in ("theta", *formulas.slots):
        if f"{name} before" in inputs:
            made_in = formulas.slots[name].phase if name in formulas.slots else Phase.UPDATE
            yield before(run, it, letter(name), made_in)
    if "t before" in inputs:
        yield Origin("t: the number of the iteration", it.number, phase)
    if given := [letter(name) for name in run.settings.rule.arguments if name in inputs and name in SETTINGS]:
        yield Origin(f"{', '.join(given)}: {'a setting' if len(given) == 1 else 'settings'}")


def before(run: Run, it: Iteration, what: str, phase: Phase) -> Origin:
    """The origin of something that the iteration before left."""
    if it.number == 1:
        return Origin(f"{what} before: the start", 0, Phase.START)
    kept = ", as recorded" if run.recorded else ""
    return Origin(f"{what} before, from iteration {it.number - 1}{kept}", it.number - 1, phase)
