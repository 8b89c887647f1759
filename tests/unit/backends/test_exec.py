"""The two files that run at a centre: what they may be written in, and their parts that need no Slurm."""

import ast
import os
import signal
import sys
from pathlib import Path

import pytest

from computility.backends.protocol import Submission
from computility.backends.slurm.exec import computility_exec, computility_wrapper
from computility.backends.slurm.exec.computility_exec import (
    NAME,
    read_record,
    read_tail,
    sbatch_options,
    write_whole,
)
from computility.backends.slurm.exec.computility_wrapper import ending, launch_argv
from computility.backends.slurm.render import render_submit
from computility.model.names import ASSIGNMENT_NAME
from support.workloads import a_target, a_work

FILES = [Path(module.__file__ or "") for module in (computility_exec, computility_wrapper)]
by_name = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


@by_name
def test_it_is_written_in_the_python_of_old_centres(file: Path) -> None:
    tree = ast.parse(file.read_text(), feature_version=(3, 6))

    futures = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert "__future__" not in futures


@by_name
def test_it_needs_nothing_but_the_standard_library(file: Path) -> None:
    imports = [
        node
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    roots = {
        name.partition(".")[0]
        for node in imports
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [n.name for n in node.names]
        )
    }

    assert roots <= sys.stdlib_module_names


@by_name
def test_no_shell_and_no_environment_of_the_caller_reaches_its_interpreter(file: Path) -> None:
    text = file.read_text()

    assert text.startswith("#!/usr/bin/python3 -IS\n")
    assert "shell=True" not in text
    assert "os.system" not in text


def test_helper_and_hub_agree_on_what_an_attempts_name_is() -> None:
    assert NAME.pattern == ASSIGNMENT_NAME.pattern


@pytest.mark.parametrize(
    ("max_run", "grace", "minutes"), [(1, 0, 3), (60, 0, 3), (60, 1, 4), (3600, 60, 63), (90, 30, 4)]
)
def test_slurms_own_limit_stands_two_minutes_behind_ours(max_run: int, grace: int, minutes: int) -> None:
    work = a_work(max_run_seconds=max_run, grace_seconds=grace)
    request = render_submit(Submission(target=a_target(), work=work, partition="cpu"))

    assert f"--time={minutes}" in sbatch_options("/root/alice", dict(request))


def test_only_what_was_asked_for_is_asked_of_slurm() -> None:
    request = a_request()
    extras = {"cardsPerNode": 2, "memoryMiB": 10, "qos": "q", "schedulerAccount": "a"}
    plain = sbatch_options("/r/alice", request)
    full = sbatch_options("/r/alice", {**request, **extras})

    assert set(full) - set(plain) == {"--gres=gpu:2", "--mem=10M", "--qos=q", "--account=a"}


def a_request() -> dict[str, object]:
    return dict(render_submit(Submission(target=a_target(), work=a_work(), partition="cpu")))


@pytest.fixture
def directory(tmp_path: Path) -> int:
    return os.open(tmp_path, os.O_RDONLY)


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path, directory: int) -> None:
    write_whole(directory, "f", b"one")
    write_whole(directory, "f", b"two")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"f": b"two"}


def test_a_link_is_not_followed(tmp_path: Path, directory: int) -> None:
    (tmp_path / "secret").write_text('{"a": 1}')
    (tmp_path / "record").symlink_to("secret")

    assert read_record(directory, "record") is None


JUNK = ["", "{", "[1]", "NaN", '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}', "[" * 50_000]


@pytest.mark.parametrize("text", JUNK, ids=range(len(JUNK)))
def test_text_that_is_no_record_is_an_empty_one(tmp_path: Path, directory: int, text: str) -> None:
    (tmp_path / "record").write_text(text)

    assert read_record(directory, "record") == {}


def test_a_tail_is_cut_between_characters_and_bounded_in_bytes(tmp_path: Path, directory: int) -> None:
    (tmp_path / "out").write_bytes("汉".encode() * 5000 + b"\xff" * 3 + b"end")

    tail = read_tail(directory, "out")

    assert tail.endswith("汉\ufffd\ufffd\ufffdend")
    assert len(tail.encode()) <= 2048


def test_the_end_of_a_single_payload_is_term_then_kill() -> None:
    assert [(step.at, step.by, step.signal) for step in ending(1.0, 3.0, has_steps=False)] == [
        (1.0, "group", signal.SIGTERM),
        (3.0, "group", signal.SIGKILL),
    ]


def test_ranks_get_sigterm_through_slurm_because_srun_kills_them_on_it() -> None:
    steps = ending(1.0, 3.0, has_steps=True)

    assert [(step.by, step.signal) for step in steps] == [
        ("steps", signal.SIGTERM),
        ("group", signal.SIGTERM),
        ("group", signal.SIGKILL),
    ]


def test_once_on_every_node_means_one_task_with_all_its_cores() -> None:
    job = {"command": ["-x"], "launcher": "perNode", "nodes": 3, "tasksPerNode": 4, "cpusPerTask": 2}

    argv = launch_argv("/a", job)

    assert argv[1:] == [
        "--kill-on-bad-exit=1",
        "--cpus-per-task=8", "--nodes=3", "--ntasks=3", "--ntasks-per-node=1", "--", "-x",
    ]  # fmt: skip
