"""What a job that is only quoted says of itself."""

import msgspec
import pytest

from computility.lifecycle.conditions import Stamp
from computility.lifecycle.quoting import is_quoted, quote, wants_quote
from computility.model.compute_job import (
    ArraySpec,
    AttemptState,
    ComputeJob,
    ComputeJobStatus,
    Mode,
    Phase,
    PlacementSpec,
    Resources,
)
from computility.placement.place import place
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot
from support.builders import NOON, a_job, a_pool, an_attempt

TO_BE_QUOTED = PlacementSpec(mode=Mode.QUOTE)


def quoted(job: ComputeJob) -> ComputeJobStatus:
    snapshot = Snapshot(pools=(a_pool("alpha"), a_pool("beta")))
    outcome = place(Request.of(job, len(job.spec.indices)), snapshot, NOON)
    return quote(job.status, outcome, Stamp(generation=1, now=NOON))


@pytest.mark.parametrize(
    ("job", "told"),
    [
        pytest.param(a_job(), 'would be placed on pool "cpu" of member "alpha"', id="one-pool"),
        pytest.param(a_job(array=ArraySpec(size=40)), "would be split over 2 pools: 32 on ", id="split"),
        pytest.param(a_job(resources=Resources(nodes=9)), "no pool fits: 2 considered; ", id="none"),
    ],
)
def test_a_quote_says_what_would_be(job: ComputeJob, told: str) -> None:
    status = quoted(job)

    assert status.message.startswith(told)
    assert status.phase is Phase.QUOTED


def test_what_fits_nowhere_is_quoted_with_its_reason() -> None:
    assert quoted(a_job(resources=Resources(nodes=9))).reason == "NoPoolFits"


def test_a_job_that_was_placed_before_goes_on_and_is_not_quoted() -> None:
    done = an_attempt(state=AttemptState.FAILED)

    assert wants_quote(a_job(placement=TO_BE_QUOTED))
    assert not wants_quote(a_job(placement=TO_BE_QUOTED, attempts=(done,)))
    assert not wants_quote(a_job())


def test_an_edited_job_is_quoted_again() -> None:
    job = a_job(placement=TO_BE_QUOTED, phase=Phase.QUOTED)

    def seen_at(generation: int) -> ComputeJob:
        status = msgspec.structs.replace(job.status, observed_generation=generation)
        return msgspec.structs.replace(job, status=status)

    assert is_quoted(seen_at(1))
    assert not is_quoted(seen_at(0))
