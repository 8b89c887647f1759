"""The network's long-running parts, started by this command as well as by `python -m`."""

import importlib
import sys

import typer


def hub(context: typer.Context) -> None:
    """Run the hub; its own options follow, see `computility hub --help`."""
    _run("hub", context.args)


def agent(context: typer.Context) -> None:
    """Run a member's agent; its own options follow, see `computility agent --help`."""
    _run("agent", context.args)


def _run(part: str, arguments: list[str]) -> None:
    """Hand over to the part's own command line, which knows its options itself."""
    sys.argv = [f"computility {part}", *arguments]
    raise typer.Exit(importlib.import_module(f"computility.{part}.main").main() or 0)
