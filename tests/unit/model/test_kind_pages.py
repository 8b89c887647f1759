"""Each kind has a page; its example is a good object, and its columns and samples are the real ones."""

import re
from pathlib import Path

import pytest
import yaml

from support.samples import SAMPLES, STRUCTS, decode

PAGES = Path(__file__).parents[3] / "docs" / "kinds"


def page(kind: str) -> str:
    return (PAGES / f"{kind.lower()}.md").read_text()


def test_there_is_a_page_for_each_kind_and_for_nothing_else() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {kind.lower() for kind in STRUCTS}


@pytest.mark.parametrize("kind", STRUCTS)
def test_a_pages_example_is_an_object_of_its_kind(kind: str) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", page(kind), re.DOTALL)
    manifest = yaml.safe_load(example)

    assert manifest["kind"] == kind
    assert decode(manifest).spec


@pytest.mark.parametrize("kind", STRUCTS)
def test_a_page_links_to_every_sample_of_its_kind(kind: str) -> None:
    linked = set(re.findall(r"manifests/samples/([a-z-]+\.yaml)", page(kind)))

    assert linked == {path.name for path in SAMPLES.glob(f"{kind.lower()}-*.yaml")}


@pytest.mark.parametrize("kind", STRUCTS)
def test_a_page_is_headed_by_the_kind_and_its_short_name(kind: str) -> None:
    assert page(kind).startswith(f"# {kind} (`{STRUCTS[kind].KIND.short_name}`)\n")
