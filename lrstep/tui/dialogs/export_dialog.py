"""Export the run: a file name and a range, progress, a way to cancel."""

from importlib.util import find_spec
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label, ProgressBar
from textual.worker import Worker, get_current_worker

from lrstep.core.lockstep import Lockstep
from lrstep.errors import LrstepError
from lrstep.plural import counted
from lrstep.sources.files import exists, typed_path
from lrstep.tui.dialogs.confirm import Confirm
from lrstep.tui.dialogs.dialog import Asking, Said
from lrstep.tui.terminal import ASKING_GROUP

_FORMS = ".xlsx a live spreadsheet · .csv .json .md tables · .py a script"
_PICTURES = " · .gif .png pictures · a folder ending in / one picture per iteration"
_KEYS = "Enter exports · Esc leaves, or stops a running export"


class ExportDialog(Asking[str | None]):
    """Gives a sentence about the file that was written, or None.

    Args:
        runs: the run, and those beside it.
    """

    def __init__(self, runs: Lockstep) -> None:
        super().__init__()
        self._runs, run = runs, runs.run
        self._writing: Worker[None] | None = None
        name = f"{Path(run.dataset.name).stem}-run.xlsx"
        self._file = Input(name, id="file")
        self._first, self._last = Input("1", id="first"), Input(str(run.n_iterations), id="last")
        self._bar = ProgressBar(id="bar", show_eta=False)
        self._bar.display = False

    def compose(self) -> ComposeResult:
        """File name, range, progress."""
        beside = len(self._runs.lanes) - 1
        title = f"Export, with {counted(beside, 'other run')} beside it" if beside else "Export"
        fields = (("file", self._file), ("from", self._first), ("to", self._last))
        rows = (Horizontal(Label(label), field) for label, field in fields)
        # What cannot be written here is not offered; asked for, it is refused with what to install.
        hint = Said(f"{_FORMS}{_PICTURES if find_spec('PIL') else ''}\n{_KEYS}", classes="hint")
        yield self.box(title, *rows, hint, self._bar, self.error)

    @on(Input.Submitted)
    @work(exclusive=True, group=ASKING_GROUP)
    async def _begin(self) -> None:
        if self._writing is not None:
            return
        text = self._file.value.strip()
        path = typed_path(text)
        if not text:
            self._fail("Give the file a name, such as run.xlsx.")
            return
        try:
            first, last = int(self._first.value), int(self._last.value)
        except ValueError:
            self._fail("from and to are numbers of iterations")
            return
        force = False
        try:
            if exists(path) and not (path.is_dir() and not any(path.iterdir())):
                force = await self.app.push_screen_wait(Confirm(f"{path} exists. Overwrite it?"))
                if not force:
                    return
        except (LrstepError, OSError) as error:
            self._fail(str(error))
            return
        self._bar.display = True
        self._writing = self._write(path, text.endswith("/"), first, last, force)

    @work(thread=True, group="write")
    def _write(self, path: Path, folder: bool, first: int, last: int, force: bool) -> None:
        from lrstep.export.export_file import export

        worker = get_current_worker()

        def progress(done: int, whole: int) -> None:
            self.tell(self._bar.update, total=whole, progress=done)

        try:
            said = export(
                self._runs.run, path, kind="frames" if folder else None, first=first, last=last, force=force,
                progress=progress, cancelled=lambda: worker.is_cancelled, runs=self._runs,
            )  # fmt: skip
        except LrstepError as error:
            self.tell(self._fail, str(error))
        else:
            self.tell(self.dismiss, said)

    def _fail(self, text: str) -> None:
        self._writing = None
        self._bar.display = False
        self.error.say(text)

    def action_leave(self) -> None:
        """Stop a running export, or leave."""
        if self._writing is not None:
            # A thread that had not begun yet never will, so nobody else would say that it is over.
            self._writing.cancel()
            self._fail("stopped")
        else:
            super().action_leave()
