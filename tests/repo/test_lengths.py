"""How long the operator's functions and files, and tests, may be; `measure.py` shows how long they are."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

OPERATOR, TESTS = (Path(__file__).parents[2] / folder for folder in ("operator", "tests"))
LONGEST_FUNCTION, LONGEST_FILE, LONGEST_TEST_FILE = 40, 300, 500
LONGER = {"computility_wrapper.py": 470}
"""Slurm copies the wrapper to the node as one file, so it cannot be split."""


def functions_of(source: Path) -> Iterator[tuple[str, int]]:
    """Yield each function's name and its lines, docstring and signature among them."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def sources(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found, f"no sources in {folder}"
    return found


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{source.relative_to(OPERATOR)}: {name} has {lines} lines"
        for source in sources(OPERATOR)
        for name, lines in functions_of(source)
        if lines > LONGEST_FUNCTION
    ]

    assert long == []


@pytest.mark.parametrize(
    ("folder", "longest"),
    [
        pytest.param(OPERATOR, LONGEST_FILE, id="operator"),
        pytest.param(TESTS, LONGEST_TEST_FILE, id="tests"),
    ],
)
def test_no_file_is_too_long_to_be_read_at_once(folder: Path, longest: int) -> None:
    lengths = {source: len(source.read_text().splitlines()) for source in sources(folder)}
    long = [
        f"{source.relative_to(folder)} has {lines} lines"
        for source, lines in lengths.items()
        if lines > LONGER.get(source.name, longest)
    ]

    assert long == []
