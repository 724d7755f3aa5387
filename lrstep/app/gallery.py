"""The charts by name. Their modules are imported when the first chart is drawn."""

from importlib import import_module

from lrstep.app.cells import Rows, block, row
from lrstep.app.view import View

CHARTS = {"fit": "Fit", "rmse": "RMSE", "weights": "Weights"}
"""Name → title, in the order of the keys 1, 2, …"""


def draw(name: str, view: View, width: int, height: int) -> Rows:
    """A chart at exactly ``width`` × ``height`` cells."""
    if width < 1 or height < 1:
        return []
    module = import_module(f"lrstep.app.charts.{name}")
    options = {"zoom": view.zoom} if name == "surface" else {}
    rows = module.draw(view.run, view.number, width, height, phase=view.phase, ascii=view.ascii, **options)
    return block(rows, width, height) if rows else block([row("")], width, height)
