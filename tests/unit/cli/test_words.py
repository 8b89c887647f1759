"""What the documents say of the code is there."""

import re
from pathlib import Path

import pytest
import yaml

from computility.cli.commands import COMMANDS
from support.samples import decode

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "operator" / "computility"
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/design/README.md")
EXIT_CODE = re.compile(r"\b(119|12[0-5]) ")


def read(page: str) -> str:
    return (ROOT / page).read_text()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_project_leads_somewhere(page: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", read(page))

    assert [each for each in targets if not ((ROOT / page).parent / each).exists()] == []


def test_every_file_that_the_walk_through_the_code_names_is_there() -> None:
    named = re.findall(r"`([a-z_/]+/[a-z_]+\.py)`", read("docs/architecture.md"))

    assert len(named) > 40
    assert [each for each in named if not (PACKAGE / each).exists()] == []


def test_the_readmes_job_is_one_that_the_model_understands() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", read("README.md"), re.DOTALL)

    assert decode(yaml.safe_load(text)).spec.resources.cpus_per_task == 2


def test_the_readme_has_every_command_for_people() -> None:
    told = set(re.findall(r"`computility ([a-z-]+)", read("README.md")))

    assert {command.name for command in COMMANDS} - {"hub", "agent", "crds"} <= told


def test_the_readme_has_the_exit_codes_that_wait_itself_explains() -> None:
    helped = next(command for command in COMMANDS if command.name == "wait").load().__doc__

    assert set(EXIT_CODE.findall(read("README.md"))) == set(EXIT_CODE.findall(helped))
    assert len(set(EXIT_CODE.findall(helped))) == 7
