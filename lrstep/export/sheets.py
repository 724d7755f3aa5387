"""The sheets of one run in a workbook, and what names in their formulas stand for."""

from dataclasses import dataclass
from typing import Any

KINDS = ("Settings", "Data", "Samples", "Iterations")
"""The sheets of a run, in this order; those of a second, a third … run have its number behind that."""


@dataclass(frozen=True, eq=False)
class Sheets:
    """The sheets of a run.

    The names of the first run hold in the whole workbook, those of another one only in its own sheets, where the same
    formulas then are of that run.

    Attributes:
        workbook: XlsxWriter's workbook.
        number: which of the runs it is, from 1.
    """

    workbook: Any
    number: int = 1

    def name(self, kind: str) -> str:
        """The name of one of the sheets."""
        return sheet_name(kind, self.number)

    def define(self, name: str, cells: str) -> None:
        """Let a name stand for cells in the formulas of this run."""
        where = [""] if self.number == 1 else [f"{in_formulas(self.name(kind))}!" for kind in KINDS]
        for sheet in where:
            self.workbook.define_name(f"{sheet}{name}", f"={cells}")


def sheet_name(kind: str, number: int) -> str:
    """The name of a sheet of one of the runs."""
    return kind if number == 1 else f"{kind} {number}"


def in_formulas(sheet: str) -> str:
    """The name of a sheet as formulas write it."""
    return f"'{sheet}'" if " " in sheet else sheet
