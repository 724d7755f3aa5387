"""Draw the pictures of the screen that the README shows: python docs/draw.py"""

import asyncio
import re
from pathlib import Path

from lrstep.sources.open_source import open_source
from lrstep.tui.stepper_app import StepperApp

HERE = Path(__file__).parent
PICTURES = {
    "screen.svg": ((120, 40), ["right"] * 5),
    "screen-80x24.svg": ((80, 24), ["right"] * 5),
    "surface.svg": ((120, 40), ["end", "4"]),
}


async def draw(name: str, size: tuple[int, int], keys: list[str]) -> None:
    app = StepperApp(open_source("mlcc"))
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause(0.5)
        (HERE / name).write_text(self_contained(app.export_screenshot(title="lrstep")), encoding="utf-8")


def self_contained(svg: str) -> str:
    """The picture without fonts from elsewhere: it shows in any monospaced font that is there."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return re.sub(
        r"font-family: (Fira Code|arial)[^;]*;", "font-family: 'DejaVu Sans Mono', Menlo, Consolas, monospace;", svg
    )


for picture, (size, keys) in PICTURES.items():
    asyncio.run(draw(picture, size, keys))
