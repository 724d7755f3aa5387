"""When charts can be drawn: their library is imported in a thread, beside the painting of the first screen."""

import sys
from threading import Event
from types import ModuleType

from lrstep.app import gallery


def test_charts_are_there_once_their_import_is_over_not_when_it_has_begun(monkeypatch):
    monkeypatch.setattr(gallery, "_loaded", Event())
    monkeypatch.setitem(sys.modules, gallery._LIBRARY, ModuleType("half imported"))
    assert not gallery.loaded()
    monkeypatch.undo()
    gallery.load()
    assert gallery.loaded()
