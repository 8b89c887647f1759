"""What the helper does when its own time is nearly over."""

import time
from pathlib import Path

import pytest

from computility.backends.slurm.exec.problem import Problem
from computility.backends.slurm.exec.slurm import Slurm


def test_no_command_is_begun_that_would_be_cut_short(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "sbatch").write_text(f"#!/bin/sh\n: > {ran}\n")
    (tmp_path / "sbatch").chmod(0o755)
    slurm = Slurm("alice", "", [str(tmp_path), "/usr/bin", "/bin"], time.monotonic() + 1)

    with pytest.raises(Problem, match="no time was left for it") as problem:
        slurm.run("sbatch")

    assert problem.value.error["kind"] == "untried"
    assert not ran.exists()
