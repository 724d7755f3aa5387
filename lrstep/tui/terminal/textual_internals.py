"""The parts of Textual that it does not promise to keep and that are touched here, all of them.

Where Textual changes one, the test of this list says so; the places to look at are named beside it.
"""

from textual._styles_cache import StylesCache

INTERNALS = {
    "textual.drivers.linux_driver:LinuxDriver._sigtstp_application": "driver.py: Ctrl+Z",
    "textual.drivers.linux_driver:LinuxDriver._sigcont_application": "driver.py: fg and bg",
    "textual.drivers.linux_driver:LinuxDriver.run_input_thread": "driver.py: reading on, whatever arrives",
    "textual.drivers.linux_driver:LinuxDriver.start_application_mode": "driver.py: taking the terminal over",
    "textual.drivers.linux_driver:LinuxDriver.stop_application_mode": "driver.py: giving it back",
    "textual.drivers._writer_thread:WriterThread": "driver.py: what is still in its queue",
    "textual.driver:Driver.process_message": "driver.py: answers and resizes that the terminal reports",
    "textual._xterm_parser:XTermParser.feed": "input_decoder.py",
    "textual._xterm_parser:XTermParser.tick": "input_decoder.py",
    "textual._styles_cache:StylesCache.get_inner_outer": "forget_closed_dialogs: a cache that keeps them",
}
"""``module:name`` → where it is used, and what for."""

ATTRIBUTES = {
    "textual.drivers.linux_driver": ("_writer_thread", "_key_thread", "_mouse_pixels", "attrs_before", "exit_event"),
    "textual.driver": ("_loop",),
    "textual.drivers._writer_thread": ("_queue",),
    "textual.app": ("_driver", "_exception"),
}
"""Module → attributes that its objects set for themselves: read in driver.py, terminal_app.py and lifecycle.py."""


def forget_closed_dialogs() -> None:
    """Free the rows of widgets that are gone.

    A cache inside Textual is keyed on the object that holds a widget's rows, and so keeps the last thousand of
    them alive: some 60 MB after a few hundred dialogs.
    """
    clear = getattr(getattr(StylesCache, "get_inner_outer", None), "cache_clear", None)
    if clear is not None:
        clear()
