"""How near a pool has to be to the place that a job names."""

import pytest

from computility.model.compute_job import PlacementSpec
from computility.model.data_link import DataLinkSpec
from computility.model.job_placement import LatencyClass
from computility.model.reasons import Reason
from computility.placement.verdict import Refusal
from support.placing import a_pool_with, a_request, link_between, refusals


def a_way(start: str, end: str, millis: float | None, *, both_ways: bool = False) -> DataLinkSpec:
    return link_between(start, end, round_trip_millis=millis, both_ways=both_ways)


@pytest.mark.parametrize(
    ("links", "region", "found"),
    [
        pytest.param((), "CN-SH", None, id="where-it-is-itself"),
        pytest.param((a_way("CN-SH", "CN-GS", 5.0),), "CN-GS", None, id="near-enough"),
        pytest.param((a_way("CN-SH", "CN-GS", 5.5),), "CN-GS", "5.5 ms", id="too-far"),
        pytest.param((a_way("CN-SH", "CN-GS", None),), "CN-GS", "no link known", id="nobody-measured-it"),
        pytest.param((), "CN-GS", "no link known", id="no-link"),
        pytest.param((a_way("CN-GS", "CN-SH", 1.0),), "CN-GS", "no link known", id="one-way-only"),
        pytest.param((a_way("CN-GS", "CN-SH", 1.0, both_ways=True),), "CN-GS", None, id="both-ways"),
        pytest.param(
            (a_way("CN-SH", "CN-GS", 1.0), a_way("CN-SH", "member/alpha", 30.0)),
            "CN-GS",
            "30 ms",
            id="a-members-own-link-goes-before-its-regions",
        ),
    ],
)
def test_the_latency_class_counts_from_the_place(
    links: tuple[DataLinkSpec, ...], region: str, found: str | None
) -> None:
    request = a_request(placement=PlacementSpec(near="CN-SH", latency_class=LatencyClass.REGION))

    expected = (
        [] if found is None else [Refusal(reason=Reason.TOO_FAR, wanted="5 ms from CN-SH", found=found)]
    )
    assert refusals(request, a_pool_with(region=region), links) == expected


def test_a_member_is_near_to_itself_whatever_its_region_is() -> None:
    request = a_request(placement=PlacementSpec(near="member/alpha", latency_class=LatencyClass.METRO))
    within = link_between("CN-SH", "CN-SH", round_trip_millis=3.0)

    assert not refusals(request, a_pool_with(), (within,))


def test_near_without_a_class_asks_nothing() -> None:
    assert refusals(a_request(placement=PlacementSpec(near="CN-GS")), a_pool_with()) == []
