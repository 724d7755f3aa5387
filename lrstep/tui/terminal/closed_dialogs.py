"""A cache inside Textual that keeps what is closed."""

from textual._styles_cache import StylesCache


def forget_closed_dialogs() -> None:
    """Free the rows of widgets that are gone.

    A cache inside Textual is keyed on the object that holds a widget's rows, and so keeps the last thousand of
    them alive: some 60 MB after a few hundred dialogs.
    """
    clear = getattr(getattr(StylesCache, "get_inner_outer", None), "cache_clear", None)
    if clear is not None:
        clear()
