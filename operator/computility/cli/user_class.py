"""The class of user that a namespace is in, read with the person's own rights: prices have factors by it."""

import sys
from collections.abc import Iterable, Mapping

from computility.cli.cluster import Cluster, Request
from computility.cli.errors import Forbidden, NotFound
from computility.cli.jobs import check_name
from computility.kube.builtin import Namespace
from computility.kube.codec import decode
from computility.model.base import DnsLabel
from computility.model.names import USER_CLASS_LABEL

UserClasses = Mapping[str, str]
"""By namespace; "" for one that is in no class."""


def read_user_classes(cluster: Cluster, namespaces: Iterable[str]) -> UserClasses:
    """Read of which class some namespaces are; who may not read one is told so, and no factor is taken.

    Raises:
        CliError: A namespace cannot be read for another cause.
    """
    return {name: _read(cluster, name) for name in sorted(set(namespaces))}


def _read(cluster: Cluster, name: str) -> str:
    check_name("namespace", name, DnsLabel)
    request = Request(f'read namespace "{name}"', "GET", Namespace.KIND.object_path("", name))
    try:
        found = decode(Namespace, cluster.send(request).body)
    except NotFound:
        return ""
    except Forbidden as error:
        print(f"prices are those of no class of user: {error}", file=sys.stderr)
        return ""
    return found.metadata.labels.get(USER_CLASS_LABEL, "")
