"""Kinds as CustomResourceDefinitions: names, schema, edit rules and printed columns."""

from inspect import getdoc
from typing import get_type_hints

from computility.model.kinds import Served
from computility.model.meta import GROUP, VERSION, Column
from computility.model.rules import Rule
from computility.model.schema import Schema, render_schema, render_type

CATEGORY = "computility"
"""`kubectl get computility` lists every kind of ours."""


def render_crd(served: type[Served]) -> Schema:
    """Render the CustomResourceDefinition of a kind, in the order in which a person reads it."""
    kind = served.KIND
    names = {
        "kind": kind.kind,
        "listKind": f"{kind.kind}List",
        "plural": kind.plural,
        "singular": kind.kind.lower(),
        "shortNames": [kind.short_name],
        "categories": [CATEGORY],
    }
    spec = {
        "group": GROUP,
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "names": names,
        "versions": [_version(served)],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": kind.crd_name},
        "spec": spec,
    }


def _version(served: type[Served]) -> Schema:
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        **({"subresources": {"status": {}}} if _has_status(served) else {}),
        "additionalPrinterColumns": [_column(column) for column in served.KIND.columns],
        "schema": {"openAPIV3Schema": render_root(served)},
    }


def render_root(served: type[Served]) -> Schema:
    """Render the schema of a kind's whole object.

    `spec` is required, because rules stand on it: they would be passed by whoever removes it.
    """
    properties = {
        "apiVersion": {"type": "string", "description": "Version of this API."},
        "kind": {"type": "string", "description": "Kind of the object."},
        "metadata": _metadata(served),
        "spec": _part(served, "spec", defaults=True),
        **({"status": _status(served)} if _has_status(served) else {}),
    }
    root = {
        "description": served.KIND.description,
        "type": "object",
        "required": ["spec"],
        "properties": properties,
    }
    for rule in served.KIND.rules:
        _schema_at(root, rule.at).setdefault("x-kubernetes-validations", []).append(_rule(rule))
    return root


def _has_status(served: type[Served]) -> bool:
    """Say whether anybody reports on objects of the kind; some only say what is known."""
    return "status" in get_type_hints(served)


def _schema_at(root: Schema, path: str) -> Schema:
    """Return the schema of a field by its path, such as `.spec.template`; "" is the root."""
    schema = root
    for name in path.split(".")[1:]:
        schema = schema["properties"][name]
    return schema


def _metadata(served: type[Served]) -> Schema:
    if served.KIND.name_type is None:
        return {"type": "object"}
    return {"type": "object", "properties": {"name": render_type(served.KIND.name_type)}}


def _status(served: type[Served]) -> Schema:
    """Render status; until someone has looked, kstatus and `helm --wait` shall see that nobody has.

    It has one writer, who owns it as a whole: to note the owner of each field would cost the API server a
    third of what a short job costs it, and nearly half of the object's size.
    """
    schema = {**_part(served, "status", defaults=False), "x-kubernetes-map-type": "atomic"}
    if "observedGeneration" in schema["properties"]:
        schema["default"] = {"observedGeneration": -1}
    return schema


def _part(served: type[Served], name: str, *, defaults: bool) -> Schema:
    struct = get_type_hints(served)[name]
    return {"description": getdoc(struct), **render_schema(struct, defaults=defaults)}


def _column(column: Column) -> Schema:
    priority = {"priority": 1} if column.wide else {}
    return {"name": column.name, "type": column.type, "jsonPath": column.json_path, **priority}


def _rule(rule: Rule) -> Schema:
    below = rule.field_path.removeprefix(rule.at)
    return {"rule": rule.rule, "message": rule.message, **({"fieldPath": below} if below else {})}
