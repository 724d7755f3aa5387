"""The one table of characters for terminals that show only ASCII."""

_ASCII = {
    "─": "-", "│": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+",
    "▕": "|", "▏": "|", "·": "*", "→": "->", "←": "<-", "↑": "Up", "↓": "Down", "√": "sqrt", "Σ": "sum", "²": "^2",
    "ŷ": "y^", "ρ": "rho", "ε": "eps", "μ": "mu", "∂": "d", "ȳ": "y_mean", "\u0304": "_mean", "…": "~", "✓": "ok",
    "✗": "X", "▶": ">", "▸": ">", "−": "-", "≤": "<=", "≥": ">=", "×": "x", "●": "o", "∞": "inf", "—": "-", "½": "1/2",
    "“": '"', "”": '"', "’": "'", "◆": "#", "±": "+/-", "θ": "theta", "■": "#", "□": ".", "⏵": ">", "⏸": "=",
    "β": "beta", "ᵗ": "^t", **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
}  # fmt: skip
"""Character → what is written for it, in lines that are made for that."""

_MARKS = {"→": ">", "←": "<", "↑": "^", "↓": "v", "✓": "v", "≤": "<", "≥": ">"}
_OTHERS = {
    "-": "━┄┈╌", "=": "═", "|": "┃┆┊╎║▌▐┇┋", "_": "▁▂▃", "#": "█▇▆▅▄▀░▒▓▪", "~": "≈", "<": "◀", "^": "▲", "v": "▼▾",
    "o": "◉○◌•", "'": "‘",
}  # fmt: skip
_IN_A_CELL = (
    {character: text for character, text in _ASCII.items() if len(text) == 1}
    | {character: mark for mark, characters in _OTHERS.items() for character in characters}
    | _MARKS
)
"""The same where the place on the screen must not become wider, also for what only dialogs are drawn with."""

_TABLE = str.maketrans(_ASCII)


def to_ascii(text: str) -> str:
    """The same text in ASCII characters: ``√`` becomes ``sqrt``; what has no name becomes ``?``."""
    if text.isascii():
        return text
    return text.translate(_TABLE).encode("ascii", "replace").decode()


def in_a_cell(character: str) -> str | None:
    """The one ASCII character for one that takes one cell; None where there is none."""
    return _IN_A_CELL.get(character, "+" if "\u2500" <= character <= "\u257f" else None)
