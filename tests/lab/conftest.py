"""One lab for all tests here: hub, agent and Slurm centre as `computility lab up` starts them."""

import io
import os
from collections.abc import Callable, Iterator

import pytest
from rich.console import Console

from computility.lab.lab import Lab, bring_up, take_down
from lab.jobs import Jobs
from support.slurm import require_slurm


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what shares the lab on one worker."""
    for item in items:
        if "lab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slurm)
            item.add_marker(pytest.mark.control_plane)
            item.add_marker(pytest.mark.xdist_group("lab"))


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    require_slurm()
    name = f"test-{os.getpid()}"
    try:
        yield bring_up(name, Console(file=io.StringIO()), owner=os.getpid(), audit=True)
    finally:
        take_down(name)


@pytest.fixture
def jobs(lab: Lab, request: pytest.FixtureRequest) -> Jobs:
    """Submit and follow jobs in tenant namespace team-a, under names of this test's own."""
    return Jobs(lab, prefix=_short(request.node.name))


@pytest.fixture
def hub_away(lab: Lab) -> Iterator[Callable[[], None]]:
    """Kill the hub; called, or at the end, it comes back."""
    from computility.lab.processes import find_daemon

    daemon = find_daemon(lab.root, "hub")
    assert daemon is not None
    daemon.kill()
    back = []

    def come_back() -> None:
        back.append(True)
        lab.restart_hub()

    yield come_back
    if not back:
        lab.restart_hub()


@pytest.fixture
def agent_away(lab: Lab) -> Iterator[Callable[[], None]]:
    """Kill the agent; called, or at the end, it comes back."""
    from computility.lab.member import AGENT, start_agent

    lab.centre.kill(AGENT)
    yield lambda: start_agent(lab.centre)
    if not lab.centre.is_alive(AGENT):
        start_agent(lab.centre)


def _short(name: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in name.removeprefix("test_").lower())
    return kept[:30].strip("-")
