"""A lab to shoot at, for each module one of its own."""

import io
import os
from collections.abc import Iterator

import pytest
from rich.console import Console

from computility.lab.lab import bring_up, take_down
from crash.drill import Drill
from support.slurm import require_slurm


@pytest.fixture(scope="module")
def drill() -> Iterator[Drill]:
    require_slurm()
    name = f"crash-{os.getpid()}"
    try:
        lab = bring_up(name, Console(file=io.StringIO()), simulated=0, owner=os.getpid(), audit=True)
        drill = Drill(lab)
        drill.prepare()
        yield drill
    finally:
        take_down(name)
