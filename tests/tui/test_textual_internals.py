"""What Textual does not promise to keep is still there."""

import inspect
import re
from functools import cache, reduce
from importlib import import_module
from pathlib import Path

import pytest

import lrstep.tui
from lrstep.tui.terminal.textual_internals import ATTRIBUTES, INTERNALS


@pytest.mark.parametrize("name", INTERNALS)
def test_each_part_is_there(name):
    module, _, path = name.partition(":")
    assert callable(reduce(getattr, path.split("."), import_module(module))), INTERNALS[name]


def test_the_cache_that_is_cleared_is_one():
    from textual._styles_cache import StylesCache

    assert callable(StylesCache.get_inner_outer.cache_clear)


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in ATTRIBUTES.items() for name in names])
def test_each_attribute_is_set_by_the_class_or_one_above_it(module, name):
    assert f"self.{name}" in source(module)


@cache
def source(module):
    """That of the classes which a module knows, and of those above them."""
    classes = {above for _, one in inspect.getmembers(import_module(module), inspect.isclass) for above in one.__mro__}
    return "".join(inspect.getsource(one) for one in classes if one.__module__.startswith("textual"))


def test_no_other_part_imports_what_textual_keeps_to_itself():
    tui = Path(lrstep.tui.__file__).parent
    others = [path for path in tui.rglob("*.py") if path.parent.name != "terminal"]
    assert others
    assert not [
        path for path in others if re.search(r"textual(\.\w+)*\._|import _\w", path.read_text(encoding="utf-8"))
    ]
