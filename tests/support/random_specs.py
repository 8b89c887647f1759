"""Specs drawn by chance around the samples: what the schema allows, its edges, and now and then nonsense."""

import copy
import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from support.samples import SAMPLES, Manifest, sample

_CRDS = SAMPLES.parents[1] / "crds"
TEXTS = (
    "", " ", "\0", "\x1b[2J", "\u202e", "名", "-", "0", "1", "-1", "NaN", "inf", "1e-30", "1_000", "٣", "1.",
    "999999999.999999", "9999999999", "0.000001", "64Gi", "0Gi", "9999999999999999999T", "1Pi", "-1Gi",
    "1Gi\n", "a\n", "a" * 63, "a" * 64, "a" * 254, "A.b_c", "../x", "$(id)", "CN-GS", "cn-gs", "member/alpha",
    "member/", "bf16", "hygon-k100-ai", "nvidia-a100", "self", "#!/bin/sh", "24.04", "computility.io/hub",
    "CNY", "USD", "2020-01-01T00:00:00Z", "2999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z",
    "2026-02-30T00:00:00Z", "2026-11-25T24:00:00Z", "2026-11-25T23:59:60Z", "2026-11-25",
    "2026-11-25t00:00:00z",
)  # fmt: skip
_NUMBERS = (0, 1, -1, 2, 7, 8, 0.5, 1e-300, 2**31, 2**53, 1e15)


@cache
def schema_of(kind: str) -> Any:
    """Return the schema of a kind's spec, as the API server has it."""
    (path,) = _CRDS.glob(f"*_{kind.lower()}s.yaml")
    (version,) = yaml.safe_load(path.read_text())["spec"]["versions"]
    return version["schema"]["openAPIV3Schema"]["properties"]["spec"]


def draw_manifest(name: str, chance: random.Random) -> Manifest:
    """Draw one to three fields of a sample anew."""
    made = copy.deepcopy(sample(name))
    schema = schema_of(made["kind"])
    for _ in range(chance.choice((1, 1, 2, 3))):
        holder, key, below = chance.choice(list(_fields(made["spec"], schema)))
        holder[key] = draw(below, chance)
    return made


def _fields(value: Any, schema: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Walk all fields that are there or could be: what holds each, under which key, and its schema."""
    if isinstance(value, dict):
        for name, below in schema.get("properties", {}).items():
            yield value, name, below
            yield from _fields(value.get(name), below)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield value, number, schema["items"]
            yield from _fields(item, schema["items"])


def draw(schema: Any, chance: random.Random) -> Any:
    """Draw a value that the schema allows, most of the time."""
    if "enum" in schema:
        return chance.choice((*schema["enum"], *schema["enum"], chance.choice(TEXTS)))
    return _DRAWN.get(schema.get("type", ""), _draw_text)(schema, chance)


def _draw_text(schema: Any, chance: random.Random) -> str:
    fitting = [text for text in TEXTS if _fits(text, schema)]
    return chance.choice(TEXTS) if not fitting or chance.random() < 0.05 else chance.choice(fitting)


def _fits(text: str, schema: Any) -> bool:
    is_of_length = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
    pattern = schema.get("pattern", "").removesuffix("$")
    return is_of_length and re.fullmatch(pattern or ".*", text, re.DOTALL) is not None


def _draw_number(schema: Any, chance: random.Random) -> float:
    least, most = schema.get("minimum", -1), schema.get("maximum", 2**53)
    number = chance.choice((*_NUMBERS, least, most))
    if chance.random() < 0.95:
        number = min(max(number, least), most)
    return int(number) if schema["type"] == "integer" else number


def _draw_flag(_: Any, chance: random.Random) -> bool:
    return chance.random() < 0.5


def _draw_list(schema: Any, chance: random.Random) -> list[Any]:
    return [draw(schema["items"], chance) for _ in range(chance.choice((0, 1, 1, 2, 2, 3)))]


def _draw_object(schema: Any, chance: random.Random) -> dict[str, Any]:
    others = schema.get("additionalProperties")
    if others:
        return {chance.choice(TEXTS): draw(others, chance) for _ in range(chance.choice((0, 1, 2)))}
    wanted, known = schema.get("required", ()), schema.get("properties", {})
    return {name: draw(known[name], chance) for name in known if name in wanted or chance.random() < 0.5}


_DRAWN = {
    "string": _draw_text,
    "integer": _draw_number,
    "number": _draw_number,
    "boolean": _draw_flag,
    "array": _draw_list,
    "object": _draw_object,
}
