"""What dialogs show is as when it was last looked at, key by key."""

from collections.abc import AsyncIterator

import portraits
import pytest
from sitting import SimulatedJudge, opened
from sittings import LOW, RECORDING, Sketch, made, of
from textual.events import Click, MouseDown, MouseScrollDown, MouseUp
from textual.widgets import DirectoryTree, Input

from lrstep.tui.stepper_app import StepperApp

NARROW = (66, 24)
FILES = {
    "a.dat": "x y\n1 2\n2 5\n3 3\n", "b.txt": "a;b;c\n1;2;3\n2;4;5\n4;4;8\n", "two.csv": "x,y\n1,2\n2,4\n3,7\n",
    "no.py": "", "words.csv": "name,size\none,1\ntwo,2\n", "d.tsv": "x\ty\n1\t1\n2\t2\n",
}  # fmt: skip
"""What lies in the folder."""

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
    "recorded": of(str(RECORDING), "right c b escape x escape s enter s ctrl+u type:0.2 enter n", (LOW,)),
    "checked": of("mlcc", "c right c b escape N c p right c escape c d c", ((120, 40),), epochs=2),
    "palette": of(
        "mlcc", "ctrl+p down pagedown pageup type:xq backspace backspace type:all~m wheel:10,9 up enter ctrl+p "
        "click:9,5",
        ((100, 30),),
    ),
    "breakpoints": of(
        "mlcc",
        "B enter type:rmse<12 enter type:loss<<1 enter ctrl+u type:epoch=2 enter type:b>1 enter down down down down "
        "enter escape B type:rmse<9 enter down enter escape",
        (LOW,),
    ),
    "export": of(
        "mlcc",
        "e ctrl+u enter type:a.csv tab ctrl+u type:x enter ctrl+u type:5 tab ctrl+u type:3 enter ctrl+u type:9 enter "
        "e ctrl+u type:a.csv enter n escape e ctrl+u type:a.csv enter y e ctrl+u type:nowhere/a.csv enter escape S S",
        (LOW,),
    ),
    "settings": of(
        "mlcc", "s ctrl+u type:x tab tab tab ctrl+u type:rmsprop-pytorch tab ctrl+u type:2 enter ctrl+u type:0.8 enter",
        (LOW,),
    ),
    "why": of("mlcc", "right w enter type:21.8 tab tab type:x enter escape", (LOW,)),
    "compare": of(
        "mlcc", "v down down type:nothing enter escape v enter v end enter V v type:batch_size=2 enter", (LOW,)
    ),
    "open": of(
        "mlcc",
        "o down end tab down down down down enter tab tab enter o tab down down enter type:1,2 enter "
        "enter type:9 enter ctrl+u type:3 enter o type:two.csv enter enter o type:nosuch enter ctrl+u type:wide enter",
        ((100, 36), LOW),
    ),
    "go to": of(
        "mlcc", "g type:5.z enter ctrl+u type:e2b9 enter ctrl+u type:e2b2 enter g type:back~rmse<< enter escape",
        (LOW,),
    ),
}  # fmt: skip


MAIN = {
    "a lesson": of(
        "first-question", "enter enter right enter m M M enter i enter i h right enter enter enter enter", (LOW,)
    ),
    "keys": of(
        "mlcc",
        "right tab tab enter escape enter 1 2 3 4 5 j k t t t 4 z Z pagedown pageup home end u U f F n N p 1 "
        "enter escape R r P V 6 G",
        (LOW,),
    ),
    "mouse": of(
        "mlcc",
        "click:20,23 click:3,2 click:12,2 click:30,4 click:30,4 escape click:5,12 click:5,22 click:60,3 click:100,3 "
        "click:70,8 wheel:10,5 wheel:90,20 click:1,39 click:14,39 click:40,38 click:40,37 click:119,39 "
        "click:110,3 click:90,14",
        ((120, 40),), batch_size=9,
    ),
    "coached": of("thousands", "end enter u click:10,19 click:10,20 click:10,21 end click:5,20 F", (LOW,), epochs=4),
}  # fmt: skip
"""What keys and the mouse do on the main screen."""


async def settled(pilot) -> list[str]:
    """The dialog once nothing happens on it any more; what lies behind it is not looked at."""
    now: list[str] | None = None
    for _ in range(2000):
        await pilot.pause()
        if is_busy(pilot.app):
            continue
        before, now = now, shown(pilot.app)
        if now == before and any(now):  # a dialog has no lines until it has its place
            break
    return now or []


def is_busy(app: StepperApp) -> bool:
    """Whether something is still to come that changes what is shown."""
    keys, session = app._keys, app.screen_stack[0].session
    return bool(
        keys._busy or keys._waiting or (session.checker.on and not session.checker.fit) or session.coaching.wonders
        or any(not one.is_finished for one in app.workers if one.group in ("look", "read", "write"))
        or any(not tree.root.children for tree in app.screen.query(DirectoryTree))
    )  # fmt: skip


def shown(app: StepperApp) -> list[str]:
    """The lines of the dialog, or of the main screen."""
    dialog = app.screen
    region = dialog.children[0].region if len(app.screen_stack) > 1 else dialog.region
    strips = dialog._compositor.render_strips()[region.y : region.bottom]
    return ["".join(segment.text for segment in strip.crop(region.x, region.right)).rstrip() for strip in strips]


async def do(pilot, word: str) -> None:
    """Press a key, type a text, or use the mouse at a place."""
    kind, _, rest = word.partition(":")
    if kind in ("click", "wheel"):
        x, y = map(int, rest.split(","))
        events = (MouseDown, MouseUp, Click) if kind == "click" else (MouseScrollDown,)
        await pilot._post_mouse_events([*events], widget=None, offset=(x, y), button=1)
        return
    if kind == "type" and isinstance(pilot.app.focused, Input):
        pilot.app.focused.insert_text_at_cursor(rest.replace("~", " "))
        return
    await pilot.press(*rest if kind == "type" else [word])


async def pages(sketch: Sketch, main: bool) -> AsyncIterator[tuple[str, list[str]]]:
    """A page for each word: the dialog that is open, or the main screen."""
    app = StepperApp(source := opened(sketch))
    with pytest.MonkeyPatch.context() as patch:
        if not source.settings.order:
            patch.setattr("lrstep.check.judge.judge_of", lambda _, by, present=None: SimulatedJudge(by))
        async for page in pages_of(app, sketch, main):
            yield page


async def pages_of(app: StepperApp, sketch: Sketch, main: bool) -> AsyncIterator[tuple[str, list[str]]]:
    """The same of an app."""
    async with app.run_test(size=sketch.sizes[0]) as pilot:
        for word in sketch.words.split():
            await do(pilot, word)
            lines = await settled(pilot)
            if main or len(app.screen_stack) > 1:
                yield f"{word} on {type(app.screen).__name__}", lines


async def test_dialogs(request, short_folder, monkeypatch):
    for name, text in FILES.items():
        (short_folder / name).write_text(text)
    monkeypatch.chdir(short_folder)
    made = [
        (f"{name}: {title}", [line.replace(short_folder.name, "F" * len(short_folder.name)) for line in lines])
        for name, sketch in (DIALOGS | MAIN).items()
        async for title, lines in pages(sketch, name in MAIN)
    ]
    portraits.compare("dialogs", made, request)
