"""When charts can be drawn: their library is imported in a thread, beside the painting of the first screen."""

import sys
from threading import Event
from types import ModuleType

from lrstep.tui.charts import registry


def test_charts_are_there_once_their_import_is_over_not_when_it_has_begun(monkeypatch):
    monkeypatch.setattr(registry, "_loaded", Event())
    monkeypatch.setitem(sys.modules, registry._LIBRARY, ModuleType("half imported"))
    assert not registry.loaded()
    monkeypatch.undo()
    registry.load()
    assert registry.loaded()
