"""The smallest merge patch (RFC 7386) that turns one value into another."""

from typing import Any

import msgspec


def status_patch(old: Any, new: Any) -> dict[str, Any]:
    """Return what to send so that `old` becomes `new`; {} means that nothing is to be written.

    Structs and plain mappings are compared as they are encoded: a field at its default is an absent
    one. Removed keys become null, lists are replaced whole.

    Raises:
        TypeError: One of them is not encoded as a mapping.
    """
    return merge_patch(_plain_mapping(old), _plain_mapping(new))


def merge_patch(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the same for two plain mappings without nulls."""
    removed: dict[str, Any] = {key: None for key in old if key not in new}
    changed = {key: _change(old.get(key), value) for key, value in new.items() if old.get(key) != value}
    return removed | changed


def _change(old: Any, new: Any) -> Any:
    return merge_patch(old, new) if isinstance(old, dict) and isinstance(new, dict) else new


def _plain_mapping(value: Any) -> dict[str, Any]:
    plain = without_nulls(msgspec.to_builtins(value, str_keys=True))
    if not isinstance(plain, dict):
        raise TypeError(f"a merge patch needs two mappings or structs, not {type(value).__name__}")
    return plain


def without_nulls(value: Any) -> Any:
    """Drop keys that hold None: in a merge patch they would mean removal, in an object they mean nothing."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [without_nulls(item) for item in value]
    return value
