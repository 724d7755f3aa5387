"""What the client and the Keras process say to each other: one JSON object per line.

Every message is a dataclass; its class name travels as ``type``. Numbers that are not finite travel as
``NaN`` and ``Infinity``, which Python's json reads and writes. Arrays travel as base64 of little-endian
binary, so that no bit is lost and a million samples are one text.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Message:
    """What all messages have: the request they are, answer, or end (0: none)."""

    id: int


@dataclass(frozen=True)
class Ready(Message):
    """Keras is loaded; the versions are those of the Keras process."""

    python: str
    keras: str
    tensorflow: str


@dataclass(frozen=True)
class Setup(Message):
    """Use this precision, these optimizer settings and this data from now on.

    Attributes:
        precision: ``float32`` or ``float64``.
        optimizer: class in ``keras.optimizers``.
        options: its keyword arguments.
        slots: name of a slot → what Keras calls it in the paths of its variables.
        columns, y: features and label of all samples, packed.
    """

    precision: str
    optimizer: str
    options: dict[str, Any]
    slots: dict[str, str]
    columns: list[str]
    y: str


@dataclass(frozen=True)
class Prepared(Message):
    """A :class:`Setup` is done.

    Attributes:
        start: name of a slot → its numbers, one for each parameter, in an optimizer that has taken no step.
    """

    start: dict[str, list[float]]


@dataclass(frozen=True)
class StepRequest:
    """One step to take.

    Attributes:
        start, stop: the batch as a range of the samples.
        rows: instead of the range the row numbers of the batch, packed; empty where the range holds.
        number: of the iteration, from 1.
        parameters: before the step: the weights, then the bias.
        slots: before the step: name of a slot → its numbers, one for each parameter.
        total: sum of squared errors of the epoch before this batch.
        count: samples of the epoch before this batch.
        after: the parameters with which all samples are to be evaluated.
    """

    start: int
    stop: int
    rows: str
    number: int
    parameters: list[float]
    slots: dict[str, list[float]]
    total: float
    count: int
    after: list[float]


@dataclass(frozen=True)
class Check(Message):
    """Take these steps, each from its own start."""

    steps: list[StepRequest]


@dataclass(frozen=True)
class StepResult:
    """Keras's numbers of one step.

    Attributes:
        prediction: packed, of length m.
        loss: of the batch.
        cumulative_loss: of the metric ``Mean`` of the losses after the batch, as ``fit`` keeps it.
        cumulative_rmse: of the metric ``RootMeanSquaredError`` after the batch.
        full_loss: of all samples, with the parameters that were to be evaluated.
        gradient: for each parameter.
        step: what the optimizer subtracts from each parameter; read off one that was 0, so that no digit is lost.
        parameters, slots: after the step, as in :class:`StepRequest`.
    """

    prediction: str
    loss: float
    cumulative_loss: float
    cumulative_rmse: float
    full_loss: float
    gradient: list[float]
    step: list[float]
    parameters: list[float]
    slots: dict[str, list[float]]


@dataclass(frozen=True)
class Checked(Message):
    """One step of a :class:`Check`; they come in its order."""

    result: StepResult


@dataclass(frozen=True)
class Fit(Message):
    """Run ``Model.fit`` over some epochs.

    Attributes:
        first, last: epochs, from 1.
        batch_size: samples per batch.
        order: row numbers of these epochs' order, packed; empty for the order of the data.
        start: parameters of a new model; None to go on with the model of the last request.
    """

    first: int
    last: int
    batch_size: int
    order: str
    start: list[float] | None


@dataclass(frozen=True)
class Points(Message):
    """What callbacks of ``fit`` saw at the end of batches, one after another.

    For each batch the printed loss and RMSE, the parameters, and the slots in the order of the :class:`Setup`.
    """

    values: list[float]


@dataclass(frozen=True)
class Done(Message):
    """A :class:`Fit` is done."""


@dataclass(frozen=True)
class Cancel(Message):
    """Stop the ``fit`` with this id; :class:`Done` follows all the same."""


@dataclass(frozen=True)
class Failure(Message):
    """A request could not be served, or (id 0) Keras cannot be loaded.

    Attributes:
        kind: ``missing`` (no TensorFlow), ``import`` (it cannot be loaded), ``refused`` (Keras does not take the
            settings) or ``request``.
        message: the exception, on one line.
    """

    kind: str
    message: str


@dataclass(frozen=True)
class Part(Message):
    """A piece of a message whose line would be too long; ``more`` pieces follow or this is the last."""

    text: str
    more: bool


LINE_LIMIT = 10**6
"""Longest line, in bytes, that is taken from the Keras process."""

TYPES: dict[str, type[Message]] = {
    kind.__name__: kind for kind in (Ready, Setup, Prepared, Check, Checked, Fit, Points, Done, Cancel, Failure, Part)
}


def encode(message: Message) -> bytes:
    """A message as one line, its end included."""
    return json.dumps({"type": type(message).__name__, **asdict(message)}).encode() + b"\n"


def lines(message: Message) -> Iterator[bytes]:
    """A message as lines that are no longer than the limit: itself, or its parts."""
    line = encode(message)
    if len(line) <= LINE_LIMIT:
        yield line
        return
    text, size = line.decode(), LINE_LIMIT // 2 - 100  # in JSON a quotation mark takes two characters
    for start in range(0, len(text), size):
        yield encode(Part(message.id, text[start : start + size], start + size < len(text)))


class Joined:
    """Puts the parts of messages together again.

    Args:
        limit: longest message, in characters.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._pieces: list[str] = []
        self._length = 0

    def add(self, message: Message) -> Message | None:
        """The message that is whole with this one; None if more of it is to come.

        Raises:
            ValueError: it is too long, or no message.
        """
        if not isinstance(message, Part):
            return message
        self._pieces.append(message.text)
        self._length += len(message.text)
        if self._length > self.limit:
            raise ValueError(f"a message of more than {self.limit} characters")
        if message.more:
            return None
        text, self._pieces, self._length = "".join(self._pieces), [], 0
        return decode(text.encode())


def decode(line: bytes) -> Message:
    """The message of a line.

    Raises:
        ValueError: no JSON, an unknown type, or fields that do not belong to it or hold what they should not.
    """
    try:
        data = json.loads(line)
        message: Message = _read(TYPES[data.pop("type")], data)
    except (AttributeError, KeyError, RecursionError, TypeError) as error:
        raise ValueError(f"not a message of the Keras check: {line[:80]!r}") from error
    return message


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any) -> Any:
    """A value out of JSON as what a field is annotated with; a TypeError or so where it is something else."""
    origin, of = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], one) for name, one in value.items()})
    if origin is UnionType:
        return None if value is None else _read(of[0], value)
    if origin is list and type(value) is list:
        return value if set(map(type, value)) <= {of[0]} else [_read(of[0], one) for one in value]
    if origin is dict:
        return {name: _read(of[1], one) for name, one in value.items()}
    if kind is float and type(value) is int:
        return float(value) if value.bit_length() < 64 else _read(float, None)
    if kind is Any or type(value) is kind:
        return value
    raise TypeError(kind)


def pack(values: ArrayLike) -> str:
    """An array of float64 as text."""
    return base64.b64encode(np.asarray(values, dtype="<f8").tobytes()).decode()


def unpack(text: str) -> Floats:
    """The array of float64 of a text; read-only."""
    return np.frombuffer(base64.b64decode(text), dtype="<f8")


def pack_rows(rows: ArrayLike) -> str:
    """Row numbers as text."""
    return base64.b64encode(np.asarray(rows, dtype="<i8").tobytes()).decode()


def unpack_rows(text: str) -> NDArray[np.int64]:
    """The row numbers of a text; read-only."""
    return np.frombuffer(base64.b64decode(text), dtype="<i8")
