"""Structs become structural schemas in which everything is described, bounded and inline."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

from computility.model.base import Value
from computility.model.crd import render_root
from computility.model.member_cluster import Location
from computility.model.schema import Schema, render_schema
from support.samples import SAMPLES, STRUCTS, decode, encoded, full_status, sample

BOUNDS = {
    "string": ({"maxLength"}, {"enum"}, {"format"}),
    "array": ({"maxItems"},),
    "integer": ({"minimum", "maximum"},),
    "number": ({"minimum", "maximum"},),
    "boolean": (set[str](),),
    "object": ({"properties"}, {"maxProperties"}),
}


def walk(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """Yield every schema below this one with its path; items and values of maps as `[]`."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from walk(child, f"{path}.{name}")
    for step in ("items", "additionalProperties"):
        if step in schema:
            yield from walk(schema[step], f"{path}[]")


def fields() -> list[tuple[str, Schema]]:
    """Every field of every kind's spec and status."""
    roots = [(kind, render_root(struct)["properties"]) for kind, struct in STRUCTS.items()]
    return [
        found
        for kind, parts in roots
        for part in {"spec", "status"} & parts.keys()
        for found in walk(parts[part], f"{kind}.{part}")
    ]


def named() -> list[tuple[str, Schema]]:
    """Leave out the items of lists and the values of maps, which the list's description speaks for."""
    return [(path, schema) for path, schema in fields() if not path.endswith("[]")]


def test_every_field_is_described() -> None:
    assert [path for path, schema in named() if "description" not in schema] == []


def test_every_field_is_bounded() -> None:
    unbounded = [
        path
        for path, schema in fields()
        if not any(bound <= schema.keys() for bound in BOUNDS[schema["type"]])
    ]

    assert unbounded == []


def test_nothing_is_said_that_a_structural_schema_forbids() -> None:
    forbidden = {"$ref", "anyOf", "oneOf", "allOf", "title", "propertyNames"}

    assert [path for path, schema in fields() if forbidden & schema.keys()] == []


def test_patterns_hold_to_the_end_of_the_text_in_both_languages() -> None:
    patterns = {schema["pattern"] for _, schema in fields() if "pattern" in schema} - {"^#!"}

    assert patterns
    assert [pattern for pattern in patterns if not (pattern.startswith("^") and pattern.endswith("$"))] == []


class Colour(Enum):
    RED = "red"


class Inner(Value, frozen=True, kw_only=True):
    size: Annotated[int, Meta(ge=0, le=2**40, description="Size.")] = 7


class Outer(Value, frozen=True, kw_only=True):
    needed_text: Annotated[str, Meta(max_length=5, description="Text.")]
    colour: Annotated[Colour, Meta(description="Colour.")] = Colour.RED
    inner: Annotated[Inner, Meta(description="Inner.")] = Inner()
    maybe: Annotated[Annotated[int, Meta(ge=1, le=3)] | None, Meta(description="Maybe.")] = None
    empty: Annotated[str, Meta(max_length=5, description="Empty.")] = ""


def test_a_required_field_is_one_without_a_default() -> None:
    assert render_schema(Outer, defaults=True)["required"] == ["neededText"]


def test_a_spec_shows_its_scalar_defaults_and_leaves_whole_structs_and_empty_texts_out() -> None:
    schema = render_schema(Outer, defaults=True)["properties"]

    assert [name for name, field in schema.items() if "default" in field] == ["colour"]
    assert schema["colour"]["default"] == "red"
    assert schema["inner"]["properties"]["size"]["default"] == 7


def test_a_status_is_given_no_defaults() -> None:
    assert "default" not in str(render_schema(Outer, defaults=False))


def test_an_optional_field_is_its_type_and_not_required() -> None:
    maybe = render_schema(Outer, defaults=True)["properties"]["maybe"]
    bounds = {"minimum": 1, "maximum": 3}

    assert maybe == {"description": "Maybe.", "type": "integer", "format": "int32", **bounds}


def test_a_number_that_outgrows_32_bits_is_an_int64() -> None:
    assert render_schema(Inner, defaults=True)["properties"]["size"]["format"] == "int64"


class Odd(Value, frozen=True, kw_only=True):
    anything: Any = None


def test_a_type_that_no_schema_can_say_is_refused_by_its_name() -> None:
    with pytest.raises(TypeError, match=r"Odd\.anything: AnyType"):
        render_schema(Odd, defaults=True)


def paths_of(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, child in value.items():
            yield f"{path}.{name}"
            yield from paths_of(child, f"{path}.{name}")
    if isinstance(value, list):
        for child in value:
            yield from paths_of(child, f"{path}[]")


@pytest.mark.parametrize("kind", STRUCTS)
def test_samples_and_full_statuses_set_every_field_away_from_its_default(kind: str) -> None:
    """Set to its default a field would be left out by the encoding, and its round trip would show nothing."""
    samples = [sample(path.stem) for path in SAMPLES.glob(f"{kind.lower()}-*.yaml")]
    shown = [*samples, {**samples[0], "status": full_status(kind)}]
    wanted = {path for path, schema in named() if path.startswith(f"{kind}.") and has_choice(schema)}

    assert wanted - {kind + path for manifest in shown for path in encoded_paths(manifest)} == set()


def has_choice(schema: Schema) -> bool:
    return "default" not in schema or schema.get("enum") != [schema["default"]]


def encoded_paths(manifest: dict[str, Any]) -> set[str]:
    return set(paths_of(encoded(decode(manifest)), ""))


def test_a_last_newline_is_no_part_of_a_name() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"region": "CN-GS\n"}, Location)
