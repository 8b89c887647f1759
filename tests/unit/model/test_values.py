"""Small values and what they say: names, quantities, resources, conditions."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.model.compute_job import Resources
from computility.model.meta import Condition, ConditionStatus, is_true, with_condition
from computility.model.names import ASSIGNMENT_NAME, assignment_name
from computility.model.quantity import parse_bytes

ZEROS = 32 * "0"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "count"), [("0", 0), ("1k", 1000), ("4Gi", 4 << 30), ("1.5Ki", 1536), ("0.0001k", 0)]
)
def test_a_quantity_is_read_as_bytes_rounded_down(text: str, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", "4 GB", "-1Gi", "1Gi\n", "1e3", "Gi"])
def test_what_is_no_quantity_is_refused_by_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="is no quantity of bytes"):
        parse_bytes(text)


@given(st.uuids(), st.integers(min_value=1, max_value=999_999_999))
def test_the_name_of_an_attempt_is_one_that_is_known_again(uid: object, ordinal: int) -> None:
    assert ASSIGNMENT_NAME.fullmatch(assignment_name(str(uid), ordinal))


@pytest.mark.parametrize(
    "text", ["", "train-1", f"cj-{32 * '0'}-0", f"cj-{32 * '0'}-1\n", f"cj-{32 * 'G'}-1"]
)
def test_any_other_name_is_not(text: str) -> None:
    assert ASSIGNMENT_NAME.fullmatch(text) is None


@pytest.mark.parametrize(
    ("resources", "nodes", "cards_each"),
    [
        pytest.param(Resources(), 1, 0, id="one-node-without-cards"),
        pytest.param(Resources(nodes=3), 3, 0, id="nodes-as-asked"),
        pytest.param(Resources(cards=64, cards_per_node=8), 8, 8, id="nodes-follow-from-cards"),
        pytest.param(Resources(cards=4), 1, 4, id="cards-on-one-node"),
        pytest.param(Resources(cards=8, nodes=2), 2, 4, id="cards-evenly-on-nodes"),
    ],
)
def test_nodes_and_cards_follow_from_each_other(resources: Resources, nodes: int, cards_each: int) -> None:
    assert (resources.node_count, resources.cards_on_each_node) == (nodes, cards_each)


def a_condition(status: ConditionStatus, at: datetime) -> Condition:
    return Condition(
        type="Ready",
        status=status,
        observed_generation=1,
        last_transition_time=at,
        reason="LeaseRenewed",
        message="",
    )


def test_a_condition_keeps_its_transition_time_while_its_status_stays() -> None:
    old = (a_condition(ConditionStatus.TRUE, NOON),)
    later = NOON + timedelta(minutes=1)

    assert with_condition(old, a_condition(ConditionStatus.TRUE, later)) == old
    assert with_condition(old, a_condition(ConditionStatus.FALSE, later))[0].last_transition_time == later


def test_a_condition_that_is_not_there_is_not_true() -> None:
    assert not is_true((), "Ready")
    assert not is_true((a_condition(ConditionStatus.UNKNOWN, NOON),), "Ready")
    assert is_true((a_condition(ConditionStatus.TRUE, NOON),), "Ready")
