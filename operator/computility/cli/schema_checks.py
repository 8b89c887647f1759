"""What the API server finds in a job by its schema, and decoding into the model does not."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from computility.model.base import DnsLabel, ObjectName
from computility.model.schema import Schema


def misnamed(metadata: Mapping[str, str]) -> Iterator[str]:
    """Name what of a job's name and namespace Kubernetes would not take."""
    for field, form in (("name", ObjectName), ("namespace", DnsLabel)):
        try:
            msgspec.convert(metadata[field], form)
        except msgspec.ValidationError:
            signs = ', "-" and "."' if field == "name" else ' and "-"'
            yield (
                f'metadata.{field}: nothing can be named "{metadata[field]}": use a-z, 0-9{signs},'
                " a letter or digit first and last"
            )


def repeated_items(value: Any, schema: Schema, path: str) -> Iterator[str]:
    """Name the items of lists that have the same key as one before them."""
    seen = set[tuple[Any, ...]]()
    keys = schema.get("x-kubernetes-list-map-keys")
    for at, item, below in _below(value, schema, path):
        yield from repeated_items(item, below, at)
        if keys and isinstance(item, dict):
            key = tuple(str(item.get(each)) for each in keys)
            if key in seen:
                yield f'{at}.{keys[0]}: "{key[0]}" stands there twice: leave one out'
            seen.add(key)


def refused_instants(value: Any, schema: Schema, path: str) -> Iterator[str]:
    """Name the moments that are dates and times, and yet refused: those beyond this millennium, say."""
    for at, item, below in _below(value, schema, path):
        if below.get("format") != "date-time" or not isinstance(item, str):
            yield from refused_instants(item, below, at)
        elif re.fullmatch(below.get("pattern", ".*"), item) is None:
            yield (
                f'{at}: "{item}" is no moment that a job can name: write one from 2000 to 2999,'
                " such as 2026-12-01T06:00:00+08:00"
            )


def _below(value: Any, schema: Schema, path: str) -> Iterator[tuple[str, Any, Schema]]:
    """Walk what lies directly in a list or a mapping: where, what, and its schema."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield f"{path}[{number}]", item, schema.get("items", {})
    elif isinstance(value, dict):
        for name, item in value.items():
            yield f"{path}.{name}", item, schema.get("properties", {}).get(name, {})
