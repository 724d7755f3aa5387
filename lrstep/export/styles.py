"""How the workbook's cells look, and how their numbers are stored."""

import math
from typing import Any

import numpy as np

from lrstep.core.dataset import Dataset
from lrstep.export.sheet_columns import SheetColumn


class Exact(float):
    """A number that XlsxWriter writes with all its digits: it formats numbers with ``.16G``, which loses the last."""

    def __format__(self, spec: str) -> str:
        return float.__repr__(self)


def cell(value: float) -> float | str:
    """A number as a cell holds it; the spreadsheet's error value where it is not finite."""
    return Exact(value) if math.isfinite(value) else "#NUM!"


class Styles:
    """The cell formats of one workbook.

    Args:
        workbook: XlsxWriter's workbook.
        dataset: its size decides between fixed decimals and scientific notation.
    """

    def __init__(self, workbook: Any, dataset: Dataset) -> None:
        size = float(np.max(np.abs(dataset.y)))
        number = "0.000000" if 1e-2 <= size <= 1e6 else "0.000000E+00"
        thin: dict[str, Any] = {"border": 1, "border_color": "#BFBFBF"}
        add = workbook.add_format
        self.title = add({"bold": True, "font_size": 16})
        self.section = add({"bold": True, "font_size": 12, "bottom": 1})
        self.heading = add({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DCE6F1"})
        small = {"italic": True, "text_wrap": True, "valign": "top", "font_size": 9}
        self.words = add(small | {"bg_color": "#F2F2F2", "bottom": 1})
        self.note = add({"valign": "top", "font_color": "#595959", "indent": 1})
        self.label = add({"valign": "top"})
        self.input = add({"bg_color": "#FFF2CC", "valign": "top"} | thin)
        self.fixed = add({"bg_color": "#EDEDED", "align": "right", "valign": "top"} | thin)
        self.number = add({"num_format": number, "valign": "top"})
        self.integer = add({"num_format": "0", "valign": "top"})

    def of(self, column: SheetColumn) -> Any:
        """The format of a column's numbers."""
        return self.integer if column.integer else self.number
