"""An sbatch that says "not now": whether that may pass, or the centre's own limit is below what is asked."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from computility.backends.slurm.exec.account import Account
from computility.backends.slurm.exec.problem import Problem
from computility.backends.slurm.exec.slurm import Slurm
from computility.backends.slurm.exec.submit import sbatch
from computility.backends.slurm.parse import parse_submit
from computility.model.assignment import Fault
from computility.model.reasons import Reason

BUSY = (
    "echo 'sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying' >&2; exec sleep 60"
)
LIMIT = "echo 'MaxArraySize            = 1001'; echo 'MaxJobCount             = 5'"

Ask = Callable[[str, str], Problem]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Submit an array to a full Slurm whose scontrol is given, and return why it is not taken."""

    def submits(indices: str, scontrol: str) -> Problem:
        for name, text in (("sbatch", BUSY), ("scontrol", scontrol)):
            (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
            (tmp_path / name).chmod(0o755)
        slurm = Slurm("alice", "", [str(tmp_path), "/usr/bin", "/bin"], time.monotonic() + 60)
        account = Account("alice", str(tmp_path), os.open(tmp_path, os.O_RDONLY), slurm)
        with pytest.raises(Problem) as problem:
            sbatch(account, {"array": indices, "chunk": 0})
        return problem.value

    return submits


def test_more_tasks_than_the_centre_ever_keeps_jobs_are_refused_as_the_sites_fault(ask: Ask) -> None:
    answer = parse_submit({"error": ask("10-15", LIMIT).error}, 0, "alpha")

    assert (answer.refused, answer.fault, answer.postponed) == (Reason.REQUEST_REFUSED, Fault.SITE, None)
    assert answer.message == "6 tasks are more jobs than this Slurm ever keeps: MaxJobCount is 5"


@pytest.mark.parametrize(
    ("indices", "scontrol"),
    [
        pytest.param("0-4", LIMIT, id="no-more-than-it-keeps"),
        pytest.param("0-99", "exit 1", id="unknown-how-many-it-keeps"),
        pytest.param("0-99", "echo 'MaxJobCount = many'", id="no-number"),
    ],
)
def test_what_may_fit_later_is_postponed(ask: Ask, indices: str, scontrol: str) -> None:
    answer = parse_submit({"error": ask(indices, scontrol).error}, 0, "alpha")

    assert (answer.refused, answer.postponed) == (None, Reason.CENTRE_BUSY)
