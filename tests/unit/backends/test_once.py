"""Slurm's commands asked once: what is known of one that means to ask again."""

import os
import subprocess
from pathlib import Path

import pytest

from computility.backends.slurm.exec.once import (
    SBATCH,
    SBATCH_SLEEPS_SECONDS,
    AsksAgain,
    repeats_signal,
    run_once,
)

BUSY = "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying"
SENT = "scancel: Job is in transitional state, retrying"
ENV = {"PATH": "/usr/bin:/bin"}


def a_script(folder: Path, text: str) -> list[str]:
    script = folder / "command"
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)
    return [str(script)]


def test_an_sbatch_that_means_to_ask_again_is_ended_before_it_does(tmp_path: Path) -> None:
    command = a_script(
        tmp_path, f"echo '{BUSY}' >&2; read never < {tmp_path}/pipe; : > {tmp_path}/asked-again"
    )
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(AsksAgain, match="unable to accept"):
        run_once(command, ENV, 20.0, SBATCH)

    assert not (tmp_path / "asked-again").exists()


def test_one_that_says_so_late_may_have_asked_again(tmp_path: Path) -> None:
    late = SBATCH_SLEEPS_SECONDS + 0.3

    with pytest.raises(AsksAgain) as again:
        run_once(a_script(tmp_path, f"sleep {late}; echo '{BUSY}' >&2; exec sleep 60"), ENV, 20.0, SBATCH)

    assert again.value.seconds > SBATCH_SLEEPS_SECONDS


@pytest.mark.parametrize("tasks", [1, 2])
def test_a_scancel_is_ended_when_it_means_to_signal_every_task_again(tmp_path: Path, tasks: int) -> None:
    command = a_script(tmp_path, f"echo '{SENT}' >&2; echo '{SENT}' >&2; exec sleep 60")

    with pytest.raises(AsksAgain):
        run_once(command, ENV, 20.0, repeats_signal(tasks))


def test_a_scancel_is_ended_although_one_of_its_tasks_had_gone(tmp_path: Path) -> None:
    with pytest.raises(AsksAgain):
        run_once(a_script(tmp_path, f"echo '{SENT}' >&2; exec sleep 60"), ENV, 20.0, repeats_signal(2))


def test_any_other_is_run_to_its_end(tmp_path: Path) -> None:
    done = run_once(a_script(tmp_path, "echo 4711; echo warning >&2; exit 3"), ENV, 20.0, SBATCH)

    assert (done.returncode, done.stdout, done.stderr) == (3, b"4711\n", b"warning\n")


def test_one_that_is_too_slow_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run_once(a_script(tmp_path, "exec sleep 60"), ENV, 0.3, SBATCH)
