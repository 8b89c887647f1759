"""Prints how long the files and functions of the operator are, as `make layers` shows it."""

import ast
import statistics
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "operator" / "computility"


def function_lengths(path: Path) -> list[int]:
    """Return the length in lines of each function of a file."""
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [n.end_lineno - n.lineno + 1 for n in ast.walk(tree) if isinstance(n, kinds) and n.end_lineno]


def main() -> None:
    files = {path: len(path.read_text().splitlines()) for path in sorted(SOURCE.rglob("*.py"))}
    functions = [length for path in files for length in function_lengths(path)]
    longest = max(files, key=lambda path: files[path])
    deciles = statistics.quantiles(functions, n=10)
    print(
        f"{len(files)} files, {sum(files.values())} lines; median {statistics.median(files.values()):.0f}, "
        f"longest {files[longest]} ({longest.relative_to(SOURCE)})"
    )
    print(
        f"{len(functions)} functions; length in lines: median {statistics.median(functions):.0f}, "
        f"90th percentile {deciles[8]:.0f}, longest {max(functions)}"
    )


if __name__ == "__main__":
    main()
