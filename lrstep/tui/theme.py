"""Style names → looks. Every difference of meaning is also bold, underlined, reversed or a mark, not colour alone."""

from functools import lru_cache

from rich.style import Style

from lrstep.session.styled_rows import STYLES

_LOOKS = {
    "text": ("#d8d8d8", "#262626", ""),
    "dim": ("#8a8a8a", "#6c6c6c", ""),
    "frame": ("#5f5f5f", "#9e9e9e", ""),
    "title": ("#afafaf", "#444444", ""),
    "focus": ("bold #ffffff", "bold #000000", "bold reverse"),
    "strong": ("bold #ffd75f", "bold #875f00", "bold"),
    "changed": ("bold #ffffff", "bold #000000", "bold"),
    "batch": ("bold #ffaf00", "bold #a35500", "bold"),
    "done": ("#5faf5f", "#007a00", ""),
    "before": ("#87afd7", "#005f87", ""),
    "after": ("bold #ffaf00", "bold #a35500", "bold"),
    "reference": ("#5fd7af", "#007752", ""),
    "series1": ("#ffaf00", "#a35500", ""),
    "series2": ("#5fafff", "#005faf", ""),
    "series3": ("#5fd7af", "#007752", ""),
    "run1": ("#d787d7", "#af00af", ""),
    "run2": ("#d7d75f", "#5f5f00", ""),
    "run3": ("#ff8787", "#d70000", ""),
    "run4": ("#87afff", "#0000d7", ""),
    "differs": ("bold reverse #d8d8d8", "bold reverse #262626", "bold reverse"),
    "axis": ("#8a8a8a", "#6c6c6c", ""),
    "keras": ("bold #5fafff", "bold #005faf", "underline"),
    "good": ("bold #5faf5f", "bold #007a00", "bold"),
    "bad": ("bold reverse #ff5f5f", "bold reverse #af0000", "bold reverse"),
    "warn": ("bold #ffd75f", "bold #875f00", "bold"),
    "key": ("bold #ffd75f", "bold #875f00", "bold"),
    "off": ("#666666", "#8c8c8c", "dim"),
    "bar": ("#afafaf", "#444444", ""),
}
"""Style name → its look in each theme: dark, light, and without colours."""

PALETTES = {
    theme: {name: looks[place] for name, looks in _LOOKS.items()}
    for place, theme in enumerate(("dark", "light", "plain"))
}
BACKGROUNDS = {"dark": "#121212", "light": "#ffffff", "plain": "ansi_default"}


@lru_cache(maxsize=8)
def styles(theme: str) -> dict[str, Style]:
    """Style name → Rich style, for the theme ``dark``, ``light`` or ``plain`` (no colours at all).

    The light one brings its ground along, since most terminals are dark.
    """
    ground = f" on {BACKGROUNDS[theme]}" if theme == "light" else ""
    return {name: Style.parse(PALETTES[theme][name] + ground) for name in STYLES}
