"""The Keras process: the only place where TensorFlow is imported.

It reads requests from its standard input and answers on its standard output (see
:mod:`lrstep.check.protocol`). It ends as soon as its input closes, which is what happens when the
process that started it ends in whatever way.
"""

import ctypes
import gc
import os
import platform
import queue
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

from lrstep.check import protocol as say
from lrstep.check.keras_model import KerasTrainer, Steppers

POINTS_PER_MESSAGE = 64
SECONDS_PER_MESSAGE = 0.1
LOG_BYTES = 10_000_000
"""Of the log; it holds what the libraries print, and one that prints without an end must not fill the disk."""

QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
}
"""Less noise and a quicker start; no GPU for a model of two parameters, and Keras on TensorFlow."""


class Link:
    """The two ends of the conversation, with a thread that reads.

    The thread sees the end of the input and a cancellation also while the main thread is busy.
    """

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self.requests = requests
        self.answers = answers
        self.inbox: queue.SimpleQueue[say.Message] = queue.SimpleQueue()
        self.cancelled: set[int] = set()
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, message: say.Message) -> None:
        """Say one thing; a closed output ends the process."""
        try:
            for line in say.lines(message):
                self.answers.write(line)
            self.answers.flush()
        except OSError:
            os._exit(0)

    def _read(self) -> None:
        for line in self.requests:
            message = say.decode(line)
            if isinstance(message, say.Cancel):
                self.cancelled.add(message.id)
            else:
                self.inbox.put(message)
        # Nobody listens any more; sys.exit would wait for the main thread and what it computes.
        os._exit(0)


class Server:
    """Answers requests one after the other; checks of steps also in the middle of a ``fit``."""

    def __init__(self, link: Link, keras: Any, tf: Any) -> None:
        self.link = link
        self.steppers = Steppers(keras, tf)
        self.trainer: KerasTrainer | None = None
        self.waiting: list[say.Message] = []

    def serve(self) -> None:
        """Serve until the input closes, which ends the process."""
        while True:
            request = self.waiting.pop(0) if self.waiting else self.link.inbox.get()
            try:
                self._answer(request)
            except Exception as error:  # whatever Keras raises is for the client to tell
                self.link.send(say.Failure(request.id, "request", _one_line(error)))

    def _answer(self, request: say.Message) -> None:
        if isinstance(request, say.Setup):
            self.trainer = None
            try:
                self.trainer = KerasTrainer(self.steppers, request)
            except (TypeError, ValueError) as error:
                self.link.send(say.Failure(request.id, "refused", _one_line(error)))
            else:
                self.link.send(say.Prepared(request.id, self.trainer.stepper.fresh))
        elif self.trainer is None:
            raise RuntimeError("no setup before the first request")
        elif isinstance(request, say.Check):
            for step in request.steps:
                self.link.send(say.Checked(request.id, self.trainer.step(step)))
        elif isinstance(request, say.Fit):
            self._fit(self.trainer, request)
            self.link.send(say.Done(request.id))

    def _fit(self, trainer: KerasTrainer, request: say.Fit) -> None:
        points: list[float] = []
        sent = time.monotonic()

        def flush() -> None:
            nonlocal sent
            self.link.send(say.Points(request.id, points[:]))
            points.clear()
            sent = time.monotonic()

        def at_batch_end(*point: float) -> bool:
            points.extend(point)
            if len(points) >= POINTS_PER_MESSAGE * len(point) or time.monotonic() - sent > SECONDS_PER_MESSAGE:
                flush()
            for other in self._arrived():
                if isinstance(other, say.Check) and not self.waiting:
                    self._answer(other)
                else:
                    self.waiting.append(other)
            stopped = any(isinstance(other, say.Setup) for other in self.waiting)
            return request.id not in self.link.cancelled and not stopped

        trainer.fit(request, at_batch_end)
        flush()

    def _arrived(self) -> Iterator[say.Message]:
        while not self.link.inbox.empty():
            yield self.link.inbox.get()


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]


def _behave() -> None:
    """Ctrl+C is the client's to handle; the screen goes first; write no large file; on Linux die with the client."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(10)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    most = LOG_BYTES if most == resource.RLIM_INFINITY else min(LOG_BYTES, most)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _load(link: Link) -> tuple[Any, Any]:
    os.environ.update(QUIET)
    # None of what is imported becomes garbage: to look for some takes a sixth of the time.
    gc.disable()
    try:
        import tensorflow as tf

        # One thread each: two parameters need no more, and the rest belongs to the screen.
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        import keras
    except Exception as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name in ("tensorflow", "keras")
        link.send(say.Failure(0, "missing" if missing else "import", _one_line(error)))
        sys.exit(1)
    gc.freeze()
    gc.enable()
    link.send(say.Ready(0, platform.python_version(), keras.__version__, tf.__version__))
    return keras, tf


def main() -> None:
    """Serve on standard input and output until the input closes."""
    # The protocol keeps the real output; whatever a library prints goes where its errors go.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _behave()
    link = Link(sys.stdin.buffer, answers)
    keras, tf = _load(link)
    Server(link, keras, tf).serve()


if __name__ == "__main__":
    main()
