"""When the simulated scheduler says that a job would start."""

import random

import pytest

from computility.backends.simulated.config import CentreConfig, Maintenance, NodeGroup, Partition
from computility.backends.simulated.engine import Engine
from computility.backends.simulated.profiles import theta_like_share

from .rig import a_centre, a_request, submit, task_of

HOUR, DAY = 3600.0, 86_400.0


def behind_a_large_job() -> Engine:
    """Return three nodes, two busy for half an hour, and a job of an hour that waits for all three."""
    engine = a_centre(nodes=3)
    submit(engine, a_request("busy", seconds=None, nodes=2, limit_seconds=1800))
    submit(engine, a_request("large", nodes=3, limit_seconds=HOUR))
    engine.advance(0.0)
    return engine


@pytest.mark.parametrize(
    ("nodes", "limit_seconds", "says", "says_blindly"),
    [
        pytest.param(1, 600.0, 0, HOUR, id="over-before-the-first-starts"),
        pytest.param(1, 1800.0, 0, HOUR, id="just-over"),
        pytest.param(1, 2 * HOUR, HOUR, HOUR, id="too-long"),
        pytest.param(3, 600.0, 1800 + HOUR, 1800 + HOUR, id="too-large"),
        pytest.param(4, 600.0, None, None, id="larger-than-the-machine"),
    ],
)
def test_backfill_is_known_and_other_starts_are_what_slurm_said_in_the_same_case(
    nodes: int, limit_seconds: float, says: float | None, says_blindly: float | None
) -> None:
    engine = behind_a_large_job()

    assert engine.forecast("cpu", nodes, limit_seconds) == says
    assert engine.forecast("cpu", nodes, limit_seconds, sees_queue=False) == says_blindly


def test_of_an_unknown_partition_nothing_is_said() -> None:
    assert a_centre().forecast("gpu", 1, HOUR) is None


def test_what_would_run_into_a_maintenance_is_told_no_start() -> None:
    engine = a_centre(maintenance=(Maintenance(start=HOUR, seconds=HOUR),))

    assert engine.forecast("cpu", 1, HOUR) == 0
    assert engine.forecast("cpu", 1, HOUR + 1) is None


def a_busy_centre(seed: int) -> Engine:
    group = NodeGroup(name="cpu", nodes=24, cores=8, memory_mib=1000)
    load = theta_like_share("cpu", nodes=24, share=0.7)
    return Engine(
        CentreConfig(
            groups=(group,),
            partitions=(Partition(name="cpu", max_run_seconds=DAY),),
            seed=seed,
            background=(load,),
            warm_up_seconds=2 * DAY,
        )
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_job_starts_at_once_exactly_if_that_was_said(seed: int) -> None:
    engine, chance = a_busy_centre(seed), random.Random(seed)
    said = []
    for number in range(60):
        engine.advance(number * 2 * HOUR + chance.uniform(0, HOUR))
        nodes, limit = chance.randint(1, 8), chance.uniform(600, DAY)
        said.append(engine.forecast("cpu", nodes, limit) == 0)
        name, now = f"job-{number}", engine.clock
        submit(engine, a_request(name, seconds=60, nodes=nodes, limit_seconds=limit))
        engine.advance(now)
        came = bool(engine.claims(name)) and task_of(engine, name).started_at == now
        assert came is said[-1]
    assert 5 < sum(said) < 55  # both were tried
