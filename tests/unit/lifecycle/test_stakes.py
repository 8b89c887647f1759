"""What an attempt holds, as its job's entry and its Assignment tell it."""

from typing import Any

import msgspec
import pytest

from computility.lifecycle.render import render_assignment
from computility.lifecycle.stakes import larger, stake_of_assignment, stake_of_attempt
from computility.model.assignment import Desired
from computility.model.compute_job import Allocated, ArraySpec, Attempt, Resources
from computility.model.outcome import Counts
from computility.placement.held import Held, Stake
from support.builders import NOON, a_job, seconds
from support.stored import an_attempt

ARRAY = {"array": ArraySpec(size=10)}


def placed(**fields: Any) -> Attempt:
    return msgspec.structs.replace(an_attempt(), placed_at=NOON, **fields)


@pytest.mark.parametrize(
    ("job", "attempt", "held"),
    [
        pytest.param({}, {}, Held(0, 1, 0), id="one-core"),
        pytest.param({"resources": Resources(cards=8, cpus_per_task=4)}, {}, Held(0, 4, 8), id="cards"),
        pytest.param(
            {"resources": Resources(nodes=2, tasks_per_node=3)}, {}, Held(2, 6, 0), id="nodes-of-its-own"
        ),
        pytest.param({}, {"allocated": Allocated(cores=8, cards=4)}, Held(1, 8, 4), id="a-whole-node"),
        pytest.param(ARRAY, {"indices": "0-9"}, Held(0, 10, 0), id="an-array"),
        pytest.param(ARRAY, {"indices": "0-9", "max_concurrent": 3}, Held(0, 3, 0), id="at-a-time"),
        pytest.param(
            ARRAY,
            {"indices": "0-9", "max_concurrent": 8, "counts": Counts(pending=1, running=4, succeeded=5)},
            Held(0, 5, 0),
            id="what-has-not-ended",
        ),
    ],
)
def test_an_entry_holds_what_was_allocated_for_what_may_run(
    job: dict[str, Any], attempt: dict[str, Any], held: Held
) -> None:
    assert stake_of_attempt(a_job(**job), placed(**attempt)) == Stake(held, int(NOON.timestamp()))


def test_an_assignment_tells_the_same_but_for_whole_nodes() -> None:
    job = a_job(resources=Resources(nodes=2, cards=8, cards_per_node=4), array=ArraySpec(size=10))
    attempt = placed(indices="0-4", max_concurrent=3)
    assignment = render_assignment(job, attempt, Desired.RUN)
    meta = msgspec.structs.replace(assignment.metadata, creation_timestamp=NOON + seconds(2))
    made = msgspec.structs.replace(assignment, metadata=meta)
    assert made.spec.job is not None

    told, known = stake_of_assignment(made, made.spec.job), stake_of_attempt(job, attempt)
    assert (told.held, told.since) == (known.held, known.since + 2)


def test_of_two_that_tell_of_one_attempt_the_more_counts_whoever_comes_first() -> None:
    one, other = Stake(Held(0, 8, 0), 7), Stake(Held(2, 1, 4), 5)

    assert larger(one, other) == larger(other, one) == Stake(Held(2, 8, 4), 7)
