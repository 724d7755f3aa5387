"""Where only ASCII is shown, and the one table of characters for it."""

import codecs
import os
import re
from pathlib import Path
from typing import TextIO

_ASCII = {
    "─": "-", "│": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+",
    "└": "+", "▲": "^", "┊": ":",
    "▕": "|", "▏": "|", "·": "*", "→": "->", "←": "<-", "↑": "Up", "↓": "Down", "√": "sqrt", "Σ": "sum", "²": "^2",
    "ŷ": "y^", "∂": "d", "ȳ": "y_mean", "\u0304": "_mean", "…": "~", "✓": "ok",
    "✗": "X", "▶": ">", "▸": ">", "−": "-", "≤": "<=", "≥": ">=", "×": "x", "●": "o", "∞": "inf", "—": "-", "½": "1/2",
    "“": '"', "”": '"', "’": "'", "◆": "#", "±": "+/-", "■": "#", "□": ".", "⏵": ">", "⏸": "=",
    "ᵗ": "^t", **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "eps", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
"""Character → what is written for it, in lines that are made for that."""

_MARKS = {"→": ">", "←": "<", "↑": "^", "↓": "v", "✓": "v", "≤": "<", "≥": ">"}
_OTHERS = {
    "-": "━┄┈╌", "=": "═", "|": "┃┆╎║▐┇┋▌▍▎", "_": "▁▂▃", "#": "█▇▆▅▄▀░▒▓▪▉▊▋", "~": "≈", "<": "◀",
    "v": "▼▾", "o": "◉○◌•", "'": "‘",
}  # fmt: skip
_IN_A_CELL = (
    {character: text for character, text in _ASCII.items() if len(text) == 1}
    | {character: mark for mark, characters in _OTHERS.items() for character in characters}
    | _MARKS
)
"""The same where the place on the screen must not become wider, also for what only dialogs are drawn with."""

_TABLE = str.maketrans(_ASCII)

_ROOT = re.compile(r"√(\w+(?:\.\d+)?)")
"""A root without parentheses, which ``sqrt`` needs."""


def to_ascii(text: str) -> str:
    """The same text in ASCII characters: ``√v`` becomes ``sqrt(v)``; what has no name becomes ``?``."""
    if text.isascii():
        return text
    return _ROOT.sub(r"√(\1)", text).translate(_TABLE).encode("ascii", "replace").decode()


def in_a_cell(character: str) -> str | None:
    """The one ASCII character for one that takes one cell; None where there is none."""
    return _IN_A_CELL.get(character, "+" if "\u2500" <= character <= "\u257f" else None)


def takes_utf_8(out: TextIO | None) -> bool:
    """Whether what is written to a stream is UTF-8; otherwise only ASCII is sure to arrive as it was meant.

    Python writes UTF-8 in the locales C and POSIX too, but who has chosen one of them has asked for ASCII.
    """
    try:
        encoding = codecs.lookup(getattr(out, "encoding", None) or "ascii").name
    except LookupError:
        return False
    return encoding == "utf-8" and _chosen_locale() not in ("C", "POSIX")


def _chosen_locale() -> str:
    """What the environment says of the characters, as it was before Python put C.UTF-8 there; "" if nothing."""
    try:
        entries = os.fsdecode(Path("/proc/self/environ").read_bytes()).split("\0")
        given = dict(entry.partition("=")[::2] for entry in entries)
    except OSError:
        given = dict(os.environ)
    return next(filter(None, map(given.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "")
