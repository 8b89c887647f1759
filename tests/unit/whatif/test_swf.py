"""Traces in the Standard Workload Format."""

from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.model.pool_facts import Precision
from computility.whatif.mistake import MOST_TOLD, TraceRefused
from computility.whatif.shapes import Shaping
from computility.whatif.swf import Processor, parse_swf
from computility.whatif.trace import Shape, Trace


def a_line(
    submit: str = "0", run: str = "60", allocated: str = "4", requested: str = "4", limit: str = "3600"
) -> str:
    """A job of 18 fields."""
    return f"1 {submit} 5 {run} {allocated} -1 -1 {requested} {limit} -1 1 7 2 -1 1 -1 -1 -1"


def parse(*lines: str, processor: Processor = Processor.CORES) -> Trace:
    return parse_swf(lines, "team-a", processor, Shaping())


def refusal(lines: Iterable[str]) -> str:
    with pytest.raises(TraceRefused) as refused:
        parse_swf(lines, "team-a", Processor.CORES, Shaping())
    return str(refused.value)


def test_a_job_is_read_from_its_fields_and_remarks_are_not() -> None:
    trace = parse("; Version: 2.2\n", "\n", a_line(submit="100", run="90", requested="64") + "\n")

    (kind,) = trace.kinds
    assert trace.seconds.tolist() == [90]
    assert kind.namespace == "team-a"
    assert kind.shape == Shape(nodes=2, cores_per_node=32, cards_per_node=0)
    assert kind.precision is None
    assert 3600 <= kind.limit_seconds < 3600 * 1.26


def test_processors_may_be_cards() -> None:
    (kind,) = parse(a_line(requested="16"), processor=Processor.CARDS).kinds

    assert kind.shape == Shape(nodes=2, cores_per_node=8, cards_per_node=8)
    assert kind.precision is Precision.BF16


def test_times_count_from_the_first_submission_and_jobs_are_sorted() -> None:
    trace = parse(a_line("900", run="2"), a_line("500", run="1"), a_line("900", run="3"))

    assert trace.submit.tolist() == [0, 400, 400]
    assert trace.seconds.tolist() == [1, 2, 3]


def test_what_was_allocated_counts_where_nobody_knows_what_was_requested() -> None:
    assert parse(a_line(allocated="8", requested="-1")).kinds[0].shape.cores == 8


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(a_line(run="0"), id="cancelled-before-it-started"),
        pytest.param(a_line(run="-1"), id="run-time-unknown"),
        pytest.param(a_line(allocated="0", requested="-1"), id="no-processors"),
    ],
)
def test_jobs_that_never_ran_are_left_out_and_counted(line: str) -> None:
    trace = parse(line, a_line())

    assert (len(trace), trace.left_out) == (1, 1)


@pytest.mark.parametrize("status", ["2", "3", "4"])
def test_the_parts_of_a_job_that_was_swapped_out_are_left_out_beside_the_whole(status: str) -> None:
    whole = a_line(run="90")
    part = whole.replace(" -1 1 7", f" -1 {status} 7")

    trace = parse(whole, part)

    assert (trace.seconds.tolist(), trace.left_out) == ([90], 1)


def test_a_job_that_ran_over_its_limit_asks_for_what_it_ran() -> None:
    assert parse(a_line(run="7200", limit="3600")).kinds[0].limit_seconds >= 7200


def test_jobs_that_differ_a_little_in_their_run_time_are_of_one_kind() -> None:
    trace = parse(a_line(run="1000"), a_line(run="1010"), a_line(run="2000"))

    assert trace.kind.tolist() == [0, 0, 1]
    assert trace.seconds.tolist() == [1000, 1010, 2000]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        pytest.param("1 2 3", "fields", id="too-few"),
        pytest.param(a_line() + " 9", "fields", id="too-many"),
        pytest.param(a_line(submit="nan"), "submit time (2)", id="nan"),
        pytest.param(a_line(submit="-1"), "submit time (2)", id="submission-unknown"),
        pytest.param(a_line(submit="9" * 400), "submit time (2)", id="a-very-long-number"),
        pytest.param(a_line(run="1e5"), "run time (4)", id="exponent"),
        pytest.param(a_line(run="-60"), "run time (4)", id="negative"),
        pytest.param(a_line(run="99999999999"), "run time (4)", id="longer-than-a-year"),
        pytest.param(a_line(requested="4.5"), "requested processors (8)", id="half-a-processor"),
        pytest.param(a_line(requested="٣"), "requested processors (8)", id="other-digits"),
        pytest.param(a_line(requested="-1", allocated="1_0"), "allocated processors (5)", id="underscore"),
        pytest.param(a_line(limit="\x00"), "requested time (9)", id="nul"),
    ],
)
def test_a_wrong_line_is_named_by_number_and_field_with_what_to_write(line: str, field: str) -> None:
    told = refusal(["; remark", a_line(), line])

    assert told.startswith(f"line 3: {field}: ")
    assert any(remedy in told for remedy in ("write ", "a job has 18"))


def test_several_mistakes_are_told_together_up_to_a_number() -> None:
    assert refusal(["x"] * 3).count("line ") == 3
    assert refusal("x" for _ in range(10**9)).count("line ") == MOST_TOLD  # stops reading, too


def test_a_file_without_jobs_is_refused() -> None:
    assert "there is none that ran" in refusal(["; nothing"])


@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_text_is_a_trace_or_refused(lines: list[str]) -> None:
    with suppress(TraceRefused):
        parse(*lines)


@given(st.lists(st.sampled_from(["-1", "0", "1", "60", "1e9", "-5", "x", "1.5"]), min_size=18, max_size=18))
def test_any_fields_are_a_job_or_refused(fields: list[str]) -> None:
    with suppress(TraceRefused):
        parse(" ".join(fields), a_line())
