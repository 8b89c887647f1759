"""ComputeJobs from YAML files, read as strictly as the API server reads them."""

import sys
from collections.abc import Hashable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from computility.cli.errors import CliError
from computility.model.compute_job import ComputeJob

STANDARD_INPUT = "-"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class Manifest(NamedTuple):
    """A job as it was written; `source` says where."""

    source: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.body["metadata"]["name"])

    @property
    def namespace(self) -> str:
        return str(self.body["metadata"].get("namespace") or "")


def read_manifests(sources: Iterable[str], doing: str = "submit") -> list[Manifest]:
    """Read all jobs of these files; "-" is standard input.

    Args:
        sources: Paths.
        doing: What they are read for, in a verb that goes on after "cannot".

    Raises:
        CliError: A file cannot be read, is no YAML, or holds something that is no ComputeJob with a name.
    """
    found = [manifest for source in sources for manifest in _read(source, doing)]
    if not found:
        raise CliError(f"cannot {doing}: no job in {', '.join(sources)}")
    return found


def _read(source: str, doing: str) -> Iterator[Manifest]:
    shown = "standard input" if source == STANDARD_INPUT else f'"{source}"'
    try:
        documents = list(yaml.load_all(_text(source), Loader=_StrictLoader))
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise CliError(f"cannot read {shown}: {cause}") from error
    except yaml.YAMLError as error:
        raise CliError(f"cannot read {shown}: {_one_line(error)}") from error
    except RecursionError as error:
        raise CliError(f"cannot read {shown}: its lists or mappings lie too deep in one another") from error
    for number, document in enumerate(documents, start=1):
        if document is not None:
            yield _check(f"document {number} of {shown}", document, doing)


def _text(source: str) -> str:
    return sys.stdin.read() if source == STANDARD_INPUT else Path(source).read_text(encoding="utf-8")


def _check(source: str, document: Any, doing: str) -> Manifest:
    """Tell what is not ours to send; all else is the API server's to judge."""
    kind = ComputeJob.KIND
    said = (document.get("apiVersion"), document.get("kind")) if isinstance(document, dict) else (None, None)
    if said != (kind.api_version, kind.kind):
        raise CliError(
            f"cannot {doing} {source}: its apiVersion and kind are {said[0]} and {said[1]}, "
            f"not {kind.api_version} and {kind.kind}: `kubectl apply` takes other kinds"
        )
    metadata = document.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        raise CliError(f"cannot {doing} {source}: metadata.name is missing or no text")
    return Manifest(source, document)


def _one_line(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return " ".join(str(error).split())


_TEXT_KEYS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"}


class _StrictLoader(yaml.SafeLoader):
    """Reads what JSON can say: dates stay text, and a key given twice is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set[str]()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'"{key.value}" stands twice in one mapping', key.start_mark
                )
            if key.tag not in _TEXT_KEYS:
                raise yaml.constructor.ConstructorError(
                    None, None, f'the key "{key.value}" is no text to YAML: put it in quotes', key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
