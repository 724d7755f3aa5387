"""Portraits: texts that were looked at once and are compared with those of now.

They lie compressed beside the tests. After a wanted change: ``pytest tests/portraits --snapshot-update``; what differs
is told, page by page, by the run before that.
"""

import difflib
import lzma
import re
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

import pytest

KEPT = Path(__file__).parent / "kept"
BREAK = "\f"
"""Stands between two pages."""


def compare(name: str, made: Iterable[tuple[str, Iterable[str]]], request: pytest.FixtureRequest) -> None:
    """Compare pages, each a heading and lines, with those that were kept under a name; keep them, if that is wanted."""
    portrait, now = KEPT / f"{name}.xz", ["\n".join([heading, *lines]) for heading, lines in made]
    if request.config.getoption("--snapshot-update"):
        KEPT.mkdir(exist_ok=True)
        portrait.write_bytes(lzma.compress(BREAK.join(now).encode(), preset=9 | lzma.PRESET_EXTREME))
    before = lzma.decompress(portrait.read_bytes()).decode().split(BREAK)
    different = [(old, new) for old, new in zip_longest(before, now, fillvalue="") if old != new]
    if different:
        old, new = (page.splitlines() for page in different[0])
        told = difflib.unified_diff(old, new, "kept", "now", lineterm="", n=1)
        title = f"{len(different)} of {len(now)} pages differ; the first is {(new or old)[0]}"
        pytest.fail("\n".join([title, *told]), pytrace=False)


def rounded(text: str) -> str:
    """A text whose numbers have ten digits: the last ones are another test's, and may differ between machines."""
    return re.sub(r"-?\d+\.\d{9,}(e[-+]\d+)?", lambda found: f"{float(found[0]):.10g}", text)
