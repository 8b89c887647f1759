"""The receipt as it is printed."""

import pytest

from computility.cli.receipt import Section, sections
from computility.model.compute_job import ComputeJob
from support.samples import decode, full_status, sample


@pytest.fixture
def job() -> ComputeJob:
    found: ComputeJob = decode(sample("computejob-full") | {"status": full_status("ComputeJob")})
    return found


def section(job: ComputeJob, title: str) -> Section:
    return next(each for each in sections(job) if title in each.title)


def test_chosen_and_runners_up_stand_with_their_costs(job: ComputeJob) -> None:
    assert section(job, "2 of 7 pools fit").rows == [
        ("chosen", "qingyang-1", "k100-ai", "3027.2 CNY"),
        ("next 1", "lanzhou-1", "a800", "4000 CNY"),
    ]


def test_rejections_are_counted_with_what_was_wanted_and_found(job: ComputeJob) -> None:
    assert section(job, "Turned down").rows == [("TooFewCards", "5", "64", "8", "lanzhou-1/cpu")]


def test_the_promise_stands_beside_the_outcome(job: ComputeJob) -> None:
    assert section(job, "Promise").rows == [
        ("promised, at most", "3027.2 CNY", "172800 s each"),
        ("came to", "21.34 CNY", "1201.0 s"),
    ]


def test_each_attempt_has_its_line(job: ComputeJob) -> None:
    assert [row[0] for row in section(job, "Attempts").rows] == ["1", "2"]
    assert section(job, "Attempts").rows[0][3:] == (
        "4711", "Cancelled", "NodeFailed", "signal 9", "600.5 s", "10.67 USD",
    )  # fmt: skip


def test_each_section_has_as_many_cells_as_heads(job: ComputeJob) -> None:
    for each in sections(job):
        assert all(len(row) == len(each.heads) for row in each.rows), each.title


def test_a_job_that_nobody_looked_at_has_nothing_to_tell() -> None:
    untouched: ComputeJob = decode(sample("computejob-minimal"))

    assert [each.title for each in sections(untouched) if each.rows] == []
