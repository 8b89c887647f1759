"""`computility lab up` on a lab that is up: what has ended is started again, and nothing else."""

import io
import os
from collections.abc import Callable

import pytest
from rich.console import Console
from typer.testing import CliRunner

from computility.lab.centre import CONTROLLER
from computility.lab.cli import app
from computility.lab.lab import Lab, LabRunning, bring_up
from computility.lab.member import AGENT
from computility.lab.processes import find_daemon
from computility.lab.slurm_centre import MUNGED
from computility.lab.status import parts_of
from lab.jobs import Jobs


def up(lab: Lab) -> str:
    """Bring the lab up once more and return what was shown."""
    shown = io.StringIO()
    bring_up(lab.name, Console(file=shown, width=200), owner=os.getpid())
    return shown.getvalue()


def kill_hub(lab: Lab) -> None:
    daemon = find_daemon(lab.root, "hub")
    assert daemon is not None
    daemon.kill()


BREAKS: dict[str, Callable[[Lab], None]] = {
    "hub": kill_hub,
    "alpha-slurmctld": lambda lab: lab.centre.kill_controller(),
    "alpha-munged": lambda lab: lab.centre.kill(MUNGED),
    "alpha-c1": lambda lab: lab.centre.node_down(1),
    "alpha-agent": lambda lab: lab.centre.kill(AGENT),
}


@pytest.mark.parametrize("gone", [[part] for part in BREAKS] + [list(BREAKS)], ids="+".join)
def test_what_has_ended_is_named_and_started_again_and_jobs_run(
    lab: Lab, jobs: Jobs, gone: list[str]
) -> None:
    for part in gone:
        BREAKS[part](lab)
    assert {part.name for part in parts_of(lab) if not part.runs} == set(gone)

    shown = up(lab)

    assert sorted(line.split()[1].rstrip(",") for line in shown.splitlines()) == sorted(gone)
    assert all(part.runs for part in parts_of(lab))
    assert jobs.wait_end(jobs.submit("echo again"))["stdoutTail"] == "again\n"


def test_a_whole_lab_is_left_alone_and_said_to_be_up(lab: Lab) -> None:
    before = {name: lab.centre.enclosure.running()[name] for name in (CONTROLLER, AGENT)}

    with pytest.raises(LabRunning, match="is up already"):
        up(lab)

    assert {name: lab.centre.enclosure.running()[name] for name in (CONTROLLER, AGENT)} == before


def test_status_lists_the_parts_of_a_lab_and_not_what_watches_over_it(lab: Lab) -> None:
    shown = CliRunner().invoke(app, ["status", "--name", lab.name]).stdout

    rows = [row.split() for row in shown.splitlines() if " yes " in row]
    assert [row[0] for row in rows] == [
        "etcd", "kube-apiserver", "kube-controller-manager", "hub",
        "alpha-agent", "alpha-slurmctld", "alpha-munged", "alpha-c0", "alpha-c1", "alpha-c2", "alpha-g0",
    ]  # fmt: skip
    assert all((lab.root / row[2]).is_file() for row in rows)
    assert (lab.root / "logs" / "guard.log").exists()
