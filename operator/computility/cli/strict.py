"""A job out of a manifest, read as strictly as the API server reads it: each mistake by its field."""

import difflib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from computility.cli.errors import CliError
from computility.cli.job_checks import broken_rules
from computility.cli.manifests import Manifest
from computility.cli.schema_checks import misnamed, refused_instants, repeated_items
from computility.model.compute_job import ComputeJob
from computility.model.crd import render_root
from computility.model.schema import Schema

_MISFIT = re.compile(r"(?P<what>.+) - at `(?P<path>[^`]+)`", re.DOTALL)
_INDEX = re.compile(r"\[[^\]]*\]")


def parse_job(manifest: Manifest, namespace: str, doing: str) -> ComputeJob:
    """Read a job; in `namespace` where it names none itself.

    Raises:
        CliError: It has a field that no job has, a wrong value, or contradicts itself; each mistake that was
            found has its line, with the field and the remedy.
    """
    named = {"name": manifest.name, "namespace": manifest.namespace or namespace}
    body = {"metadata": named, **({"spec": manifest.body["spec"]} if "spec" in manifest.body else {})}
    asked = body.get("spec"), _schema()["properties"]["spec"], "spec"
    wrong = [*misnamed(named), *unknown_fields(*asked), *repeated_items(*asked)]
    try:
        job = msgspec.convert(body, ComputeJob)
    except msgspec.ValidationError as error:
        wrong.append(_describe_misfit(str(error)))
    else:
        wrong += [*refused_instants(*asked), *broken_rules(job.spec)]
    if wrong:
        raise CliError("\n".join([f"cannot {doing} {manifest.source}:", *(f"  {each}" for each in wrong)]))
    return job


@cache
def _schema() -> Schema:
    return render_root(ComputeJob)


def unknown_fields(value: Any, schema: Schema, path: str) -> Iterator[str]:
    """Name the fields that the schema does not know, each with the nearest that it does."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from unknown_fields(item, schema.get("items", {}), f"{path}[{number}]")
    known = schema.get("properties")
    if not isinstance(value, dict) or known is None:
        return
    for name, below in value.items():
        if name in known:
            yield from unknown_fields(below, known[name], f"{path}.{name}")
        else:
            yield f"{path}.{name}: no such field: {_nearest(str(name), list(known))}"


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def _describe_misfit(error: str) -> str:
    """Say which field has a wrong value, and which would be right."""
    found = _MISFIT.fullmatch(error)
    if found is None:
        return error.replace("`", "")
    path, what = found["path"].removeprefix("$."), found["what"].replace("`", "")
    said = "a text of another form is wanted" if " matching regex " in what else what
    return f"{path}: {said}: {_remedy(path)}".removesuffix(": ")


def _remedy(path: str) -> str:
    """Say what a field takes: its words, or what it is."""
    schema = _schema()
    for name in _INDEX.sub("", path).split("."):
        schema = _items(schema).get("properties", {}).get(name, {})
    allowed = _items(schema).get("enum")
    return f"one of {', '.join(allowed)}" if allowed else str(schema.get("description", ""))


def _items(schema: Schema) -> Schema:
    """Return the schema of a list's items, or the schema itself if it is of no list."""
    items: Schema = schema.get("items", schema)
    return items
