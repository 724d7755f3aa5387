"""Save the run as a run file, asking before anything is overwritten."""

from pathlib import Path
from typing import Any

from textual.app import App

from lrstep.errors import LrstepError
from lrstep.sources.files import exists, typed_path
from lrstep.sources.runfile import RunFile, save
from lrstep.tui.dialogs.ask import Ask
from lrstep.tui.dialogs.confirm import Confirm


async def save_as(app: App[Any], run: RunFile, title: str) -> str:
    """Ask for a file name and save; says where the file is, or why there is none; "" if the person left."""
    name = f"{(run.origin.sample or Path(run.origin.file or 'run').stem)}-run.toml"
    text = await app.push_screen_wait(Ask("Save run", "file name, ending in .toml", name, _wrong))
    if not text:
        return ""
    path, force = typed_path(text.strip()), False
    try:
        if exists(path):
            force = await app.push_screen_wait(Confirm(f"{path} exists. Overwrite it?"))
            if not force:
                return ""
        save(path, run, force=force)
    except LrstepError as error:
        return str(error).replace("\n", " ")
    return f"saved {path.absolute()}"


def _wrong(text: str) -> str:
    return "" if text.strip().endswith(".toml") else "The name must end in .toml."
