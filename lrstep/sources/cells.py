"""What a cell of a CSV file is: a number, something that was meant as one, or a text."""

import math
import re
from enum import Enum

from lrstep.sources.files import quoted

BLANKS = " \t"
NUMBER = re.compile(r"[ \t]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*")
"""A decimal number as programs write it, which is less than ``float()`` takes: no ``1_000``, no ``nan``."""
# These are compiled for the first cell that is no number, as most files have none.
MISSING = r"(?i:[+-]?(?:nan|inf|infinity)|na|n/a|#n/a|null|none|\?|-)"
THOUSANDS = r"[+-]?[0-9]{1,3}(?:[.,_ '’\u00a0\u202f][0-9]{3})+(?:[.,][0-9]*)?"
HEXADECIMAL = r"[+-]?0[xX][0-9a-fA-F]+"
MEANT = (MISSING, THOUSANDS, HEXADECIMAL)
SIGNS = "%‰€$£¥"


class CellKind(Enum):
    """What a cell looks like."""

    NUMBER = "number"
    BROKEN = "broken"  # meant as a number, but not one that can be read: nan, 1_000, 1.234,5, −2, 5 %
    EMPTY = "empty"
    TEXT = "text"


def plain(cell: str, commas: bool) -> str:
    """The cell with a point for a decimal comma, where commas may be decimal."""
    return cell.replace(",", ".", 1) if commas and "." not in cell else cell


def is_number(cell: str, commas: bool) -> bool:
    """Whether the cell is a decimal number; with ``commas`` also one with a decimal comma."""
    return NUMBER.fullmatch(plain(cell, commas)) is not None


def kind(cell: str, commas: bool) -> CellKind:
    """Classify a cell."""
    if is_number(cell, commas):
        return CellKind.NUMBER
    text = cell.strip()
    if not text:
        return CellKind.EMPTY
    meant = any(re.fullmatch(pattern, text) for pattern in MEANT)
    meant = meant or is_number(text.replace("−", "-"), True) or ("_" in text and _loose(text))
    return CellKind.BROKEN if meant or _signed(text, commas) else CellKind.TEXT


def _signed(text: str, commas: bool) -> bool:
    """Whether a number stands beside a per cent or a currency sign."""
    bare = text.strip(SIGNS).strip()
    return text.strip() != bare and kind(bare, commas) in (CellKind.NUMBER, CellKind.BROKEN)


def _loose(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def complaint(cell: str, commas: bool) -> tuple[str, str]:
    """Why a cell of a used column cannot be read: what is wrong, and what to do.

    Args:
        cell: a cell that is no number, or whose value overflows.
        commas: whether commas may be decimal in this file.
    """
    text, shown = cell.strip(), quoted(cell)
    if not text:
        return "the cell is empty", "Fill it in, or delete the row."
    if is_number(cell, commas) and not math.isfinite(float(plain(cell, commas))):
        return f"{shown} is too large for a 64-bit float", "Use numbers below 1.8e308."
    if re.fullmatch(MISSING, text):
        return f"{shown} is not a finite number", "Fill in a number, or delete the row."
    if "−" in text and is_number(text.replace("−", "-"), commas):
        return f"{shown} has a typographic minus sign", "Write the minus as the hyphen on the keyboard: -."
    if is_number(text, commas):
        blank = next(character for character in cell if character.isspace() and character not in BLANKS)
        return f"{shown} has a blank that is no plain space (U+{ord(blank):04X})", "Delete it, or type a plain space."
    if not commas and is_number(cell, True):
        return (
            f"{shown} has a comma in it: a decimal comma or a thousands separator",
            "Write a decimal point and no thousands separators, or separate the columns by semicolons.",
        )
    if _signed(text, commas):
        return f"{shown} has a sign beside the number", "Write the number alone, and the sign into the header."
    if re.fullmatch(THOUSANDS, text):
        return f"{shown} has thousands separators", "Write the number without them: 1234.5."
    if re.fullmatch(HEXADECIMAL, text) or ("_" in text and _loose(text)):
        return f"{shown} is not a decimal number", "Write plain digits: 1000, not 1_000 or 0x3e8."
    return f"{shown} is not a number", "Correct the cell, or choose other columns with --feature and --label."
