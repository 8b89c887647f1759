"""Traces as CSV."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.model.pool_facts import Precision
from computility.whatif.columns import COLUMNS, parse_csv
from computility.whatif.mistake import TraceRefused
from computility.whatif.shapes import Shaping
from computility.whatif.trace import Shape, Trace

HEADS = "submit_seconds,run_seconds,cards,cores"


def parse(*lines: str) -> Trace:
    return parse_csv([f"{line}\n" for line in lines], "team-a", Shaping())


def refusal(*lines: str) -> str:
    with pytest.raises(TraceRefused) as refused:
        parse(*lines)
    return str(refused.value)


def test_columns_stand_in_any_order_and_empty_cells_say_nothing() -> None:
    trace = parse(
        "cards, namespace ,submit_seconds,run_seconds,precision,requested_seconds,nodes,cores",
        "16,team-b,5,60,fp64,600,4,128",
        ",,7,30,,,,80",
        "",
    )

    first, second = trace.kinds
    assert first.namespace == "team-b"
    assert first.shape == Shape(nodes=4, cores_per_node=32, cards_per_node=4)
    assert first.precision is Precision.FP64
    assert 600 <= first.limit_seconds < 600 * 1.26
    assert second.namespace == "team-a"
    assert second.shape == Shape(nodes=2, cores_per_node=40, cards_per_node=0)
    assert trace.submit.tolist() == [0, 2]


def test_work_may_be_said_in_card_hours_or_core_hours_of_the_reference() -> None:
    trace = parse(
        "submit_seconds,cards,cores,reference_card_hours,reference_core_hours", "0,8,,16,", "0,,4,,1"
    )

    assert trace.seconds.tolist() == [2 * 3600, 900]


@pytest.mark.parametrize(
    ("heads", "told"),
    [
        pytest.param("submit_seconds,run_seconds,gpus", '"gpus" is not known', id="unknown"),
        pytest.param("submit_seconds,run_seconds,cards,cards", "twice", id="twice"),
        pytest.param("run_seconds,cards", "are needed", id="no-submission"),
        pytest.param("submit_seconds,cards", "are needed", id="no-work"),
        pytest.param("", "", id="none"),
    ],
)
def test_columns_that_are_wrong_are_told_with_those_that_there_are(heads: str, told: str) -> None:
    refused = refusal(heads, "0,1,1,1")

    assert refused.startswith("line 1: columns: ")
    assert told in refused
    assert all(name in refused for name in COLUMNS) or "twice" in refused


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("0,60,1", "cells: there are 3", id="too-few"),
        pytest.param("0,60,1,1,1", "cells: there are 5", id="too-many"),
        pytest.param(",60,1,1", "submit_seconds: ", id="no-submission"),
        pytest.param("inf,60,1,1", "submit_seconds: ", id="inf"),
        pytest.param("0,,1,1", "run_seconds, ", id="no-work"),
        pytest.param("0,0,1,1", "run_seconds: 0 is out of bounds", id="no-run"),
        pytest.param("0,60,-1,1", "cards: -1 is out of bounds", id="negative"),
        pytest.param("0,60,1.5,1", "cards: 1.5 is out of bounds", id="half-a-card"),
        pytest.param("0,60,0,0", "cards, cores: both are 0", id="takes-nothing"),
        pytest.param('0,60,"1"1,1', "line: is no CSV", id="broken-quotes"),
    ],
)
def test_a_wrong_line_is_named_by_number_and_field_with_what_to_write(line: str, told: str) -> None:
    assert refusal(HEADS, "0,60,1,1", line).startswith(f"line 3: {told}")


@pytest.mark.parametrize(
    ("heads", "line", "field"),
    [
        pytest.param("namespace", "Team A", "namespace", id="namespace"),
        pytest.param("precision", "bf17", "precision", id="precision"),
        pytest.param("nodes", "0", "nodes", id="no-nodes"),
        pytest.param("cores", "1000000", None, id="many-cores-get-many-nodes"),
        pytest.param("cores,nodes", "1000000,1", "nodes", id="more-than-a-node-has"),
        pytest.param("reference_card_hours", "5", "run_seconds, ", id="work-said-twice"),
    ],
)
def test_what_a_cell_may_say_is_told(heads: str, line: str, field: str | None) -> None:
    lines = (
        f"submit_seconds,run_seconds,cards,{heads}",
        f"0,60,0,{line}" if "cores" in heads else f"0,60,1,{line}",
    )
    if field is None:
        assert len(parse(*lines)) == 1
    else:
        assert refusal(*lines).startswith(f"line 2: {field}")


def test_core_hours_of_a_job_with_cards_are_refused() -> None:
    assert "use the other" in refusal("submit_seconds,cards,reference_core_hours", "0,1,5")


def test_work_that_makes_a_run_of_more_than_a_year_is_refused() -> None:
    assert "up to a year" in refusal("submit_seconds,cards,reference_card_hours", "0,1,1000000")


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_is_a_trace_or_refused(lines: list[str]) -> None:
    with suppress(TraceRefused):
        parse(HEADS, *lines)
