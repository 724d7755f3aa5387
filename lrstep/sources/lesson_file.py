"""Guided lessons: run files with steps, each an instruction and what has to be done; docs/lessons.md describes them.

Here the form of a step is read. What its words mean (commands, charts, places) is known where a lesson is gone
through: :mod:`lrstep.session.lesson`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lrstep.core.settings import IN_FILES
from lrstep.errors import LrstepError
from lrstep.sources.columns import did_you_mean
from lrstep.sources.files import quoted
from lrstep.sources.toml_lines import Document, Key
from lrstep.sources.toml_text import shown_value

LONGEST = {"text": 400, "hint": 160, "press": 160, "type": 160, "show": 20}
"""Key of a step → characters that it may have; whether they fit on a screen of 80×24 is seen where keys are known."""

LONGEST_TITLE = 44

MOST_STEPS = 99

KINDS: dict[str, tuple[type, ...]] = {
    "at": (str, int),
    "phase": (str,),
    "where": (str,),
    "chart": (str,),
    "panel": (str,),
    "settings": (dict,),
    "data": (str,),
    "answer": (int, float),
    "tolerance": (int, float),
    "check": (bool,),
    "scrolled": (bool,),
    "runs": (int,),
    "shown": (int,),
    "pace": (str,),
    "command": (str,),
}
"""What may stand in ``until`` → the types of its value."""

_WRITTEN = {
    str: 'a text: "…"',
    int: "a number",
    float: "a number",
    dict: "a table: { batch_size = 4 }",
    bool: "true",
}


@dataclass(frozen=True)
class LessonStep:
    """One instruction of a lesson.

    Attributes:
        text: what to do and to look at; ``{next}`` in it stands for the key of the command ``next``.
        press: what to press, as commands, names of keys and typed texts; None where it is what ``text`` names.
        type: what to type in plain mode, where that is not the commands of ``press``.
        hint: what helps.
        show: the chart, or "panels", that is shown when the step begins; empty for what is there.
        until: what has to hold, by name; nothing where there is only something to read.
    """

    text: str
    press: str | None = None
    type: str = ""
    hint: str = ""
    show: str = ""
    until: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Lesson:
    """The steps of a lesson.

    Attributes:
        name: what to type to open it: the name of one that comes with lrstep, or the path of a file.
        title: a few words.
        steps: in their order, at least one.
    """

    name: str
    title: str
    steps: tuple[LessonStep, ...]


def read_steps(document: Document) -> tuple[LessonStep, ...]:
    """The steps of a run file; none where it has none.

    Raises:
        LrstepError: something in them is unknown, missing or of a wrong kind; step and line are named.
    """
    content = document.content.get("steps", [])
    if not isinstance(content, list) or not all(isinstance(table, dict) for table in content):
        raise document.refusal(("steps",), "steps are tables", "Write each step below a line [[steps]].")
    if len(content) > MOST_STEPS:
        raise document.refusal(("steps",), f"{len(content)} steps are too many", f"A lesson has at most {MOST_STEPS}.")
    return tuple(_Reader(number, document).step(table) for number, table in enumerate(content, 1))


class _Reader:
    """Reads one step and names it in what it refuses."""

    def __init__(self, number: int, document: Document) -> None:
        self._number, self._document = number, document

    def step(self, table: dict[str, Any]) -> LessonStep:
        known = (*LONGEST, "until")
        for name in table:
            if name not in known:
                hint = f"{did_you_mean(name, known)}Known in a step: {', '.join(known)}."
                raise self._refusal(name, f"unknown key {quoted(name)}", hint)
        texts = {name: self._text(name, table[name]) for name in LONGEST if name in table}
        if not texts.get("text", "").strip():
            raise self._refusal("text", "there is no text", 'Say what to do: text = "Press {next} once."')
        return LessonStep(**texts, until=self._until(table.get("until", {})))

    def _text(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise self._refusal(name, f"{name} is not a text: {shown_value(value)}", "Put it in quotes.")
        text, most = " ".join(value.split()), LONGEST[name]
        if len(text) > most:
            hint = f"At most {most}: shorten it, or make two steps of it."
            raise self._refusal(name, f"{name} has {len(text)} characters", hint)
        return text

    def _until(self, conditions: Any) -> dict[str, Any]:
        if not isinstance(conditions, dict):
            hint = "Write until = { at = 1 }."
            raise self._refusal("until", f"until is no table: {shown_value(conditions)}", hint)
        for name, value in conditions.items():
            if name not in KINDS:
                hint = f"{did_you_mean(name, KINDS)}Known in until: {', '.join(KINDS)}."
                raise self._refusal("until", f"until has an unknown condition {quoted(name)}", hint)
            if type(value) not in KINDS[name] or value is False:
                hint = f"It is {_WRITTEN[KINDS[name][0]]}."
                raise self._refusal("until", f"until.{name} {shown_value(value)} is not valid", hint)
        if "tolerance" in conditions and "answer" not in conditions:
            raise self._refusal("until", "until.tolerance belongs to an answer", "Write answer = 21.8 beside it.")
        return {name: self._settings(value) if name == "settings" else value for name, value in conditions.items()}

    def _settings(self, values: dict[str, Any]) -> dict[str, Any]:
        checked = {}
        for name, value in values.items():
            if name not in IN_FILES or name == "order":
                hint = f"{did_you_mean(name, IN_FILES)}Settings are called as in a run file."
                raise self._refusal("until", f"until.settings has no {quoted(name)}", hint)
            called = f"step {self._number}: until.settings: {IN_FILES[name].label}"
            checked[name] = self._document.checked(self._key("until"), called, IN_FILES[name], value)
        return checked

    def _refusal(self, key: str, problem: str, hint: str) -> LrstepError:
        return self._document.refusal(self._key(key), f"step {self._number}: {problem}", hint)

    def _key(self, key: str) -> Key:
        return "steps", f"[{self._number}]", key
