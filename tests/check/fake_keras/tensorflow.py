"""Stands in for TensorFlow where a test needs the process but no numbers; as noisy as the real one."""

import os
import sys
from types import SimpleNamespace

os.write(1, b"noise on descriptor 1, {not json}\n")
os.write(2, b"noise on descriptor 2\n")
print("noise by print")
sys.stdout.flush()

__version__ = "0.fake"


def _ignore(count: int) -> None:
    pass


config = SimpleNamespace(
    threading=SimpleNamespace(
        set_intra_op_parallelism_threads=_ignore,
        set_inter_op_parallelism_threads=_ignore,
    )
)
