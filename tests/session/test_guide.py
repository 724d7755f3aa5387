"""A guide through a lesson: what a step waits for, hints, answers, putting it away, other data meanwhile."""

from dataclasses import replace

import pytest

from lrstep.check.book import CheckBook
from lrstep.check.quantity import compared
from lrstep.check.verdict import StepVerdict
from lrstep.session import comparing
from lrstep.session.lesson.waiting import HOLDS
from lrstep.session.panels.dock import dock
from lrstep.session.session import Session
from lrstep.session.styled_rows import plain
from lrstep.sources.lesson_file import KINDS, Lesson, LessonStep
from lrstep.sources.open_source import open_source
from lrstep.tui.status_lines import status_lines


def going(*steps, source="mlcc", **changes):
    opened = open_source(source)
    session = Session(replace(opened, lesson=Lesson("mine", "Mine", (*steps, LessonStep("The end."))), **changes))
    session.open()
    return session


def waiting_for(**until):
    return LessonStep("Do it.", until=until)


def test_every_condition_that_a_file_may_have_can_hold():
    assert set(KINDS) == {*HOLDS, "answer", "tolerance", "command"}


@pytest.mark.parametrize(
    ("until", "does"),
    [
        ({"at": 2}, ["next", "next"]),
        ({"at": "e2b1"}, ["epoch_next", "next"]),
        ({"at": "end"}, ["end"]),
        ({"phase": "gradient"}, ["phase_next"] * 4),
        ({"where": "rmse>20"}, ["next", "next"]),
        ({"chart": "rmse"}, ["chart_2"]),
        ({"panel": "batch"}, ["panel_next"]),
        ({"command": "faster"}, ["slower", "faster"]),
        ({"at": 1, "chart": "weights"}, ["next", "chart_3"]),
    ],
    ids=str,
)
def test_a_step_is_over_the_moment_that_all_it_waits_for_holds(until, does):
    session = going(waiting_for(**until))
    for command in does:
        assert session.guide.at == 0
        session.do(command)
    assert session.guide.at == 1


def test_settings_data_and_runs_are_waited_for_too():
    session = going(
        waiting_for(settings={"batch_size": 12}), waiting_for(data="line16"), waiting_for(runs=2), waiting_for(shown=2),
        waiting_for(pace="epoch"),
    )  # fmt: skip
    session.change(session.source.settings.changed(batch_size=12))
    assert session.guide.at == 1
    session.load(open_source("line16"))
    assert session.guide.at == 2
    session.compare(comparing.meant("batch_size=1", session.source))
    assert session.guide.at == 3
    session.do("next_run")
    assert session.guide.at == 4 and session.lockstep.pace == "samples"
    session.do("pace")
    assert session.guide.at == 5 and session.guide.ready


def test_all_settings_of_a_step_are_waited_for():
    session = going(waiting_for(settings={"batch_size": 12, "learning_rate": 0.2}))
    session.change(session.source.settings.changed(batch_size=12))
    assert session.guide.at == 0
    session.change(session.source.settings.changed(learning_rate=0.2))
    assert session.guide.at == 1


def test_the_check_of_the_step_is_waited_for_and_not_that_it_is_on():
    session = going(waiting_for(at=2), waiting_for(check=True))
    session.checker.state, session.checker.book = "checking", CheckBook(session.run.n_iterations)
    exact = (compared("loss", 1.0, 1.0, 0.0, "float32"),)
    session.go(2)
    session.checker.book.record(StepVerdict(1, "float32", exact))
    session.touch()
    assert session.guide.at == 1 and not session.guide.ready
    session.checker.book.record(StepVerdict(2, "float32", exact))
    session.touch()
    assert session.guide.at == 2


def test_what_holds_already_is_read_first():
    session = going(waiting_for(at="start"))
    assert session.guide.ready and session.guide.at == 0
    session.do("next")
    assert not session.guide.ready
    session.do("back")
    assert session.guide.at == 1


def test_the_hint_comes_after_some_commands_or_some_time():
    session = going(replace(waiting_for(at=9), hint="Try."), replace(waiting_for(at=10), hint="Again."))
    for _ in range(5):
        assert not session.guide.hinted
        session.do("next")
    assert session.guide.hinted
    session.go(9)
    assert session.guide.at == 1 and not session.guide.hinted
    assert session.guide.wait_no_longer() and session.guide.hinted and not session.guide.wait_no_longer()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("23.14", "✓ 23.14 is right."), ("23.1", "✓ 23.1 is right."), ("23", "✓ 23 is right."),
        ("21.8", "✗ 21.8 is not it."), ("9", "Give at least 2 digits."), ("1e", "'1e' is not a number."),
    ],
)  # fmt: skip
def test_an_answer_is_judged_to_the_digits_typed(typed, said):
    session = going(waiting_for(answer=23.1404))
    for character in typed:
        assert session.answer(character, character)
    assert session.answer("enter", "\r")
    assert session.guide.said == said and session.guide.at == ("✓" in said)
    session.do("next")
    assert not session.guide.said


def test_keys_that_are_no_part_of_an_answer_are_the_steppers():
    session = going(waiting_for(answer=-1.5))
    assert not any(session.answer(key, key) for key in "ehq+,")
    assert not session.answer("enter", "\r") and not session.answer("backspace", None)
    assert [session.answer(key, key) for key in "-1e"] == [True] * 3
    assert session.answer("backspace", None) and session.guide.typed == "-1"


def test_the_step_is_begun_anew_and_then_the_one_before():
    session = going(waiting_for(at=3), waiting_for(at=9))
    session.go(3)
    session.go(7)
    session.change(session.source.settings.changed(batch_size=1))
    session.do("lesson_back")
    assert (session.guide.at, session.number, session.run.settings.batch_size) == (1, 3, 4)
    session.do("lesson_back")
    assert (session.guide.at, session.number) == (0, 0)
    session.do("lesson_back")
    assert (session.guide.at, session.number) == (0, 0)


@pytest.mark.parametrize("hinted", [False, True])
def test_a_message_is_seen_below_a_lesson_with_its_hint_or_without(hinted):
    session = going(replace(waiting_for(at=9), hint="Try."))
    session.guide.hinted = hinted
    session.say("plays 20 iterations a second")
    lines = "\n".join(plain(status_lines(session, 80, 24)))
    assert "plays 20 iterations a second" in lines


def test_what_was_looked_at_is_part_of_how_a_step_began():
    session = going(waiting_for(at=3), waiting_for(at=9))
    session.go(3)
    chart = session.look.chart
    session.do("chart_3")
    assert session.look.chart != chart
    session.do("lesson_back")
    assert (session.guide.at, session.number, session.look.chart) == (1, 3, chart)
    session.do("lesson_back")
    assert session.guide.at == 0


def test_a_step_that_is_only_to_be_read_needs_no_hint():
    session = going(replace(waiting_for(at="start"), hint="Read."))
    assert session.guide.ready and not session.guide.wait_no_longer() and not session.guide.hinted


def test_a_lesson_that_is_put_away_waits_for_nothing_and_goes_when_other_data_come():
    session = going(waiting_for(at=1))
    session.do("notes")
    session.do("next")
    assert session.guide.at == 0 and not session.enabled("lesson_next")
    session.do("notes")
    assert session.guide.at == 1 and not session.guide.hidden
    session.do("notes")
    assert session.guide.hidden
    session.do("lesson_back")
    assert not session.guide.hidden
    session.do("notes")
    session.load(open_source("line16"))
    assert session.guide is None


def test_the_coach_is_silent_while_a_lesson_goes_on():
    session = going(waiting_for(at=9), source="thousands")
    session.do("next")
    assert not session.coaching.advice() and not session.enabled("follow")
    session.do("notes")
    assert session.coaching.advice() and session.enabled("follow")


def test_no_text_of_a_lesson_steers_the_terminal():
    attack = "\x1b[31m\x07\u202e{next}\x9b2J"
    session = going(LessonStep(f"a{attack}b", hint=f"h{attack}"))
    session.guide.hinted = True
    made = dock(session.view, 78)
    text = "".join(span.text for cells in (made.where, made.title, made.keys, *made.rows) for span in cells)
    assert "→" in text and not set(text) & set("\x1b\x07\u202e\x9b")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("7", "✓ 7 is right."), ("6", "Give at least 2 digits."), ("6.0", "✗ 6.0 is not it."), ("7.0", "✓ 7.0 is right.")],
)
def test_one_digit_is_an_answer_where_it_is_all_that_there_is(typed, said):
    session = going(waiting_for(answer=7))
    session.guide.answer(typed)
    assert session.guide.said == said
