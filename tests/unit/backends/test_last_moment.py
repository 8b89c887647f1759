"""What the helper does when its own time is nearly over."""

import os
import time
from pathlib import Path

import pytest

from computility.backends.protocol import Submission
from computility.backends.slurm.exec.account import Account
from computility.backends.slurm.exec.problem import Problem
from computility.backends.slurm.exec.slurm import Slurm
from computility.backends.slurm.exec.submit import submit_one
from computility.backends.slurm.render import render_submit
from support.workloads import a_target, a_work


def test_no_command_is_begun_that_would_be_cut_short(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "sbatch").write_text(f"#!/bin/sh\n: > {ran}\n")
    (tmp_path / "sbatch").chmod(0o755)
    slurm = Slurm("alice", "", [str(tmp_path), "/usr/bin", "/bin"], time.monotonic() + 1)

    with pytest.raises(Problem, match="no time was left for it") as problem:
        slurm.run("sbatch")

    assert problem.value.error["kind"] == "untried"
    assert not ran.exists()


def test_nothing_is_written_for_an_attempt_that_comes_too_late(tmp_path: Path) -> None:
    slurm = Slurm("alice", "", [str(tmp_path)], time.monotonic() + 1)
    late = Submission(target=a_target(), work=a_work(), partition="cpu")
    account = Account("alice", str(tmp_path), os.open(tmp_path, os.O_RDONLY), slurm)

    with pytest.raises(Problem, match="no time was left for it"):
        submit_one(account, dict(render_submit(late)))

    assert list(tmp_path.iterdir()) == []
