"""Lessons by typed lines: each one, gone through as it says, ends done."""

import pytest

from lrstep.session.commands import COMMANDS
from lrstep.session.lesson.wording import _NAMED
from lrstep.sources.samples import lessons

IDS = {command.id for command in COMMANDS}


def typed(step):
    """The lines that a step says to type: its own, else its commands."""
    if step.type:
        return [step.type]
    words = _NAMED.findall(step.text) if step.press is None else step.press.split()
    return [word for word in words if word in IDS]


@pytest.mark.parametrize("name", [lesson.name for lesson in lessons()])
def test_what_a_lesson_says_to_type_leads_to_its_end(talk, name):
    talked = talk(name)
    talked.conversation.open()
    guide = talked.session.guide
    assert f"Step 1 of {len(guide.lesson.steps)}: " in talked.heard()
    for number, step in enumerate(guide.lesson.steps):
        assert guide.at == number, (number, talked.place)
        if not guide.ready:
            talked(*typed(step))
        if guide.at == number:
            assert guide.ready, (step.text, talked.place)
            talked("lesson_next")
    assert guide.step is None


def test_the_steps_are_said_in_words_with_hints_and_answers(talk):
    talked = talk("first-question")
    talked.conversation.open()
    assert "Type next to take it." in talked.heard()
    said = talked("show", "show", "show", "show", "show")
    assert said.count("Hint: next takes the next iteration") == 1
    assert "Hint:" in talked("hint")
    said = talked("next")
    assert "Step 2 of 6: Panel 6: 23.1404 is what Keras prints." in said and "lesson_next goes on." in said
    assert "Type the number." in talked("m")
    assert "✗ 23.14 is not it." in talked("23.14") and talked.session.guide.at == 2
    said = talked("21.8362")
    assert "✓ 21.8362 is right." in said and "Here: why 21.8" in said
    assert "Step 5 of 6" in talked("why 21.8")
    assert "Step 5 of 6" in talked("notes")


def test_the_lessons_are_listed_and_begun(talk):
    talked = talk()
    assert "by-hand: The accumulator, by hand on paper" in talked("lesson")
    assert "Step 1 of 8" in talked("lesson by-hand")
    assert "'noisy' is no lesson" in talked("lesson noisy")
    assert "Step 1 of 10" in talked("begin_words")
    assert "Step 2 of 10" in talked("next")
    assert "Step 1 of 10" in talked("lesson_back", "lesson_back")
    assert "The lesson is put away" in talked("begin_alone") and "Step 2" not in talked("next")
    assert "Step 1" in talked("notes") and not talked.session.guide.hidden
    assert "There is no lesson" in talk()("lesson_next")


def test_a_file_that_is_no_lesson_is_named_by_its_first_forty_characters(talk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for length in (40, 41):
        name = f"{'x' * (length - 4)}.csv"
        (tmp_path / name).write_text("x,y\n1,2\n2,4\n")
        assert f"{name[:40]!r} is no lesson" in talk("mlcc")(f"lesson {name}")
