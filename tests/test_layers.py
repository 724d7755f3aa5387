"""What import-linter does not see: circles between modules of one layer, and names that could mean two things."""

import ast
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import lrstep

ROOT = Path(lrstep.__file__).parent
MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in ROOT.rglob("*.py")
}


ONE_IDEA = {"Figures", "Floats", "Made", "Marks", "Memory", "Number", "Point", "Progress", "_Reader"}
"""Names that several modules have for the same idea."""


@cache
def parsed(path: Path) -> ast.Module:
    """The tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """The modules of lrstep that a file imports anywhere, for types alone too; imports are absolute."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, path
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in MODULES else str(node.module) for name in names}
    return found & MODULES.keys()


def test_no_modules_import_each_other_in_a_circle_for_types_too():
    graph = {name: imported(path) for name, path in MODULES.items()}
    assert sum(map(len, graph.values())) > 500
    TopologicalSorter(graph).prepare()


def test_no_two_modules_have_one_name():
    names = Counter(path.name for path in MODULES.values() if path.name != "__init__.py")
    assert not {name for name, times in names.items() if times > 1}


def named(path: Path) -> set[str]:
    """The classes and the aliases of types that a file defines."""
    targets = [node.targets[0] for node in parsed(path).body if isinstance(node, ast.Assign)]
    names = {node.name for node in parsed(path).body if isinstance(node, ast.ClassDef)}
    names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.isupper() and name.lstrip("_")[:1].isupper()}


def test_no_two_classes_or_types_have_one_name_but_for_one_idea():
    names = Counter(name for path in MODULES.values() for name in named(path))
    assert {name for name, times in names.items() if times > 1} == ONE_IDEA
