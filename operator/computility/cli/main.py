"""The command `computility`, also found by kubectl as its plugin `kubectl computility`."""

import errno
import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from computility import __version__
from computility.cli.commands import COMMANDS
from computility.cli.errors import CliError
from computility.cli.visible import visible

_PLUGIN_PREFIX = "kubectl-"


def main() -> None:
    """Run the command line; never returns."""
    app = build_app(_command_word(sys.argv[1:]))
    _spell_what_a_terminal_cannot_write()
    try:
        _run(app)
    except CliError as error:
        print(*map(visible, str(error).splitlines()), sep="\n", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(f"cannot write the answer: {error.strerror}", file=sys.stderr)
        _give_up_output()
        sys.exit(1)


def _run(app: typer.Typer) -> None:
    try:
        app(prog_name=_program_name(sys.argv[0]))
    finally:
        sys.stdout.flush()


def _spell_what_a_terminal_cannot_write() -> None:
    """Have signs such as those of currencies replaced where an encoding (GBK, say) has none for them."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _give_up_output() -> None:
    """Keep the interpreter from writing once more, and failing, as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def build_app(word: str = "") -> typer.Typer:
    """Build the application; only the command that `word` names is loaded, the others are listed.

    A command brings the model, YAML and a Kubernetes client with it: loading all of them for one, or for
    `--help`, would take longer than the command itself.
    """
    app = typer.Typer(
        name="computility",
        help="One pool of computing power over supercomputing and cloud centres.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # plain text: quick, and a mistake is told in a line
        pretty_exceptions_show_locals=False,  # locals may hold a token
    )
    app.callback()(_root)
    for command in COMMANDS:
        command.mount(app, is_wanted=command.name == word)
    return app


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        print(f"computility {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Take the options that stand before the command."""


def _command_word(arguments: list[str]) -> str:
    return next((argument for argument in arguments if not argument.startswith("-")), "")


def _program_name(path: str) -> str:
    name = Path(path).name
    return (
        f"kubectl {name.removeprefix(_PLUGIN_PREFIX)}" if name.startswith(_PLUGIN_PREFIX) else "computility"
    )


if __name__ == "__main__":
    main()
