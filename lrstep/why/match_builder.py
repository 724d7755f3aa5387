"""From a hit of the search to a match as a person reads it."""

from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.numerals import Typed, short
from lrstep.formulas.quantities import quantities
from lrstep.formulas.update import parameter_letters
from lrstep.why.answer import Match
from lrstep.why.answer_sentence import right_name, right_place
from lrstep.why.catalogue import Mistake
from lrstep.why.match_text import names, place, right_numbers, sample_numbers
from lrstep.why.search import MistakeHit, RightHit


def right_match(run: Run, hit: RightHit, typed: Typed, mixed_up: list[Mistake], explain: bool) -> Match:
    """A figure of the run; ``mixed_up`` says how it may stand in the wrong place, ``explain`` whether it does."""
    name, formula, numbers = right_name(run, hit), quantities(run)[hit.quantity].formula, ""
    if hit.least_squares:
        formula = "Sxy / Sxx" if hit.quantity == "weight" else "ȳ − w*·x̄" if hit.quantity == "bias" else formula
    elif hit.iteration and hit.place is not None:
        numbers = sample_numbers(run.iteration(hit.iteration), hit.quantity, hit.place)
    elif hit.iteration:
        numbers = right_numbers(run, run.iteration(hit.iteration), hit.quantity)
    elif hit.quantity in ("x", "y") or (hit.iteration == 0 and not hit.quantity.startswith("full")):
        formula = ""
    return Match(
        kind="right", name=name, quantity=hit.quantity, where=right_place(run, hit), iteration=hit.iteration,
        value=hit.value, distance=_distance(hit.value, typed), formula=formula, numbers=numbers, right_name=name,
        right_value=hit.value, right_formula=formula, right_numbers=numbers,
        explanation=mixed_up[0].explanation if mixed_up and explain else "",
        entries=tuple(mistake.key for mistake in mixed_up),
    )  # fmt: skip


def mistake_match(run: Run, hit: MistakeHit, typed: Typed) -> Match:
    """A mistake's value beside the right one."""
    quantity, mistake = quantities(run)[hit.quantity], hit.mistake
    it = run.iteration(hit.iteration)
    letter = parameter_letters(run.parameters)[quantity.parameter or 0]
    formula, template = _adapted(mistake, hit.quantity, run.settings)
    formula, numbers = for_side(formula, letter), ""
    if not mistake.always and not mistake.tier(hit.quantity):
        numbers = _numbers(template, hit, names(run, it, hit.quantity))
    elif mistake.tier(hit.quantity):
        formula = f"{formula}; then {quantity.symbol} = {quantities(run)[hit.quantity].formula}"
        if hit.quantity.startswith("full"):
            numbers = f"with w = {short(hit.weight)}, b = {short(hit.bias)}"
    return Match(
        kind="mistake", name=f"{quantity.label}, computed {mistake.name}", quantity=hit.quantity,
        where=place(run, hit.iteration), iteration=hit.iteration, value=hit.value,
        distance=_distance(hit.value, typed), formula=formula, numbers=numbers, right_name=quantity.label,
        right_value=hit.right_value, right_formula=quantities(run)[hit.quantity].formula,
        right_numbers=right_numbers(run, it, hit.quantity), explanation=mistake.explanation,
        entries=(mistake.key,),
    )  # fmt: skip


def _adapted(mistake: Mistake, quantity: str, settings: Settings) -> tuple[str, str]:
    """Formula and template as these settings have them, for the step itself or for the parameter after it."""
    formula, numbers, name = mistake.formula, mistake.numbers, mistake.key.split(".")[1]
    if not formula.startswith("θ = θ − "):
        return formula, numbers
    formula, numbers = formula.removeprefix("θ = θ − "), numbers.removeprefix("{theta} − ")
    if settings.centered and name != "not_centered":
        formula = formula.replace("v_p before", "v_p − a_p² before").replace("v_p +", "v_p − a_p² +")
        formula = formula.replace("√(v_p)", "√(v_p − a_p²)")
    if settings.momentum > 0 and name != "no_momentum":
        formula, numbers = f"μ·M_p + {formula}", f"{{mu}}·{{M0}} + {numbers}"
    if quantity.startswith("step_"):
        return f"step_p = {formula}", numbers
    if settings.momentum > 0 and name != "no_momentum":
        formula, numbers = f"({formula})", f"({numbers})"
    return f"θ = θ − {formula}", f"{{theta}} − {numbers}"


def for_side(formula: str, letter: str) -> str:
    """A formula for any parameter, written for one of them: θ → w, g_p → g_w, error·xᵖ → error·x."""
    x = "" if letter == "b" else f"·x{letter[1:]}"
    return formula.replace("·x^p", x).replace("_p", f"_{letter}").replace("θ", letter)


def _numbers(template: str, hit: MistakeHit, known: dict[str, str]) -> str:
    """The wrong formula with numbers; a loss of the epoch so far, or of all samples, has its own sum and count."""
    if hit.quantity.startswith("cumulative"):
        known = known | {"sse": known["epoch_sse"], "m": known["count"]}
    elif hit.quantity.startswith("full"):
        known = known | {"sse": known["full_sse"], "m": known["n"]}
    numbers = template.format(**known)
    is_root = hit.quantity.endswith("rmse") and "{sse}" in template and hit.mistake.key != "loss.loss_for_rmse"
    return f"√({numbers})" if is_root else numbers


def _distance(value: float, typed: Typed) -> float:
    return abs(value - typed.value) / typed.half_unit if typed.half_unit else 0.0
