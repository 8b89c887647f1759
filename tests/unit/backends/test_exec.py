"""What runs at a centre: what it may be written in, and its parts that need no Slurm."""

import ast
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from computility.backends.protocol import Submission
from computility.backends.slurm import helper
from computility.backends.slurm.exec import account, computility_wrapper, entry
from computility.backends.slurm.exec.call import MODULES, NAME, find_verb
from computility.backends.slurm.exec.computility_wrapper import ending, launch_argv
from computility.backends.slurm.exec.files import write_whole
from computility.backends.slurm.exec.options import sbatch_options
from computility.backends.slurm.exec.records import read_record, read_tail
from computility.backends.slurm.exec.slurm import parse_elapsed
from computility.backends.slurm.render import render_submit
from computility.model.names import ASSIGNMENT_NAME
from support.workloads import a_target, a_work

FILES = sorted(Path(computility_wrapper.__file__ or "").parent.glob("*.py"))
SCRIPTS = [file for file in FILES if file.name in {"entry.py", "computility_wrapper.py"}]
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
        if isinstance(node, ast.Import | ast.ImportFrom) and not is_relative(node)
    ]
    roots = {
        name.partition(".")[0]
        for node in imports
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [n.name for n in node.names]
        )
    }

    assert roots <= sys.stdlib_module_names


def is_relative(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.level == 1


def test_the_wrapper_stands_alone_because_slurm_copies_it() -> None:
    imports = ast.walk(ast.parse(Path(computility_wrapper.__file__ or "").read_text()))

    assert not [node for node in imports if isinstance(node, ast.ImportFrom) and is_relative(node)]


@by_name
def test_it_uses_no_shell(file: Path) -> None:
    text = file.read_text()

    assert "shell=True" not in text
    assert "os.system" not in text


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_no_environment_of_the_caller_reaches_its_interpreter(file: Path) -> None:
    assert file.read_text().startswith("#!/usr/bin/python3 -IS\n")


def test_the_agent_hears_of_the_helpers_own_ends_before_it_gives_up() -> None:
    assert account.CALL_SECONDS < entry.HARD_SECONDS < helper.CALL_SECONDS


def test_a_helper_that_hangs_ends_itself(tmp_path: Path) -> None:
    """Here it is its standard input that never ends; a file system that hangs is the same to it."""
    shutil.copytree(FILES[0].parent, tmp_path / "computility_exec")
    script = tmp_path / "computility-exec"
    script.write_text((FILES[0].parent / "entry.py").read_text().replace(f"= {entry.HARD_SECONDS}", "= 1"))
    with subprocess.Popen([sys.executable, "-IS", script, "look"], stdin=subprocess.PIPE) as process:
        try:
            assert process.wait(20) == -signal.SIGALRM
        finally:
            process.kill()


@pytest.mark.parametrize("verb", MODULES)
def test_every_verb_is_carried_out_by_a_function_of_its_name(verb: str) -> None:
    assert getattr(find_verb(verb), "__name__", "") == verb


def test_helper_and_hub_agree_on_what_an_attempts_name_is() -> None:
    assert NAME.pattern == ASSIGNMENT_NAME.pattern


@pytest.mark.parametrize(
    ("max_run", "grace", "minutes"), [(1, 0, 2), (60, 60, 2), (61, 0, 3), (3600, 60, 61), (86400, 3600, 1441)]
)
def test_slurms_own_limit_stands_a_minute_behind_ours_and_the_grace_lies_within(
    max_run: int, grace: int, minutes: int
) -> None:
    work = a_work(max_run_seconds=max_run, grace_seconds=grace)
    request = render_submit(Submission(target=a_target(), work=work, partition="cpu"))

    assert f"--time={minutes}" in sbatch_options("/root/alice", dict(request))


def test_only_what_was_asked_for_is_asked_of_slurm() -> None:
    request = a_request()
    extras = {"cardsPerNode": 2, "memoryMiB": 10, "qos": "q", "schedulerAccount": "a"}
    plain = sbatch_options("/r/alice", request)
    full = sbatch_options("/r/alice", {**request, **extras})

    assert set(full) - set(plain) == {"--gres=gpu:2", "--mem=10M", "--qos=q", "--account=a"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0:00", 0), ("0:07", 7), ("59:59", 3599), ("1:00:00", 3600), ("23:00:01", 82801),
        ("1-00:00:01", 86401), ("123-04:05:06", 10641906),
        ("INVALID", None), ("", None), ("7", None), ("1-2", None), ("0:00\n", None), ("-1:00", None),
    ],
)  # fmt: skip
def test_squeues_elapsed_time_is_read_as_seconds_and_anything_else_is_unknown(
    text: str, seconds: int | None
) -> None:
    assert parse_elapsed(text) == seconds


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
