"""What an enclosure is to be: its accounts, directories and files, as values for its first process."""

from collections.abc import Sequence

import msgspec


class Account(msgspec.Struct, frozen=True):
    """A local account inside, with a group of the same name and number; it has no password."""

    name: str
    uid: int
    home: str
    login: str = "/usr/sbin/nologin"


class Group(msgspec.Struct, frozen=True):
    """A local group inside."""

    name: str
    gid: int
    members: tuple[str, ...]


class Directory(msgspec.Struct, frozen=True):
    """A directory to make inside, below /srv, /run, /tmp or /etc. Parents come first."""

    path: str
    owner: str = "root"
    mode: int = 0o755


class File(msgspec.Struct, frozen=True):
    """A file to write inside."""

    path: str
    text: str
    owner: str = "root"
    mode: int = 0o644


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an enclosure is to be.

    `reveal` are directories that all its users may read, at their own paths. Its socket and its logs belong
    to the user with the number `owner`. A `tied` enclosure ends together with the process that opens it.
    """

    root: str
    owner: int
    accounts: Sequence[Account] = ()
    groups: Sequence[Group] = ()
    directories: Sequence[Directory] = ()
    files: Sequence[File] = ()
    reveal: Sequence[str] = ()
    tied: bool = False
