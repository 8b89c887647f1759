"""A lab with simulated centres only: whose work goes there, and what becomes of it when the fleet dies."""

import io
import os
from collections.abc import Iterator

import pytest
from rich.console import Console

from computility.lab import fleet
from computility.lab.lab import Lab, bring_up, take_down
from computility.lab.processes import find_daemon
from computility.lab.site import SANDBOX
from computility.lab.status import parts_of
from lab.jobs import Jobs

pytestmark = pytest.mark.control_plane


@pytest.fixture(scope="module")
def virtual() -> Iterator[Lab]:
    name = f"virtual-{os.getpid()}"
    try:
        yield bring_up(name, Console(file=io.StringIO()), slurm=0, simulated=2, owner=os.getpid())
    finally:
        take_down(name)


def running(seconds: int) -> dict[str, object]:
    """Work that takes so many virtual seconds."""
    env = [{"name": "SIMULATED_RUN_SECONDS", "value": str(seconds)}]
    return {"template": {"command": ["./solve"], "env": env, "graceSeconds": 2}, "maxRunSeconds": 3600}


def test_work_of_the_sandbox_runs_in_virtual_time_at_a_simulated_centre(virtual: Lab) -> None:
    jobs = Jobs(virtual, "virtual", SANDBOX)

    status = jobs.wait_end(jobs.submit(**running(240)))

    assert status["phase"] == "Succeeded"
    (attempt,) = status["attempts"]
    assert attempt["member"].startswith("sim-")
    assert attempt["runSeconds"] == pytest.approx(240, abs=1)
    assert status["receipt"]["considered"] == 4
    assert attempt["clockFactor"] > 1
    assert status["receipt"]["actual"]["doneSeconds"] >= 240


def test_real_work_never_goes_to_a_simulated_centre(virtual: Lab) -> None:
    jobs = Jobs(virtual, "real", "team-a")

    status = jobs.wait_phase(jobs.submit(template={"command": ["true"]}), "Queued")

    assert [(each["reason"], each["count"]) for each in status["receipt"]["rejected"]] == [
        ("NamespaceNotMapped", 4)
    ]


def test_a_fleet_that_died_goes_on_with_what_runs_there_and_can_be_joined(virtual: Lab) -> None:
    jobs = Jobs(virtual, "lasting", SANDBOX)
    name = jobs.submit(**running(600))
    jobs.wait_phase(name, "Running")
    daemon = find_daemon(virtual.root, fleet.NAME)
    assert daemon is not None
    daemon.kill()
    assert [part.name for part in parts_of(virtual) if not part.runs] == [fleet.NAME]

    grown = bring_up(virtual.name, Console(file=io.StringIO()), simulated=3, owner=os.getpid())

    status = jobs.wait_end(name)
    assert (status["phase"], len(status["attempts"])) == ("Succeeded", 1)
    assert all(part.runs for part in parts_of(grown))
    members = grown.kubectl("get", "member", "--output=jsonpath={.items[*].metadata.name}")
    assert members.split() == ["sim-1", "sim-2", "sim-3"]
