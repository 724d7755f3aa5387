"""What the client and the Keras process say to each other: one JSON object per line.

Every message is a dataclass; its class name travels as ``type``. Numbers that are not finite travel as
``NaN`` and ``Infinity``, which Python's json reads and writes. Arrays travel as base64 of little-endian
binary, so that no bit is lost and a million samples are one text.
"""

import base64
import json
from dataclasses import asdict, dataclass, fields
from typing import Any

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
        optimizer: keyword arguments of ``keras.optimizers.RMSprop``.
        x, y: feature and label of all samples, packed.
    """

    precision: str
    optimizer: dict[str, Any]
    x: str
    y: str


@dataclass(frozen=True)
class Step:
    """One step to take.

    Attributes:
        start, stop: the batch as a range of the samples.
        rows: instead of the range the row numbers of the batch, packed; empty where the range holds.
        before: the eight numbers of :class:`lrstep.core.rmsprop.State`.
        total: sum of squared errors of the epoch before this batch.
        count: samples of the epoch before this batch.
    """

    start: int
    stop: int
    rows: str
    before: list[float]
    total: float
    count: int


@dataclass(frozen=True)
class Check(Message):
    """Take these steps, each from its own start."""

    steps: list[Step]


@dataclass(frozen=True)
class StepResult:
    """Keras's numbers of one step.

    Attributes:
        prediction: packed, of length m.
        loss: of the batch.
        cumulative_rmse: of the metric ``RootMeanSquaredError`` after the batch.
        gradient: of the weight and of the bias.
        after: the eight numbers of the state; 0 for what is switched off.
    """

    prediction: str
    loss: float
    cumulative_rmse: float
    gradient: list[float]
    after: list[float]


@dataclass(frozen=True)
class Checked(Message):
    """The steps of a :class:`Check`, in its order."""

    results: list[StepResult]


@dataclass(frozen=True)
class Fit(Message):
    """Run ``Model.fit`` over some epochs.

    Attributes:
        first, last: epochs, from 1.
        batch_size: samples per batch.
        order: row numbers of these epochs' order, packed; empty for the order of the data.
        start: weight and bias of a new model; None to go on with the model of the last request.
    """

    first: int
    last: int
    batch_size: int
    order: str
    start: list[float] | None


@dataclass(frozen=True)
class Points(Message):
    """What callbacks of ``fit`` saw at the end of batches: weight, bias, loss and RMSE, one after another."""

    values: list[float]


@dataclass(frozen=True)
class Done(Message):
    """A :class:`Setup` or :class:`Fit` is done."""


@dataclass(frozen=True)
class Cancel(Message):
    """Stop the ``fit`` with this id; :class:`Done` follows all the same."""


@dataclass(frozen=True)
class Failure(Message):
    """A request could not be served, or (id 0) Keras cannot be loaded.

    Attributes:
        kind: ``missing`` (no TensorFlow), ``import`` (it cannot be loaded) or ``request``.
        message: the exception, on one line.
    """

    kind: str
    message: str


TYPES: dict[str, type[Message]] = {
    kind.__name__: kind for kind in (Ready, Setup, Check, Checked, Fit, Points, Done, Cancel, Failure)
}
_PARTS: dict[tuple[type[Message], str], type[Step] | type[StepResult]] = {
    (Check, "steps"): Step,
    (Checked, "results"): StepResult,
}


def encode(message: Message) -> bytes:
    """A message as one line, its end included."""
    return json.dumps({"type": type(message).__name__, **asdict(message)}).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line.

    Raises:
        ValueError: no JSON, an unknown type, or fields that do not belong to it.
    """
    data = json.loads(line)
    try:
        kind = TYPES[data.pop("type")]
        for field in fields(kind):
            if part := _PARTS.get((kind, field.name)):
                data[field.name] = [part(**item) for item in data[field.name]]
        return kind(**data)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a message of the Keras check: {line[:80]!r}") from error


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
