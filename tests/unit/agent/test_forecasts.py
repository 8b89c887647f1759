"""Which classes a scheduler is asked about, and what is told of their starts."""

from datetime import timedelta

import msgspec
import pytest

from computility.agent.forecasts import build_asks, build_forecast
from computility.backends.protocol import StartAsk
from computility.model.pool_facts import QueueWait, StartForecast
from computility.model.resource_pool import PoolLimits, ResourcePoolSpec, Shape
from support.builders import NOON, seconds

HOUR = 3600
SPEC = ResourcePoolSpec(
    architecture="amd64",
    shape=Shape(nodes=64, cores_per_node=8, memory_per_node="1Gi", cards_per_node=4),
    card_model="a100",
    limits=PoolLimits(max_run_seconds=24 * HOUR),
)


def a_spec(**changes: object) -> ResourcePoolSpec:
    return msgspec.structs.replace(SPEC, **changes)


def a_wait(nodes: int | None, hours: int | None) -> QueueWait:
    most_seconds = hours * HOUR if hours else None
    return QueueWait(max_nodes=nodes, max_run_seconds=most_seconds, p50_seconds=1, p95_seconds=2)


@pytest.mark.parametrize(
    ("spec", "sizes", "hours"),
    [
        pytest.param(SPEC, [1, 4, 16, 64], [1, 4, 12, 24], id="four-of-each-where-nothing-is-declared"),
        pytest.param(
            a_spec(queue_wait=(a_wait(2, 6), a_wait(None, None))),
            [2, 64],
            [6, 24],
            id="as-waits-are-declared",
        ),
        pytest.param(
            a_spec(queue_wait=(a_wait(999, 999), a_wait(1, 6))), [1, 64], [6, 24], id="no-more-than-it-takes"
        ),
        pytest.param(
            a_spec(queue_wait=tuple(a_wait(nodes, nodes) for nodes in range(1, 6))),
            [1, 4, 16, 64],
            [1, 4, 12, 24],
            id="four-of-each-where-too-many-are-declared",
        ),
        pytest.param(
            a_spec(limits=PoolLimits(max_nodes=1, max_run_seconds=2 * HOUR)), [1], [1, 2], id="a-small-pool"
        ),
    ],
)
def test_the_classes_that_are_asked_for_go_up_to_the_pools_largest_job(
    spec: ResourcePoolSpec, sizes: list[int], hours: list[int]
) -> None:
    asks = build_asks(spec, "main")

    assert [(ask.nodes, ask.run_seconds) for ask in asks] == [(n, h * HOUR) for n in sizes for h in hours]
    assert {(ask.partition, ask.cards_per_node) for ask in asks} == {("main", 4)}


SMALL, LARGE = (StartAsk(partition="main", nodes=nodes, run_seconds=HOUR) for nodes in (1, 4))


def test_a_start_is_told_as_an_instant_and_one_at_once_as_none() -> None:
    found = build_forecast([SMALL, LARGE], {SMALL: 0.0, LARGE: 7200.4}, NOON, ())

    assert [(each.max_nodes, each.max_run_seconds) for each in found] == [(1, HOUR), (4, HOUR)]
    assert [each.starts_at for each in found] == [None, NOON + seconds(7200)]


def test_a_start_in_no_time_of_ours_is_told_as_one_in_a_year() -> None:
    (found,) = build_forecast([SMALL], {SMALL: 1e12}, NOON, ())

    assert found.starts_at == NOON + timedelta(days=365)


def test_of_what_was_not_answered_nothing_is_told() -> None:
    assert [each.max_nodes for each in build_forecast([SMALL, LARGE], {LARGE: 0.0}, NOON, ())] == [4]


@pytest.mark.parametrize(
    ("late", "is_news"),
    [
        pytest.param(7200 + 720, False, id="a-tenth-later"),
        pytest.param(7200 - 650, False, id="nearly-a-tenth-sooner"),
        pytest.param(7200 + 1000, True, id="more"),
        pytest.param(0, True, id="at-once"),
    ],
)
def test_a_start_that_hardly_moves_stays_as_it_was_told(late: float, is_news: bool) -> None:
    before = build_forecast([SMALL], {SMALL: 7200.0}, NOON, ())

    assert (build_forecast([SMALL], {SMALL: late}, NOON, before) != before) is is_news


def test_a_start_that_creeps_away_is_told_in_the_end() -> None:
    told: tuple[StartForecast, ...] = ()
    for minute in range(60):  # a queue in which nothing moves: each minute the start is a minute later
        told = build_forecast([SMALL], {SMALL: 7200.0}, NOON + timedelta(minutes=minute), told)
        starts_at = told[0].starts_at
        assert starts_at is not None
        assert abs((starts_at - NOON).total_seconds() - 60 * minute - 7200) <= 720
