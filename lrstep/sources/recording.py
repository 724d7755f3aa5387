"""Recordings: files that hold a training run as Keras took it, step by step (docs/recording.md).

:mod:`lrstep.keras` writes them. What is read here is held against itself before anything believes it: a number too
many, a sample that is not there or comes twice, an unknown setting is refused with its line.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from lrstep.core.dataset import Dataset, Floats
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.recorded_run import Recording, Versions
from lrstep.core.settings import FIELDS, Settings
from lrstep.plural import counted
from lrstep.sources.files import open_binary, quoted, read_text
from lrstep.sources.number_table import NumberTable, column_names, in_type
from lrstep.sources.toml_lines import Document, Key
from lrstep.sources.toml_text import shown_value

MOST_BYTES = 100_000_000
"""Of a recording, and of the data beside it: half a million steps of a small batch."""

FORMAT = 1
"""The newest version of the format that can be read."""

KEYS: dict[str, dict[str, type]] = {
    "": {"recording": int, "keras": dict, "fit": dict, "data": dict, "optimizer": dict, "start": dict, "steps": dict},
    "keras": {"version": str, "backend": str, "python": str, "dtype": str, "jit_compile": bool},
    "fit": {"epochs": int, "batch_size": int, "finished": bool},
    "data": {"features": list, "label": str, "samples": int},
    "steps": {"count": int, "table": str},
}
"""Table → the keys that it must have and what they hold; data also has either a table or file and sha256."""

RECORDABLE = {name: optimizer for name, optimizer in OPTIMIZERS.items() if optimizer.keras}
"""The optimizers that Keras has."""


def is_recording(text: str) -> bool:
    """Whether the text of a TOML file begins as a recording does."""
    return re.match(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*recording[ \t]*=", text) is not None


def read_recording(path: Path, name: str | None = None) -> Recording:
    """Read a recording, and the CSV file beside it that it may name.

    Args:
        path: the file.
        name: what to call its data; by default as the file is called.

    Raises:
        LrstepError: it cannot be opened, is of a newer version, or something in it cannot be (with the line).
    """
    return _Reader(path, name or path.name).recording()


def title_of(recording: Recording, settings: Settings) -> str:
    """What a run of a recording's data is, in a few words: as it ran, or with other settings."""
    if settings != recording.settings:
        return f"A free run from the start of {recording.dataset.name}"
    first, last = int(recording.epoch[0]), int(recording.epoch[-1])
    since = f", from its epoch {first} on" if first > 1 else ""
    broken = "" if recording.finished else f", broken off in epoch {last} of {recording.epochs}"
    low, high = float(recording.learning_rate.min()), float(recording.learning_rate.max())
    changes = f", learning rate between {low:.6g} and {high:.6g}" if low < high else ""
    return f"{recording.framework}, as it ran: {counted(len(recording), 'recorded step')}{since}{broken}{changes}"


class _Reader(Document):
    """The parsed content of a recording on its way to a :class:`Recording`."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(read_text(path, MOST_BYTES), path)
        self.name = name

    def recording(self) -> Recording:
        self._version()
        for table, keys in KEYS.items():
            self._check(table, keys, ("table", "file", "sha256") if table == "data" else ())
        keras, fit = self.content["keras"], self.content["fit"]
        if keras["dtype"] not in ("float32", "float64"):
            raise self.refusal(("keras", "dtype"), "dtype is neither float32 nor float64", "Record it again.")
        for name in ("epochs", "batch_size"):
            self._at_least(("fit", name), 1)
        self.dtype = np.dtype(keras["dtype"])
        dataset = self._data()
        optimizer, options = self._optimizer()
        p, slots = len(dataset.columns) + 1, slot_names(optimizer, options)
        start = self._start(p, slots)
        order, steps = self._steps(len(dataset), p, slots, start)
        *weights, bias = map(float, self.content["start"]["parameters"])
        settings = Settings(
            optimizer=optimizer, learning_rate=self._first_rate(steps["learning_rate"]), batch_size=fit["batch_size"],
            epochs=len(order), weight=tuple(weights), bias=bias, order=order, **options,
        )  # fmt: skip
        return Recording(
            dataset=dataset, settings=settings, counted=self.content["start"]["iterations"],
            epochs=fit["epochs"], finished=fit["finished"], **steps,
            dtype=self.dtype.name, jit_compile=keras["jit_compile"],
            versions=Versions(keras["version"], keras["backend"], keras["python"]),
        )  # fmt: skip

    def _first_rate(self, rates: Floats) -> float:
        """The first learning rate with which something moves."""
        if not (rates > 0).any():
            raise self.refusal(("steps", "table"), "the learning rate is never above 0", "Record another run.")
        return float(rates[rates > 0][0])

    def _version(self) -> None:
        version = self.content.get("recording")
        if type(version) is not int or version < 1:
            raise self.refusal(("recording",), "this is no recording", "lrstep record script.py makes one.")
        if version > FORMAT:
            problem = f"this is a recording of version {shown_value(version)}, and this lrstep reads version {FORMAT}"
            raise self.refusal(("recording",), problem, "Update lrstep, or record the run again with this one.")

    def _check(self, table: str, keys: dict[str, type], others: tuple[str, ...] = ()) -> None:
        """Hold a table against the keys that it must and may have."""
        content = self.content[table] if table else self.content
        base = (table,) if table else ()
        self.refuse_unknown(base, [name for name in content if name not in others], [*keys], [*keys, *others])
        for name, kind in keys.items():
            if name not in content:
                where = f" in [{table}]" if table else ""
                raise self.refusal(base, f"there is no {name}{where}", "Record the run again.")
            self._expect((*base, name), content[name], kind)

    def _expect(self, key: Key, value: Any, kind: type) -> None:
        if type(value) not in ((int, float) if kind is float else (kind,)):
            words = {int: "whole number", float: "number", str: "text", bool: "true or false", dict: "table"}
            shown = f": {shown_value(value)}" if not isinstance(value, dict) else ""
            problem = f"{key[-1]} is no {words.get(kind, 'list')}{shown}"
            raise self.refusal(key, problem, "Record the run again.")

    def _at_least(self, key: Key, least: int) -> int:
        value: int = self.content[key[0]][key[1]]
        if not least <= value < 2**53:
            raise self.refusal(key, f"{key[1]} {shown_value(value)} is not valid", f"It must be {least} or more.")
        return value

    def _names(self) -> list[str]:
        """Features and label."""
        features, label = self.content["data"]["features"], self.content["data"]["label"]
        usable = re.compile(r"[^,\"\x00-\x1f\x7f]{1,100}")
        for name in (*features, label):
            if not isinstance(name, str) or not usable.fullmatch(name):
                problem = f"{shown_value(name)} is no name of a column"
                raise self.refusal(("data", "features"), problem, "A name is a text without commas and quotes.")
        if not features or len(set(features)) < len(features):
            raise self.refusal(("data", "features"), "features are none or two of one name", "Name each once.")
        return [*features, label]

    def _data(self) -> Dataset:
        names, n = self._names(), self._at_least(("data", "samples"), 1)
        table = self._data_table()
        table.expect_head(names)
        table.expect_rows(n)
        *x, y = (table.floats(i, self.dtype, finite=True, as_written=True) for i in range(len(names)))
        return Dataset(self.name, np.column_stack(x), y, tuple(names[:-1]), names[-1])

    def _data_table(self) -> NumberTable:
        data = self.content["data"]
        if ("table" in data) == ("file" in data):
            raise self.refusal(("data",), "data has not one of table and file", "Record the run again.")
        if "table" in data:
            self._expect(("data", "table"), data["table"], str)
            return NumberTable(data["table"], str(self.path), self.lines.get(("data", "table"), 0) + 1)
        name, digest = data["file"], data.get("sha256")
        if not isinstance(name, str) or not re.fullmatch(r"[^/\\\x00-\x1f\x7f]+\.csv", name):
            hint = "It is the name of a CSV file in the folder of the recording."
            raise self.refusal(("data", "file"), f"file {shown_value(name)} is not valid", hint)
        with open_binary(self.path.parent / name, MOST_BYTES) as handle:
            raw = handle.read()
        if hashlib.sha256(raw).hexdigest() != digest:
            problem = f"{quoted(name, 80)} is not the data that the run was recorded with"
            raise self.refusal(("data", "file"), problem, "Put the file back that was written with the recording.")
        return NumberTable(raw.decode(errors="replace"), str(self.path.parent / name), 1)

    def _optimizer(self) -> tuple[str, dict[str, float | bool]]:
        table = self.content["optimizer"]
        name = table.get("name")
        if not isinstance(name, str) or name not in RECORDABLE:
            known = ", ".join(RECORDABLE)
            raise self.refusal(("optimizer", "name"), f"optimizer {shown_value(name)} is unknown", f"Known: {known}.")
        options = RECORDABLE[name].options
        self._check("optimizer", {"name": str} | {option: _type_of(option) for option in options})
        return name, {
            option: _type_of(option)(self.checked(("optimizer", option), option, FIELDS[option], table[option]))
            for option in options
        }

    def _start(self, p: int, slots: tuple[str, ...]) -> dict[str, Floats]:
        self._check("start", {"iterations": int, "parameters": list, **dict.fromkeys(slots, list)})
        self._at_least(("start", "iterations"), 0)
        start: dict[str, Floats] = {}
        for name in ("parameters", *slots):
            values = self.content["start"][name]
            for value in values:
                self._expect(("start", name), value, float)
            if len(values) != p:
                problem = f"{name} has {counted(len(values), 'number')}, and the run has {counted(p, 'parameter')}"
                raise self.refusal(("start", name), problem, "The weights come first, then the bias.")
            start[name] = in_type(np.array([float(value) for value in values]), self.dtype)
            if not np.isfinite(start[name]).all():
                raise self.refusal(("start", name), f"{name} has a number that is not finite", "Record another run.")
        return start

    def _steps(
        self, n: int, p: int, slots: tuple[str, ...], start: dict[str, Floats]
    ) -> tuple[tuple[tuple[int, ...], ...], dict[str, Any]]:
        """The order of the samples in each epoch, and what is known of each step by its name in a recording."""
        line = self.lines.get(("steps", "table"), 0) + 1
        table = NumberTable(self.content["steps"]["table"], str(self.path), line, "step")
        names = column_names(p, slots)
        names += [name for name in table.head[len(names) :] if name == "printed_rmse"]
        table.expect_head(names)
        table.expect_rows(self._at_least(("steps", "count"), 1))
        fit = self.content["fit"]
        epoch, order = table.passes(n, fit["batch_size"], fit["epochs"])
        numbers = np.stack([table.floats(i, self.dtype) for i in range(3, len(names))], axis=1)
        groups = numbers[:, : p * (2 + len(slots))].reshape(len(numbers), -1, p)
        states = {
            name: _frozen(np.concatenate([start[name][None], groups[:, 1 + i]]))
            for i, name in enumerate(("parameters", *slots))
        }
        logs = numbers[:, p * (2 + len(slots)) :]
        return order, {
            "epoch": epoch,
            "learning_rate": _frozen(table.floats(2, self.dtype, finite=True, as_written=True)),
            "gradients": _frozen(groups[:, 0]),
            "parameters": states.pop("parameters"),
            "slots": MappingProxyType(states),
            "loss": _frozen(logs[:, 0]),
            "printed": MappingProxyType(
                {name: _frozen(values) for name, values in zip(("loss", "rmse"), logs.T[1:], strict=False)}
            ),
        }


def _type_of(option: str) -> type:
    return bool if FIELDS[option].kind == "bool" else float


def slot_names(optimizer: str, settings: Mapping[str, float | bool]) -> tuple[str, ...]:
    """The slots that an optimizer has with these settings, in the order of the file."""
    made = Settings(optimizer=optimizer, **settings)
    return tuple(slot.name for slot in made.rule.kept(made))


def _frozen(values: Floats) -> Floats:
    array = np.ascontiguousarray(values)
    array.setflags(write=False)
    return array
