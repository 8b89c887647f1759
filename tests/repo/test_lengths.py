"""How long files and functions of the operator may be; `measure.py` shows how long they are."""

import ast
from collections.abc import Iterator
from pathlib import Path

OPERATOR = Path(__file__).parents[2] / "operator"
LONGEST_FUNCTION, LONGEST_FILE = 40, 300
LONGER = {"computility_wrapper.py": 470}
"""Slurm copies the wrapper to the node as one file, so it cannot be split."""


def functions_of(source: Path) -> Iterator[tuple[str, int]]:
    """Yield each function's name and its lines, docstring and signature among them."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def sources() -> list[Path]:
    found = sorted(OPERATOR.rglob("*.py"))
    assert found, f"no sources in {OPERATOR}"
    return found


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{source.relative_to(OPERATOR)}: {name} has {lines} lines"
        for source in sources()
        for name, lines in functions_of(source)
        if lines > LONGEST_FUNCTION
    ]

    assert long == []


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    lengths = {source: len(source.read_text().splitlines()) for source in sources()}
    long = [
        f"{source.relative_to(OPERATOR)} has {lines} lines"
        for source, lines in lengths.items()
        if lines > LONGER.get(source.name, LONGEST_FILE)
    ]

    assert long == []
