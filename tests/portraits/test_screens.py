"""Every screen of the sittings is as it was when somebody last looked at it: characters and styles."""

from collections.abc import Iterator

import portraits
import pytest
from sitting import Sitting, drawn
from sittings import SITTINGS


def pages(group: str) -> Iterator[tuple[str, list[str]]]:
    """A page for every word of every sitting, and every size."""
    for name, sketch in SITTINGS[group].items():
        sitting = Sitting(sketch)
        for word in ("", *sketch.words.split()):
            if word:
                sitting.do(word, sketch.sizes[0])
            for width, height in sketch.sizes:
                yield f"{name}: {word or 'opened'} at {width}x{height}", drawn(sitting.screen((width, height)))


@pytest.mark.parametrize("group", SITTINGS)
def test_screens(group, request):
    portraits.compare(group, pages(group), request)
