"""The backends that the contract is about; each test runs against every one of them."""

from collections.abc import Iterator

import pytest

from computility.lab.centre import Centre
from computility.lab.slurm_centre import start_centre, stop_centre
from support.either import either_at
from support.slurm import require_slurm
from support.workloads import World


@pytest.fixture(params=[pytest.param("slurm", marks=pytest.mark.slurm)])
def world(request: pytest.FixtureRequest) -> World:
    """A backend over a running centre that many tests share."""
    centre: Centre = request.getfixturevalue("centre")
    return World(centre)


@pytest.fixture(scope="module")
def frail_centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre whose parts a module's tests may break."""
    require_slurm()
    running = start_centre(tmp_path_factory.mktemp("frail"), "frail", tied=True)
    yield running
    stop_centre(running.enclosure.root)


@pytest.fixture
def frail(frail_centre: Centre) -> World:
    return World(frail_centre)


either = either_at("centre")
frail_either = either_at("frail_centre", pytest.mark.slow)
"""Centres whose controllers a test ends."""
