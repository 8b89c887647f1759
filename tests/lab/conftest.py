"""One lab for all tests here: hub, agent and Slurm centre as `computility lab up` starts them."""

import io
import os
from collections.abc import Callable, Iterator

import pytest
from rich.console import Console

from computility.lab import hub_process
from computility.lab.lab import Lab, bring_up, take_down
from computility.lab.member import AGENT, start_agent
from computility.lab.processes import find_daemon
from lab.jobs import Jobs
from support.slurm import require_slurm


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands on the lab."""
    for item in items:
        if {"lab", "pair"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slurm)
            item.add_marker(pytest.mark.control_plane)


@pytest.fixture(scope="package")
def lab() -> Iterator[Lab]:
    require_slurm()
    name = f"test-{os.getpid()}"
    try:
        yield bring_up(name, _unseen(), simulated=0, owner=os.getpid(), audit=True)
    finally:
        take_down(name)


@pytest.fixture(scope="module")
def pair() -> Iterator[Lab]:
    """A lab with two Slurm centres: alpha, which knows two tenants, and beta, cheaper, which knows one."""
    require_slurm()
    name = f"pair-{os.getpid()}"
    try:
        yield bring_up(name, _unseen(), slurm=2, simulated=0, owner=os.getpid())
    finally:
        take_down(name)


@pytest.fixture
def jobs(lab: Lab, request: pytest.FixtureRequest) -> Jobs:
    """Submit and follow jobs in tenant namespace team-a, under names of this test's own."""
    return Jobs(lab, prefix=_short(request.node.name))


@pytest.fixture
def kill_hub(lab: Lab) -> Iterator[Callable[[], None]]:
    """A call kills the hub; in the end it runs again, if the test has not seen to that."""

    def kill() -> None:
        daemon = find_daemon(lab.root, hub_process.NAME)
        assert daemon is not None
        daemon.kill()

    yield kill
    daemon = find_daemon(lab.root, hub_process.NAME)
    if daemon is None or not daemon.is_running():
        lab.restart_hub()


@pytest.fixture
def kill_agent(lab: Lab) -> Iterator[Callable[[], None]]:
    """A call kills the agent; in the end it runs again, if the test has not seen to that."""
    yield lambda: lab.centre.kill(AGENT)
    if not lab.centre.is_alive(AGENT):
        start_agent(lab.centre)


def _unseen() -> Console:
    return Console(file=io.StringIO())


def _short(name: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in name.removeprefix("test_").lower())
    return kept[:30].strip("-")
