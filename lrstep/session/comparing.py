"""Comparing a run with others, side by side: what to vary, and what is meant by a typed text."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from lrstep.core.optimizers import OF_KERAS, OPTIMIZERS, RMSPROPS
from lrstep.core.setting import Value
from lrstep.core.settings import Settings
from lrstep.formulas.quantities import listed
from lrstep.sources.against import MOST, Against, Comparison, parse_against
from lrstep.sources.lanes import lockstep
from lrstep.sources.source import Source

OFF = "off"
"""What is typed to compare no longer."""


class Choice(NamedTuple):
    """Something to vary: the word for it, what is compared in a few words, and with which runs."""

    word: str
    title: str
    against: tuple[Against, ...]


def choices(source: Source) -> list[Choice]:
    """What can be varied of a source, beside what it has itself."""
    settings = source.settings
    n, rate = len(source.dataset), settings.learning_rate
    size = min(settings.batch_size, n)
    sizes = [other for other in dict.fromkeys((1, n)) if other != size]
    # Where float64 ends, a tenth is 0 and ten times as much is inf.
    rates = [other for factor in (0.1, 10) if 0 < (other := float(f"{rate * factor:.12g}")) < math.inf]
    dialects = RMSPROPS if settings.optimizer in RMSPROPS else ()
    found = [
        _choice("batch", "batch size", "batch_size", sizes, str(size)),
        _choice("lr", "learning rate", "learning_rate", rates, f"{rate:.6g}"),
        _choice("optimizers", "", "optimizer", _without(OF_KERAS, settings), settings.rule.title),
        _choice("dialects", "", "optimizer", _without(dialects, settings), settings.rule.title),
    ]
    return [choice for choice in found if choice.against]


def _choice(word: str, what: str, setting: str, values: Sequence[Value], here: str) -> Choice:
    told = [f"{value:.6g}" if isinstance(value, float) else str(value) for value in values]
    told = [OPTIMIZERS[name].title if name in OPTIMIZERS else name for name in told]
    against = tuple(Against(settings={setting: value}) for value in values)
    noun = f"{what}{'s' * (len(told) > 1)} " if what else ""
    return Choice(word, f"{noun}{listed(told)} beside {here}" if told else "", against)


def _without(names: Sequence[str], settings: Settings) -> list[str]:
    return [name for name in names if name != settings.optimizer][:MOST]


def meant(text: str, source: Source) -> Source:
    """The source with the runs that a typed text compares it with.

    The text is the word of a choice, or settings with ``;`` between several runs, or ``off`` for no other run.

    Raises:
        LrstepError: it is none of them, or one of the runs cannot be opened, or is that of the source itself.
    """
    word = text.strip().lower()
    chosen = [choice.against for choice in choices(source) if choice.word == word]
    against = () if word == OFF else chosen[0] if chosen else tuple(map(parse_against, text.split(";")))
    compared = replace(source, cursor=None, comparison=Comparison(against))
    lockstep(compared)
    return compared


def changed(source: Source, shown: int, settings: Settings) -> Source:
    """A source with other settings of one of the runs that it has side by side; what tells the others apart stays.

    Args:
        source: the first of them, with what it is compared with.
        shown: the place of the run that is changed.
        settings: its new ones.
    """
    if not shown:
        return source.changed(settings)
    against = list(source.comparison.against)
    against[shown - 1] = against[shown - 1].changed(settings, source.settings)
    return replace(source, cursor=None, comparison=Comparison(tuple(against), shown=shown))
