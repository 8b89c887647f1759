"""Two Slurm centres in one lab: which is chosen for whom, and what becomes of one when the other is lost."""

import io
import os
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from computility.lab.centre import CONTROLLER
from computility.lab.lab import Lab, bring_up
from computility.lab.slurm_centre import stop_centre
from computility.lab.slurm_config import MUNGE_KEY, SLURM_CONF
from computility.lab.status import parts_of
from computility.lab.waiting import wait_until
from lab.jobs import Jobs

WHERE = "echo $SLURM_CLUSTER_NAME; id -un"


@pytest.fixture
def jobs_of(pair: Lab, request: pytest.FixtureRequest) -> Callable[[str], Jobs]:
    """Return the jobs of a tenant namespace, under names of this test's own."""
    prefix = request.node.name.removeprefix("test_").replace("_", "-")[:30].strip("-")
    return lambda tenant: Jobs(pair, prefix, tenant)


def rejections(status: dict[str, Any]) -> dict[str, int]:
    return {each["reason"]: each["count"] for each in status["receipt"].get("rejected", [])}


def test_a_job_goes_to_the_centre_where_it_costs_least(jobs_of: Callable[[str], Jobs]) -> None:
    status = jobs_of("team-a").wait_end(jobs_of("team-a").submit(WHERE))

    assert status["stdoutTail"].split() == ["beta", "alice"]
    assert status["receipt"]["considered"] == 4
    runners_up = [each["member"] for each in status["receipt"]["runnersUp"]]
    assert {"alpha", "beta"} == set(runners_up)


def test_a_job_with_cards_goes_to_the_centre_where_cards_cost_least(
    jobs_of: Callable[[str], Jobs],
) -> None:
    jobs = jobs_of("team-a")

    status = jobs.wait_end(jobs.submit(WHERE, resources={"cards": 1}))

    assert status["stdoutTail"].split() == ["alpha", "alice"]


def test_a_centre_that_does_not_know_the_tenant_is_counted_and_passed_over(
    jobs_of: Callable[[str], Jobs],
) -> None:
    jobs = jobs_of("team-b")

    status = jobs.wait_end(jobs.submit(WHERE))

    assert status["stdoutTail"].split() == ["alpha", "bob"]
    assert rejections(status) == {"NamespaceNotMapped": 2}
    (rejected,) = status["receipt"]["rejected"]
    assert rejected["wanted"] == "team-b"
    assert {example["member"] for example in rejected["examples"]} == {"beta"}


def test_a_tenant_that_no_centre_knows_waits_and_is_told_so(
    pair: Lab, jobs_of: Callable[[str], Jobs]
) -> None:
    pair.kubectl("create", "namespace", "team-unknown")
    jobs = jobs_of("team-unknown")

    status = jobs.wait_phase(jobs.submit(WHERE), "Queued")

    assert rejections(status) == {"NamespaceNotMapped": 4}
    assert status["reason"] == "NoPoolFits"
    pair.kubectl("delete", "namespace", "team-unknown", "--wait=false")


def test_each_centre_has_a_cluster_ports_keys_users_and_files_of_its_own(pair: Lab) -> None:
    alpha, beta = pair.centre_of("alpha"), pair.centre_of("beta")

    def seen(path: str) -> tuple[str, str]:
        one, other = (centre.run(["cat", path], user="root").stdout for centre in (alpha, beta))
        assert one
        assert other
        return one, other

    assert len({alpha.spec.controller_port, *alpha.spec.node_ports, *beta.spec.node_ports}) == 10
    for path in (MUNGE_KEY, SLURM_CONF, "/etc/computility/table.yaml"):
        one, other = seen(path)
        assert one != other, path
    assert alpha.spec.first_uid != beta.spec.first_uid
    assert beta.run(["id", "bob"]).returncode != 0
    alpha.write("/srv/agent/only-here", "x")
    assert beta.run(["test", "-e", "/srv/agent/only-here"]).returncode != 0


def test_a_credential_of_one_centre_is_worth_nothing_at_the_other(pair: Lab) -> None:
    alpha, beta = pair.centre_of("alpha"), pair.centre_of("beta")
    alpha.write("/srv/agent/beta.conf", beta.run(["cat", SLURM_CONF], user="root").stdout)

    own, foreign = (
        alpha.run(["env", f"SLURM_CONF={conf}", "squeue", "--all"])
        for conf in (SLURM_CONF, "/srv/agent/beta.conf")
    )

    assert own.returncode == 0, own.stderr
    assert foreign.returncode != 0
    refused = beta.log(CONTROLLER)
    wait_until(lambda: "Invalid credential" in refused.read_text(), "the refusal", timeout_seconds=60)


def test_each_part_of_each_centre_has_a_log(pair: Lab) -> None:
    logs = {part.name: part.log for part in parts_of(pair)}

    assert "beta" in logs["beta-agent"].read_text()
    assert all(log.is_file() for log in logs.values())


def test_a_centre_that_is_lost_comes_back_and_the_other_is_left_alone(
    pair: Lab, jobs_of: Callable[[str], Jobs]
) -> None:
    before = pair.centre_of("alpha").enclosure.running()
    stop_centre(pair.centre_of("beta").enclosure.root)
    assert {part.name.partition("-")[0] for part in parts_of(pair) if not part.runs} == {"beta"}

    bring_up(pair.name, Console(file=io.StringIO()), owner=os.getpid())

    assert all(part.runs for part in parts_of(pair))
    assert pair.centre_of("alpha").enclosure.running() == before
    jobs = jobs_of("team-a")
    assert jobs.wait_end(jobs.submit(WHERE))["stdoutTail"].split() == ["beta", "alice"]
