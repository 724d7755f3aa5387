"""Style names → looks. Every difference of meaning is also bold, underlined, reversed or a mark, not colour alone."""

from functools import lru_cache

from rich.style import Style

from lrstep.session.styled_rows import STYLES

DARK = {
    "text": "#d8d8d8",
    "dim": "#8a8a8a",
    "frame": "#5f5f5f",
    "title": "#afafaf",
    "focus": "bold #ffffff",
    "strong": "bold #ffd75f",
    "changed": "bold #ffffff",
    "batch": "bold #ffaf00",
    "done": "#5faf5f",
    "before": "#87afd7",
    "after": "bold #ffaf00",
    "reference": "#5fd7af",
    "series1": "#ffaf00",
    "series2": "#5fafff",
    "series3": "#5fd7af",
    "run1": "#d787d7",
    "run2": "#d7d75f",
    "run3": "#ff8787",
    "run4": "#87afff",
    "differs": "bold reverse #d8d8d8",
    "axis": "#8a8a8a",
    "keras": "bold #5fafff",
    "good": "bold #5faf5f",
    "bad": "bold reverse #ff5f5f",
    "warn": "bold #ffd75f",
    "key": "bold #ffd75f",
    "off": "#666666",
    "bar": "#afafaf",
}
LIGHT = {
    "text": "#262626",
    "dim": "#6c6c6c",
    "frame": "#9e9e9e",
    "title": "#444444",
    "focus": "bold #000000",
    "strong": "bold #875f00",
    "changed": "bold #000000",
    "batch": "bold #a35500",
    "done": "#007a00",
    "before": "#005f87",
    "after": "bold #a35500",
    "reference": "#007752",
    "series1": "#a35500",
    "series2": "#005faf",
    "series3": "#007752",
    "run1": "#af00af",
    "run2": "#5f5f00",
    "run3": "#d70000",
    "run4": "#0000d7",
    "differs": "bold reverse #262626",
    "axis": "#6c6c6c",
    "keras": "bold #005faf",
    "good": "bold #007a00",
    "bad": "bold reverse #af0000",
    "warn": "bold #875f00",
    "key": "bold #875f00",
    "off": "#8c8c8c",
    "bar": "#444444",
}
_PLAIN = {
    "differs": "bold reverse",
    "focus": "bold reverse",
    "strong": "bold",
    "changed": "bold",
    "batch": "bold",
    "after": "bold",
    "keras": "underline",
    "good": "bold",
    "bad": "bold reverse",
    "warn": "bold",
    "key": "bold",
    "off": "dim",
}
PALETTES: dict[str, dict[str, str]] = {"dark": DARK, "light": LIGHT, "plain": _PLAIN}
BACKGROUNDS = {"dark": "#121212", "light": "#ffffff", "plain": "ansi_default"}


@lru_cache(maxsize=8)
def styles(theme: str) -> dict[str, Style]:
    """Style name → Rich style, for the theme ``dark``, ``light`` or ``plain`` (no colours at all).

    The light one brings its ground along, since most terminals are dark.
    """
    palette = PALETTES[theme]
    ground = f" on {BACKGROUNDS[theme]}" if theme == "light" else ""
    return {name: Style.parse(palette.get(name, "") + ground) for name in STYLES}
