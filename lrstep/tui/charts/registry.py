"""The charts by name. Their modules are imported when the first chart is drawn."""

from importlib import import_module

from lrstep.session.look import SIDE
from lrstep.session.panels.models import models
from lrstep.session.panels.side_by_side import side_by_side
from lrstep.session.styled_rows import Rows
from lrstep.session.view import View


def draw(name: str, view: View, width: int, height: int) -> Rows:
    """A page of the charts at exactly ``width`` × ``height`` cells."""
    if width < 1 or height < 1:
        return []
    if name == "models":
        return view.block(models(view, width, height), width, height)
    if name == SIDE:
        return view.block(side_by_side(view, width, height), width, height)
    module = import_module(f"lrstep.tui.charts.{name}_chart")
    scene: tuple[object, ...] = (view.run, view.number, width, height, view.phase, view.ascii, view.lockstep)
    if name == "surface":
        # The third station of the key is the loss of the batch alone, around the path.
        batch = view.zoom == "batch"
        scene += ("follow" if batch else view.zoom, batch, view.axes, view.keys["zoom"])
    return view.kept(name, scene, lambda: view.block(module.draw(*scene), width, height))
