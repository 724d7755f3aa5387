"""A source and what it is compared with, as runs that go side by side, each named by what tells it from the others."""

from collections.abc import Sequence
from dataclasses import replace

from lrstep.core.lockstep import Lane, Lockstep, in_lockstep
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.settings import FIELDS, Settings
from lrstep.errors import LrstepError
from lrstep.plural import counted
from lrstep.sources.against import MOST, Against, Comparison, refuse_too_many
from lrstep.sources.source import Source, open_source, refuse_streams

_ORDER = ("optimizer", *(name for name in FIELDS if name != "optimizer"))
_WORDS = {"batch_size": "batch", "momentum": "momentum", "seed": "seed"}
"""What a label calls a setting, where that is not its letter."""

_SWITCHES = {"nesterov": ("Nesterov", "no Nesterov"), "centered": ("centered", "not centered"),
             "shuffle": ("shuffled", "not shuffled")}  # fmt: skip

_FAMILY = {name for name in OPTIMIZERS if name.startswith("rmsprop")}
_FRAMEWORKS = {"rmsprop": "Keras", "rmsprop-tf2": "tf.keras 2.10"}


def opened(source: Source) -> tuple[Source, ...]:
    """The source, and after it what it is compared with; each has no comparison of its own.

    Raises:
        LrstepError: that cannot be opened, is one and the same run, or there is no room for so many.
    """
    refuse_too_many(source.comparison.against)
    found = [source]
    for against in source.comparison.against:
        other = replace(_open(against, source), comparison=Comparison())
        if any(_is_same(other, one) for one in found):
            raise LrstepError(f"{against.text}: this is a run that is there already", "Name a setting that differs.")
        found.append(other)
    return tuple(found)


def lockstep(source: Source) -> Lockstep:
    """The run of a source and those that it is compared with, at their start.

    Raises:
        LrstepError: as :func:`opened`.
    """
    sources = source.side_by_side
    lanes = tuple(Lane(one.run(), label) for one, label in zip(sources, labels(sources), strict=True))
    return in_lockstep(lanes, source.comparison.pace, source.comparison.shown)


def _open(against: Against, base: Source) -> Source:
    """What a source is compared with: its own data with other settings, or other data.

    A run file, a sample or a recording has settings of its own; a table of data has those of the source.
    """
    if not against.name:
        return base.changed(base.settings.asked(against.settings))
    refuse_streams(against.name)
    path = against.path
    found = _data(against)
    if found.origin.file == base.origin.file and base.origin.file and found.dataset.label != base.dataset.label:
        problem = f"the label is {found.dataset.label}, and that of the run beside it {base.dataset.label}"
        raise LrstepError(f"{against.text}: {problem}", "Runs of the same data are compared in the same label.")
    settings = found.settings
    if path is not None and path.suffix.casefold() != ".toml":
        alike = len(found.dataset.columns) == len(base.dataset.columns)
        own = {"order": None} if alike else {"order": None, "weight": None}
        settings = base.settings.changed(**own)
    return found.changed(settings.asked(against.settings))


def _is_same(one: Source, other: Source) -> bool:
    alike = one.dataset is other.dataset or one.origin == other.origin
    return alike and one.settings == other.settings and (one.recording is None) == (other.recording is None)


def _data(against: Against) -> Source:
    """The data that it names, kept: other settings are no reason to read a file of a million rows again."""
    try:
        found = against.path.stat() if against.path else None
    except (OSError, ValueError):
        found = None  # whoever opens it says what is wrong
    key = (against.name, against.features, against.label, found and (found.st_mtime_ns, found.st_size))
    if key not in _KEPT:
        if len(_KEPT) >= MOST:
            _KEPT.clear()
        _KEPT[key] = open_source(against.name, against.features, against.label)
    return _KEPT[key]


_KEPT: dict[tuple[object, ...], Source] = {}


# --- what tells them apart -----------------------------------------------------------------------


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
    if len({one.recording is None for one in alike}) == 1:
        return ""
    return "free run" if source.recording is None else "recorded"


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
        return _FRAMEWORKS.get(value, settings.rule.framework) if optimizers <= _FAMILY else settings.rule.title
    if name == "seed" and settings.weight is not None and not settings.shuffle:
        return ""
    if name == "epochs":
        return counted(value, "epoch")
    if value is None:
        return "" if "seed" in told else "w drawn"
    if name == "scale":
        return "not scaled" if value == "none" else f"{value} scaling"
    if isinstance(value, bool):
        return _SWITCHES[name][not value]
    shown = value if isinstance(value, int) else " ".join(f"{one:.6g}" for one in _numbers(value))
    return f"{_WORDS.get(name, FIELDS[name].symbol)} {shown}"


def _numbers(value: float | tuple[float, ...]) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (value,)
