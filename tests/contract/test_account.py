"""The account's own directory: nobody else's, whatever its payloads make of it."""

from collections.abc import Iterator

import pytest

from computility.lab.slurm_config import ACCOUNTS_ROOT
from support.workloads import World, a_target, a_work

OWN = f"{ACCOUNTS_ROOT}/alice"


@pytest.mark.parametrize("mode", ["777", "0"])
@pytest.mark.parametrize("name", ["", "/claims"], ids=["itself", "claims"])
async def test_a_directory_that_a_payload_has_opened_or_locked_is_closed_again(
    world: World, name: str, mode: str
) -> None:
    await world.end(a_work("chmod", mode, OWN + name))

    target = await world.hold(a_work())

    assert (await world.look(target)).complete
    assert world.sh(f"stat -c '%a %U' {OWN}{name}", "root") == "700 alice\n"


@pytest.fixture
def foreign(world: World) -> Iterator[None]:
    """Give alice's directory to bob for a while."""
    world.sh(f"chown bob {OWN}", "root")
    yield
    world.sh(f"chown alice {OWN}", "root")


@pytest.mark.usefixtures("foreign")
async def test_a_directory_that_belongs_to_somebody_else_is_refused(world: World) -> None:
    look = await world.look(a_target())

    assert not look.complete
    assert 'directory "alice" belongs to uid' in look.problem
    assert world.sh(f"stat -c %a {OWN}", "root") == "700\n"


@pytest.mark.usefixtures("foreign")
async def test_nothing_is_submitted_from_a_directory_that_belongs_to_somebody_else(world: World) -> None:
    answer = await world.submit(a_target(), a_work())

    assert answer.workload is None
