"""The optimizer's step as columns of the workbook, and in a script: what its rule computes, in a workable order."""

from collections.abc import Iterator

from lrstep.core.run import Run
from lrstep.core.settings import FIELDS
from lrstep.formulas.notation import BOOK, CELL, Style, Writer
from lrstep.formulas.update import SETTINGS, UpdateFormulas, of_settings, update_formulas

WORDS = Style({"+": " + ", "-": " − ", "*": " · ", "/": " / ", "neg": "−"}, BOOK.calls, BOOK.power)
"""Formulas in words."""


def results(formulas: UpdateFormulas) -> list[str]:
    """What the rule computes, by name, each after what it is computed from."""
    ordered: list[str] = []

    def add(name: str) -> None:
        for source in formulas.inputs(name):
            if source in formulas.trees and source not in ordered:
                add(source)
        if name not in ordered:
            ordered.append(name)

    for name in formulas.trees:
        add(name)
    return ordered


def update_columns(run: Run) -> Iterator[tuple[str, str, str, str]]:
    """Key, heading, words and formula of each column, result by result and parameter by parameter."""
    formulas = update_formulas(run.settings)
    for name in results(formulas):
        shared, label = is_shared(formulas, name), _label(formulas, name)
        for parameter in run.parameters[:1] if shared else run.parameters:
            heading = parameter if name == "theta" else label if shared else f"{label} of {parameter}"
            yield result_key(formulas, name, parameter), heading, *_written(formulas, name, parameter)


def result_key(formulas: UpdateFormulas, name: str, parameter: str) -> str:
    """The key of a result: that of ``lrstep trace`` where it is there too."""
    if name == "theta":
        return parameter
    if is_shared(formulas, name):
        return name
    return f"{formulas.slots[name].name if name in formulas.slots else name}_{parameter}"


def is_shared(formulas: UpdateFormulas, name: str) -> bool:
    """Whether a result is the same for all parameters, as it depends on settings and the iteration alone."""
    return of_settings(formulas.trees[name])


def _label(formulas: UpdateFormulas, name: str) -> str:
    return formulas.slots[name].label if name in formulas.slots else name


def _written(formulas: UpdateFormulas, name: str, parameter: str) -> tuple[str, str]:
    """A result in words and as a formula of cells."""
    trees = formulas.trees
    others = {id(trees[other]): other for other in reversed([*trees]) if other != name and trees[other].op}
    cells = {tree: f"{{{result_key(formulas, other, parameter)}}}" for tree, other in others.items()}
    words = {tree: _label(formulas, other) for tree, other in others.items()}
    tree = trees[name]
    first = next(other for other, node in trees.items() if node is tree)
    if first != name:  # the very same under another name
        return words[id(tree)], f"={cells[id(tree)]}"
    inputs = {
        "theta": (f"{{{parameter}_before}}", f"{parameter} before"),
        "g": (f"{{gradient_{parameter}}}", "gradient"),
        "t": ("{iteration}", "iteration"),
        **{letter: (f"{{above_{slot.name}_{parameter}}}", f"{slot.label} before")
           for letter, slot in formulas.slots.items()},
        **{letter: (setting, FIELDS[setting].label) for letter, setting in SETTINGS.items()},
    }  # fmt: skip
    in_words = Writer(WORDS, lambda leaf: inputs[leaf][1], words).write(tree)
    return in_words, f"={Writer(CELL, lambda leaf: inputs[leaf][0], cells).write(tree)}"
