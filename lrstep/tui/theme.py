"""Style names → looks. Every difference of meaning is also bold, underlined, reversed or a mark, not colour alone."""

from functools import lru_cache

from rich.style import Style

from lrstep.session.styled_rows import STYLES

_LOOKS = {
    "text": ("#d8d8d8", "#262626", ""),  # ordinary text and numbers
    "dim": ("#8a8a8a", "#6c6c6c", ""),  # labels, units, what is less important
    "frame": ("#5f5f5f", "#9e9e9e", ""),  # borders
    "title": ("#afafaf", "#444444", ""),  # panel titles
    "focus": ("bold #ffffff", "bold #000000", "bold reverse"),  # border and title of the panel that has the focus
    "strong": ("bold #ffd75f", "bold #875f00", "bold"),  # the current phase, key figures
    "changed": ("bold #ffffff", "bold #000000", "bold"),  # what this step changed: bold is more than colour
    "batch": ("bold #ffaf00", "bold #a35500", "bold"),  # the current batch: ribbon, table, points in the chart
    "done": ("#5faf5f", "#007a00", ""),  # batches of this epoch that are done
    "before": ("#87afd7", "#005f87", ""),  # the line or value from before the update
    "after": ("bold #ffaf00", "bold #a35500", "bold"),  # the line or value after the update
    "reference": ("#5fd7af", "#007752", ""),  # the least-squares line and values
    "series1": ("#ffaf00", "#a35500", ""),  # charts: this batch / w
    "series2": ("#5fafff", "#005faf", ""),  # charts: epoch so far / b
    "series3": ("#5fd7af", "#007752", ""),  # charts: all data
    "run1": ("#d787d7", "#af00af", ""),  # side by side: the runs that are not shown, each with its number as a mark
    "run2": ("#d7d75f", "#5f5f00", ""),
    "run3": ("#ff8787", "#d70000", ""),
    "run4": ("#87afff", "#0000d7", ""),
    "differs": ("bold reverse #d8d8d8", "bold reverse #262626", "bold reverse"),  # side by side: first other digit
    "axis": ("#8a8a8a", "#6c6c6c", ""),  # axes and their numbers
    "keras": ("bold #5fafff", "bold #005faf", "underline"),  # figures that Keras prints
    "good": ("bold #5faf5f", "bold #007a00", "bold"),  # confirmed
    "bad": ("bold reverse #ff5f5f", "bold reverse #af0000", "bold reverse"),  # differs, diverged
    "warn": ("bold #ffd75f", "bold #875f00", "bold"),  # notes
    "key": ("bold #ffd75f", "bold #875f00", "bold"),  # a key in the footer
    "off": ("#666666", "#8c8c8c", "dim"),  # a key that cannot be used now
    "bar": ("#afafaf", "#444444", ""),  # header and footer background
}
"""Style name → its look in each theme: dark, light, and without colours; and what it is for."""

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
