import ast
from pathlib import Path

import pytest

from computility.lab import helper_files
from computility.lab.helper_files import HELPER_NAME, read_helper_files


def test_helper_and_wrapper_are_installed_as_they_are() -> None:
    files = read_helper_files()

    assert {HELPER_NAME, "computility_wrapper.py"} <= set(files)
    assert all(text.startswith("#!/usr/bin/python3 -I") and ast.parse(text) for text in files.values())


def test_our_own_python_runs_them_where_the_system_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(helper_files, "SYSTEM_PYTHON", tmp_path / "no-python3")
    first = read_helper_files()[HELPER_NAME].splitlines()[0]

    interpreter = first.removeprefix("#!").split()[0]
    assert Path(interpreter).exists()
    assert interpreter != "/usr/bin/python3"
