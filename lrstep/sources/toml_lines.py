"""In which line of a TOML file a key stands, which the parser of the standard library does not tell."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from lrstep.core.setting import Field
from lrstep.errors import LrstepError, SettingsError
from lrstep.sources.columns import did_you_mean
from lrstep.sources.files import quoted
from lrstep.sources.toml_text import shown_value

Key = tuple[str, ...]

TOKEN = re.compile(
    # Possessive (*+), so that a long text is walked through without a memory of every step; and a text that is never
    # closed is one to the end, so that it is walked through once.
    r'''(?P<string>"""(?:[^"\\]++|\\.|"(?!""))*+(?:"{3,5}|\\?\Z)|\'\'\'(?:[^']++|'(?!''))*+(?:'{3,5}|\Z)'''
    r"""|"(?:[^"\\\n]++|\\.)*+(?:"|(?=\n)|\\?\Z)|'[^'\n]*+(?:'|(?=\n)|\Z))"""
    r"|(?P<newline>\n)|(?P<blank>[ \t\r]+)|(?P<comment>\#[^\n]*)|(?P<bare>[A-Za-z0-9_-]+)|(?P<sign>.)",
    re.DOTALL,
)

MISTAKES = {
    r'"[^"]*\\': r"A path with backslashes stands between single quotes: 'C:\data.csv'.",
    r'"[^"]*$': 'A text ends with a quote as it begins: name = "text".',
    r"[+-]?\d+,\d": "A number has a decimal point: name = 0.5.",
    r"(?!true|false|inf|nan)[^\W\d_]": 'A text stands in quotes: name = "text".',
}
"""How the value begins in a line that is no TOML → what to write."""

DEEPEST = 16
"""Parts that a dotted key may have, and depth of values in each other; two are ever needed."""
LONGEST_NUMBER = 200
"""Characters."""
LARGEST = 2**63
"""TOML promises whole numbers below this one."""


@dataclass(frozen=True)
class Token:
    """A piece of the text: its kind (a group of TOKEN), its characters, the line it begins in."""

    kind: str
    text: str
    line: int


class Document:
    """The content of a TOML text, and what is wrong in it with its line.

    Args:
        text: to be parsed.
        path: for messages.

    Attributes:
        content: what it holds.
        lines: the line (from 1) of each of its keys and tables by its whole path: ``("settings", "rho")`` → 7; the
            second table of an array also as ``("steps", "[2]")``. Dotted and quoted keys, tables, arrays of tables and
            inline tables are all understood; a table that is only implied has the line of the first key in it.

    Raises:
        LrstepError: it is no valid TOML; with the line where that is known.
    """

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        text = text.replace("\r\n", "\n")
        tokens = _tokens(text)
        _refuse_excess(tokens, path)
        try:
            self.content = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise _no_toml(path, text, error) from None
        self.lines = _Scan(tokens).document()
        _refuse_large_numbers(self.content, (), self.lines, path)

    def refusal(self, key: Key, problem: str, hint: str) -> LrstepError:
        """What is wrong with a key, or the table that lacks it."""
        while key and key not in self.lines:
            key = key[:-1]
        line = f", line {self.lines[key]}" if key else ""
        return LrstepError(f"{self.path}{line}: {problem}", hint)

    def table(self, name: str) -> dict[str, Any]:
        """One of its tables; an empty one where it has none of that name."""
        table = self.content.get(name, {})
        if not isinstance(table, dict):
            raise self.refusal((name,), f"{name} is a table", f"Write [{name}] on a line of its own.")
        return table

    def refuse_unknown(self, table: Key, names: Iterable[str], known: Sequence[str], listed: Sequence[str]) -> None:
        """Refuse a key in a table that is not known; the hint has those that are listed."""
        for name in names:
            if name not in known:
                hint = f"{did_you_mean(name, known)}Known here: {', '.join(listed)}."
                raise self.refusal((*table, name), f"unknown key {quoted(name)}", hint)

    def checked(self, key: Key, name: str, field: Field, value: Any) -> Any:
        """The value of a setting, which is called so where it is refused."""
        try:
            return field.check(value)
        except SettingsError as error:
            raise self.refusal(key, f"{name} {shown_value(value)} is not valid", error.hint) from None


def _refuse_excess(tokens: list[Token], path: Path) -> None:
    """Refuse what takes the parser for ever: the time for a key or a number grows with the square of its length."""
    parts, opened, key = 0, 0, ""
    for before, token in pairwise([Token("newline", "\n", 1), *tokens]):
        parts = parts + 1 if token.text == "." else parts if before.text == "." else 0
        opened = max(0, opened + (token.text in ("[", "{")) - (token.text in ("]", "}")))
        key = before.text if token.text == "=" and before.kind in ("bare", "string") else key
        where = f"{path}, line {token.line}"
        if parts >= DEEPEST:
            raise LrstepError(f"{where}: a key of more than {DEEPEST} parts", "Keys have one or two: settings.rho")
        if opened > DEEPEST:
            hint = "No value needs more than two."
            raise LrstepError(f"{where}: more than {DEEPEST} brackets in each other", hint)
        # A number, or the digits behind its point.
        digits = before.text == "=" or token.text.lstrip("-")[:1].isdigit()
        if token.kind == "bare" and len(token.text) > LONGEST_NUMBER and digits:
            problem = f"{quoted(key)} has a value of {len(token.text):,} characters that is no text"
            raise LrstepError(f"{where}: {problem}", f"A number has at most {LONGEST_NUMBER}.")


def _refuse_large_numbers(value: Any, key: Key, lines: dict[Key, int], path: Path) -> None:
    """Refuse whole numbers of more than 64 bits, which TOML does not know."""
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        problem = f"{quoted(key[-1])} is a whole number of more than 64 bits"
        raise LrstepError(f"{path}, line {lines.get(key, 1)}: {problem}", f"Whole numbers are below {LARGEST}.")
    for name, one in value.items() if isinstance(value, dict) else ():
        _refuse_large_numbers(one, (*key, name), lines, path)
    for one in value if isinstance(value, list) else ():
        _refuse_large_numbers(one, key, lines, path)


def _no_toml(path: Path, text: str, error: Exception) -> LrstepError:
    problem = str(error) or type(error).__name__
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", problem)
    line = len(text.rstrip("\n").split("\n"))
    if place:
        problem = problem[: place.start()]
        line = int(place.group(1) or line)
    where = f"{path}, line {line}" if place else f"{path}"
    value = text.split("\n")[line - 1].partition("=")[2].strip() if place else ""
    hints = (hint for mistake, hint in MISTAKES.items() if re.match(mistake, value))
    return LrstepError(f"{where}: this is no valid TOML: {problem}", next(hints, "A key is written as: name = value."))


def _tokens(text: str) -> list[Token]:
    tokens, line = [], 1
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind not in ("blank", "comment"):
            tokens.append(Token(kind, match.group(), line))
        line += match.group().count("\n")
    return tokens


class _Scan:
    """A walk through the tokens that notes the keys and skips the values."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.lines: dict[Key, int] = {}

    def document(self) -> dict[Key, int]:
        table: Key = ()
        counts: dict[Key, int] = {}
        while self.at < len(self.tokens):
            if self._sees("\n"):
                self.at += 1
            elif self._sees("["):
                line, begin = self.tokens[self.at].line, self.at
                self._skip("[")
                several = self.at - begin > 1
                table = self._key(())
                self._skip("]")
                if several:
                    counts[table] = counts.get(table, 0) + 1
                    self.lines[*table, f"[{counts[table]}]"] = line
            else:
                self._assignment(table)
        return self.lines

    def _sees(self, *texts: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].text in texts

    def _skip(self, *texts: str) -> None:
        while self._sees(*texts):
            self.at += 1

    def _key(self, table: Key) -> Key:
        path = table
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.kind not in ("bare", "string"):
                break
            self.at += 1
            path += (token.text if token.kind == "bare" else str(tomllib.loads(f"key = {token.text}")["key"]),)
            self.lines.setdefault(path, token.line)
            if not self._sees("."):
                break
            self.at += 1
        return path

    def _assignment(self, table: Key) -> None:
        before = self.at
        path = self._key(table)
        self._skip("=")
        self._value(path)
        self.at = max(self.at, before + 1)

    def _value(self, path: Key) -> None:
        if self._sees("{", "["):
            inside = self._assignment if self._sees("{") else self._value
            self.at += 1
            while self.at < len(self.tokens) and not self._sees("}", "]"):
                self._skip("\n", ",")
                if not self._sees("}", "]"):
                    inside(path)
            self.at += 1
        else:
            while self.at < len(self.tokens) and not self._sees("\n", ",", "]", "}"):
                self.at += 1
