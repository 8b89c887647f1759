"""The receipt as it is printed."""

import pytest
from msgspec.structs import replace

from computility.cli.candidates import sticker
from computility.cli.receipt import Section, sections
from computility.model.compute_job import ComputeJob, JobData, Rejection, Work
from support.samples import decode, full_status, sample


@pytest.fixture
def job() -> ComputeJob:
    found: ComputeJob = decode(sample("computejob-full") | {"status": full_status("ComputeJob")})
    return found


def section(job: ComputeJob, title: str) -> Section:
    return next(each for each in sections(job) if title in each.title)


def test_chosen_and_runners_up_stand_with_what_they_are_compared_by(job: ComputeJob) -> None:
    assert section(job, "2 of 7 pools fit").rows == [
        ("chosen", "qingyang-1/k100-ai", "3,027.20 CNY", "34.3 h", "129 / 647", "1.78", "2.67"),
        ("next 1", "lanzhou-1/a800", "4,000.00 CNY", "34.3 h", "129 / 647", "1.78", "2.67"),
    ]


def test_what_was_not_compared_is_not_counted_as_turned_down(job: ComputeJob) -> None:
    receipt = job.status.receipt
    assert receipt is not None
    apart = Rejection(reason="NotCompared", count=2)
    mixed = replace(
        job, status=replace(job.status, receipt=replace(receipt, rejected=(apart, *receipt.rejected)))
    )

    assert section(mixed, "Turned down").title == "Turned down: 5 of 7 pools; 2 would fit, and were set apart"


def test_below_stands_what_their_figures_are_made_up_of(job: ComputeJob) -> None:
    assert section(job, "What that is made up of").rows[0] == (
        "chosen", "qingyang-1/k100-ai", "2,750.50 to 4,100.00", "30.6 h to 44.4 h", "33.3 h", "58.3 min",
        "57.1 min", "nominal, measured",
    )  # fmt: skip


def test_what_a_receipt_leaves_out_of_a_runner_up_is_shown_all_the_same(job: ComputeJob) -> None:
    undeclared = replace(job, spec=replace(job.spec, work=None, max_run_seconds=7200))
    receipt = undeclared.status.receipt
    assert receipt is not None
    short = replace(receipt.runners_up[0], done_seconds=0, run_seconds=0, wait_seconds=0, transfer_seconds=0)
    shown = replace(undeclared, status=replace(job.status, receipt=replace(receipt, runners_up=(short,))))

    place, _, _, done, *_ = section(shown, "2 of 7 pools fit").rows[1]
    _, _, _, _, run, wait, *_ = section(shown, "What that is made up of").rows[1]

    assert (place, done, run, wait) == ("next 1", "2.0 h", "2.0 h", "0 s")


def test_rejections_are_counted_with_what_was_wanted_and_found(job: ComputeJob) -> None:
    assert section(job, "Turned down").rows == [("TooFewCards", "5", "64", "8", "lanzhou-1/cpu")]


def test_the_promise_stands_beside_the_outcome(job: ComputeJob) -> None:
    assert section(job, "Promise").rows == [
        ("promised", "3027.2 CNY", "2750.5 to 4100", "33.3 h each"),
        ("came to", "21.34 CNY", "below: -99.3 %", "20.0 min"),
    ]


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        pytest.param("2750.5", "within: -9.1 %", id="at-its-low-end"),
        pytest.param("3027.2", "within: the same", id="as-promised"),
        pytest.param("4100.1", "above: +35.4 %", id="above-its-high-end"),
    ],
)
def test_the_outcome_says_whether_it_is_within_what_was_promised(
    job: ComputeJob, cost: str, told: str
) -> None:
    assert section(ended_at(job, cost), "Promise").rows[1][2] == told


def test_without_declared_work_the_promise_is_a_bound(job: ComputeJob) -> None:
    bound = ended_at(job, "21.34", cost_range=None, per_reference_hour=None)

    assert section(bound, "2 of 7 pools fit").heads[2] == "Cost at most"
    assert section(bound, "2 of 7 pools fit").rows[0][6] == "-"
    assert [row[0] for row in section(bound, "Promise").rows] == ["promised, at most", "came to"]
    assert section(bound, "Promise").rows[1][2] == "-99.3 %"


def test_what_another_currency_came_to_is_not_compared(job: ComputeJob) -> None:
    assert section(ended_at(job, "9", currency="USD"), "Promise").rows[1][2] == ""


def ended_at(job: ComputeJob, cost: str, **chosen: object) -> ComputeJob:
    """Let a job have come to so much, where this was promised."""
    receipt = job.status.receipt
    assert receipt is not None
    assert receipt.chosen is not None
    assert receipt.actual is not None
    changed = replace(
        receipt, chosen=replace(receipt.chosen, **chosen), actual=replace(receipt.actual, cost=cost)
    )
    return replace(job, status=replace(job.status, receipt=changed))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"work": Work(reference_card_hours=1280)}, "1.60", id="from-the-reference-hour"),
        pytest.param({"work": None, "array": None}, "-", id="not-of-a-cost-with-transfers"),
        pytest.param({"work": None, "array": None, "data": JobData()}, "1.42", id="from-the-cost"),
        pytest.param({"work": None, "data": JobData()}, "-", id="not-of-many-indices"),
    ],
)
def test_a_card_hours_price_is_told_where_it_can_be(
    job: ComputeJob, changes: dict[str, object], told: str
) -> None:
    receipt = job.status.receipt
    assert receipt is not None
    assert receipt.chosen is not None
    worth = receipt.chosen.per_reference_hour if changes["work"] else None
    chosen = replace(receipt.chosen, per_reference_hour=worth)

    assert sticker(replace(job, spec=replace(job.spec, **changes)), chosen) == told


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
