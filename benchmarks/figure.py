"""One measured figure beside its floor and its limit, and the table of them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured.

    Attributes:
        what: in words.
        value: lrstep's.
        unit: of value and floor, e.g. ``ms``.
        floor: what the simplest thing of the kind took in the same run; None where there is none.
        most: what the value may be at most.
        most_ratio: what value / floor may be at most.
        least_ratio: what floor / value has to be at least (where lrstep replaces something slow).
    """

    what: str
    value: float
    unit: str
    floor: float | None = None
    most: float | None = None
    most_ratio: float | None = None
    least_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        """Times the floor; the other way round where the floor is the slow one."""
        if self.floor is None:
            return None
        over, under = (self.floor, self.value) if self.least_ratio is not None else (self.value, self.floor)
        return over / under if under else None

    @property
    def holds(self) -> bool:
        """Whether no limit is broken."""
        ratio = self.ratio
        return (
            (self.most is None or self.value <= self.most)
            and (self.most_ratio is None or ratio is None or ratio <= self.most_ratio)
            and (self.least_ratio is None or ratio is None or ratio >= self.least_ratio)
        )

    @property
    def limit(self) -> str:
        """The limits in words."""
        parts = []
        if self.most is not None:
            parts.append(f"≤ {_number(self.most)} {self.unit}")
        if self.most_ratio is not None:
            parts.append(f"≤ {_number(self.most_ratio)}×")
        if self.least_ratio is not None:
            parts.append(f"≥ {_number(self.least_ratio)}× faster")
        return ", ".join(parts)

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        ratio = "" if self.ratio is None else f"{_number(self.ratio)}×"
        floor = "" if self.floor is None else f"{_number(self.floor)} {self.unit}"
        verdict = "" if not self.limit else "yes" if self.holds else "NO"
        return self.what, f"{_number(self.value)} {self.unit}", floor, ratio, self.limit, verdict


HEAD = ("measured", "lrstep", "floor", "ratio", "limit", "holds")


def markdown(figures: Iterable[Figure]) -> str:
    """The table in Markdown, aligned so that it reads as plain text too."""
    rows = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |" for cells in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def _number(value: float) -> str:
    if value == 0 or value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
