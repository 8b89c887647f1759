"""Which commands there are, and that listing them loads none of them."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from computility.cli.commands import COMMANDS, Command
from computility.cli.errors import CliError
from support.cli import Run

FUNCTIONS = [command for command in COMMANDS if command.target.startswith("computility.cli.")]
HEAVY = ("kubernetes", "msgspec", "yaml", "rich", "computility.model")


@pytest.mark.parametrize("command", FUNCTIONS, ids=lambda command: command.name)
def test_the_line_in_the_list_of_commands_is_how_the_command_itself_begins(command: Command) -> None:
    loaded = command.load()
    told = loaded.info.help if isinstance(loaded, typer.Typer) else inspect.getdoc(loaded)
    first_line = (told or "").splitlines()[0]

    assert command.help.rstrip(".") in first_line


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.example], ids=lambda each: each.name)
def test_help_ends_with_an_example_of_options_that_there_are(command: Command, run: Run) -> None:
    told = run(command.name, "--help").out
    options = {word for word in command.example.split() if word.startswith("-")}

    assert command.example.startswith(f"computility {command.name} ")
    assert " ".join(told.split()).endswith(f"Example: {command.example}")
    assert all(f"{option} " in told or f"{option}," in told for option in options)


def test_help_lists_every_command_and_loads_none() -> None:
    script = (
        "import sys\nfrom computility.cli.main import build_app\n"
        "try:\n    build_app()(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print('loaded:', [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert all(f"  {command.name}  " in done.stdout for command in COMMANDS)
    assert done.stdout.endswith("loaded: []\n")


def test_a_command_that_is_not_installed_says_so() -> None:
    with pytest.raises(CliError, match='has no command "mint"'):
        Command("mint", "computility.cli.mint:mint", "").mount(typer.Typer(), is_wanted=True)


def test_a_package_missing_inside_a_command_is_not_taken_for_a_missing_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "broken_command.py").write_text("import no_such_package")

    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        Command("broken", "broken_command:run", "").load()


def test_an_unknown_command_is_a_wrong_use(run: Run) -> None:
    assert run("sumbit").code == 2


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").out.startswith("computility ")


def test_as_a_plugin_it_calls_itself_what_the_person_typed(run: Run) -> None:
    assert run("--help", program="/usr/bin/kubectl-computility").out.startswith("Usage: kubectl computility ")


@pytest.mark.parametrize("part", ["hub", "agent"])
def test_the_parts_of_the_network_show_their_own_help(part: str, run: Run) -> None:
    ran = run(part, "--help")

    assert ran.code == 0
    assert f"computility-{part}" in ran.out or f"computility {part}" in ran.out
    assert "--log-level" in ran.out or "--config" in ran.out
