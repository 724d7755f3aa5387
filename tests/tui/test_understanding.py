"""Why, practice, check, export and save inside the stepper."""

import asyncio
import json
import threading
import time

import pytest
from textual import events
from textual.widgets import Input, OptionList

from lrstep.check import judge
from lrstep.check.client import KerasClient
from lrstep.check.quantity import ComparedQuantity
from lrstep.check.verdict import StepVerdict
from lrstep.errors import LrstepError
from lrstep.tui.dialogs import export_dialog, why_dialog
from lrstep.why.answer import why_paragraphs
from lrstep.why.ask_why import why


def said(s) -> str:
    return str(s.app.screen.query_one("#sentence").render())


async def asked(s):
    """Enter, and wait for the answer."""
    await s.press("enter")
    await s.until(lambda: "Searching" not in said(s) and "Type the number" not in said(s))
    await s.pilot.pause()


async def test_why_answers_the_learner(stepper):
    async with stepper(size=(80, 24), batch_size=12, epochs=1) as s:
        await s.press("right", "w")
        await s.type("21.8")
        await asked(s)
        sentence = said(s)
        assert "weights from after the update" in sentence
        assert "23.1404" in sentence
        await s.press("down", "enter")
        assert s.top == "StepperScreen"
        assert s.place == (1, "after")


@pytest.mark.usefixtures("painted")  # a list of Textual counts the lines of its rows when it draws them
async def test_why_takes_no_more_room_than_it_needs_and_its_answers_scroll_from_the_field(stepper):
    async with stepper(size=(80, 24), at="5") as s:
        await s.press("w")
        assert s.app.screen.query_one(".dialog").size.height < 10
        await s.type("0.62")
        await asked(s)
        answers = s.app.screen.query_one("#answers", OptionList)
        assert s.app.screen.query_one(".dialog").size.height > 15 and answers.scroll_y == 0
        await s.press("pagedown")
        assert answers.scroll_y > 5 and s.place == (5, "after")
        await s.press("pageup")
        assert answers.scroll_y == 0


async def test_why_goes_to_the_iteration_of_an_answer(stepper):
    async with stepper() as s:
        await s.press("w")
        await s.type("315.158")
        await asked(s)
        await s.press("down", "enter")
        assert s.place == (5, "after")


async def test_the_start_is_a_place_to_go_to_as_well(stepper):
    async with stepper(at="5") as s:
        await s.press("w")
        await s.type(f"{s.session.run.iteration(1).full_rmse_before:.9g}")
        await asked(s)
        assert "start" in said(s)
        await s.press("down", "enter")
        assert s.place == (0, "start")


async def test_each_number_gets_the_answers_of_its_own_about_the_iteration_under_the_cursor(stepper):
    async with stepper(at="5") as s:
        run = s.session.run
        await s.press("w")
        for typed in ("3.1", "0.62", "3.1"):
            s.app.screen.query_one("#number", Input).value = typed
            s.app.screen.query_one("#meant", Input).value = "weight"
            s.app.screen.query_one("#number", Input).focus()
            await asked(s)
            answer = why(run, typed, "weight", None, 5)
            width = max(40, s.app.screen.query_one("#sentence").size.width - 4)
            shown = s.app.screen.query_one("#answers", OptionList)
            assert said(s) == answer.sentence and "iteration 5" in said(s)
            assert shown.option_count == len(why_paragraphs(answer, width)) - 1
        assert answer.sentence != why(run, typed, "weight").sentence


@pytest.mark.parametrize("typed", ["abc", "1..2"])
async def test_why_says_what_is_no_number(stepper, typed):
    async with stepper() as s:
        await s.press("w")
        s.app.screen.query_one("#number", Input).value = typed
        await asked(s)
        assert typed in said(s)
        await s.press("escape")
        assert s.top == "StepperScreen"


async def test_a_search_takes_keys_and_esc_ends_it(stepper, monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    def endless(*given, progress, pause):
        progress("other settings")
        begun.set()
        try:
            while True:
                pause()
                time.sleep(0.001)
        finally:
            ended.set()

    monkeypatch.setattr(why_dialog, "why", endless)
    async with stepper(size=(80, 24)) as s:
        await s.press("w")
        await s.type("1.5")
        await s.press("enter")
        await s.until(begun.is_set)
        await s.until(lambda: "Searching other settings … Esc stops." in said(s))
        await s.type("2")
        assert s.app.screen.query_one("#number", Input).value == "1.52"
        await s.press("escape")
        await s.until(ended.is_set)
        assert "Type the number" in said(s)
        await s.press("escape")
        assert s.top == "StepperScreen"


async def test_practice_hides_the_value_judges_and_counts(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.press("right", "p")
        asked = s.session.practice.quantity
        assert asked == "loss"
        assert "94.644" not in s.text
        await s.type("9.7286")
        await s.press("enter")
        assert "0 right, 1 wrong" in s.text
        assert "94.644" not in s.text
        await s.type("94.6449")
        await s.press("enter")
        assert "1 right, 1 wrong" in s.text
        assert s.session.practice.quantity != asked
        await s.press("escape")
        assert s.session.practice is None
        assert "practice: 1 right, 1 wrong" in s.text
        assert "94.644" in s.text


async def test_practice_takes_a_paste_and_no_letter_for_a_command_while_one_types(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.press("right", "p", "space")
        assert s.place == (1, "loss")
        s.app.post_message(events.Paste(" 94.6449 "))
        await s.until(lambda: "94.6449_" in s.text)
        await s.hurry(" xqw")
        assert s.top == "StepperScreen"
        assert "94.6449 xqw_" in s.text
        await s.hurry("⌫⌫⌫⏎")
        await s.until(lambda: "1 right, 0 wrong" in s.text)


async def test_practice_shows_the_whole_reason_and_how_it_is_computed(stepper):
    async with stepper(size=(80, 24)) as s:
        await s.press("right", "p")
        assert "L = Σ error² / m" in s.text
        run = s.session.run
        s.session.practice.answer(f"{run.iteration(1).loss * 4:.8g}")
        s.session.touch()
        await s.until(lambda: "divide the sum by the number of samples." in " ".join(s.text.split()))
        assert "✗ Not right: this comes out as a sum, without the mean." in s.text


async def test_the_line_of_the_check_stays_in_practice(stepper, monkeypatch):
    monkeypatch.setattr(judge, "KerasClient", SlowKeras)
    async with stepper(size=(80, 24)) as s:
        await s.press("right", "c")
        await s.until(lambda: s.session.checker.state == "done")
        await s.press("p")
        assert "Practice (" in s.text and "✓ 11 of 12 confirmed" in s.text


async def test_practice_ends_with_the_last_iteration(stepper):
    async with stepper(size=(80, 24), batch_size=12, epochs=1) as s:
        await s.press("p")
        for _ in range(30):
            if s.session.practice is None:
                break
            await s.press("enter")
        assert s.session.practice is None
        assert "that was the last iteration" in s.text


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
async def test_practice_keeps_what_is_typed_in_sight(stepper, size):
    async with stepper(size=size, centered=True) as s:
        await s.press("p")
        for _ in range(11):
            await s.hurry("-123.456789")
            assert "-123.456789_" in s.text, s.session.practice.quantity
            await s.hurry("⌫" * 11 + "⏎")


async def test_practice_goes_through_a_whole_iteration_and_on(stepper):
    async with stepper(size=(120, 40), centered=True, momentum=0.9) as s:
        await s.press("p")
        for _ in range(40):
            await s.press("enter")
            if s.session.practice.iteration == 2:
                break
        assert s.place[0] == 2


async def test_save_and_open_again_loses_nothing(stepper, tmp_path):
    file = tmp_path / "mine.toml"
    async with stepper(momentum=0.25, weight=0.1) as s:
        await s.press("right", "right", "down", "down", "S")
        s.app.screen.query_one("#text", Input).value = str(file)
        await s.press("enter")
        await s.until(lambda: file.exists())
        settings = s.session.run.settings
        await s.press("S")
        s.app.screen.query_one("#text", Input).value = str(file)
        await s.press("enter")
        await s.until(lambda: s.top == "Confirm")
        before = file.read_bytes()
        await s.press("n")
        assert file.read_bytes() == before
    async with stepper(str(file)) as s:
        assert s.session.run.settings == settings
        assert s.place == (3, "predictions")


async def test_export_writes_a_file_and_says_where(stepper, tmp_path):
    file = tmp_path / "run.json"
    async with stepper() as s:
        await s.press("right", "e")
        s.app.screen.query_one("#file", Input).value = str(file)
        s.app.screen.query_one("#last", Input).value = "5"
        await s.press("enter")
        await s.until(lambda: s.top == "StepperScreen")
        await s.pilot.pause()
        assert "run.json" in s.text
        assert len(json.loads(file.read_text())["iterations"]) == 5


async def test_a_folder_of_pictures_is_made_where_a_name_ends_like_one(stepper, tmp_path):
    async with stepper() as s:
        await s.press("right", "e")
        s.app.screen.query_one("#file", Input).value = f"{tmp_path}/frames/"
        s.app.screen.query_one("#last", Input).value = "2"
        await s.press("enter")
        await s.until(lambda: s.top == "StepperScreen")
        assert len(list((tmp_path / "frames").glob("*.png"))) == 2


async def test_export_has_the_runs_that_stand_side_by_side(stepper, tmp_path):
    file = tmp_path / "runs.csv"
    async with stepper() as s:
        await s.press("right", "v", "enter", "e")
        assert s.app.screen.query_one(".dialog").border_title == "Export, with 2 other runs beside it"
        s.app.screen.query_one("#file", Input).value = str(file)
        await s.press("enter")
        await s.until(lambda: s.top == "StepperScreen")
        await s.pilot.pause()
        assert "beside 2 other runs" in s.text
        assert len(file.read_text().splitlines()) == 1 + 12 + 48 + 4


@pytest.mark.parametrize(("name", "says"), [("gone/run.csv", "gone"), ("run.pdf", "pdf"), ("", "name")])
async def test_export_says_what_is_wrong(stepper, tmp_path, name, says):
    async with stepper() as s:
        await s.press("e")
        s.app.screen.query_one("#file", Input).value = str(tmp_path / name) if name else ""
        await s.press("enter")
        await s.until(lambda: says in str(s.app.screen.query_one("#error").render()))
        await s.press("escape")
        assert list(tmp_path.iterdir()) == []


async def test_pictures_are_offered_only_where_they_can_be_drawn(stepper, monkeypatch):
    async with stepper() as s:
        for there in (True, False):
            monkeypatch.setattr(export_dialog, "find_spec", lambda name, there=there: there or None)
            await s.press("e")
            assert (".gif" in str(s.app.screen.query(".hint").first().render())) is there
            await s.press("escape")


class SlowKeras(KerasClient):
    """A client without a process: confirms every step but the fourth."""

    running = True

    async def start(self):
        await asyncio.sleep(0.05)

    async def stop(self):
        pass

    async def check(self, run, iterations):
        await asyncio.sleep(0.01)
        return [
            StepVerdict(
                number,
                self.precision,
                (
                    ComparedQuantity("loss", 1.0, 1.0, 0.0, 1e-6, 0.0, 0.0, "confirmed"),
                    ComparedQuantity(
                        "weight", 1.0, 2.0, 1.0, 1e-6, 1e6, 1e6, "differs" if number == 4 else "confirmed"
                    ),
                ),
            )
            for number in iterations
        ]

    async def fit(self, run):
        return
        yield


async def test_the_table_of_the_check_is_filled_when_the_verdict_comes(stepper, monkeypatch):
    go = asyncio.Event()

    class Waiting(SlowKeras):
        async def check(self, run, iterations):
            await go.wait()
            return await super().check(run, iterations)

    monkeypatch.setattr(judge, "KerasClient", Waiting)
    async with stepper() as s:
        await s.press("right", "c")
        await s.until(lambda: s.session.checker.state == "checking")
        await s.press("c")
        assert s.top == "VerdictTable" and in_dialog(s).startswith("This step is being checked")
        go.set()
        await s.until(lambda: in_dialog(s).startswith("Keras agrees"))
        assert "weight" in str(s.app.screen.query_one("#table").render())


async def test_the_check_has_a_line_marks_a_table_and_keeps_failures_in_sight(stepper, monkeypatch):
    monkeypatch.setattr(judge, "KerasClient", SlowKeras)
    async with stepper() as s:
        await s.press("right", "c")
        assert "Keras is starting" in s.text or "Keras ✓" in s.text
        await s.until(lambda: s.session.checker.state == "done")
        await s.pilot.pause()
        assert "✓ 11 of 12 confirmed" in s.text
        assert "✗ 1 differs" in s.text
        assert "step 1 ✓ confirmed" in s.text
        assert next(line for line in s.lines if "6 RMSE" in line).count("✓") == 1
        await s.press("n")
        assert s.place == (4, "after")
        assert "DIFFERS" in s.text
        assert "✗" in next(line for line in s.lines if "5 Weights" in line)
        await s.press("N")
        assert "no further step" in s.text
        await s.press("c")
        assert s.top == "VerdictTable"
        await s.press("escape", "x")
        assert s.top == "Explain"  # of the phase: the table has not taken the focus
        await s.press("escape", "s")
        s.app.screen.query_one("#learning_rate", Input).value = "0.1"
        await s.press("enter")
        assert s.session.checker.book.checked < 12 or s.session.checker.state in ("checking", "done")
        await s.until(lambda: s.session.checker.state == "done")


async def test_without_keras_the_stepper_says_how_to_get_it_and_works_on(stepper, monkeypatch):
    class Missing(SlowKeras):
        running = False

        async def start(self):
            raise LrstepError("TensorFlow is missing", 'python -m pip install "lrstep[keras]"')

    monkeypatch.setattr(judge, "KerasClient", Missing)
    async with stepper(size=(120, 40)) as s:
        await s.press("c")
        await s.until(lambda: s.session.checker.state == "failed")
        await s.pilot.pause()
        assert "TensorFlow is missing" in s.text
        assert 'pip install "lrstep[keras]"' in s.text
        await s.press("right")
        assert s.place == (1, "after")
        monkeypatch.setattr(judge, "KerasClient", SlowKeras)
        await s.press("c")
        assert s.top == "VerdictTable" and in_dialog(s).startswith("Keras cannot check: TensorFlow is missing.")
        await s.press("c")
        await s.until(lambda: s.session.checker.state == "done")


def in_dialog(s):
    """What the dialog of the check says."""
    texts = [str(s.app.screen.query_one(name).render()) for name in ("#sentence", "#table", "#said")]
    return "\n".join(text for text in texts if text)


async def test_with_few_columns_it_tells_why_keras_cannot_check_at_one_key(stepper, monkeypatch):
    class Missing(SlowKeras):
        running = False

        async def start(self):
            raise LrstepError("TensorFlow is missing", "Install it, with a hint that is too long for a line of 80")

    monkeypatch.setattr(judge, "KerasClient", Missing)
    async with stepper(size=(80, 24)) as s:
        await s.press("c")
        await s.until(lambda: s.session.checker.state == "failed")
        await s.pilot.pause()
        assert "Keras cannot check: c tells why" in s.text
        await s.press("c")
        assert "Install it, with a hint" in in_dialog(s)


@pytest.mark.parametrize(("at", "said"), [("start", "The start has no step to check"), ("3", "Keras is starting")])
async def test_the_box_of_the_check_is_never_empty(stepper, monkeypatch, at, said):
    class Waiting(SlowKeras):
        running = False

        async def start(self):
            await asyncio.sleep(60)

    monkeypatch.setattr(judge, "KerasClient", Waiting)
    async with stepper(size=(80, 24), at=at) as s:
        await s.press("c", "c")
        assert s.top == "VerdictTable" and said in in_dialog(s)
        assert s.app.screen.query_one("#sentence").size.width > 60


@pytest.mark.keras
async def test_real_keras_confirms_the_first_run(stepper):
    async with stepper() as s:
        await s.press("right", "c")
        await s.until(lambda: s.session.checker.book and s.session.checker.book.confirmed == 12, tries=3000)
        await s.pilot.pause()
        assert "12 of 12 confirmed" in s.text
        await s.until(lambda: 12 in s.session.checker.fit, tries=1500)
        await s.press("c")
        await s.pilot.pause(0.5)
        assert in_dialog(s).startswith("Keras agrees in every number to ")
        assert "accumulator of w" in in_dialog(s) and "ulps" not in in_dialog(s)
        assert "Drift of a free run" in in_dialog(s)
        await s.press("b")
        assert "ulps" in in_dialog(s)
