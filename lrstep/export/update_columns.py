"""The optimizer's step as columns of the workbook, and in a script: what its rule computes, in a workable order."""

from collections.abc import Iterator

from lrstep.core.run import Run
from lrstep.core.settings import FIELDS
from lrstep.core.symbols import Leaf
from lrstep.formulas.notation import BOOK, CELL, Style, Writer
from lrstep.formulas.update import SETTINGS, UpdateFormulas, leaves, update_formulas

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
    return all(leaf.name in SETTINGS or leaf.name == "t" for leaf in leaves(formulas.trees[name]))


def _label(formulas: UpdateFormulas, name: str) -> str:
    return formulas.slots[name].label if name in formulas.slots else name


def _written(formulas: UpdateFormulas, name: str, parameter: str) -> tuple[str, str]:
    """A result in words and as a formula of cells."""
    cells: dict[int, str] = {}
    words: dict[int, str] = {}
    for other in formulas.trees:
        if other != name and not isinstance(formulas.trees[other], Leaf):
            cells.setdefault(id(formulas.trees[other]), f"{{{result_key(formulas, other, parameter)}}}")
            words.setdefault(id(formulas.trees[other]), _label(formulas, other))
    tree = formulas.trees[name]
    first = next(other for other, node in formulas.trees.items() if node is tree)
    if first != name:  # the very same under another name
        return words[id(tree)], f"={cells[id(tree)]}"

    def cell(leaf: str) -> str:
        if leaf in SETTINGS:
            return SETTINGS[leaf]
        if leaf in formulas.slots:
            return f"{{above_{formulas.slots[leaf].name}_{parameter}}}"
        return {"theta": f"{{{parameter}_before}}", "g": f"{{gradient_{parameter}}}", "t": "{iteration}"}[leaf]

    def word(leaf: str) -> str:
        if leaf in SETTINGS:
            return FIELDS[SETTINGS[leaf]].label
        if leaf in formulas.slots:
            return f"{formulas.slots[leaf].label} before"
        return {"theta": f"{parameter} before", "g": "gradient", "t": "iteration"}[leaf]

    return Writer(WORDS, word, words).write(tree), f"={Writer(CELL, cell, cells).write(tree)}"
