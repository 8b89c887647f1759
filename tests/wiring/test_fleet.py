"""The fleet's process as a lab runs it: many members over simulated centres, a real API server as hub."""

import functools
import operator
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from computility.agent.journal import Journal
from computility.lab.control_plane import ControlPlane
from computility.model.assignment import Started, State, WorkResources
from computility.model.index_set import IndexSet
from computility.model.reasons import Reason
from computility.model.resource_pool import ResourcePool
from support.agent_rig import Hub
from support.api import Api
from support.fleet import Fleet, fleet_text, make_members, run_job, token_file
from support.kube import client_of

pytestmark = [pytest.mark.control_plane]


class Stage(NamedTuple):
    fleet: Fleet
    hubs: list[Hub]
    folder: Path
    plane: ControlPlane


@pytest.fixture
async def stage(control_plane: ControlPlane, api: Api, roles: None, tmp_path: Path) -> AsyncIterator[Stage]:
    """Three members of a fleet whose configuration is written; the test starts it."""
    fleet = Fleet(tmp_path)
    async with client_of(control_plane) as client:
        hubs = await make_members(client, api, tmp_path, 3)
        fleet.configure(fleet_text(control_plane, tmp_path, hubs))
        try:
            yield Stage(fleet, hubs, tmp_path, control_plane)
        finally:
            fleet.kill()


async def test_each_member_runs_its_own_jobs_and_shows_its_own_pool(stage: Stage) -> None:
    fleet, hubs = stage.fleet, stage.hubs
    fleet.start()
    for hub in hubs:
        await fleet.accept(hub)
    names = [await run_job(hub, "sleep", "0.2") for hub in hubs]

    for hub, name in zip(hubs, names, strict=True):
        status = await fleet.ended(hub, name)
        assert (status.state, status.exit_code, status.started) == (State.SUCCEEDED, 0, Started.YES), status
        assert status.run_seconds == pytest.approx(0.2)
        assert status.workloads[0].cluster == hub.member
        pool = await fleet.seen(
            lambda hub=hub: hub.client.find(ResourcePool, hub.namespace, "cpu"),
            lambda pool: pool is not None and pool.status.total.nodes == 4,
        )
        assert pool is not None
        assert pool.spec.access.namespaces == ("team-a",)
        assert pool.status.backend.version == "simulated 1"


async def begun(stage: Stage) -> tuple[Fleet, Hub]:
    """Start the fleet, and accept its first member."""
    stage.fleet.start()
    await stage.fleet.accept(stage.hubs[0])
    return stage.fleet, stage.hubs[0]


async def test_a_short_job_is_reported_once_and_a_long_one_also_when_it_runs(stage: Stage) -> None:
    fleet, hub = await begun(stage)
    short, long = await run_job(hub, "true"), await run_job(hub, "sleep", "3")

    assert (await fleet.ended(hub, short)).sequence == 1
    assert (await fleet.until(hub, long, lambda status: status.state is State.RUNNING)).sequence == 1
    assert (await fleet.ended(hub, long)).sequence == 2


async def test_payloads_do_what_their_variables_say(stage: Stage) -> None:
    fleet, hub = await begun(stage)
    said = {"SIMULATED_RUN_SECONDS": "0.1", "SIMULATED_EXIT_CODE": "7", "SIMULATED_OUTPUT": "no luck\n"}
    failed, invalid = (
        await run_job(hub, "x", env=said),
        await run_job(hub, "x", env={"SIMULATED_EXIT_CODE": "-1"}),
    )

    status = await fleet.ended(hub, failed)
    assert (status.state, status.exit_code, status.stdout_tail) == (State.FAILED, 7, "no luck\n")
    refused = await fleet.ended(hub, invalid)
    assert (refused.state, refused.reason, refused.started) == (
        State.FAILED,
        Reason.INVALID.value,
        Started.NO,
    )
    assert "SIMULATED_EXIT_CODE" in refused.message


async def test_a_cancel_ends_a_running_payload(stage: Stage) -> None:
    fleet, hub = await begun(stage)
    name = await run_job(hub, "sleep", "3000")
    await fleet.until(hub, name, lambda status: status.state is State.RUNNING)

    await hub.cancel(name)

    status = await fleet.ended(hub, name)
    assert (status.state, status.started, status.signal) == (State.CANCELLED, Started.YES, 15)


async def test_an_array_ends_with_what_each_index_came_to(stage: Stage) -> None:
    fleet, hub = await begun(stage)
    said = {"SIMULATED_RUN_SECONDS": "0-0.5", "SIMULATED_EXIT_CODE": "0,1"}
    name = await run_job(hub, "x", env=said, array_size=20, indices="0-19", max_concurrent=8)

    status = await fleet.ended(hub, name)

    assert status.counts is not None
    assert status.counts.succeeded + status.counts.failed == 20
    assert status.counts.failed > 0
    assert {outcome.state for outcome in status.outcomes} == {State.SUCCEEDED, State.FAILED}


MOST_REPORTS = 40
"""Of a large array: they come in time, not by the task."""


@pytest.mark.slow
async def test_of_an_array_of_10_000_tasks_every_one_is_accounted_for_in_few_reports(stage: Stage) -> None:
    stage.fleet.configure(fleet_text(stage.plane, stage.folder, stage.hubs, clockFactor=1000))
    fleet, hub = await begun(stage)
    said = {"SIMULATED_RUN_SECONDS": "20-40", "SIMULATED_EXIT_CODE": "0,0,0,1"}
    name = await run_job(hub, "x", env=said, array_size=10_000, indices="0-9999")

    status = await fleet.ended(hub, name)

    assert status.counts is not None
    assert status.counts.succeeded + status.counts.failed == 10_000
    told = [IndexSet.parse(outcome.indices) for outcome in status.outcomes]
    assert sum(map(len, told)) == len(functools.reduce(operator.or_, told)) == 10_000
    assert 2_000 < status.counts.failed < 3_000
    assert status.run_seconds == pytest.approx(10_000 * 30, rel=0.05)
    assert 1 < status.sequence <= MOST_REPORTS


async def test_at_a_clock_factor_an_hours_job_takes_seconds_and_is_charged_as_an_hour(stage: Stage) -> None:
    stage.fleet.configure(fleet_text(stage.plane, stage.folder, stage.hubs, clockFactor=2000))
    before = datetime.now(UTC) - timedelta(seconds=1)
    fleet, hub = await begun(stage)
    name = await run_job(hub, "sleep", "3600", max_run_seconds=7200)

    status = await fleet.ended(hub, name)

    assert status.state is State.SUCCEEDED
    assert status.run_seconds == 3600
    assert status.started_at is not None
    assert status.ended_at is not None
    assert before < status.started_at < status.ended_at < datetime.now(UTC)
    pool = await hub.client.get(ResourcePool, hub.namespace, "cpu")
    assert pool.status.clock_factor == 2000


async def test_what_has_not_started_by_the_deadline_of_the_hubs_clock_is_given_up(stage: Stage) -> None:
    stage.fleet.configure(fleet_text(stage.plane, stage.folder, stage.hubs, clockFactor=100))
    fleet, hub = await begun(stage)
    every_node = WorkResources(nodes=4, tasks_per_node=1, cpus_per_task=8)
    first = await run_job(hub, "sleep", "80000", resources=every_node, max_run_seconds=86_400)
    await fleet.until(hub, first, lambda status: status.state is State.RUNNING)

    deadline = datetime.now(UTC) + timedelta(seconds=1)
    late = await run_job(hub, "true", resources=every_node, start_by=deadline)

    status = await fleet.ended(hub, late)
    assert datetime.now(UTC) >= deadline
    assert (status.state, status.reason, status.started) == (
        State.FAILED,
        Reason.DEADLINE_PASSED.value,
        Started.NO,
    )
    assert (await hub.read(first)).status.state is State.RUNNING


async def test_a_fleet_that_was_killed_goes_on_where_it_was_and_no_job_runs_twice(stage: Stage) -> None:
    fleet, hub = await begun(stage)
    names = [await run_job(hub, "sleep", "1.5") for _ in range(5)]
    for name in names:
        await fleet.until(hub, name, lambda status: status.state is State.RUNNING)
    fleet.kill()
    late = await run_job(hub, "true")
    fleet.start()

    for name in names:
        status = await fleet.ended(hub, name)
        assert (status.state, status.run_seconds) == (State.SUCCEEDED, 1.5)
    assert (await fleet.ended(hub, late)).state is State.SUCCEEDED


async def test_what_is_wrong_with_one_member_stalls_no_other(stage: Stage) -> None:
    broken, locked, well = stage.hubs
    token_file(stage.folder, broken).write_text("no-such-token")
    folder = stage.folder / "centres" / locked.member
    folder.mkdir(parents=True)
    with Journal(folder / "journal.db"):
        stage.fleet.start()
        await stage.fleet.accept(well)
        name = await run_job(well, "true")

        assert (await stage.fleet.ended(well, name)).state is State.SUCCEEDED
    log = stage.fleet.log()
    assert f'"member": "{broken.member}"' in log
    assert "another agent has it" in log
    assert stage.fleet.terminate() == 0


async def test_sigterm_ends_the_fleet_cleanly_and_each_member_keeps_files_of_its_own(stage: Stage) -> None:
    fleet, _ = await begun(stage)

    assert fleet.terminate() == 0

    assert "traceback" not in fleet.log()
    journals = [stage.folder / "centres" / hub.member / "journal.db" for hub in stage.hubs]
    identities = {
        sqlite3.connect(journal).execute("SELECT uuid FROM identity").fetchone() for journal in journals
    }
    assert len(identities) == 3


def test_a_configuration_that_is_wrong_ends_the_process_with_its_own_exit_code(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.configure(
        b"server: https://hub\nfolder: /nowhere\nmembers: [{name: a, tokenFile: t, tenant: {}}]\n"
    )
    fleet.start()
    assert fleet.process is not None

    assert fleet.process.wait(20) == 2
    assert "tenant" in fleet.log()
