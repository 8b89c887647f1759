"""Which commands there are, in the order in which help lists them, and where each is found."""

import importlib
from typing import Any, NamedTuple

import typer

from computility.cli.errors import CliError

_PASS_ON: dict[str, Any] = {
    "ignore_unknown_options": True,
    "allow_extra_args": True,
    "help_option_names": [],
}


class Command(NamedTuple):
    """A command by name.

    `target` is `module:attribute`, a function or a whole Typer application. A command that `passes_on`
    gets its arguments as they are, also `--help`, which for others ends with an `example`.
    """

    name: str
    target: str
    help: str
    passes_on: bool = False
    example: str = ""

    def mount(self, app: typer.Typer, *, is_wanted: bool) -> None:
        """Add the command itself, or, where another one is wanted, only its line of help."""
        found = self.load() if is_wanted else _only_listed
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=self.name, help=self.help)
        else:
            settings = _PASS_ON if self.passes_on else None
            epilog = f"Example: {self.example}" if self.example else None
            app.command(self.name, short_help=self.help, context_settings=settings, epilog=epilog)(found)

    def load(self) -> Any:
        """Import the command.

        Raises:
            CliError: This installation does not have it.
        """
        module, _, attribute = self.target.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if error.name and not module.startswith(error.name):
                raise
            raise CliError(
                f'this installation has no command "{self.name}": "{module}" is missing'
            ) from error


COMMANDS = (
    Command(
        "submit",
        "computility.cli.submit:submit",
        "Apply the ComputeJobs in YAML files.",
        example="computility submit job.yaml --wait",
    ),
    Command(
        "get", "computility.cli.get:get", "List jobs, or show one.", example="computility get -A -o wide"
    ),
    Command(
        "wait",
        "computility.cli.wait:wait",
        "Wait for a job's end and exit as it did.",
        example="computility wait train --timeout 3600",
    ),
    Command(
        "why",
        "computility.cli.why:why",
        "Show why a job went where it went, or why it waits.",
        example="computility why train",
    ),
    Command(
        "why-not",
        "computility.cli.why_not:why_not",
        "Show what speaks against one pool for a job.",
        example="computility why-not train qingyang-1/k100-ai",
    ),
    Command(
        "quote",
        "computility.cli.quote:quote",
        "Show what jobs would cost, and where.",
        example="computility quote -f job.yaml --against main.yaml -o markdown",
    ),
    Command("pools", "computility.cli.pools:app", "Find pools that would take a job."),
    Command(
        "simulate",
        "computility.cli.simulate:simulate",
        "Replay a job trace under several policies.",
        example="computility simulate --trace jobs.swf --processors cards --plot out.svg",
    ),
    Command("cancel", "computility.cli.cancel:cancel", "End jobs; their receipts and costs are kept."),
    Command("suspend", "computility.cli.suspend:suspend", "Keep jobs from running until they are resumed."),
    Command("resume", "computility.cli.suspend:resume", "Let suspended jobs run."),
    Command("retry", "computility.cli.retry:retry", "Run an ended job anew, as another job."),
    Command("resolve", "computility.cli.resolve:resolve", "Say which member or pool a code means."),
    Command("lab", "computility.lab.cli:app", "Run a whole federation on this machine."),
    Command("hub", "computility.cli.parts:hub", "Run the hub.", passes_on=True),
    Command("agent", "computility.cli.parts:agent", "Run a member's agent.", passes_on=True),
    Command("crds", "computility.cli.crds:crds", "Write one CustomResourceDefinition for each kind."),
)


def _only_listed() -> None:
    """Stand in for a command that is not the one to run."""
