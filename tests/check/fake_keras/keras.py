"""Stands in for Keras: every attempt to build a model says so."""

from types import SimpleNamespace

__version__ = "0.fake"


def _refuse(*args: object, **options: object) -> None:
    raise RuntimeError("the fake Keras cannot compute")


backend = SimpleNamespace(clear_session=_refuse)
