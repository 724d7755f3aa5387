"""Plain mode from the first line to the last: typed lines in, lines out, however it ends."""

import contextlib
import os
import select
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from lrstep.errors import LrstepError
from lrstep.export.output import ending_tidily
from lrstep.plain.conversation import Conversation
from lrstep.plain.voice import Voice
from lrstep.session.characters import takes_utf_8
from lrstep.session.commands import HELPS
from lrstep.session.lesson.course import BEGINNINGS
from lrstep.session.session import Session
from lrstep.sources.keeper import Keeper
from lrstep.sources.source import Source
from lrstep.visible import visible

LONGEST = 10_000
"""Characters of a line; a terminal takes 4,095."""


def step_plainly(
    source: Source,
    at: str | None,
    keys: Mapping[str, Sequence[str]],
    *,
    ascii: bool = False,
    precision: str = "float32",
    notice: str = "",
    newcomer: bool = False,
) -> int:
    """Step through a run by lines from standard input; their end means quit.

    Args:
        source: data and settings.
        at: place to open at.
        keys: command → its keys; those that are characters can be typed for the command.
        ascii: ASCII characters only; they are also used where no others can be shown.
        precision: of the Keras check.
        notice: a message to begin with.
        newcomer: whether to ask what brings the person here, where one sits at a terminal.

    Returns:
        The exit status: 0, or 130 after Ctrl+C.

    Raises:
        LrstepError: the place to open at does not exist, or a line is too long to be typed.
    """
    out = sys.stdout
    for stream in (sys.stdin, out):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    voice = Voice(out, ascii or not takes_utf_8(out))
    session = Session(source, at, ascii=voice.ascii, precision=precision)
    conversation = Conversation(session, voice, keys)
    with _kept(conversation) as keeper, ending_tidily():
        try:
            _converse(conversation, notice, newcomer, keeper)
        except KeyboardInterrupt:
            return 130
    return 0


def _converse(conversation: Conversation, notice: str, newcomer: bool, keeper: Keeper) -> None:
    asks = sys.stdin is not None and sys.stdin.isatty()
    conversation.open(notice)
    if asks and newcomer:
        conversation.say("New here? What brings you?", *(f"{command}: {HELPS[command]}" for command in BEGINNINGS))
    if asks:
        conversation.say("Type help and Enter for the commands, an empty line for the next iteration, q to leave.")
    while not conversation.over:
        keeper.keep()
        if asks:
            conversation.talk.voice.ask(conversation.prompt)
        conversation.talk.voice.flush()
        if asks:
            _wait(sys.stdin)
        line = _line(sys.stdin)
        if not line:
            if asks:
                conversation.say("")
            return
        conversation.do(line)
    conversation.talk.voice.flush()


def _wait(terminal: TextIO) -> None:
    """Wait until a line is typed, or a signal comes.

    A signal that comes between Python's last look for one and the reading would else be seen after the next line only.
    """
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    before = signal.set_wakeup_fd(wake)
    try:
        select.select([terminal.fileno(), awake], [], [])
    except (OSError, ValueError):
        return  # the terminal is gone, as reading will tell
    finally:
        signal.set_wakeup_fd(before)
        os.close(awake)
        os.close(wake)


def _line(stream: TextIO | None) -> str:
    """The next typed line; "" at the end of the input, or where the terminal is gone.

    Raises:
        LrstepError: it does not end, as where something else than commands comes from a pipe.
    """
    try:
        line = stream.readline(LONGEST + 1) if stream is not None else ""
    except (OSError, ValueError):
        return ""
    if len(line.rstrip("\n")) > LONGEST:
        raise LrstepError(f"standard input: a line has more than {LONGEST:,} characters", "Commands are short lines.")
    return line


@contextlib.contextmanager
def _kept(conversation: Conversation) -> Iterator[Keeper]:
    """Whatever ends the session: no Keras is left running, and the run is kept."""
    session = conversation.session
    # On the way to where it opens there is nothing to keep, and what was kept before is better.
    keeper = Keeper(lambda: session.kept if session.arrived else None, conversation.say)
    try:
        yield keeper
    finally:
        trouble = keeper.at_the_end()
        conversation.talk.check.stop()
        if trouble:
            print(f"lrstep: {visible(trouble)}", file=sys.stderr)
