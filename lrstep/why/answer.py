"""What ``why`` answers: the sentence, the matches, the nearest values, and what would help."""

import textwrap
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Literal

from lrstep.formulas.numerals import short
from lrstep.why.question import Asked
from lrstep.why.worlds import Kind

Verdict = Literal["right", "rounded", "mistake", "unsure", "unknown"]
"""What is made of a number: "rounded" where rounding on the way explains it, "unsure" where chance would too."""


@dataclass(frozen=True)
class Match:
    """One thing that gives the typed number.

    Attributes:
        kind: "right" for a figure of this run, "reading" for one that was not asked for, else what went wrong.
        name: what it is, in words.
        quantity: its key, as in ``lrstep trace``.
        where: iteration, epoch and batch, or what else it belongs to.
        iteration: the iteration, 0 for the start; None for what belongs to none.
        value: the value in full.
        distance: how far from the typed number, as a part of half a unit of its last digit.
        formula, numbers: how the value comes about, in letters and with the numbers put in.
        right_name, right_value, right_formula, right_numbers: the same for what should have been computed;
            for a right value its own.
        explanation: why the two differ; empty where nothing differs.
        entries: keys of the catalogue that lead to this value: the mistake's own, or how a right
            value may stand in the wrong place.
        also: what else has the same value.
        chance: how many of the guesses tried, as common as this one or more so, would fit by chance.
        common: whether it is one of the things that people most often get wrong.
    """

    kind: Kind
    name: str
    quantity: str
    where: str
    iteration: int | None
    value: float
    distance: float
    formula: str
    numbers: str
    right_name: str
    right_value: float
    right_formula: str
    right_numbers: str
    explanation: str = ""
    entries: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    chance: float = 0.0
    common: bool = False

    @property
    def of_run(self) -> bool:
        """Whether it is a figure of this run, in its place or not."""
        return self.kind in ("right", "reading")

    @property
    def label(self) -> str:
        """Name and place in one."""
        return f"{self.name}, {self.where}" if self.where else self.name


@dataclass(frozen=True)
class Answer:
    """The answer to "why is my number different?".

    Attributes:
        typed: the number as typed.
        asked: what was asked about, and what is right there.
        verdict: what is made of the number.
        sentence: the answer in one sentence.
        matches: what gives the number, the likeliest first.
        nearest: where nothing does, what comes nearest.
        advice: what would make the answer better, and what was not searched; may be empty.
        found: how many values and mistakes fit, also those that are not listed.
    """

    typed: str
    asked: Asked
    verdict: Verdict
    sentence: str
    matches: tuple[Match, ...]
    nearest: tuple[Match, ...]
    advice: tuple[str, ...]
    found: int

    @property
    def right(self) -> bool:
        """Whether the number is, first of all, a right one."""
        return self.verdict == "right"

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, strings and numbers, for JSON."""
        made = asdict(self)
        for part in (made["asked"], *made["matches"], *made["nearest"]):
            # JSON has no nan and no infinity.
            part |= {name: None for name, value in part.items() if isinstance(value, float) and not isfinite(value)}
        return made


def why_text(answer: Answer, width: int = 80) -> list[str]:
    """The answer as lines of at most ``width`` characters, the sentence first, with an empty line between its parts."""
    sentence, *others = why_paragraphs(answer, width)
    return [*sentence, *(line for paragraph in others for line in ("", *paragraph))]


def why_paragraphs(answer: Answer, width: int) -> list[list[str]]:
    """The same by its parts: the sentence, a paragraph for each match, what comes nearest, and each advice."""
    paragraphs = [textwrap.wrap(answer.sentence, width)]
    paragraphs += [_match_lines(match, f"{number}. ", width) for number, match in enumerate(answer.matches, start=1)]
    if answer.nearest:
        lines = ["Nearest:"]
        for match in answer.nearest:
            head = f"{short(match.value)}  {match.label}"
            lines += textwrap.wrap(head, width, initial_indent="  ", subsequent_indent="    ")
        paragraphs.append(lines)
    return [*paragraphs, *(textwrap.wrap(advice, width) for advice in answer.advice)]


def _match_lines(match: Match, head: str, width: int) -> list[str]:
    def wrapped(text: str, first: str = "   ") -> list[str]:
        return textwrap.wrap(text, width, initial_indent=first, subsequent_indent="   ")

    value = short(match.value)
    lines = wrapped(f"{match.kind}: {match.label}: {value}", head)
    if match.formula:
        lines += wrapped(_computed(match.formula, match.numbers, match.value))
    if not match.of_run:
        computed = _computed(match.right_formula, match.right_numbers, match.right_value)
        lines += wrapped(f"right: {match.right_name}: {computed}")
    if match.explanation:
        lines += wrapped(match.explanation)
    if match.also:
        lines += wrapped(f"the same value: {'; '.join(match.also)}")
    return lines


def _computed(formula: str, numbers: str, value: float) -> str:
    if numbers.startswith("with"):
        return f"{formula} = {short(value)}, {numbers}"
    return f"{formula} = {numbers} = {short(value)}" if numbers else f"{formula} = {short(value)}"
