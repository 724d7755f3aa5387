"""What ``why`` keeps ready for the next question."""

import gc
import weakref

from lrstep.core.run import Run
from lrstep.sources.open_source import open_source
from lrstep.why.ask_why import why


def test_a_run_that_was_asked_about_is_let_go_of():
    source = open_source()
    run = Run(source.dataset, source.settings)
    assert why(run, "21.8").sentence
    gone = weakref.ref(run)
    del run
    gc.collect()
    assert gone() is None


def test_a_second_question_is_answered_from_what_was_made_for_the_first(monkeypatch):
    from lrstep.why import search

    made = []
    context = search.Context
    monkeypatch.setattr(search, "Context", lambda *place: made.append(place) or context(*place))
    source = open_source()
    run = Run(source.dataset, source.settings)
    why(run, "21.8")
    first = len(made)
    why(run, "19.3")
    assert 0 < first == len(made)
