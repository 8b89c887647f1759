"""What the network offers, gathered out of members, pools and links."""

import contextlib
import gc

import msgspec
import pytest

from computility.cli.offers import gather, read_preset, read_snapshot
from computility.cli.options import FleetName
from computility.cli.unswept import unswept
from computility.lab.fleets.presets import PRESETS
from computility.model.cpid import PoolIdentity
from computility.model.member_cluster import MemberCluster, MemberClusterStatus
from computility.model.meta import Condition, ConditionStatus
from computility.model.reasons import Reason
from computility.placement.facts import PoolFacts
from support.builders import NOON
from support.network import a_link, a_member, a_pool, with_spec
from support.stored import stored


def ready(status: ConditionStatus, reason: Reason) -> MemberClusterStatus:
    said = Condition(
        type="Ready",
        status=status,
        observed_generation=1,
        last_transition_time=NOON,
        reason=reason.value,
        message="",
    )
    return MemberClusterStatus(conditions=(said,))


HEARD = ready(ConditionStatus.TRUE, Reason.RENEWED)


def facts_of(member: MemberCluster, status: MemberClusterStatus = HEARD) -> PoolFacts:
    """Gather one member with the pool `cpu`."""
    known = stored(member, status=status)
    pool = stored(a_pool(member.metadata.name, "team-a"), uid="pool-1")
    (facts,) = gather({member.metadata.name: known}, [pool], []).pools
    return facts


def test_a_pool_has_the_region_and_terms_of_its_member() -> None:
    facts = facts_of(a_member("alpha", lease_seconds=77))

    assert (facts.member, facts.pool, facts.region) == ("alpha", "cpu", "CN-GS")
    assert (facts.lease_seconds, facts.accepted, facts.silent, facts.closed) == (77, True, False, None)


@pytest.mark.parametrize(
    ("status", "is_silent"),
    [
        pytest.param(HEARD, False, id="heard"),
        pytest.param(ready(ConditionStatus.FALSE, Reason.MEMBER_SILENT), True, id="silent"),
        pytest.param(ready(ConditionStatus.FALSE, Reason.NEVER_SEEN), True, id="never-seen"),
        pytest.param(MemberClusterStatus(), True, id="nobody-looked"),
        pytest.param(ready(ConditionStatus.FALSE, Reason.NOT_ACCEPTED), False, id="told-by-its-own-filter"),
    ],
)
def test_a_member_is_silent_if_the_hub_hears_nothing_of_it(
    status: MemberClusterStatus, is_silent: bool
) -> None:
    assert facts_of(a_member("alpha"), status).silent is is_silent


def test_a_cordoned_member_is_closed() -> None:
    assert facts_of(with_spec(a_member("alpha"), cordon=True)).closed is Reason.CORDONED


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(ready(ConditionStatus.FALSE, Reason.CPID_CONFLICT), id="the-members"),
        pytest.param(
            msgspec.structs.replace(
                HEARD, pools=(PoolIdentity(name="cpu", uid="pool-1", conflict="another has it"),)
            ),
            id="the-pools",
        ),
    ],
)
def test_who_claims_anothers_name_is_closed(status: MemberClusterStatus) -> None:
    assert facts_of(a_member("alpha"), status).closed is Reason.CPID_CONFLICT


def test_a_pool_in_a_namespace_that_is_no_members_is_nobodys() -> None:
    assert gather({}, [a_pool("alpha", "team-a")], []).pools == ()


def test_the_preset_fleets_can_all_be_asked() -> None:
    assert {name.value for name in FleetName} == set(PRESETS)
    assert len(read_preset("p2").pools) == 33


def test_the_collector_of_cycles_comes_back() -> None:
    seen = [gc.isenabled()]
    with contextlib.suppress(KeyError), unswept():
        seen.append(gc.isenabled())
        raise KeyError
    seen.append(gc.isenabled())

    assert seen == [True, False, True]


class Pages:
    """A cluster that answers lists out of a dict: plural to pages."""

    def __init__(self, **pages: list[bytes]) -> None:
        self._pages = pages

    def bodies(self, request: object) -> list[bytes]:
        return self._pages[request.path.rpartition("/")[2]]  # type: ignore[attr-defined]


def page(*items: object) -> bytes:
    return msgspec.json.encode({"metadata": {"resourceVersion": "1"}, "items": items})


def test_what_cannot_be_read_is_left_out_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    member, link = stored(a_member("alpha"), status=HEARD), a_link("sh-gs")
    odd = msgspec.to_builtins(a_pool("alpha", "team-a", name="odd"))
    odd["spec"]["architecture"] = "quantum"
    pages = Pages(
        memberclusters=[page(member)],
        resourcepools=[page(a_pool("alpha", "team-a")), page(odd)],
        datalinks=[page(link)],
    )

    snapshot = read_snapshot(pages)  # type: ignore[arg-type]

    assert [pool.pool for pool in snapshot.pools] == ["cpu"]
    told = capsys.readouterr().err
    assert "left out ResourcePool member-alpha/odd" in told
    assert "$.spec.architecture" in told


def test_of_two_links_that_lead_the_same_way_the_first_by_name_counts() -> None:
    slow, quick = a_link("b", gbps=1), a_link("a", gbps=10)
    pages = Pages(
        memberclusters=[page(a_member("alpha"))],
        resourcepools=[page(a_pool("alpha", "team-a"))],
        datalinks=[page(slow, quick)],
    )

    snapshot = read_snapshot(pages)  # type: ignore[arg-type]

    way = snapshot.links.way("CN-SH", snapshot.pools[0])
    assert way is not None
    assert way.gbps == 10
