"""What dialogs show is as when it was last looked at, key by key."""

from collections.abc import AsyncIterator

import portraits
from sitting import opened
from sittings import LOW, RECORDING, Sketch, made, of

from lrstep.tui.stepper_app import Stepper

NARROW = (66, 24)
DIALOGS = {
    "one feature": of(
        "mlcc",
        "right " + "x right escape down " * 7
        + "x 1 right 2 escape s down end escape e escape v down escape B type:rmse<12 "
        "enter escape g type:999 enter escape S escape "
        "question_mark pagedown end escape o type:x "
        "enter",
        (LOW,), momentum=0.9, centered=True,
    ),
    "many terms": of(
        made(300, 8), "down down x right end pageup escape down down down x pagedown right end escape", (NARROW,),
        batch_size=300,
    ),
    "several features": of(made(9, 3), "right s escape v escape down down down down x right right", ((120, 40),)),
    "recorded": of(str(RECORDING), "right c b escape x escape s", (LOW,)),
}  # fmt: skip


async def settled(pilot) -> list[str]:
    """The dialog once nothing happens on it any more; what lies behind it is not looked at."""
    before: list[str] = []
    for _ in range(2000):
        await pilot.pause()
        dialog, keys = pilot.app.screen, pilot.app._keys
        checker = pilot.app.screen_stack[1].session.checker
        region = dialog.children[0].region if len(pilot.app.screen_stack) > 2 else dialog.region
        strips = dialog._compositor.render_strips()[region.y : region.bottom]
        now = ["".join(segment.text for segment in strip.crop(region.x, region.right)).rstrip() for strip in strips]
        busy = keys._busy or keys._waiting or (checker.on and not checker.fit)
        if now == before and not busy:
            break
        before = now
    return now


async def pages(sketch: Sketch) -> AsyncIterator[tuple[str, list[str]]]:
    app = Stepper(opened(sketch))
    async with app.run_test(size=sketch.sizes[0]) as pilot:
        for word in sketch.words.split():
            typed = word.partition("type:")[2]
            await pilot.press(*({"<": "less_than_sign", ".": "full_stop"}.get(key, key) for key in typed or [word]))
            lines = await settled(pilot)
            if len(app.screen_stack) > 2:
                yield f"{word} on {type(app.screen).__name__}", lines


async def test_dialogs(request, tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path / "folder")
    made = [(f"{name}: {title}", lines) for name, sketch in DIALOGS.items() async for title, lines in pages(sketch)]
    portraits.compare("dialogs", made, request)
