"""What is known of each step, and what to check next."""

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lrstep.check.book import CheckBook
from lrstep.check.quantity import ComparedQuantity
from lrstep.check.verdict import StepVerdict

OUTCOMES = ["confirmed", "differs", "undecided"]


def verdict(iteration: int, outcome: str = "confirmed", share: float = 0.1) -> StepVerdict:
    return StepVerdict(iteration, "float32", (ComparedQuantity("loss", 1.0, 1.0, 0.0, 1.0, share, 0.0, outcome),))


entries = st.lists(st.tuples(st.integers(1, 60), st.sampled_from(OUTCOMES), st.floats(0, 5)), max_size=80)


@hypothesis_settings(deadline=None)
@given(entries, st.integers(1, 100))
def test_counts_and_searches_agree_with_a_plain_dictionary(recorded, keep):
    book, plain = CheckBook(60, keep=keep), {}
    for number, outcome, share in recorded:
        book.record(verdict(number, outcome, share))
        plain[number] = outcome
    failed = sorted(number for number, outcome in plain.items() if outcome == "differs")
    assert list(book.failed()) == failed
    assert (book.checked, book.complete) == (len(plain), len(plain) == 60)
    assert (book.confirmed, book.differing, book.undecided) == tuple(
        sum(outcome == one for outcome in plain.values()) for one in OUTCOMES
    )
    for place in range(61):
        assert book.next_failed(place) == next((number for number in failed if number > place), None)
        assert book.previous_failed(place) == next((number for number in failed[::-1] if number < place), None)
        assert place == 0 or book.outcome(place) == plain.get(place, "pending")
    assert sum(book.verdict(number) is not None for number in range(1, 61)) == min(keep, len(plain))
    if recorded:
        assert book.worst is not None and book.worst[1].share == max(share for _, _, share in recorded)


@hypothesis_settings(deadline=None)
@given(st.sets(st.integers(1, 60)), st.integers(0, 61), st.integers(1, 40))
def test_every_step_gets_its_turn_the_one_under_the_cursor_first(done, cursor, count):
    book = CheckBook(60)
    for number in done:
        book.record(verdict(number))
    near, open_ = min(max(cursor, 1), 60), set(range(1, 61)) - done
    first = book.pending(cursor, count)
    assert len(first) == len(set(first)) == min(count, len(open_))
    assert set(first) <= open_
    assert near in done or first[0] == near
    asked = []
    while portion := book.pending(cursor, count):
        asked += portion
        for number in portion:
            book.record(verdict(number))
    assert sorted(asked) == sorted(open_)
    assert book.complete


def test_near_steps_come_before_far_ones_and_later_before_earlier_ones():
    book = CheckBook(100)
    order = book.pending(50, 100)
    assert order[:5] == [50, 51, 49, 52, 48]
    later = [number for number in order if number > 58]
    earlier = [number for number in order if number < 42]
    assert later == sorted(later)
    assert order.index(later[-1]) < order.index(earlier[0])


def test_a_verdict_that_was_dropped_is_had_again_under_the_cursor():
    book = CheckBook(10, keep=2)
    for number in range(1, 11):
        book.record(verdict(number))
    assert book.verdict(3) is None and book.complete
    assert book.pending(3, 16) == [3]
    assert book.pending(10, 16) == []


@hypothesis_settings(deadline=None)
@given(st.integers(10**10, 10**18), st.integers(1, 500), st.data())
def test_a_run_of_any_length_costs_what_is_checked_of_it(length, highest, data):
    book = CheckBook(length)
    done = data.draw(st.sets(st.integers(1, highest), max_size=20))
    for number in done:
        book.record(verdict(number, "differs"))
    assert book.outcome(length) == "pending" and book.next_failed(highest) is None
    assert book.checked == len(done) and not book.complete
    assert book.pending(length, 3) == [length, length - 1, length - 2]
    assert book.pending(highest + 9, 2) == [highest + 9, highest + 10]
