"""`computility resolve`: which member or pool a cpid or an alias means."""

from collections.abc import Iterable, Iterator
from typing import Annotated, NamedTuple

import msgspec
import typer

from computility.cli.cluster import Cluster, Request
from computility.cli.connect import connect
from computility.cli.errors import CliError
from computility.cli.options import Context, Document, Kubeconfig
from computility.cli.printing import print_document, print_table
from computility.kube.codec import decode
from computility.model.member_cluster import MemberCluster

Code = Annotated[str, typer.Argument(metavar="CODE", help="A cpid, an alias, or a name.", show_default=False)]


class Known(NamedTuple):
    """A member, or with `pool` one of its pools, and what it is known as."""

    member: str
    pool: str
    cpid: str
    aliases: tuple[str, ...]

    @property
    def codes(self) -> set[str]:
        return {self.cpid, *self.aliases, f"{self.member}/{self.pool}" if self.pool else self.member}


def resolve(
    code: Code,
    *,
    output: Annotated[Document, typer.Option("--output", "-o", help="How to print.")] = Document.TABLE,
    context: Context = "",
    kubeconfig: Kubeconfig = None,
) -> None:
    """Say which member or pool a code means: a cpid, an alias of somebody else's, or a name.

    A pool's name is written MEMBER/POOL. A cpid or alias that two claim is the one's that had it first.
    """
    found = find(code, read_members(connect("", context, kubeconfig)))
    if output is Document.TABLE:
        row = (found.member, found.pool or "-", found.cpid or "-", ", ".join(found.aliases) or "-")
        print_table(("member", "pool", "cpid", "aliases"), [row])
    else:
        print_document(found._asdict() | {"aliases": list(found.aliases)}, output)


def read_members(cluster: Cluster) -> Iterator[MemberCluster]:
    """Read all members, page by page."""
    path = f"/apis/{MemberCluster.KIND.api_version}/{MemberCluster.KIND.plural}"
    for page in cluster.pages(Request("list the members", "GET", path)):
        for item in page["items"]:
            yield decode(MemberCluster, msgspec.json.encode(item))


def find(code: str, members: Iterable[MemberCluster]) -> Known:
    """Find whom a code means: the hub has seen to it that it is one at most.

    Raises:
        CliError: Nobody has it.
    """
    known = [known for member in members for known in _known(member)]
    found = next((k for k in known if code in k.codes), None)
    if found is None:
        raise CliError(
            f'nobody is known as "{code}": of {len(known)} members and pools; '
            "`kubectl get members` and `kubectl get rpools -A` list them"
        )
    return found


def _known(member: MemberCluster) -> Iterator[Known]:
    name, status = member.metadata.name, member.status
    yield Known(name, "", status.cpid, status.aliases)
    for pool in status.pools:
        yield Known(name, pool.name, pool.cpid, pool.aliases)
