"""When a job would start: what both backends promise, and what a real Slurm says and hides."""

import pytest

from computility.backends.protocol import BackendUnreachable, StartAsk
from support.either import EitherWorld, either_at
from support.eventually import eventually
from support.workloads import World

ONE, ALL = (StartAsk(partition="cpu", nodes=nodes, run_seconds=3600) for nodes in (1, 3))
either = either_at("frail_centre")
"""Where nobody else's jobs are."""


async def test_what_fits_into_idle_nodes_starts_at_once_and_nothing_is_submitted(either: EitherWorld) -> None:
    assert await either.backend.forecast([ONE, ALL]) == {ONE: 0, ALL: 0}

    used = (await either.backend.capacity(["cpu"], []))["cpu"].used_by_others
    assert used.nodes == 0


async def test_what_has_to_wait_starts_when_what_runs_is_over_by_its_requested_time(
    either: EitherWorld,
) -> None:
    ours = await either.start(either.payloads.runs_on(resources={"nodes": 3}, max_run_seconds=600))
    await either.until_started(ours)

    starts = await either.backend.forecast([ONE, ALL])

    await either.backend.cancel([ours])
    await either.until_ended(ours)
    assert starts.keys() == {ONE, ALL}
    # Slurm is asked for a minute more than a job may run.
    assert all(500 < seconds <= 660 for seconds in starts.values())


async def test_what_the_scheduler_would_never_start_is_not_in_the_answer(either: EitherWorld) -> None:
    too_many = StartAsk(partition="cpu", nodes=4, run_seconds=3600)

    assert await either.backend.forecast([too_many, ONE]) == {ONE: 0}


@pytest.mark.slurm
@pytest.mark.parametrize(
    ("hidden", "at_once"),
    [
        pytest.param("jobs,usage", set(), id="hidden-jobs"),
        pytest.param("none", {ONE}, id="visible-jobs"),
    ],
)
async def test_what_backfill_would_start_is_known_only_where_others_jobs_are_seen(
    frail: World, hidden: str, at_once: set[StartAsk]
) -> None:
    """A job on all nodes waits for two; until they are free the third is idle, for two hours."""
    sees = f"sed -i 's/^PrivateData=.*/PrivateData={hidden}/' $SLURM_CONF && scontrol reconfigure"
    frail.sh(sees, "root")
    submit = "sbatch --exclusive --partition=cpu --output=/dev/null --wrap 'sleep 600'"
    frail.sh(f"{submit} --nodes=2 --time=120 && {submit} --nodes=3 --time=60", "bob")
    planned = "SLURM_TIME_FORMAT=%s squeue --noheader --user=bob --states=PENDING --Format=StartTime"
    await eventually(lambda: frail.sh(planned, "bob").strip().isdecimal(), "backfill has planned it")

    starts = await frail.backend.forecast([ONE, ALL])

    frail.sh("scancel --user=bob", "bob")
    bobs = "squeue --noheader --user=bob"
    await eventually(lambda: not frail.sh(bobs, "bob").strip(), "bob's jobs have ended")
    assert {ask for ask, seconds in starts.items() if not seconds} == at_once
    assert starts[ALL] > 2 * 3600


async def test_a_silent_scheduler_forecasts_nothing(either: EitherWorld) -> None:
    async with either.silence():
        with pytest.raises(BackendUnreachable):
            await either.backend.forecast([ONE])
