"""What a run is compared with, as a person types it: ``batch_size=1``, ``optimizer=sgd lr=0.001``, ``other.toml``."""

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lrstep.core.lockstep import Pace
from lrstep.core.setting import Value, as_typed
from lrstep.core.settings import FIELDS, NAMES, Settings, folded, setting_named
from lrstep.errors import LrstepError
from lrstep.sources.columns import did_you_mean, named_columns
from lrstep.sources.files import quoted, typed_path
from lrstep.sources.samples import named

MOST = 3
"""Runs that have room beside another one."""

EXAMPLES = "Write name=value, as in optimizer=sgd lr=0.001. Other data go before that, as in other.csv lr=0.1."


class Against(NamedTuple):
    """Another run, by what tells it from the one it is compared with.

    Attributes:
        name: a SOURCE with data of its own; empty for the same data.
        features, label: its columns, where they were given.
        settings: the settings that differ, by name.
    """

    name: str = ""
    features: tuple[str, ...] = ()
    label: str | None = None
    settings: Mapping[str, Value] = {}

    @property
    def text(self) -> str:
        """What :func:`parse_against` reads as this."""
        columns = [f"feature={','.join(self.features)}"] * bool(self.features)
        columns += [f"label={self.label}"] * (self.label is not None)
        settings = [f"{name}={as_typed(value)}" for name, value in self.settings.items()]
        return shlex.join([*filter(None, [self.name]), *columns, *settings])

    @property
    def path(self) -> Path | None:
        """The file that it names, if it names one."""
        known = [one.name for one in named()]
        return None if not self.name or self.name in known else typed_path(self.name)

    def at(self, path: str) -> "Against":
        """The same with another path of its file."""
        return self._replace(name=path if os.sep in path else os.path.join(os.curdir, path))  # noqa: PTH118

    def changed(self, settings: Settings, base: Settings) -> "Against":
        """The same data with these settings, beside a run with those of ``base``."""
        if self.name:
            told = dict(settings.as_dict())
        else:
            near = base.changed(optimizer=settings.optimizer)
            told = {name: value for name, value in settings.as_dict().items() if value != getattr(near, name)}
            told |= {"optimizer": settings.optimizer} if settings.optimizer != base.optimizer else {}
        return self._replace(settings={name: value for name, value in told.items() if name in FIELDS})


class Comparison(NamedTuple):
    """What a run is compared with, and how it is looked at; without any other run there is no comparison.

    Attributes:
        against: the other runs.
        pace: what is equal at the same moment; None for what is usual, see :func:`lrstep.core.lockstep.in_lockstep`.
        shown: which run is looked at; 0 is the one that is compared.
    """

    against: tuple[Against, ...] = ()
    pace: Pace | None = None
    shown: int = 0


def parse_against(text: str) -> Against:
    """What a typed text compares with. Whether a file exists is not looked at.

    Raises:
        LrstepError: it names no setting and no data, or a setting cannot have such a value.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        raise LrstepError(f"{quoted(text)}: a quotation mark is not closed", EXAMPLES) from None
    name = words.pop(0) if words and not _is_assignment(words[0]) else ""
    if setting_named(name):
        raise LrstepError(f"{quoted(text)}: {quoted(name)} has no value", EXAMPLES)
    features: list[str] = []
    label: str | None = None
    settings: dict[str, Value] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if name and folded(key) == "feature" and sign:
            features += named_columns(value)
            continue
        if name and folded(key) == "label" and sign:
            if label is not None:
                raise LrstepError(f"{quoted(text)}: label is there twice", "Leave one of them out.")
            label = value
            continue
        setting = _setting(key, sign, text)
        if setting in settings:
            raise LrstepError(f"{quoted(text)}: {FIELDS[setting].label} is there twice", "Leave one of them out.")
        settings[setting] = FIELDS[setting].parse(value)
    if not name and not settings:
        raise LrstepError("nothing to compare with", EXAMPLES)
    return Against(name, tuple(features), label, settings)


def refuse_too_many(beside: Sequence[object]) -> None:
    """Refuse more runs than there is room for.

    Raises:
        LrstepError: there are more than :data:`MOST`.
    """
    if len(beside) > MOST:
        raise LrstepError(f"{len(beside)} runs are too many to stand beside another", f"There is room for {MOST}.")


def _is_assignment(word: str) -> bool:
    """Whether a word is name=value rather than data; a path may have a sign of equality behind a separator."""
    name, sign, _ = word.partition("=")
    return bool(sign) and os.sep not in name


def _setting(key: str, sign: str, text: str) -> str:
    name = setting_named(key)
    if not sign:
        raise LrstepError(f"{quoted(text)}: {quoted(key)} has no value", EXAMPLES)
    if name:
        return name
    if folded(key) in ("feature", "label"):
        problem, hint = f"{folded(key)} is no setting", "Name the data before it: data.csv feature=age"
    else:
        problem, hint = f"there is no setting {quoted(key)}", f"{did_you_mean(folded(key), NAMES)}{EXAMPLES}"
    raise LrstepError(f"{quoted(text)}: {problem}", hint)
