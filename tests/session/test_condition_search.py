"""Going to where a condition holds, and breakpoints, without a screen."""

import operator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrstep.core.dataset import Dataset
from lrstep.core.settings import Settings
from lrstep.errors import LrstepError
from lrstep.formulas.conditions import parse_condition
from lrstep.session.condition_search import ConditionSearch
from lrstep.session.session import Session
from lrstep.sources.open_source import open_source
from lrstep.sources.source import Source


def opened(at=None, **settings):
    source = open_source("mlcc")
    session = Session(source.changed(source.settings.changed(**settings)), at)
    session.open()
    return session


def rmse(session):
    return [session.run.iteration(number).rmse for number in range(1, session.run.n_iterations + 1)]


def test_a_condition_is_gone_to_forward_and_back():
    session = opened()
    below = [number for number, value in enumerate(rmse(session), 1) if value < 20]
    visited = []
    for _ in below:
        session.go_to("rmse<20")
        visited.append(session.number)
    assert visited == below
    session.go_to("rmse<20")
    assert session.number == below[-1]
    assert session.notice == f"no iteration after {below[-1]} has rmse<20"
    for expected in reversed(below[:-1]):
        session.go_to("back rmse < 20")
        assert session.number == expected
        assert session.notice.startswith(f"iteration {expected}: rmse<20 (rmse ")


@pytest.mark.parametrize("word", ["rises", "falls"])
def test_a_trend_is_told_with_the_number_before_it(word):
    session, compare = opened(), operator.gt if word == "rises" else operator.lt
    values = rmse(session)
    number = next(place for place in range(2, 13) if compare(values[place - 1], values[place - 2]))
    session.go_to(f"rmse {word}")
    before, now = (f"{values[place]:.6g}" for place in (number - 2, number - 1))
    assert session.notice == f"iteration {number}: rmse {word} (rmse {before} → {now})"


QUANTITIES = {
    "rmse": lambda i: i.rmse,
    "full_rmse": lambda i: i.full_rmse,
    "bias": lambda i: i.after.parameters[-1],
    "|step_weight|": lambda i: abs(float(i.updates[0]["step"])),
}
SIGNS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(QUANTITIES)), st.sampled_from(sorted(SIGNS)), st.integers(1, 12), st.integers(0, 12),
    st.sampled_from(["", "back "]),
)  # fmt: skip
def test_go_playing_and_trace_find_what_a_loop_over_all_iterations_finds(name, sign, like, at, back):
    session = opened(at=str(at))
    values = [QUANTITIES[name](session.run.iteration(number)) for number in range(1, 13)]
    condition = f"{name}{sign}{values[like - 1]:.6g}"
    bound = float(condition.partition(sign)[2])
    holding = [number for number, value in enumerate(values, 1) if SIGNS[sign](value, bound)]
    found = [number for number in holding if (number < at if back else number > at)]
    session.go_to(back + condition)
    start = back and not found and session.number == 0  # the start has parameters and an RMSE too
    assert start or session.number == (found[-1] if back and found else found[0] if found else at)
    parsed = parse_condition(condition, session.run)
    assert [n for n in range(1, 13) if parsed.holds(session.run, n, n)[0]] == holding
    if not back:
        session.go(at)
        session.breakpoints.add(condition, session.run)
        session.speed, session.playing = 4, at < 12
        while session.playing:
            session.play_on(0.05)
        assert session.number == (found[0] if found else 12)


WORDS = st.sampled_from(
    ["rmse", "loss", "nan", "rises", "back", "and", *"|<>=(√_", "!=", "1e999", "e3b2", "end", "−3", "\x1b[31m"]
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=30), st.lists(WORDS, max_size=6).map(" ".join)))
def test_whatever_is_typed_is_gone_to_or_refused_in_words(text):
    session = opened(at="3")
    try:
        session.go_to(text)
    except LrstepError as refused:
        assert refused.message and session.number == 3
    assert not session.computing


def test_back_reaches_the_start_and_forward_the_end():
    session = opened(at="6")
    session.go_to("back weight<0.1")
    assert session.number == 0
    session.go_to("iteration=12")
    assert session.number == 12
    session.go_to("back nan")
    assert (session.number, session.notice) == (12, "no iteration before 12 has nan")


@pytest.mark.parametrize(("batch_size", "shuffle"), [(5, False), (5, True), (1, False)])
def test_what_is_beyond_the_first_look_is_found_in_slices(batch_size, shuffle):
    session = opened(batch_size=batch_size, shuffle=shuffle, epochs=3_000)
    session.look_for(ConditionSearch(session.run, [parse_condition("epoch=2900 and batch=2", session.run)], 0))
    while session.progress:
        assert "looking for epoch=2900 and batch=2: iteration" in session.progress
        known = session.run.computed
        session.compute(0)
        assert session.run.computed > known
    assert session.number == 2899 * session.run.batches.per_epoch + 2
    session.go_to("back |gradient_weight|<1 and epoch<50")
    while not session.compute(0.01):
        pass
    assert 0 < session.number < 50 * session.run.batches.per_epoch
    assert abs(session.run.iteration(session.number).gradient[0]) < 1


def test_a_search_can_be_given_up():
    session = opened(epochs=100_000)
    session.go_to("nan")
    assert session.progress
    session.leave()
    assert (session.progress, session.number, session.search) == ("", 0, None)
    assert "stopped" in session.notice


@pytest.mark.parametrize(
    ("text", "said"),
    [("rmse<", "'rmse<'"), ("speed<3", "'speed'"), ("back", "'back'"), ("back 5", "'5'"), ("x1", "'x1'")],
)
def test_what_is_no_target_is_refused_and_nothing_moves(text, said):
    session = opened(at="3")
    with pytest.raises(LrstepError) as caught:
        session.go_to(text)
    assert said in caught.value.message
    assert "rmse<20" in caught.value.hint or "There are:" in caught.value.hint
    assert session.number == 3


def test_of_several_conditions_the_first_on_the_way_counts():
    session = opened()
    for text in ("epoch=3", "iteration=5"):
        session.breakpoints.add(text, session.run)
    forward = ConditionSearch(session.run, session.breakpoints.conditions, 0)
    back = ConditionSearch(session.run, session.breakpoints.conditions, 12, -1)
    assert forward.go_on(1) and back.go_on(1)
    assert (forward.found, forward.condition.text) == (5, "iteration=5")
    assert (back.found, back.condition.text) == (9, "epoch=3")


def test_playing_stops_at_a_breakpoint_and_says_why():
    session = opened(epochs=100)
    session.breakpoints.add("full_rmse<15", session.run)
    session.speed = 7
    session.do("play")
    while session.playing:
        session.play_on(0.02)
    first = next(n for n in range(1, session.run.n_iterations) if session.run.iteration(n).full_rmse < 15)
    assert session.number == first > 5
    assert session.notice.startswith(f"stopped at iteration {first}: full_rmse<15 (full_rmse 14.6")
    session.do("next")
    assert not session.notice


def test_breakpoints_go_with_the_run_and_are_kept():
    session = opened()
    for text in ("weight>0.5", "weight > 0.5", "rmse<20"):
        session.breakpoints.add(text, session.run)
    assert session.breakpoints.texts == ("weight>0.5", "rmse<20")
    assert session.kept.breakpoints == session.run_file.breakpoints == ("weight>0.5", "rmse<20")
    session.load(session.source.changed(Settings(epochs=2)))
    assert session.breakpoints.texts == ("weight>0.5", "rmse<20")
    two = Dataset("two", [[1, 2], [3, 5], [2, 2]], [1, 2, 3])
    session.load(Source(two, Settings(), session.source.origin))
    assert session.breakpoints.texts == ("rmse<20",)  # there is weight_1 and weight_2
    session.load(replace(session.source, breakpoints=("nan", "speed>3")))
    assert session.breakpoints.texts == ("nan",)
    session.breakpoints.remove(0)
    assert session.kept.breakpoints == ()
