"""When a job's status can hold no further attempt."""

import pytest

from computility.lifecycle.outcome import MOST_ATTEMPTS, MOST_INDEX_TEXT, has_no_room
from computility.model.assignment import IndexOutcome, State
from computility.model.compute_job import Attempt
from support.builders import an_attempt


def long(of_attempt: int, *of_outcomes: int) -> Attempt:
    """An attempt whose sets of indices are texts of these lengths."""
    outcomes = (IndexOutcome(indices="7" * length, state=State.FAILED) for length in of_outcomes)
    return an_attempt(indices="7" * of_attempt, outcomes=tuple(outcomes))


@pytest.mark.parametrize("count", [0, 1, MOST_ATTEMPTS - 1])
def test_few_attempts_leave_room(count: int) -> None:
    assert not has_no_room([an_attempt()] * count)


def test_as_many_attempts_as_a_status_may_have_leave_none() -> None:
    assert has_no_room([an_attempt()] * MOST_ATTEMPTS)


def test_sets_of_indices_that_take_all_that_an_object_can_hold_leave_none() -> None:
    half = MOST_INDEX_TEXT // 2

    assert not has_no_room([long(half), long(0, half - 10, 10)])
    assert has_no_room([long(half), long(0, half - 10, 11)])
    assert has_no_room([long(half + 1), long(0, half - 10, 10)])
