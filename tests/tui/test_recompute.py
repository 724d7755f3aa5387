"""Whoever recomputes a shown number from the numbers shown gets it, to the digits shown: read off the screen."""

import itertools
import math
import re

import numpy as np
import pytest

from lrstep.core.dataset import Dataset
from lrstep.core.iteration import Phase
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.run import Run
from lrstep.core.settings import Settings
from lrstep.formulas.explain import explain, quantities_of
from lrstep.session.styled_rows import plain
from lrstep.session.view import View
from lrstep.tui.layout import compose

BELOW = [()] * 3
"""As many lines as stand below the panels."""

NUMBER = r"-?\d+\.?\d*(?:e[+-]\d+)?"
ALONE = rf"(?<![\w.]){NUMBER}(?![\w.])"
LETTER = r"[A-Za-zμρεβ₀-₉]+"

SWITCHES = {"momentum": 0.9, "centered": True, "nesterov": True}
CASES = [
    (name, dict(switches))
    for name, optimizer in OPTIMIZERS.items()
    for count in range(3)
    for switches in itertools.combinations([item for item in SWITCHES.items() if item[0] in optimizer.options], count)
    if dict(switches).get("momentum") or "nesterov" not in dict(switches)
]


class Shown:
    """A number as it is written, with half a unit of its last digit."""

    def __init__(self, text):
        mantissa, _, exponent = text.partition("e")
        self.value = float(text)
        self.half = 0.5000001 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))

    def __repr__(self):
        return repr(self.value)


def agrees(result, formula, inputs):
    """A formula of numbers and letters gives the number shown, granting each of them its rounding.

    Returns:
        Whether it does so also as it stands, rounded to the digits of the result.
    """
    numbers = []

    def place(match):
        numbers.append(Shown(match[0]) if match[0] not in inputs else inputs[match[0]])
        return f"n[{len(numbers) - 1}]"

    python = formula.replace("√", "sqrt")
    python = re.sub(rf"(?<![\w.])\d+\.?\d*(?:e[+-]\d+)?(?![\w.])|(?<![a-z])(?!sqrt){LETTER}", place, python)
    code = compile(python.replace("·", "*").replace("²", "**2"), formula, "eval")

    def at(moved):
        return eval(code, {"sqrt": math.sqrt, "n": [n.value + (n.half if n is moved else 0.0) for n in numbers]})

    room = sum(abs(at(number) - at(None)) for number in numbers) + result.half
    assert abs(at(None) - result.value) <= room, (formula, numbers, result)
    return abs(at(None) - result.value) <= result.half


class Screen:
    """The panels of an iteration as text."""

    def __init__(self, run, number, size):
        rows = plain(compose(View(run, number, Phase.AFTER), *size, BELOW, False).rows)
        self.panels, names = {}, []
        for row in rows:
            row = row.split("││")[0].split("╮╭")[0].split("┤│")[0]
            if row[0] in "├╭":
                names = re.findall(r"(\d|All) [A-Zm]", row)
            elif row[0] == "│":
                for name, cell in zip(names, row[1:].rstrip("│").split("│"), strict=True):
                    self.panels.setdefault(name, []).append(cell)
        header = dict(re.findall(rf"(lr|[ρμε]|β[₁₂]) ({NUMBER})", rows[0]))
        self.settings = {letter: Shown(text) for letter, text in header.items()}

    def lines(self, panel):
        """The lines of a panel, a result below its formula put behind it."""
        return re.sub(r"\n +=", " =", "\n".join(self.panels[panel])).splitlines()

    def results(self, panel, names):
        """What stands before, and the number at the end, of the lines that begin with one of some names."""
        found = {}
        for line in self.lines(panel):
            match = re.fullmatch(rf" *({names})(?: = |=| )?(.*?)(?: =)? +({NUMBER}) *", line)
            if match:
                found[match[1]] = (match[2].strip(), Shown(match[3]))
        return found

    def gradients(self):
        """Letter of a parameter → its gradient, after seeing that it follows from the sum shown."""
        found, letter = {}, ""
        for line in self.lines("3"):
            letter = (re.match(r" ∂(?:L/∂)?([wb][₀-₉]*)", line) or [0, letter])[1]
            summed = re.search(rf"2/(\d+)·(\({NUMBER}\)|{NUMBER})(?: =)? +({NUMBER}) *$", line)
            if summed:
                found[letter] = Shown(summed[3])
                assert agrees(found[letter], f"2/{summed[1]}·{summed[2]}", {})
        return found

    def slots(self):
        """v_w and its like → formula and value."""
        return self.results("4", "[vam]_[wb][₀-₉]*")

    def updates(self):
        """Letter of a parameter → before, after, and step and momentum with their formulas."""
        found = {}
        for line in self.lines("5"):
            moved = re.match(rf" ([wb][₀-₉]*) +({NUMBER}) +→ +({NUMBER})", line)
            if moved:
                found[moved[1]] = one = {"before": Shown(moved[2]), "after": Shown(moved[3])}
                line = line[moved.end() :]
            made = re.match(rf" +(M|step)(?: = |=| )(.*?)(?: =)? +({NUMBER}) *$", line)
            if made:
                one[made[1]] = (made[2], Shown(made[3]))
        return found

    def losses(self):
        """Pairs of RMSE and loss in panel 6."""
        numbers = [[Shown(text) for text in re.findall(ALONE, line)] for line in self.panels["6"]]
        if len(self.panels["6"]) == 2:
            return list(zip(*numbers, strict=True))
        return [tuple(line[-2:]) for line in numbers[1:]]


def run_of(name, features, **options):
    random = np.random.default_rng(features)
    x = random.normal(3, 2, (10, features)).round(2)
    y = (x @ np.arange(1, features + 1) * 7 - 20 + random.normal(0, 1, 10)).round(2)
    names = [f"x{i}" for i in range(features)]
    dataset = Dataset("made", x if features > 1 else x[:, 0], y, names if features > 1 else names[0], "y")
    return Run(dataset, Settings(optimizer=name, learning_rate=0.05, batch_size=4, epochs=3, weight=(0.5,), **options))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
@pytest.mark.parametrize("features", [1, 3])
@pytest.mark.parametrize(("name", "switches"), CASES)
def test_the_arithmetic_of_each_optimizer_follows_from_what_is_shown(name, switches, features, size):
    run = run_of(name, features, **switches)
    last = Screen(run, 4, size)
    screen = Screen(run, 5, size)
    gradients, slots, updates = screen.gradients(), screen.slots(), screen.updates()
    crowded = name == "rmsprop-pytorch" and len(switches) == 2
    assert len(updates) >= min(3 - crowded, features + 1)
    assert gradients.keys() == updates.keys()
    kept = [slot for slot in run.slots if slot.phase is Phase.ACCUMULATOR]
    assert len(slots) == len(updates) * len(kept)
    for slot, (formula, value) in slots.items():
        letter, _, parameter = slot.partition("_")
        inputs = screen.settings | {"g": gradients[parameter], letter: last.slots()[slot][1]}
        assert agrees(value, formula, inputs) or features > 1  # where there is less room
    for parameter, made in updates.items():
        shown = screen.settings | {"g": gradients[parameter]}
        shown |= {slot: slots[f"{slot}_{parameter}"][1] for slot in "vam" if f"{slot}_{parameter}" in slots}
        for result in made.keys() & {"M", "step"}:
            formula, value = made[result]
            assert agrees(value, formula, shown) or features > 1 or "momentum" in switches
        assert agrees(made["after"], "before-step", {"before": made["before"], "step": made["step"][1]})
    for rmse, loss in screen.losses():
        agrees(loss, "rmse²", {"rmse": rmse})


@pytest.mark.parametrize(("features", "size"), [(1, (80, 24)), (3, (80, 24)), (1, (120, 40)), (3, (120, 40))])
def test_samples_sums_and_losses_follow_from_what_is_shown(features, size):
    run = run_of("rmsprop", features)
    screen = Screen(run, 2, size)
    updates = screen.updates()
    weights = [letter for letter in updates if letter != "b"]
    columns = [f"x{letter.removeprefix('w')}" for letter in weights]
    predicted = "+".join([f"{w}·{x}" for w, x in zip(weights, columns, strict=True)] + ["b"])
    shown = {letter: made["before"] for letter, made in updates.items()}
    cells = list(zip(screen.panels["1"], screen.panels["2"], strict=True))[1:]
    rows = [[Shown(text) for text in re.findall(ALONE, f"{a} {b}")] for a, b in cells if b.strip()]
    for row in rows:
        sample = dict(zip(["#", *columns, "y", "prediction", "error", "square"], row, strict=True))
        agrees(sample["prediction"], predicted, shown | sample)
        assert agrees(sample["error"], "prediction-y", sample)
        assert agrees(sample["square"], "error²", sample)
    if len(rows) == 4:
        errors = {f"e{letter}": row[-2] for letter, row in zip("abcd", rows, strict=True)}
        for parameter, gradient in screen.gradients().items():
            place = 1 + weights.index(parameter) if parameter in weights else None
            factors = {
                f"x{letter}": row[place] if place else Shown("1") for letter, row in zip("abcd", rows, strict=True)
            }
            agrees(gradient, "2/4·(ea·xa+eb·xb+ec·xc+ed·xd)", errors | factors)
        squares = {letter: row[-1] for letter, row in zip("abcd", rows, strict=True)}
        agrees(screen.losses()[0][1], "(a+b+c+d)/4", squares)
    assert len(rows) == 4 or size == (80, 24)
    after = Screen(run, 3, size)
    assert screen.losses()[3][0].value == after.losses()[2][0].value
    full = [
        sum(float(after.updates()[w]["before"].value) * x for w, x in zip(weights, sample, strict=True))
        for sample in zip(*run.dataset.columns, strict=True)
    ]
    bias = after.updates()["b"]["before"].value
    mean = sum((value + bias - y) ** 2 for value, y in zip(full, run.dataset.y, strict=True)) / 10
    assert screen.losses()[3][1].value == pytest.approx(mean, rel=1e-6)


@pytest.mark.parametrize("features", [1, 3])
@pytest.mark.parametrize(("name", "switches"), CASES)
def test_each_explanation_follows_from_what_it_shows(name, switches, features):
    run = run_of(name, features, **switches)
    it = run.iteration(5)
    checked = 0
    for phase in list(Phase)[1:]:
        for quantity in quantities_of(phase, run):
            for line in explain(run, it, phase, quantity).lines():
                rest = line.partition(" = ")[2]
                left, _, right = rest.rpartition(" = ")
                if (
                    not left
                    or not re.fullmatch(NUMBER, right.strip())
                    or re.search(r"[A-Za-zŷΣ_]", re.sub(NUMBER, "", left))
                ):
                    continue
                python = (
                    left.replace("·", "*").replace("²", "**2").replace("−", "-").replace("√", "sqrt").replace("^", "**")
                )
                assert eval(python, {"sqrt": math.sqrt}) == pytest.approx(float(right), rel=1e-12, abs=1e-13), line
                checked += 1
    assert checked > 15
