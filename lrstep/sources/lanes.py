"""The lanes of a source: its run and those it is compared with, each named by what tells it from the others."""

from collections.abc import Sequence

from lrstep.core.lockstep import Lane, Lockstep, in_lockstep
from lrstep.core.optimizers import RMSPROPS
from lrstep.core.settings import FIELDS, Settings
from lrstep.plural import counted
from lrstep.sources.open_source import side_by_side
from lrstep.sources.source import Source

_ORDER = ("optimizer", *(name for name in FIELDS if name != "optimizer"))
_WORDS = {"batch_size": "batch", "momentum": "momentum", "seed": "seed"}
"""What a label calls a setting, where that is not its letter."""

_SWITCHES = {"centered": ("centered", "not centered"), "shuffle": ("shuffled", "not shuffled")}
"""Setting → what labels say where it is on and off, where that is not ``Nesterov`` and ``no Nesterov``."""

_FRAMEWORKS = {"rmsprop": "Keras", "rmsprop-tf2": "tf.keras 2.10"}


def lockstep(source: Source) -> Lockstep:
    """The run of a source and those that it is compared with, at their start.

    Raises:
        LrstepError: as :func:`lrstep.sources.open_source.side_by_side`.
    """
    sources = side_by_side(source)
    lanes = tuple(Lane(one.run(), label) for one, label in zip(sources, labels(sources), strict=True))
    return in_lockstep(lanes, source.comparison.pace, source.comparison.shown)


def labels(sources: Sequence[Source]) -> list[str]:
    """What tells each of several sources from the others, in a few words: ``batch 1``, ``SGD lr 0.001``, ``PyTorch``.

    The first one, with which the others are compared, is named by all that differs anywhere; one with data of its own
    by those alone.
    """
    names = _data_names(sources)
    made = []
    for name, source in zip(names, sources, strict=True):
        alike = [other for other, its in zip(sources, names, strict=True) if its == name]
        told = [setting for setting in _ORDER if _differs(setting, source, alike)]
        optimizers = {other.settings.optimizer for other in alike}
        words = [name, _ran(source, alike), *(_word(one, source.settings, told, optimizers) for one in told)]
        made.append(" ".join(filter(None, words)) or "this run")
    return [label if made.count(label) == 1 else f"{label} ({place})" for place, label in enumerate(made, 1)]


def _data_names(sources: Sequence[Source]) -> list[str]:
    """The names of the data, where they differ."""
    if all(source.dataset is sources[0].dataset for source in sources):
        return [""] * len(sources)
    names = [source.dataset.name for source in sources]
    return [source.dataset.feature for source in sources] if len(set(names)) == 1 else names


def _ran(source: Source, alike: Sequence[Source]) -> str:
    """Whether it was recorded, where others of the same data were and were not."""
    if len({one.recorded for one in alike}) == 1:
        return ""
    return "recorded" if source.recorded else "free run"


def _differs(name: str, source: Source, alike: Sequence[Source]) -> bool:
    """Whether a label tells a setting: of the first one where any other differs, of others where the first does."""
    others = alike if source is alike[0] else alike[:1]
    return any(_tells(name, source.settings, other.settings) for other in others)


def _tells(name: str, one: Settings, other: Settings) -> bool:
    """Whether a setting tells two runs apart, by itself: not where it comes with the optimizer."""
    values = [getattr(settings, name) for settings in (one, other)]
    if values[0] == values[1] or (None in values and name != "weight"):
        return False
    defaults = [settings.rule.options.get(name) for settings in (one, other)]
    return one.optimizer == other.optimizer or values != defaults


def _word(name: str, settings: Settings, told: Sequence[str], optimizers: set[str]) -> str:
    """How a setting is told in a label, beside others that are."""
    value = getattr(settings, name)
    if name == "optimizer":
        return _FRAMEWORKS.get(value, settings.rule.framework) if optimizers <= {*RMSPROPS} else settings.rule.title
    if name == "seed" and settings.weight is not None and not settings.shuffle:
        return ""
    if name == "epochs":
        return counted(value, "epoch")
    if value is None:
        return "" if "seed" in told else "w drawn"
    if name == "scale":
        return "not scaled" if value == "none" else f"{value} scaling"
    if isinstance(value, bool):
        label = FIELDS[name].label
        return _SWITCHES.get(name, (label, f"no {label}"))[not value]
    numbers = value if isinstance(value, tuple) else (value,)
    shown = value if isinstance(value, int) else " ".join(f"{one:.6g}" for one in numbers)
    return f"{_WORDS.get(name, FIELDS[name].symbol)} {shown}"
