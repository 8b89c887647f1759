"""Two labs on one machine: the second comes, grows and goes, or is killed, and the first does not notice."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from rich.console import Console

from computility.lab.enclosure import Enclosure
from computility.lab.federation import WrongSize
from computility.lab.lab import Lab, NoLab, attach, bring_up, take_down
from computility.lab.layout import centre_root, lab_root
from computility.lab.leftovers import strays
from computility.lab.processes import find_daemons
from computility.lab.status import parts_of
from computility.lab.waiting import wait_until
from lab.jobs import Jobs


def whole(lab: Lab) -> dict[str, int]:
    """Return the process ids of everything that runs for a lab."""
    assert all(part.runs for part in parts_of(lab))
    daemons = {daemon.name: daemon.pid for daemon in find_daemons(lab.root)}
    for site in lab.federation.slurm:
        inside = lab.centre_of(site.name).enclosure
        daemons[site.name] = inside.pid
        daemons |= {f"{site.name}/{name}": pid for name, pid in inside.running().items()}
    return daemons


@pytest.fixture
def second_name() -> Iterator[str]:
    name = f"second-{os.getpid()}"
    yield name
    take_down(name)


@pytest.mark.slow
def test_a_second_lab_comes_grows_and_goes_without_the_first_noticing(
    lab: Lab, jobs: Jobs, second_name: str
) -> None:
    before = whole(lab)
    running = jobs.submit("while [ ! -e stop ]; do sleep 0.2; done; echo undisturbed")
    jobs.wait_phase(running, "Running")

    second = bring_up(second_name, Console(file=io.StringIO()), slurm=0, simulated=0, owner=os.getpid())

    assert second.plane.port != lab.plane.port
    assert second.kubectl("get", "cjob", "-A", "-o", "name") == ""
    assert [part.name for part in parts_of(second)][-1] == "hub"

    grown = bring_up(second_name, Console(file=io.StringIO()), slurm=1, owner=os.getpid())
    theirs = Jobs(grown, "theirs")
    there = theirs.wait_end(theirs.submit("echo there"))

    assert there["stdoutTail"] == "there\n"
    with pytest.raises(WrongSize, match="take it down first"):
        bring_up(second_name, Console(file=io.StringIO()), slurm=0)
    assert grown.centre.spec.first_uid != lab.centre.spec.first_uid

    stopped = take_down(second_name)

    assert {"alpha", "hub", "etcd"} <= set(stopped)
    with pytest.raises(NoLab, match="is not up"):
        attach(second_name)
    assert whole(lab) == before
    stop = "for work in /srv/computility/alice/cj-*/work; do touch $work/stop; done"
    assert lab.centre.run(["sh", "-c", stop], user="root").returncode == 0
    assert jobs.wait_end(running)["stdoutTail"] == "undisturbed\n"


@pytest.mark.slow
def test_an_up_that_is_killed_leaves_nothing_running(lab: Lab, second_name: str) -> None:
    before = whole(lab)
    root = lab_root(second_name)
    centre = Enclosure(centre_root(root, "alpha"))
    argv = [sys.executable, "-m", "computility.cli.main", "lab", "up", "--simulated=0", "--name", second_name]

    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as starter:
        wait_until(
            lambda: centre.is_running() or starter.poll() is not None, "its centre", timeout_seconds=60
        )
        assert centre.is_running()
        starter.kill()

    wait_until(lambda: not (centre.is_running() or strays(root)), "nothing to be left", timeout_seconds=30)
    assert whole(lab) == before
