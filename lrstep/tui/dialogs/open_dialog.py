"""Choose data: a sample, a lesson, a run file, or a CSV file with a preview and a choice of columns."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, DirectoryTree, Input, OptionList
from textual.widgets.option_list import Option

from lrstep.errors import LrstepError
from lrstep.plural import counted
from lrstep.session.styled_rows import fit_text
from lrstep.sources.columns import ColumnsNeeded, listing, named_columns
from lrstep.sources.csv_layout import CsvLayout
from lrstep.sources.csvfile import preview
from lrstep.sources.files import exists, typed_path
from lrstep.sources.lesson_progress import gone_on
from lrstep.sources.lesson_progress import progress as progress_of
from lrstep.sources.open_source import open_source, refuse_streams
from lrstep.sources.samples import catalogue, lessons
from lrstep.sources.source import Source
from lrstep.tui.dialogs.dialog import Dialog, Said, type_into

_FILES = {".csv", ".tsv", ".txt", ".toml", ".dat"}
_HINT = "Enter opens · Tab goes on · Esc leaves the run as it is"


class DataTree(DirectoryTree):
    """Folders, and the files that may hold data."""

    ICON_NODE, ICON_NODE_EXPANDED, ICON_FILE = "▸ ", "▾ ", "  "  # of one width in every terminal

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Leave out hidden files and those of other kinds."""
        return [p for p in paths if not p.name.startswith(".") and (p.suffix.lower() in _FILES or p.is_dir())]


class OpenData(Dialog[Source | None]):
    """Gives what was opened, or None."""

    def __init__(self) -> None:
        super().__init__()
        self._file: Path | None = None
        self._path = Input(placeholder="path of a CSV or run file, or choose below", id="path", select_on_focus=False)
        self._about = {item.name: f"{item.title}. {item.shows}\nSource: {item.source}" for item in catalogue()}
        options = [*(_option(item.name, item.title) for item in catalogue()), None]
        for lesson in lessons():
            done = progress_of(lesson.name, lesson.steps)
            self._about[lesson.name] = f"{lesson.title}. A lesson, {done or counted(lesson.steps, 'step')}."
            options.append(_option(lesson.name, lesson.title, done))
        self._samples = OptionList(*options, id="samples")
        self._preview = Said("", id="preview")
        self._features = Input(id="features", compact=True)
        self._label = Input(id="label", compact=True)
        self._button = Button("Open", id="open", compact=True, variant="primary")
        self._choice = Horizontal(
            Said("features "), self._features, Said("  label "), self._label, self._button, id="choice"
        )
        self._error = Said("", id="error", classes="error")

    def compose(self) -> ComposeResult:
        """A field for a path, the lists, the preview, the columns."""
        lists = Horizontal(self._samples, DataTree(Path.cwd(), id="tree"), id="lists")
        hint = Said(_HINT, classes="hint")
        yield self.box("Open data", self._path, lists, self._preview, self._choice, self._error, hint)

    def on_mount(self) -> None:
        """Begin with the samples."""
        self._samples.focus()

    def on_key(self, event: events.Key) -> None:
        """A path may be typed at once: it goes to its field, though the samples have the focus."""
        if self.focused is self._samples or isinstance(self.focused, DirectoryTree):
            type_into(self._path, event)

    @on(OptionList.OptionHighlighted)
    def _describe(self, event: OptionList.OptionHighlighted) -> None:
        self._show(self._about[str(event.option.id)])

    @on(OptionList.OptionSelected)
    def _sample(self, event: OptionList.OptionSelected) -> None:
        self._read(str(event.option.id))

    @on(DirectoryTree.FileSelected)
    def _picked(self, event: DirectoryTree.FileSelected) -> None:
        self._path.value = str(event.path)
        self._look_at(event.path)

    @on(Input.Submitted, "#path")
    def _typed(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            return
        path = typed_path(text)
        try:
            refuse_streams(text)
            found = exists(path)
        except LrstepError as error:
            self._fail(error)
            return
        if not found or path.suffix.lower() == ".toml":
            self._read(str(path) if found else text)
        elif path == self._file:
            self._open_file()
        else:
            self._look_at(path)

    @on(Button.Pressed, "#open")
    @on(Input.Submitted, "#label")
    def _open_file(self) -> None:
        if self._file is not None:
            features, label = named_columns(self._features.value), self._label.value.strip()
            self._read(str(self._file.absolute()), features, label or None)

    @on(Input.Submitted, "#features")
    def _features_typed(self) -> None:
        if self._label.value.strip():
            self._open_file()
        else:
            self._label.focus()

    def _look_at(self, path: Path) -> None:
        try:
            refuse_streams(str(path))
            if path.suffix.lower() == ".toml":
                self._read(str(path.absolute()))
                return
            seen = preview(path, rows=4)
        except LrstepError as error:
            self._fail(error)
            return
        self._file = path
        self._show(_table(seen, self._preview.size.width))
        numeric = [str(number) for number, number_like in enumerate(seen.numeric, 1) if number_like]
        self._features.value, self._label.value = numeric if len(numeric) == 2 else ("", "")
        self._choice.add_class("shown")
        if len(numeric) > 2:
            example = self._features.placeholder = ", ".join(numeric[:2])
            self._label.placeholder = numeric[-1]
            self._features.focus()
            question = "Which of them are the features, and which is the label?"
            self._fail(LrstepError(question, f"Type numbers or names: {example}"))
        else:
            self._button.focus()

    def _show(self, text: str) -> None:
        self._preview.say(text)
        self._error.say("")

    def _fail(self, error: LrstepError) -> None:
        self._error.say(str(error))

    @work(thread=True, exclusive=True, group="read")
    def _read(self, text: str, features: Sequence[str] = (), label: str | None = None) -> None:
        last = [0.0]

        def progress(share: float) -> None:
            if share - last[0] >= 0.02:
                last[0] = share
                self.tell(self._show, f"reading {text}: {share:.0%}")

        try:
            source = gone_on(open_source(text, features, label, progress=progress))
        except LrstepError as error:
            hint = listing(error.layout) if isinstance(error, ColumnsNeeded) else error.hint
            self.tell(self._fail, LrstepError(error.message, hint))
        else:
            self.tell(self.dismiss, source)

    def action_leave(self) -> None:
        """Leave the run as it is."""
        self.workers.cancel_all()
        super().action_leave()


def _option(name: str, title: str, done: str = "") -> Option:
    mark = "✓ " if done.startswith("✓") else "… " if done else ""
    return Option(Text(f"{name:<16} {mark}{title}", no_wrap=True, overflow="ellipsis"), id=name)


def _table(seen: CsvLayout, width: int) -> str:
    columns = len(seen.names)
    size = max(6, min(18, (width - 2) // max(columns, 1) - 1))
    heads = " ".join(fit_text(f"{number} {name}", size) for number, name in enumerate(seen.names, 1))
    lines = [" ".join(fit_text(cell, size) for cell in cells) for cells in seen.rows]
    return "\n".join(fit_text(line, max(width, 20)) for line in (heads, *lines))
