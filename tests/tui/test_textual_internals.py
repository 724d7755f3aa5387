"""What Textual does not promise to keep, and is touched here, is still there: all of it, with the place to look at."""

import inspect
import re
from functools import cache, reduce
from importlib import import_module
from pathlib import Path

import pytest

import lrstep.tui

INTERNALS = {
    "textual.drivers.linux_driver:LinuxDriver._sigtstp_application": "driver.py: Ctrl+Z",
    "textual.drivers.linux_driver:LinuxDriver._sigcont_application": "driver.py: fg and bg",
    "textual.drivers.linux_driver:LinuxDriver.run_input_thread": "driver.py: reading on, whatever arrives",
    "textual.drivers.linux_driver:LinuxDriver.start_application_mode": "driver.py: taking the terminal over",
    "textual.drivers.linux_driver:LinuxDriver.stop_application_mode": "driver.py: giving it back",
    "textual.drivers._writer_thread:WriterThread": "driver.py: what is still in its queue",
    "textual.driver:Driver.process_message": "driver.py: answers and resizes that the terminal reports",
    "textual._xterm_parser:XTermParser.feed": "input_decoder.py",
    "textual._xterm_parser:XTermParser.tick": "input_decoder.py",
    "textual._styles_cache:StylesCache.get_inner_outer": "forget_closed_dialogs: a cache that keeps them",
}
"""``module:name`` → where it is used, and what for."""

ATTRIBUTES = {
    "textual.drivers.linux_driver": ("_writer_thread", "_key_thread", "_mouse_pixels", "attrs_before", "exit_event"),
    "textual.driver": ("_loop",),
    "textual.drivers._writer_thread": ("_queue",),
    "textual.app": ("_driver", "_exception"),
}
"""Module → attributes that its objects set for themselves: read in driver.py, terminal_app.py and lifecycle.py."""


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
