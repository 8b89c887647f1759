"""YAML files that people write for the agent: read strictly, with errors that name file and field."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

S = TypeVar("S", bound="Setting")


class SettingsError(Exception):
    """A file of the agent's cannot be used; the message names the file, the field and what to do."""


class Setting(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True
):
    """The base of what people write: a name that is not known is a mistake, and said so."""


def read_settings(path: Path, type_: type[S]) -> S:
    """Read a YAML file as a type.

    Raises:
        SettingsError: It cannot be read, is no YAML, or does not fit the type.
    """
    return convert_settings(path, load_yaml(path), type_)


def load_yaml(path: Path) -> Any:
    """Read a YAML file as plain values.

    Raises:
        SettingsError: It cannot be read or is no YAML.
    """
    try:
        return msgspec.yaml.decode(path.read_bytes())
    except OSError as error:
        raise SettingsError(f'cannot read "{path}": {error.strerror}') from error
    except msgspec.DecodeError as error:
        raise SettingsError(f'cannot read "{path}": it is no YAML: {error}') from error


def convert_settings(path: Path, plain: Any, type_: type[S]) -> S:
    """Turn plain values of a file into a type.

    Raises:
        SettingsError: They do not fit it.
    """
    try:
        return msgspec.convert(plain, type_)
    except msgspec.ValidationError as error:
        raise SettingsError(f'cannot use "{path}": {error}') from error


def unknown_field(plain: Any, value: Any, where: str = "") -> str | None:
    """Return the path of the first field in plain values that a struct made from them does not have.

    Kinds ignore fields that they do not know, because a newer hub may send them; in a file that a person
    wrote, one is a slip of the pen, and a misspelt price would read as free of charge.
    """
    if isinstance(plain, dict) and isinstance(value, msgspec.Struct):
        names = {field.encode_name: field.name for field in msgspec.structs.fields(value)}
        for key, item in plain.items():
            path = f"{where}.{key}" if where else str(key)
            found = unknown_field(item, getattr(value, names[key]), path) if key in names else path
            if found:
                return found
    return None
