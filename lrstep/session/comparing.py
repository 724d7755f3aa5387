"""Comparing the run of a session with others, side by side: what to vary, which run is looked at, at which pace."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from lrstep.core.lockstep import PACES, Pace
from lrstep.core.optimizers import OPTIMIZERS
from lrstep.core.setting import Value
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.formulas.quantities import listed
from lrstep.sources.against import MOST, Against, Comparison, parse_against
from lrstep.sources.side_by_side import lockstep
from lrstep.sources.source import Source

if TYPE_CHECKING:
    from lrstep.session.session import Session


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
    rates = [float(f"{rate * factor:.12g}") for factor in (0.1, 10)]
    found = [
        _choice("batch", "batch sizes ", "batch_size", sizes, str(size)),
        _choice("lr", "learning rates ", "learning_rate", rates, f"{rate:.6g}"),
        _choice("optimizers", "", "optimizer", _without(OF_KERAS, settings), settings.rule.title),
        _choice("dialects", "", "optimizer", _dialects(settings), settings.rule.title),
    ]
    return [choice for choice in found if choice.against]


def _choice(word: str, what: str, setting: str, values: Sequence[Value], here: str) -> Choice:
    told = [f"{value:.6g}" if isinstance(value, float) else str(value) for value in values]
    told = [OPTIMIZERS[name].title if name in OPTIMIZERS else name for name in told]
    against = tuple(Against(settings={setting: value}) for value in values)
    return Choice(word, f"{what}{listed(told)} beside {here}" if told else "", against)


OF_KERAS = tuple(name for name, optimizer in OPTIMIZERS.items() if optimizer.keras)
RMSPROPS = tuple(name for name in OPTIMIZERS if name.startswith("rmsprop"))


def _dialects(settings: Settings) -> list[str]:
    """The other frameworks' RMSprop, beside an RMSprop."""
    return _without(RMSPROPS, settings) if settings.optimizer in RMSPROPS else []


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


def compare(session: "Session", source: Source) -> None:
    """Put the runs that a source is compared with beside that which is shown, at this moment.

    Args:
        session: what shows its run.
        source: what is shown, with what it is compared with.
    """
    runs = lockstep(source)
    shown = replace(runs.lanes[0], run=session.run)  # what is computed of it stays
    runs = replace(runs, lanes=(shown, *runs.lanes[1:]))
    session.go_on_with(runs.moved(session.number, session.phase), source.side_by_side)


def change(session: "Session", settings: Settings) -> None:
    """Start anew with other settings of the run that is shown; what tells the others from the first one stays."""
    first, shown = session.sources[0], session.lockstep.shown
    changed = first.changed(settings)
    if shown:
        against = list(first.comparison.against)
        against[shown - 1] = against[shown - 1].changed(settings, first.settings)
        changed = replace(first, cursor=None, comparison=Comparison(tuple(against), shown=shown))
    try:
        session.load(changed)
    except LrstepError as error:
        session.load(replace(session.source.changed(settings), comparison=Comparison()))
        session.say(f"no longer compared: {error.message}")


def change_in_place(session: "Session", settings: Settings) -> None:
    """The same, but where an epoch has as many batches as before, the cursor stays: what is there now can be compared."""
    number, phase, per_epoch = session.number, session.phase, session.run.batches.per_epoch
    change(session, settings)
    said = session.notice
    if number and session.run.batches.per_epoch == per_epoch:
        session.go(number, phase)
        session.say(said or f"the same place with other settings; {session.key('restart')} goes to the start")


def show_next(session: "Session") -> None:
    """Look at the next of the runs, at the same moment."""
    show(session, session.lockstep.shown + 1)


def show(session: "Session", lane: int) -> None:
    """Look at one of the runs, at the same moment; practice is left, for it is of one run."""
    if session.practice is not None:
        session.practise()
    session.playing = False
    session.go_on_with(session.lockstep.showing(lane))


def next_pace(session: "Session", pace: Pace | None = None) -> None:
    """Have something else be equal at the same moment: what is named, else the next of them in turn."""
    now = PACES.index(session.lockstep.pace)
    session.go_on_with(session.lockstep.paced(pace or PACES[(now + 1) % len(PACES)]))
