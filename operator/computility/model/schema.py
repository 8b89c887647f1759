"""Structs as structural OpenAPI v3 schemas: everything inline, with the bounds that the annotations state."""

import enum
from typing import Any

from msgspec import NODEFAULT, Struct, inspect

Schema = dict[str, Any]

_INT32 = 2**31
_STRING_BOUNDS = {"min_length": "minLength", "max_length": "maxLength"}
_NUMBER_BOUNDS = {"ge": "minimum", "le": "maximum"}
_ARRAY_BOUNDS = {"min_length": "minItems", "max_length": "maxItems"}
_MAP_BOUNDS = {"min_length": "minProperties", "max_length": "maxProperties"}


def render_schema(struct: type[Struct], *, defaults: bool) -> Schema:
    """Render the schema of a struct.

    Args:
        struct: Its fields are annotated with `msgspec.Meta`: description and bounds.
        defaults: Whether the API server fills in what was left out. It does in a spec, where the user
            then sees what was decided; it does not in a status, where only what was reported stands.

    Raises:
        TypeError: A field has a type that a structural schema cannot say; the message names it.
    """
    return _Renderer(defaults).render(inspect.type_info(struct))


def render_type(annotated: object) -> Schema:
    """Render the schema of any annotated type, such as a bounded string."""
    return _Renderer(defaults=False).render(inspect.type_info(annotated))


class _Renderer:
    """Renders one type after the other; holds nothing but how."""

    def __init__(self, defaults: bool) -> None:
        self._defaults = defaults

    def render(self, type_: inspect.Type) -> Schema:
        match type_:
            case inspect.Metadata(type=inner, extra_json_schema=extra):
                return {**_described(extra), **self.render(inner), **(extra or {})}
            case inspect.UnionType(types=(inner, inspect.NoneType())):
                return self.render(inner)  # an optional field is simply not required
            case inspect.StructType():
                return self._struct(type_)
            case inspect.DictType():
                return self._map(type_)
            case inspect.VarTupleType() | inspect.ListType():
                return self._array(type_)
            case _:
                return _scalar(type_)

    def _struct(self, struct: inspect.StructType) -> Schema:
        schema: Schema = {"type": "object"}
        if required := [field.encode_name for field in struct.fields if field.required]:
            schema["required"] = required
        schema["properties"] = {field.encode_name: self._field(struct, field) for field in struct.fields}
        return schema

    def _field(self, struct: inspect.StructType, field: inspect.Field) -> Schema:
        try:
            schema = self.render(field.type)
        except TypeError as error:
            raise TypeError(f"{struct.cls.__name__}.{field.name}: {error}") from error
        if self._defaults and (default := _default(field)) is not None:
            schema["default"] = default
        return schema

    def _array(self, array: inspect.VarTupleType | inspect.ListType) -> Schema:
        items = self.render(array.item_type)
        bounds = _bounds(array, _ARRAY_BOUNDS)
        return {"type": "array", **bounds, "x-kubernetes-list-type": "atomic", "items": items}

    def _map(self, mapping: inspect.DictType) -> Schema:
        values = self.render(mapping.value_type)
        return {"type": "object", **_bounds(mapping, _MAP_BOUNDS), "additionalProperties": values}


def _scalar(type_: inspect.Type) -> Schema:
    match type_:
        case inspect.EnumType(cls=cls):
            return {"type": "string", "enum": [member.value for member in cls]}
        case inspect.StrType(pattern=pattern):
            said = {} if pattern is None else {"pattern": _as_re2(pattern)}
            return {"type": "string", **_bounds(type_, _STRING_BOUNDS), **said}
        case inspect.DateTimeType():
            return {"type": "string", "format": "date-time"}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.IntType():
            return {"type": "integer", "format": _int_format(type_), **_number_bounds(type_)}
        case inspect.FloatType():
            return {"type": "number", "format": "double", **_number_bounds(type_)}
        case _:
            raise TypeError(
                f"{type(type_).__name__} has no structural schema: use a struct or a bounded scalar"
            )


def _described(extra: Schema | None) -> Schema:
    """Put the description first, where a reader looks for it."""
    return {"description": extra["description"]} if extra and "description" in extra else {}


def _bounds(type_: inspect.Type, names: dict[str, str]) -> Schema:
    found = {said: getattr(type_, name) for name, said in names.items()}
    return {said: bound for said, bound in found.items() if bound is not None}


def _number_bounds(type_: inspect.IntType | inspect.FloatType) -> Schema:
    above = {} if type_.gt is None else {"minimum": type_.gt, "exclusiveMinimum": True}
    return {**_bounds(type_, _NUMBER_BOUNDS), **above}


def _int_format(type_: inspect.IntType) -> str:
    fits = type_.ge is not None and type_.le is not None and type_.ge >= -_INT32 and type_.le < _INT32
    return "int32" if fits else "int64"


def _as_re2(pattern: str) -> str:
    r"""Say Python's `\Z` as Go says it: in Python `$` would also match before a last newline."""
    return pattern.removesuffix(r"\Z") + "$" if pattern.endswith(r"\Z") else pattern


def _default(field: inspect.Field) -> object:
    """Return a scalar default that says something; the empty ones and those of whole structs do not."""
    default = field.default.value if isinstance(field.default, enum.Enum) else field.default
    if default is NODEFAULT or not isinstance(default, bool | int | float | str) or default == "":
        return None
    return default
