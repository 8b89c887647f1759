"""Which member or pool a code means."""

import pytest

from computility.cli.errors import CliError
from computility.cli.resolve import find
from computility.model.cpid import PoolIdentity
from computility.model.member_cluster import (
    BackendType,
    Location,
    MemberCluster,
    MemberClusterSpec,
    MemberClusterStatus,
)
from computility.model.meta import ObjectMeta

POOL = PoolIdentity(
    name="cpu", uid="u2", cpid="urn:cpid:computility:CN-GS:lanzhou-1:pool:2", aliases=("nscc-7",)
)


def a_member(name: str, *pools: PoolIdentity, aliases: tuple[str, ...] = ()) -> MemberCluster:
    return MemberCluster(
        metadata=ObjectMeta(name=name),
        spec=MemberClusterSpec(backend=BackendType.SLURM, location=Location(region="CN-GS")),
        status=MemberClusterStatus(
            cpid=f"urn:cpid:computility:CN-GS:{name}:member:1", aliases=aliases, pools=pools
        ),
    )


MEMBERS = (a_member("qingyang-1"), a_member("lanzhou-1", POOL, aliases=("LZ-SC",)))


@pytest.mark.parametrize(
    ("code", "member", "pool"),
    [
        pytest.param("lanzhou-1", "lanzhou-1", "", id="a-members-name"),
        pytest.param("LZ-SC", "lanzhou-1", "", id="its-alias"),
        pytest.param("urn:cpid:computility:CN-GS:qingyang-1:member:1", "qingyang-1", "", id="its-cpid"),
        pytest.param("lanzhou-1/cpu", "lanzhou-1", "cpu", id="a-pools-name"),
        pytest.param("nscc-7", "lanzhou-1", "cpu", id="a-pools-alias"),
        pytest.param(POOL.cpid, "lanzhou-1", "cpu", id="a-pools-cpid"),
    ],
)
def test_a_code_means_one_member_or_pool(code: str, member: str, pool: str) -> None:
    found = find(code, MEMBERS)

    assert (found.member, found.pool) == (member, pool)


@pytest.mark.parametrize("code", ["cpu", "", "lz-sc"])
def test_a_code_that_nobody_has_is_refused_with_where_to_look(code: str) -> None:
    with pytest.raises(CliError, match=f'nobody is known as "{code}".*kubectl get members'):
        find(code, MEMBERS)
