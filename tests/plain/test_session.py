"""The commands of plain mode: the same as the keys of the screen, refused in words, never an error."""

import io
import os
import random
import re
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrstep.core.iteration import Phase
from lrstep.core.run import Run
from lrstep.formulas.explain import quantities_of
from lrstep.formulas.quantities import quantities
from lrstep.plain import questions, runs_account
from lrstep.plain.voice import Voice
from lrstep.plain.words import INSTEAD, OWN, Words
from lrstep.session.commands import COMMANDS
from lrstep.sources.keynames import shown
from lrstep.sources.open_source import open_source
from lrstep.tui.stepper_app import StepperApp
from lrstep.visible import STEERING

KEYS = {command.id: command.keys for command in COMMANDS}
MOVES = ("back", "next", "phase_next", "phase_back", "epoch_next", "epoch_back", "start", "end", "restart")
SAFE = st.text(max_size=12).filter(lambda text: (Words(KEYS).command(text) or ("",))[0] not in RISKY)
RISKY = ("export", "save", "check", "open")
LINES = st.one_of(
    st.sampled_from(
        [*MOVES, "", "g 5", "g e2b2", "g 3.loss", "x", "w 21.8", "s lr 0.1", "s batch 0", "batch", "p", "?"]
    ),
    st.builds("{} {}".format, st.sampled_from([*MOVES, "g", "x", "w", "s", "p", "i", "show"]), SAFE),
    SAFE,
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, max_size=12), st.booleans())
def test_whatever_is_typed_is_answered_in_plain_lines(talk, lines, ascii):
    t = talk(ascii=ascii)
    for said in (t.opening, *(t(line) for line in lines)):
        for line in said.split("\n"):
            assert line.isprintable()
            assert line.isascii() or not ascii
            assert len(line) <= 80 or " " not in line.strip()[4:76]


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_of_the_screen_can_be_typed_by_its_name_label_and_keys(talk, command):
    words = Words(KEYS)
    expected = words.command(command.id)[0]
    assert words.command(command.label)[0] == expected
    assert words.command(f"{command.id} 7") == (expected, "7")
    for key in command.keys:
        if not key.isdecimal():
            found = words.command(shown(key))[0]
            # end is a key and a command.
            assert found == expected or shown(key) in KEYS
    assert expected in INSTEAD or expected in talk().conversation.commands
    assert words.has(command) is (expected not in INSTEAD)


def test_help_names_every_command_that_can_be_typed(talk):
    said = talk()("?")
    for command in COMMANDS:
        assert (f"  {command.id} or " in said or f"  {command.id}:" in said) == Words(KEYS).has(command)
    assert all(f"{name}: " in said for name in OWN)


@pytest.mark.parametrize("name", sorted(INSTEAD))
def test_what_cannot_be_done_in_lines_says_so(talk, name):
    t = talk()
    assert t(name).strip() == INSTEAD[name] or INSTEAD[name].split()[0] in t(name)
    assert t.place == (0, "start")


def test_a_rebound_key_is_typed_as_it_is_bound(talk):
    t = talk(keys={"next": ("y",), "practice": ("f9",)})
    t("y")
    assert t.place == (1, "after")
    assert "no command" in t("l")
    assert "  next or y:" in t("?")


def test_an_unknown_command_is_refused_with_the_nearest_one(talk):
    t = talk()
    said = t("nexd")
    assert "'nexd'" in said and "next" in said
    assert t.place == (0, "start")


# --- moving --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_the_same_keys_lead_to_the_same_place_as_on_the_screen(talk, seed):
    pick = random.Random(seed)
    t = talk(batch_size=5)
    source = t.session.source
    app = StepperApp(source)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(20):
            key = pick.choice([KEYS[move][-1] for move in MOVES])
            t(shown(key))
            await pilot.press(key)
            await pilot.pause()
            assert t.place == (app._first.session.number, app._first.session.phase.name.lower()), key


@settings(deadline=None, max_examples=35, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(MOVES[:6]), st.integers(1, 40), st.integers(0, 12))
def test_a_number_repeats_a_move(talk, move, count, start):
    one, many = talk(), talk()
    one(f"g {start}"), many(f"g {start}")
    one(*[move] * count)
    many(f"{move} {count}")
    assert one.place == many.place


def test_an_empty_line_is_the_next_iteration(talk):
    t = talk()
    said = t("")
    assert t.place == (1, "after")
    assert said == talk()("next")


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("5", (5, "after")), ("g 5", (5, "after")), ("go to 5", (5, "after")), ("goto e3", (7, "after")),
        ("e3b2", (8, "after")), ("5.gradient", (5, "gradient")), ("g end", (12, "after")), ("end", (12, "after")),
        ("g 0", (0, "start")), ("PgDn", (3, "after")), ("→", (1, "after")), ("NEXT", (1, "after")),
    ],
)  # fmt: skip
def test_places_and_keys_can_be_typed_in_many_ways(talk, line, place):
    t = talk()
    t(line)
    assert t.place == place


@pytest.mark.parametrize(
    "line", ["13", "g 13", "g e5", "e9b1", "g nowhere", "g", "5.nothing", "next 0", "next x", "back -1"]
)
def test_what_is_no_place_or_count_is_refused_and_the_cursor_stays(talk, line):
    t = talk(at="4")
    assert t(line).startswith("Not done:")
    assert t.place == (4, "after")


def test_the_ends_say_that_there_is_nothing_further(talk):
    t = talk()
    assert "start" in t("back")
    assert "last iteration" in t("end", "next").splitlines()[-1]
    assert t.place == (12, "after")


def test_no_check_no_step_that_differs_and_a_word_about_next(talk):
    t = talk()
    said = t("n")
    assert "c checks" in re.sub(r"\s+", " ", said) and "next" in said
    assert t.place == (0, "start")


# --- looking -------------------------------------------------------------------------------------


def test_every_quantity_can_be_explained_with_its_exact_value(talk):
    t = talk(momentum=0.9, centered=True)
    i = t.session.run.iteration(5)
    t("g 5")
    asked = [key for phase in list(Phase)[Phase.LOSS :] for key in quantities_of(phase, t.session.run)]
    for key in asked:
        said = t(f"x {key}")
        assert f"Result: {quantities(t.session.run)[key].value(i)!r}".removesuffix(".0") in said, key
    assert len(asked) > 10


def test_an_explanation_says_where_to_go_for_what_it_takes_in(talk):
    t = talk(at="5.update")
    place = re.search(r"accumulator: (g 5\.\w+)", t("x"))[1]
    t(place)
    assert t.place == (5, "accumulator")


def test_terms_are_shortened_unless_all_are_asked_for(talk):
    t = talk(batch_size=12, at="1")
    few, every = t("x gradient_weight"), t("x gradient_weight all")
    assert few.count("error·x") < every.count("error·x")
    assert every.count("# ") == 12


def test_why_answers_as_the_command_does(talk, lrstep):
    t = talk(batch_size=12, epochs=1)
    said = re.sub(r"\s+", " ", t("w 21.8"))
    command = re.sub(r"\s+", " ", lrstep("why", "21.8", "mlcc", "--batch-size", "12", "--epochs", "1").stdout)
    assert said.strip() == command.strip()


@pytest.mark.parametrize("line", ["w", "w x", "w 21.8 nonsense", "w 21.8 rmse 99", "x nonsense", "c maybe"])
def test_what_is_no_question_is_refused(talk, line):
    assert talk(at="2")(line).startswith("Not done:")


def test_practice_asks_hides_and_counts(talk):
    t = talk(at="2")
    said = t("p")
    i = t.session.run.iteration(2)
    assert f"{i.loss:.6g}" not in said and repr(i.before.weights[0]) in said
    for _ in range(6):
        value = quantities(t.session.run)[t.session.practice.quantity].value(i)
        assert "Right" in t(f"{value:.7g}")
    assert "Not right" in t("123.456")
    assert "(6 right, 1 wrong)" in t("")
    assert "Right" not in t("next") and t.session.practice.iteration == 3
    assert "6 right, 1 wrong" in t("p")
    assert t.session.practice is None


def test_practice_gives_what_each_iteration_begins_with(talk):
    t = talk(at="2")
    t("p")
    for number in (2, 3):
        while t.session.practice.iteration == number:
            said = t("")
        it = t.session.run.iteration(number + 1)
        assert f"Iteration {number + 1} of 12" in said and f"Before, weight: {it.before.weights[0]!r}" in said
        assert all(re.search(rf" {label:g}\s", said) for label in it.y)


def test_an_export_has_the_runs_that_stand_side_by_side(talk, tmp_path):
    t = talk()
    t("v batch_size=1 ; batch_size=12")
    assert "iterations 1 to 12, beside 2 other runs, is in" in t(f"e {tmp_path}/runs.csv")
    assert len((tmp_path / "runs.csv").read_text().splitlines()) == 1 + 12 + 48 + 4
    assert "iterations 1 to 12 of run 1, batch 4, is in" in t(f"e {tmp_path}/run.py")
    t("v off")
    assert "beside" not in t(f"e {tmp_path}/run.csv")


def test_the_first_digit_that_differs_is_counted(talk):
    t = talk(at="5")
    said = t("v lr=0.05000001").replace("\n    ", " ")
    found = re.findall(r"run 1 (\S+), run 2 (\S+) \(differs in digit (\d+)\)", said)
    assert len(found) > 5
    for one, other, place in found:
        digits = [text.replace(".", "").lstrip("-0") for text in (one, other)]
        assert next(k for k, (a, b) in enumerate(zip(*digits, strict=True), 1) if a != b) == int(place)


def test_the_samples_of_a_large_batch_are_named_from_the_first_to_the_last(talk):
    t = talk("noisy", batch_size=30, shuffle=False)
    assert "Batch of 30 samples: 1 to 30." in t("next")
    assert "Batch of 30 samples: 31 to 60." in t("next")


# --- the run -------------------------------------------------------------------------------------


def test_settings_start_a_new_run_once_all_of_them_are_right(talk):
    t = talk(at="4")
    assert t("s lr 0.1 rho 5").startswith("Not done:") and t.session.run.settings.learning_rate == 0.05
    assert "must be" in t("s epochs none")
    t("s lr 0.1 batch size 3 shuffle=yes --epochs 2 w drawn")
    changed = t.session.run.settings
    assert (changed.learning_rate, changed.batch_size, changed.shuffle, changed.epochs) == (0.1, 3, True, 2)
    assert changed.weight is None and t.place == (0, "start")
    t("end")
    assert t.session.run.state(8) == Run(t.session.source.dataset, changed).state(8)


def test_a_seed_asks_for_a_drawn_weight(talk):
    t = talk()
    t("s seed 7")
    assert t.session.run.settings.weight is None


def test_open_takes_what_the_command_line_takes(talk, tmp_path):
    path = tmp_path / "my data.csv"
    path.write_text("a,b,c\n1,2,3\n4,5,6\n")
    t = talk()
    t(f"o '{path}' feature c label a")
    assert t.session.source.dataset.x.tolist() == [3, 6]
    assert "which is the label?" in t(f"o '{path}'").replace("\n    ", " ")
    os.mkfifo(tmp_path / "pipe.csv")
    for refused in ("nothing.csv", "-", f"'{tmp_path}/pipe.csv'"):
        assert t(f"o {refused}").startswith("Not done:")
    assert t.session.source.dataset.x.tolist() == [3, 6]
    assert "Step 1 of 6: One epoch with all 12 samples" in t("o first-question")
    assert "Step 1 of 6: One epoch with all 12 samples" in t("i")
    assert "line16: " in t("o")


def test_export_and_save_write_files_and_overwrite_only_when_told(talk, tmp_path):
    t = talk(at="5.gradient")
    table, saved = tmp_path / "run.csv", tmp_path / "run.toml"
    t(f"e {table}"), t(f"S {saved}")
    assert len(table.read_text().splitlines()) == 13
    assert open_source(str(saved)).cursor == "5.gradient"
    for line in (f"e {table}", f"S {saved}"):
        assert t(line).startswith("Not done:")
        assert "Not done" not in t(f"{line} force")
    assert all(t(line).startswith("Not done:") for line in ("e", "S", "S run", "e a b", "e 'x", f"e {tmp_path}/x.pdf"))


# --- the Keras check -----------------------------------------------------------------------------


def test_without_keras_the_check_says_what_is_missing_and_the_session_goes_on(talk, monkeypatch, tmp_path):
    monkeypatch.setenv("LRSTEP_KERAS_PYTHON", str(tmp_path / "none"))
    t = talk(at="3")
    assert "Keras cannot check: " in t("c")
    assert t.session.checker.book is None
    assert "Iteration 4 of 12" in t("next")


@pytest.mark.keras
def test_keras_confirms_the_steps(talk, monkeypatch, tmp_path):
    monkeypatch.setenv("LRSTEP_STATE_DIR", str(tmp_path))
    t = talk("line16", batch_size=2, epochs=5)
    try:
        t("g 9")
        said = t("c")
        assert "Iteration 9: confirmed by Keras" in said and "Iteration 40" not in said
        assert "gradient ∂L/∂w: confirmed; Keras" in t("c")
        assert "Iteration 40: confirmed by Keras" in t("end")
        assert "Keras confirms 40 of the run's 40 steps." in t("c all")
        assert "Iteration 1: confirmed by Keras" in t("s lr 0.2", "next")
        assert "No checked step differs" in t("N")
        assert "confirmed" in t("c float64") and t.session.checker.book.verdict(1).precision == "float64"
        assert "off" in t("c off")
        assert "confirmed" not in t("next")
    finally:
        t.conversation.talk.check.stop()


@pytest.mark.parametrize(
    "name",
    ["~nosuchuser-at-all/a", "a" * 300, "none/such/a", "a/" * 3000 + "a"],
    ids=["no user", "too long", "no folder", "too deep"],
)
@pytest.mark.parametrize("command", ["e {}.csv", "e {}.png", "e {}/", "S {}.toml", "o {}.csv", "o {}.toml", "o {}"])
def test_a_name_that_cannot_be_one_is_not_done(talk, command, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    t = talk()
    assert t(command.format(name)).startswith("Not done:")
    assert t.place == (0, "start") and list(tmp_path.iterdir()) == []


def test_a_slash_at_the_end_makes_a_folder_of_pictures(talk, tmp_path):
    talk(epochs=1)(f"e {tmp_path}/lr0.1/")
    assert len(list((tmp_path / "lr0.1").iterdir())) == 3


def test_the_coach_is_heard_followed_and_taken_back(talk):
    t = talk("thousands")
    assert "f: learning rate 20" not in t.opening
    said = " ".join(t("next").split())
    assert "b moves about 0.158 a step and has 1,740 to go" in said and "f: learning rate 20 (RMSE 514)" in said
    assert "learning rate 20, rho" in t("f") and t.place == (0, "start")
    assert "to go" not in t("end")
    assert "learning rate 0.05, rho" in t("u") and t.place == (1, "after")
    assert "standard scaling of features and label" in " ".join(t("F").split())
    assert "offers nothing" in t("follow")


def test_there_is_no_run_before_the_first(talk):
    assert "no run before" in talk()("undo")


# --- conditions ----------------------------------------------------------------------------------


def test_conditions_lead_to_iterations_and_breakpoints_stop_there(talk):
    t = talk("mlcc")
    assert t("g rmse<10 and epoch>2").startswith("Iteration 7: rmse<10 and epoch>2 (rmse 7.40555, epoch 3).\n")
    assert t("g back loss rises").startswith("Iteration 6: loss rises (loss ")
    assert t("g nan").strip() == "No iteration after 6 has nan."
    assert "'rmse<'" in t("g rmse<")
    t("start")
    assert t("break rmse>22").strip() == "1: rmse>22"
    t("break full_rmse<17.5")
    assert t("breaks").split() == ["1:", "rmse>22", "2:", "full_rmse<17.5"]
    assert [t("continue").split("\n")[0] for _ in range(3)] == [
        "Iteration 3: rmse>22 (rmse 28.9126).",
        "Iteration 6: rmse>22 (rmse 26.4116).",
        "Iteration 8: full_rmse<17.5 (full_rmse 17.4445).",
    ]
    assert "no breakpoint '3'" in t("break off 3")
    assert t("break off 2").strip() == "1: rmse>22"
    assert "No breakpoint is set" in t("break off")
    assert "Iteration 12 of 12" in t("continue")


def test_models_says_a_row_for_each_iteration(talk):
    t = talk("mlcc", ascii=True)
    lines = t("models").rstrip().split("\n")
    assert [line.strip("> ").split()[0] for line in lines] == ["iter", *map(str, range(13)), "*"]
    assert lines[1].startswith(">") and "21.095344*  19.377351" in lines[4]
    t = talk("mlcc", epochs=1_000)
    assert "\n 1500    500      3 " in t("models 1500")
    assert "no iteration" in t("models -1")


def test_a_long_search_says_what_it_is_at(talk, monkeypatch):
    monkeypatch.setattr(questions, "PATIENCE", 0.0)
    said = talk(at="5")("w 123.456 weight 5")
    assert "Searching other settings, optimizers, data and orders." in said
    assert "123.456 fits no figure of this run" in " ".join(said.split())


@given(st.text() | st.from_regex(STEERING))
def test_whatever_a_text_holds_it_is_said_in_lines_that_steer_no_terminal(text):
    out = io.StringIO()
    voice = Voice(out, ascii=False)
    voice.say(text)
    voice.rows([text])
    voice.ask(text)
    assert not STEERING.search(out.getvalue().replace("\n", ""))


def test_a_name_in_several_words_is_refused_with_force_too(talk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for line in ("e my run.csv", "e my run.csv force", "e my run.csv --force"):
        assert "is not one file name" in talk()(line)
    assert not list(tmp_path.iterdir())


SAID_OF_A_RUN = (
    "next", "next", "show", "x", "x weight", "i", "s", "g rmse<20", "w 21.8", "w 14.05", "back", "u", "m", "p", "p",
    "right", "end", "show", "g e2b1", "t", "b", "g nan", "left", "phase",
)  # fmt: skip


def test_what_is_said_of_the_run_that_is_shown_is_what_is_said_of_it_alone(talk):
    alone, several = talk(batch_size=1, optimizer="adam"), talk()
    several("v batch_size=1 optimizer=adam", "V")
    assert "batch size (batch_size): 1;" in several("s")
    for line in SAID_OF_A_RUN:
        # What is beside it, and the coach, who is silent then, come last.
        said = (re.split("Side by side|After these", heard)[0] for heard in (several(line), alone(line)))
        assert len(set(said)) == 1, line


def test_the_names_of_columns_and_of_runs_beside_are_said_with_marks(talk, tmp_path):
    attack = "\x1b]2;pwned\x07\u202ez"
    (tmp_path / f"d{attack}.csv").write_text(f"x{attack},y\n1,2\n2,4\n")
    t = talk(str(tmp_path / f"d{attack}.csv"))
    said = t.opening + t("v batch_size=1", "next", "V")
    assert r"x\x1b]2;pwned\x07\u202ez" in said and not STEERING.search(said.replace("\n", ""))


@pytest.mark.parametrize(
    ("value", "beside", "said"),
    [
        (1.0, 1.0, ""),
        (17.82171, 17.9047, " (differs in digit 3)"),
        (0.0352, 0.0351, " (differs in digit 3)"),
        (1.00000000001, 1.0, " (differs in digit 12)"),
        (1.000000000001, 1.0, " (differs behind that)"),
        (-1.5, 1.5, " (differs in its sign)"),
        (1.5e22, 1.5e21, " (differs in digit 1)"),
        (1.5, None, ""),
    ],
)
def test_where_numbers_of_two_runs_differ_is_told_by_the_digit(value, beside, said):
    mine, its = (
        SimpleNamespace(mark=mark, value=lambda _, one=one: one) for mark, one in (("2", value), ("1", beside))
    )
    assert runs_account._value(mine, its, "loss").partition(" (")[2] == said.removeprefix(" (")
    assert runs_account._value(mine, mine, "loss") == f"run 2 {value:#.12g}"
