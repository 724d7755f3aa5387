"""The one gate for text from outside: what would steer a terminal becomes a mark that can be seen."""

import re

STEERING = re.compile(
    "["
    r"\x00-\x1f\x7f-\x9f"  # control characters: escape sequences begin with one
    r"\u2028\u2029"  # line ends
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # changes of the writing direction
    r"\xad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # what nobody sees
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
    r"\ud800-\udfff"  # bytes of a file's name that are no UTF-8
    "]"
)
"""Characters that no name has a use for. Those that join letters (U+200C and U+200D) are none of them."""


def visible(text: str) -> str:
    r"""A text on one line of a terminal: what would steer the terminal or turn the text around stands as ``\x1b``."""
    return text if text.isprintable() else STEERING.sub(lambda match: ascii(match.group())[1:-1], text)


def visible_lines(text: str) -> str:
    """The same for a text of several lines, which stay so; tabs become blanks."""
    return text if text.isprintable() else "\n".join(map(visible, text.expandtabs(4).split("\n")))


def visible_json(text: str) -> str:
    r"""A JSON text in which the same characters stand as escapes (``\u202e``): it says what it said.

    The line ends between its values stay; inside a text JSON has none.
    """
    return text if text.isprintable() else STEERING.sub(_json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass").hex()
    return "\n" if match.group() == "\n" else "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
