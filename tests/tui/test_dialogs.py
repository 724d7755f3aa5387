"""Settings, open, explain: what they refuse, what they change, what they leave alone."""

import os
import re

import pytest
from textual.widgets import Input, OptionList, Static

from lrstep.core.iteration import Phase
from lrstep.core.settings import FIELDS, fields_of
from lrstep.core.start import glorot_uniform
from lrstep.errors import LrstepError
from lrstep.formulas.explain import quantities_of
from lrstep.formulas.explanation import Explanation, Origin
from lrstep.session.styled_rows import plain
from lrstep.tui.canvas import Canvas
from lrstep.tui.dialogs import explain_dialog, open_dialog


async def fill(s, name, text):
    field = s.app.screen.query_one(f"#{name}", Input)
    field.value = text
    await s.pilot.pause()


async def test_settings_change_the_run_and_go_to_its_start(stepper):
    async with stepper() as s:
        await s.press("right", "s")
        await fill(s, "batch_size", "3")
        await fill(s, "weight", "0.5")
        await fill(s, "shuffle", "yes")
        await s.press("enter")
        assert s.top == "StepperScreen"
        assert s.place == (0, "start")
        settings = s.session.run.settings
        assert (settings.batch_size, settings.weight, settings.shuffle) == (3, 0.5, True)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [("learning_rate", "0", "above 0"), ("epochs", "2.5", "1, 2, 3"), ("rho", "1", "below 1"),
     ("batch_size", "0", "must be 1, 2, 3 …"), ("shuffle", "perhaps", "yes or no")],
)  # fmt: skip
async def test_a_wrong_setting_is_named_beside_its_field_and_the_run_stays(stepper, name, text, says):
    async with stepper() as s:
        await s.press("right", "right", "s")
        run = s.session.run
        await fill(s, name, text)
        note = s.app.screen.query_one(f"#{name}-note", Static)
        assert says in str(note.render())
        assert note.has_class("wrong")
        await s.press("enter")
        assert s.top == "SettingsForm"
        assert s.app.focused.id == name
        await s.press("escape")
        assert s.session.run is run
        assert s.place == (2, "after")


async def test_a_weight_that_is_cleared_is_said_to_be_drawn_and_which_one(stepper):
    async with stepper() as s:
        await s.press("s")
        note = s.app.screen.query_one("#weight-note", Static)
        assert "finite number" in str(note.render())
        await fill(s, "weight", "")
        assert str(note.render()) == f"drawn: {glorot_uniform(s.session.run.settings.seed)[0]:.6g}"
        await fill(s, "seed", "3")
        assert str(note.render()) == f"drawn: {glorot_uniform(3)[0]:.6g}"
        await s.press("enter")
        assert s.session.run.start.weights == glorot_uniform(3)


async def test_settings_left_alone_keep_the_run(stepper):
    async with stepper() as s:
        await s.press("right", "s", "enter")
        assert s.place == (1, "after")


async def test_open_a_sample(stepper):
    async with stepper() as s:
        await s.press("right", "o")
        options = s.app.screen.query_one(OptionList)
        options.highlighted = options.get_option_index("anscombe-3")
        await s.pilot.pause()
        assert "outlier" in str(s.app.screen.query_one("#preview").render())
        await s.press("enter")
        await s.until(lambda: s.top == "StepperScreen")
        await s.pilot.pause()
        assert "anscombe-3" in s.lines[0]
        assert s.place == (0, "start")


async def test_open_a_file_with_a_preview_and_a_choice_of_columns(stepper, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("name,age,height,weight\nAnn,30,170,60\nBob,40,180,80\nCy,50,175,70\n")
    async with stepper() as s:
        await s.press("o")
        field = s.app.screen.query_one("#path", Input)
        field.focus()
        field.value = str(file)
        await s.press("enter")
        preview = str(s.app.screen.query_one("#preview").render())
        assert "Ann" in preview
        assert "height" in preview
        features, label = (s.app.screen.query_one(name, Input) for name in ("#features", "#label"))
        assert (features.value, label.value) == ("", "") and s.app.screen.focused is features
        assert (features.placeholder, label.placeholder) == ("2, 3", "4")  # columns of numbers
        assert str(s.app.screen.query_one("#error").render()).endswith("names: 2, 3")
        await s.type("2")
        await s.press("enter")
        assert s.app.screen.focused is label
        await s.press("enter")
        await s.until(lambda: "is the label?" in str(s.app.screen.query_one("#error").render()))
        await s.type("weight")
        await s.press("enter")
        await s.until(lambda: s.top == "StepperScreen")
        dataset = s.session.run.dataset
        assert (dataset.feature, dataset.label) == ("age", "weight")
        assert dataset.y.tolist() == [60, 80, 70]


def test_the_tree_shows_folders_and_files_that_may_hold_data(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / ".git").mkdir()
    names = ["a.csv", "b.TSV", ".hidden.csv", "c.py", "folder", ".git"]
    shown = open_dialog.DataTree.filter_paths(None, [tmp_path / name for name in names])
    assert [path.name for path in shown] == ["a.csv", "b.TSV", "folder"]


async def test_the_path_that_stands_there_is_what_is_opened(stepper, tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(f"{name},y\n1,2\n2,4\n")
    async with stepper() as s:
        await s.press("o")
        field = s.app.screen.query_one("#path", Input)
        for name in "abb":
            field.value = str(tmp_path / f"{name}.csv")
            field.focus()
            await s.press("enter")
            assert s.top != "OpenData" or f"{name} " in str(s.app.screen.query_one("#preview").render())
        await s.until(lambda: s.top == "StepperScreen")
        assert s.session.run.dataset.feature == "b"


async def test_how_far_a_file_is_read_is_said_now_and_then(stepper, monkeypatch):
    said = []

    def reading(text, features, label, progress):
        for share in (0.01, 0.1, 0.115, 0.125, 1.0):
            progress(share)
        raise LrstepError("that is no table", "Give another.")

    monkeypatch.setattr(open_dialog, "open_source", reading)
    monkeypatch.setattr(open_dialog.OpenData, "_show", lambda _, text: said.append(text))
    async with stepper() as s:
        await s.press("o")
        s.app.screen._read("a.csv")
        await s.until(lambda: "that is no table" in str(s.app.screen.query_one("#error").render()))
        assert said[1:] == ["reading a.csv: 10%", "reading a.csv: 12%", "reading a.csv: 100%"]


@pytest.mark.parametrize(("source", "says"), [("-", "standard input"), ("data.csv", "pipe"), ("run.toml", "pipe")])
async def test_what_would_be_read_to_its_end_before_the_next_key_is_refused(stepper, tmp_path, source, says):
    if says == "pipe":
        source = str(tmp_path / source)
        os.mkfifo(source)
    async with stepper() as s:
        await s.press("o")
        path = s.app.screen.query_one("#path", Input)
        path.focus()
        path.value = source
        await s.press("enter")
        assert says in str(s.app.screen.query_one("#error").render())
        await s.press("escape", "right")
        assert s.place == (1, "after")


async def test_a_path_may_be_typed_at_once(stepper, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text("x,y\n1,2\n2,3\n")
    async with stepper() as s:
        await s.press("o")
        await s.type("own.csv")
        await s.press("enter", "enter")
        await s.until(lambda: s.top == "StepperScreen")
        assert s.session.run.dataset.y.tolist() == [2, 3]


@pytest.mark.parametrize(("content", "says"), [("x,y\n1,2\n3,abc\n", "line 3"), ("", "empty"), (None, "no such file")])
async def test_a_file_that_cannot_be_read_says_why_and_the_run_stays(stepper, tmp_path, content, says):
    file = tmp_path / "bad.csv"
    if content is not None:
        file.write_text(content)
    async with stepper() as s:
        await s.press("right", "o")
        field = s.app.screen.query_one("#path", Input)
        field.focus()
        field.value = str(file)
        await s.press("enter")
        if content:
            await s.press("enter")
        await s.until(lambda: says in str(s.app.screen.query_one("#error").render()))
        await s.press("escape")
        assert s.place == (1, "after")
        assert s.session.run.dataset.name == "mlcc"


async def test_explain_shows_the_arithmetic_and_goes_to_where_a_number_came_from(stepper):
    async with stepper() as s:
        await s.press("right", "right", "tab", "tab", "tab", "tab", "x")
        assert s.top == "Explain"
        text = "\n".join("".join(span.text for span in cells) for cells in s.app.screen.query_one("Canvas").rows)
        assert "0.9" in text
        assert "279.4357011768594" in text
        assert "iteration 1" in text
        number = next(
            line.split()[0] for line in text.splitlines() if "iteration 1" in line and line.split()[0].isdigit()
        )
        await s.press(number)
        assert s.place == (1, "accumulator")


def test_nine_of_the_numbers_that_went_in_can_be_gone_to_by_a_digit():
    sources = [Origin(f"w{n}", 1, Phase.UPDATE) for n in range(1, 11)]
    sources[2] = Origin("a setting")
    e = Explanation("title", Phase.LOSS, "loss", "", (), None, "", "", tuple(sources))
    lines = [line.split() for line in plain(explain_dialog.Explain._above(None, e, 60)) if line.strip()]
    assert lines == [["from"], *([str(n), f"w{n}"] if n != 3 else ["a", "setting"] for n in range(1, 10)), ["w10"]]


async def test_explain_scrolls_a_large_batch_at_once(stepper):
    async with stepper("noisy", size=(80, 24), batch_size=200) as s:
        await s.press("right", "tab", "tab", "x", "end")
        text = "\n".join("".join(span.text for span in cells) for cells in s.app.screen.query_one("Canvas").rows)
        assert "\n 200 " in text and not re.search(r"\n +1 ", text)
        await s.press("right")  # another quantity begins at its first term
        text = "\n".join(plain(s.app.screen.query_one("Canvas").rows))
        assert "\n 200 " not in text and re.search(r"\n +1 ", text)
        await s.press("home", "escape")
        assert s.top == "StepperScreen"


async def test_enter_on_a_panel_explains_it(stepper):
    async with stepper() as s:
        await s.press("right", "tab", "tab", "tab", "enter")
        assert s.top == "Explain"


async def test_the_notes_of_a_run_file_stand_at_the_start(stepper, tmp_path):
    path = tmp_path / "noted.toml"
    path.write_text('notes = "Look."\n[data]\nsample = "mlcc"\n')
    async with stepper(str(path)) as s:
        await s.pilot.pause()
        assert s.top == "Notes"
        await s.press("enter")
        assert s.top == "StepperScreen"
        await s.press("i")
        assert s.top == "Notes"


@pytest.mark.parametrize("name", ["~nosuchuser/x.toml", "a" * 300 + ".toml"])
@pytest.mark.parametrize("key", ["S", "e", "o"])
async def test_a_name_that_cannot_be_one_is_a_message(stepper, name, key):
    async with stepper() as s:
        await s.press("right", key)
        field = s.app.screen.query("Input").first(Input)
        field.value = name if key != "e" else name.replace(".toml", ".csv")
        field.focus()
        await s.press("enter")
        await s.pilot.pause(0.3)
        assert s.app.is_running
        await s.press("escape", "right")
        assert s.place == (2, "after")


@pytest.mark.parametrize("name", ["[/b]x", "[bold]", "日本語"])
async def test_names_that_look_like_markup_are_shown_as_they_are(stepper, tmp_path, name):
    file = tmp_path / "odd.csv"
    file.write_text(f"{name},y\n1,2\n3,4\n")
    run = tmp_path / "odd.toml"
    run.write_text(f'title = "{name} title"\nnotes = "{name} note"\n[data]\nfile = "odd.csv"\n')
    async with stepper(str(run), size=(80, 24)) as s:
        await s.pilot.pause()
        assert s.top == "Notes"
        assert name in str(s.app.screen.query_one(".dialog").border_title).replace("\\", "")
        await s.press("enter", "right", "o")
        field = s.app.screen.query_one("#path", Input)
        field.value = str(file)
        field.focus()
        await s.press("enter")
        s.app.screen.query_one("#label", Input).focus()
        await s.press("escape")
        assert s.app.is_running
        assert name[:4] in s.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9, "centered": True, "batch_size": 5}])
async def test_an_explanation_keeps_each_formula_in_a_row_of_its_own(stepper, size, settings):
    async with stepper(size=size, at="4.batch", **settings) as s:
        for phase in Phase:
            if phase is Phase.START:
                continue
            s.session.go(4, phase)
            await s.press("x")
            for quantity in quantities_of(phase, s.session.run):
                assert s.app.screen.explanation.quantity == quantity
                rows = plain(s.app.screen.query_one(Canvas).rows)
                assert len(rows) <= size[1] and all(text.isprintable() for text in rows), (phase, rows)
                shown = " ".join("".join(rows).split())
                if size[1] == 40:
                    for formula in s.app.screen.explanation.formula.splitlines():
                        assert " ".join(formula.split()) in shown, (quantity, formula)
                await s.press("right")
            await s.press("escape")


async def test_another_optimizer_is_chosen_by_keys(stepper):
    async with stepper(size=(80, 24), learning_rate=0.1) as s:
        await s.press("right", "s", "up", "ctrl+u")
        await s.type("adag")
        assert "one of rmsprop, sgd, adagrad," in str(s.app.screen.query_one("#optimizer-note").render())
        assert s.app.screen.query_one("#rho-row").display
        await s.type("rad")
        shown = {name for name in FIELDS if s.app.screen.query_one(f"#{name}-row").display}
        assert shown == set(fields_of("adagrad"))
        assert s.app.screen.query_one("#initial_accumulator", Input).value == "0.1"
        await s.press("enter")
        await s.until(lambda: s.top == "StepperScreen")
        chosen = s.session.run.settings
        assert (chosen.optimizer, chosen.learning_rate, chosen.initial_accumulator) == ("adagrad", 0.1, 0.1)
        assert s.place == (1, "after")


async def test_an_optimizer_that_was_tried_and_left_leaves_nothing_behind(stepper):
    async with stepper() as s:
        before = s.session.run.settings
        await s.press("s")
        for name in ("rmsprop-pytorch", "adam", "rmsprop-tf1", "rmsprop"):
            s.app.screen.query_one("#optimizer", Input).value = name
            await s.pilot.pause()
        await s.press("enter")
        assert s.top == "StepperScreen" and s.session.run.settings == before


async def test_another_optimizer_brings_its_defaults_for_what_was_not_typed(stepper, tmp_path):
    (tmp_path / "three.csv").write_text("a,b,c,y\n1,2,4,5\n2,1,7,3\n5,5,1,2\n")
    (tmp_path / "a.toml").write_text('[data]\nfile = "three.csv"\nfeature = ["a", "b", "c"]\nlabel = "y"\n')
    async with stepper(str(tmp_path / "a.toml")) as s:
        await s.press("s")
        for name, text in (("momentum", "0.5"), ("optimizer", "rmsprop-pytorch"), ("weight", ""), ("seed", "3")):
            await fill(s, name, text)
        values = [s.app.screen.query_one(f"#{name}", Input).value for name in ("momentum", "rho", "epsilon")]
        assert values == ["0.5", "0.99", "1e-08"]
        drawn = " ".join(f"{weight:.6g}" for weight in glorot_uniform(3, 3))
        assert str(s.app.screen.query_one("#weight-note").render()) == f"drawn: {drawn}"


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_nothing_beside_a_setting_is_cut(stepper, width):
    async with stepper("flats", size=(width, 60), weight=None) as s:
        await s.press("s")
        await fill(s, "epochs", "")
        dialog = s.dialog
        for name in fields_of("rmsprop"):
            row, note = (s.app.screen.query_one(f"#{name}-{part}") for part in ("row", "note"))
            for text, part in ((FIELDS[name].label, row.children[0]), (str(note.render()), note)):
                x, y = part.content_region.offset - s.app.screen.children[0].region.offset
                lines = (line[x : x + part.content_size.width] for line in dialog[y : y + part.content_size.height])
                assert "".join("".join(lines).split()) == "".join(text.split())
        assert any("drawn with the seed" in line for line in dialog)
        assert not any("epochs" in line and "drawn" in line for line in dialog)


async def test_an_empty_folder_is_exported_to_without_a_question(stepper, tmp_path, monkeypatch):
    monkeypatch.setattr("lrstep.export.export_file.export", lambda *_, **how: f"done with force {how['force']}")
    for name in ("full", "empty"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "a.txt").touch()
    async with stepper() as s:
        for name, keys in (("full", "y"), ("empty", "")):
            await s.press("e")
            await fill(s, "file", f"{tmp_path / name}/")
            await s.press("enter")
            if keys:
                await s.until(lambda: s.top == "Confirm")
                await s.press(keys)
            await s.until(lambda: s.top == "StepperScreen")
            assert f"done with force {bool(keys)}" in s.session.notice


async def test_the_list_of_lessons_says_which_are_done(stepper, tmp_path, monkeypatch):
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path))
    (tmp_path / "lessons").mkdir()
    for name, done in (("full-batch", 4), ("by-hand", 2)):
        (tmp_path / "lessons" / f"{name}.toml").write_text(f'lesson = "{name}"\nstep = {done}\n')
    async with stepper() as s:
        await s.press("o")
        shown = {option.id: str(option.prompt) for option in s.app.screen.query_one("#samples", OptionList)._options}
    assert "✓ All samples at once" in shown["full-batch"]
    assert "… The accumulator" in shown["by-hand"] and "✓" not in shown["mini-batch"]


async def test_a_saved_run_is_called_by_its_data(stepper, tmp_path):
    (tmp_path / "rent.csv").write_text("x,y\n1,2\n2,4\n3,7\n")
    for source, name in ((None, "mlcc"), (str(tmp_path / "rent.csv"), "rent")):
        async with stepper(source) as s:
            await s.press("S")
            assert s.app.screen.query_one("Input").value == f"{name}-run.toml"


async def test_enter_on_an_empty_path_opens_nothing(stepper):
    async with stepper() as s:
        await s.press("o")
        dialog = s.app.screen
        dialog.query_one("#path", Input).focus()
        shown = [str(part.render()) for part in dialog.query(Static)]
        await s.press("enter")
        assert s.app.screen is dialog and [str(part.render()) for part in dialog.query(Static)] == shown


async def test_after_the_breakpoints_are_set_it_is_said_where_playing_stops(stepper):
    async with stepper() as s:
        await s.press("B", *"rmse<12", "enter", *"b>1", "enter", "escape")
        assert s.session.notice == "playing stops where rmse<12 or b>1"


@pytest.mark.parametrize("ascii", [False, True])
async def test_help_is_in_ascii_where_the_terminal_is(stepper, ascii):
    async with stepper(ascii=ascii) as s:
        await s.press("question_mark")
        text = "".join(str(part.render()) for part in s.app.screen.query(Static))
        assert text.isascii() == ascii and "rmse" in text.lower()
