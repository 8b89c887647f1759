import ast
import subprocess
import sys
from pathlib import Path

import pytest

from computility.lab import helper_files
from computility.lab.helper_files import HELPER_NAME, read_helper_files

SCRIPTS = {HELPER_NAME, "computility_exec/computility_wrapper.py"}


def test_the_helper_is_installed_as_one_script_beside_its_package() -> None:
    files = read_helper_files()

    assert {path for path in files if "/" not in path} == {HELPER_NAME}
    assert {path.partition("/")[0] for path in files if "/" in path} == {"computility_exec"}
    assert "computility_exec/call.py" in files
    assert all(ast.parse(text) for text in files.values())


def test_only_the_entry_and_the_wrapper_are_scripts_and_both_start_an_isolated_python() -> None:
    files = read_helper_files()

    assert {path for path, text in files.items() if text.startswith("#!")} == SCRIPTS
    assert {files[path].splitlines()[0] for path in SCRIPTS} == {"#!/usr/bin/python3 -IS"}


def test_what_is_installed_runs_from_wherever_it_lies_also_through_a_link(tmp_path: Path) -> None:
    installed, elsewhere = tmp_path / "libexec", tmp_path / "bin"
    elsewhere.mkdir()
    for path, text in read_helper_files().items():
        (installed / path).parent.mkdir(parents=True, exist_ok=True)
        (installed / path).write_text(text)
    (elsewhere / "helper").symlink_to(installed / HELPER_NAME)
    command = [sys.executable, "-IS", str(elsewhere / "helper"), "no-such-verb"]

    answer = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={}, check=False)

    assert (answer.returncode, answer.stderr[:23]) == (2, "usage: computility-exec")


def test_our_own_python_runs_them_where_the_system_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(helper_files, "SYSTEM_PYTHON", tmp_path / "no-python3")
    first = read_helper_files()[HELPER_NAME].splitlines()[0]

    interpreter = first.removeprefix("#!").split()[0]
    assert Path(interpreter).exists()
    assert interpreter != "/usr/bin/python3"
